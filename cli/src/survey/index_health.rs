//! How well the keys that list and count pools agree with the pools themselves.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::json::JsonText;
use dlmm_core::stored::{HEIGHT_FIELD, keys, parse_height, parse_stamp};
use dlmm_core::units::PoolId;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::Counts;
use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// Lists of pool ids against the pools there are.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct IndexHealth {
    /// The user may not read it.
    pub(crate) unseen: bool,
    /// Entries that should be there, as `key: pool`.
    pub(crate) missing: Vec<String>,
    /// Entries that should not.
    pub(crate) stale: Vec<String>,
    /// Keys that hold no list; those of another type as `key: what it is`.
    pub(crate) unreadable: Vec<String>,
}

impl IndexHealth {
    pub(crate) fn unseen() -> Self {
        Self { unseen: true, ..Self::default() }
    }

    /// `wrong` is why the set could not be read, where that is not for want of rights.
    pub(crate) fn of_set(
        listed: Option<&BTreeSet<PoolId>>,
        wrong: Option<&str>,
        there: &BTreeSet<PoolId>,
    ) -> Self {
        let mut health = Self::default();
        if let Some(wrong) = wrong {
            health.unreadable.push(format!("{}: {wrong}", keys::POOLS));
            return health;
        }
        let Some(listed) = listed else { return Self::unseen() };
        health.compare(keys::POOLS, &listed.iter().collect::<Vec<_>>(), there);
        health
    }

    /// Compares the ids of one list with the pools it should hold.
    pub(crate) fn compare(&mut self, key: &str, listed: &[&PoolId], expected: &BTreeSet<PoolId>) {
        let missing = expected.iter().filter(|id| !listed.contains(id));
        self.missing.extend(missing.map(|id| format!("{key}: {id}")));
        let stale = listed.iter().filter(|id| !expected.contains(**id));
        self.stale.extend(stale.map(|id| format!("{key}: {id}")));
    }

    pub(crate) fn note_unreadable(&mut self, key: &str) {
        self.unreadable.push(key.to_owned());
    }

    pub(crate) fn note_wrong_type(&mut self, key: &str, reason: &str) {
        self.unreadable.push(format!("{key}: {reason}"));
    }

    pub(crate) fn is_complete(&self) -> bool {
        *self == Self::default()
    }
}

/// The counters of the metadata hash against what was counted.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MetadataHealth {
    pub(crate) unseen: bool,
    /// What it is instead of a hash.
    pub(crate) fault: Option<String>,
    pub(crate) total_pools: Counter,
    pub(crate) total_tokens: Counter,
    pub(crate) total_bins: Counter,
    pub(crate) last_update: Option<String>,
    pub(crate) age_ms: Option<u64>,
    pub(crate) data_version: Option<String>,
    /// Its block is no height, so that it is not known.
    #[serde(skip)]
    pub(crate) is_of_no_block: bool,
}

/// One counter as stored and as counted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counter {
    pub(crate) stored: Option<String>,
    pub(crate) counted: Option<u64>,
}

impl Counter {
    /// Whether both are known and differ, or only the stored one is missing.
    pub(crate) fn is_wrong(&self) -> bool {
        self.counted.is_some_and(|counted| self.stored.as_deref() != Some(counted.to_string().as_str()))
    }
}

impl MetadataHealth {
    pub(crate) async fn ask(
        store: &mut PoolStore,
        counts: &Counts,
        now_ms: u64,
        unseen: &mut Vec<String>,
    ) -> Result<Self, RedisFault> {
        let reply: BTreeMap<String, String> = match store.run(redis::cmd("HGETALL").arg(keys::METADATA)).await
        {
            Ok(reply) => reply,
            Err(fault) if fault.is_wrong_type() => {
                let fault = Some(store.not_a("hash", keys::METADATA).await?);
                return Ok(Self { fault, ..Self::default() });
            }
            Err(fault) if fault.is_no_permission() => {
                unseen.push(format!("the metadata: {fault}"));
                return Ok(Self { unseen: true, ..Self::default() });
            }
            Err(fault) => return Err(fault),
        };
        Ok(Self::of(reply, counts, now_ms))
    }

    fn of(mut stored: BTreeMap<String, String>, counts: &Counts, now_ms: u64) -> Self {
        let mut counter = |name: &str, counted: Option<u64>| Counter { stored: stored.remove(name), counted };
        let count = |number: usize| u64::try_from(number).ok();
        let [total_pools, total_tokens, total_bins] = [
            counter("total_pools", count(counts.pools)),
            counter("total_tokens", count(counts.tokens)),
            counter("total_bins", counts.bins),
        ];
        let last_update = stored.remove("last_update");
        let at_ms = last_update
            .as_ref()
            .and_then(|text| parse_stamp(JsonText::parse(to_raw_value(text).ok()?.get()).ok()?).at_ms);
        Self {
            unseen: false,
            fault: None,
            total_pools,
            total_tokens,
            total_bins,
            age_ms: at_ms.map(|at_ms| now_ms.saturating_sub(at_ms)),
            last_update,
            data_version: stored.remove("data_version"),
            is_of_no_block: stored.get(HEIGHT_FIELD).is_some_and(|height| parse_height(height).is_none()),
        }
    }

    /// The counters with their names.
    pub(crate) fn counters(&self) -> [(&'static str, &Counter); 3] {
        [
            ("total_pools", &self.total_pools),
            ("total_tokens", &self.total_tokens),
            ("total_bins", &self.total_bins),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(texts: &[&str]) -> BTreeSet<PoolId> {
        texts.iter().map(|text| PoolId::new(text).unwrap()).collect()
    }

    #[test]
    fn names_what_a_list_lacks_and_what_it_should_not_hold() {
        let health = IndexHealth::of_set(Some(&ids(&["A", "B"])), None, &ids(&["B", "C"]));
        assert_eq!(health.missing, ["pools: C"]);
        assert_eq!(health.stale, ["pools: A"]);
        assert!(!health.is_complete() && !IndexHealth::of_set(None, None, &ids(&["B"])).is_complete());
        assert!(IndexHealth::of_set(Some(&ids(&["B"])), None, &ids(&["B"])).is_complete());
    }

    #[test]
    fn a_counter_is_wrong_only_where_it_could_be_checked() {
        let counter = |stored: Option<&str>, counted| Counter { stored: stored.map(str::to_owned), counted };
        assert!(!counter(Some("3"), Some(3)).is_wrong() && !counter(Some("3"), None).is_wrong());
        assert!(counter(Some("4"), Some(3)).is_wrong() && counter(None, Some(3)).is_wrong());
    }

    #[test]
    fn the_age_of_the_metadata_counts_from_its_last_update() {
        let stored = [("last_update", "1970-01-01T00:00:01Z"), ("total_pools", "3")];
        let stored = stored.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let counts = Counts { pools: 3, tokens: 2, bins: None };
        let health = MetadataHealth::of(stored.into(), &counts, 5_000);
        assert_eq!((health.age_ms, health.total_pools.is_wrong()), (Some(4_000), false));
        assert!(health.total_tokens.is_wrong() && !health.total_bins.is_wrong());
    }
}
