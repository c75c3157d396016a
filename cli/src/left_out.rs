//! What is in Redis and gives no pool to quote. Names come from whoever writes there, so they are made safe to print, and
//! only the first are kept.

use std::collections::BTreeMap;

use dlmm_core::units::NameError;
use dlmm_core::wire::SkippedPool;
use dlmm_core::wire::keys::{self, shown};

/// Keys that are named.
const MAX_NAMED: usize = 1_000;

/// Keys that are left out, with the reason; the first by name, and how many there are besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOutKeys {
    named: BTreeMap<String, String>,
    more: usize,
}

impl LeftOutKeys {
    /// Leaves a key out. Of several reasons for one key the first stays.
    pub(crate) fn add(&mut self, key: &str, reason: impl Into<String>) {
        let key = shown(key);
        if self.named.contains_key(&key) {
            return;
        }
        self.named.insert(key, reason.into());
        if self.named.len() > MAX_NAMED {
            self.named.pop_last();
            self.more += 1;
        }
    }

    /// Leaves out a pool whose id is none; `list` is the key that names it, where it was not found by its own.
    pub(crate) fn add_unfit_id(&mut self, id: &str, list: Option<&str>) {
        let named = list.map(|list| format!(", named by {list}")).unwrap_or_default();
        self.add(&format!("{}{id}", keys::POOL_PREFIX), format!("its id {NameError}{named}"));
    }

    pub(crate) fn named(&self) -> impl Iterator<Item = SkippedPool> + '_ {
        self.named.iter().map(|(key, reason)| SkippedPool { key: key.clone(), reason: reason.clone() })
    }

    pub(crate) fn reason(&self, key: &str) -> Option<&str> {
        self.named.get(key).map(String::as_str)
    }

    /// How many there are that are not named.
    pub(crate) fn more(&self) -> usize {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_the_rest_counted_and_none_moves_the_cursor() {
        let mut left_out = LeftOutKeys::default();
        for n in 0..MAX_NAMED + 5 {
            left_out.add_unfit_id(&format!("\u{1b}[2J{n:04}"), Some(keys::POOLS));
        }
        assert_eq!((left_out.named().count(), left_out.more()), (MAX_NAMED, 5));
        let first = left_out.named().next().unwrap();
        assert_eq!(first.key, r"pool:\u{1b}[2J0000");
        assert!(first.reason.ends_with(", named by pools"), "{}", first.reason);
    }
}
