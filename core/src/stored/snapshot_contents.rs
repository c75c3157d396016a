//! What goes into a snapshot, and what is left out of it: from stored values to the document.

use super::PoolRouting;
use super::heartbeat::HEARTBEAT_FIELD;
use super::height::HEIGHT_FIELD;
use super::left_out::{GONE, LeftOut};
use super::snapshot::{FORMAT, PART_FIELD, SnapshotError, normalise_pool, stated_decimals};
use super::source::Source;
use super::stamp::write_stamp;
use super::stored_pool::StoredPool;
use crate::gather::Gather;
use crate::json::{object, to_json};
use crate::network::age::Pulse;
use crate::network::decimals::{DecimalTable, Origin};
use crate::network::graph::PoolRef;
use crate::network::keys;
use crate::network::skipped::SkippedPool;
use crate::network::state::PoolState;
use crate::units::{PoolId, Symbol};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use litemap::LiteMap;

/// The pools of a snapshot, written out, and those that are left out.
#[derive(Clone, Debug, Default)]
pub struct SnapshotContents {
    /// JSON objects with commas between them.
    pools: String,
    pool_count: usize,
    tokens: LiteMap<Symbol, (u8, Origin)>,
    skipped: Vec<LeftOut>,
    skipped_more: usize,
    pulse: Pulse,
    is_part: bool,
}

/// What a pool gains when it is written out, in bytes: fees, decimals, commas. Only to make room.
const ADDED_TO_A_POOL: usize = 512;
/// What a bin gains: the quotes around its numbers.
const ADDED_TO_A_BIN: usize = 16;

impl SnapshotContents {
    /// Writes out every stored pool that can be read. A pool of any status is one; of a broken one the offending
    /// key is kept.
    ///
    /// `others` are the pools that are not stored here: they still have a say in the decimals of their tokens, as
    /// they do in a quote.
    ///
    /// # Units
    /// `default_fee_bps`: bps, for pools whose value names no fee.
    #[must_use]
    pub fn of<'s>(
        stored: impl IntoIterator<Item = (PoolId, StoredPool<'s>)>,
        others: impl IntoIterator<Item = PoolRouting>,
        default_fee_bps: u16,
    ) -> Self {
        // Both come in id order, so each goes to the end; taking them in as one list would compile one more sort.
        let mut by_id: LiteMap<PoolId, StoredPool<'s>> = LiteMap::new();
        let mut routings: LiteMap<PoolId, PoolRouting> = LiteMap::new();
        stored.into_iter().for_each(|(id, pool)| drop(by_id.insert(id, pool)));
        let stored = by_id;
        others.into_iter().for_each(|routing| drop(routings.insert(routing.pool.id.clone(), routing)));
        for (id, pool) in &stored {
            match pool.value.as_deref().and_then(|value| PoolRouting::of(id, value).ok()) {
                Some(routing) => routings.insert(id.clone(), routing),
                None => routings.remove(id),
            };
        }
        let decimals = stated_decimals(routings.values());
        let mut contents =
            Self { pools: String::with_capacity(room_for(stored.values())), ..Self::default() };
        // By value: each pool's texts are freed once it is written out.
        for (id, pool) in stored {
            if let Err((key, reason)) = contents.take(&id, &pool, &decimals, default_fee_bps) {
                let pool = routings.get(&id).map(|routing| routing.pool.clone());
                contents.state_decimals(pool.iter(), &decimals);
                contents.skipped.push(LeftOut { key, reason, pool });
            }
        }
        contents
    }

    fn take(
        &mut self,
        id: &PoolId,
        pool: &StoredPool<'_>,
        decimals: &DecimalTable,
        default_fee_bps: u16,
    ) -> Result<(), (String, String)> {
        if let Some(SkippedPool { key, reason }) = pool.left_out.clone() {
            return Err((key, reason));
        }
        let at_pool = |reason: String| (keys::pool(id), reason);
        let value = pool.value.as_deref().ok_or_else(|| at_pool(GONE.to_string()))?;
        let reference = PoolRouting::of(id, value).map_err(at_pool)?.pool;
        if let PoolState::Skipped { key, reason } = pool.state(&reference, decimals, default_fee_bps) {
            return Err((key, reason));
        }
        let bins: Vec<&str> = pool.bins.iter().map(|(_, text)| &**text).gather();
        let entry = normalise_pool(value, &bins, decimals, default_fee_bps).map_err(at_pool)?;
        if self.pool_count > 0 {
            self.pools.push(',');
        }
        self.pools.push_str(&entry);
        self.pool_count += 1;
        self.state_decimals([&reference], decimals);
        Ok(())
    }

    /// Names the decimals of these pools' tokens.
    fn state_decimals<'p>(&mut self, pools: impl IntoIterator<Item = &'p PoolRef>, decimals: &DecimalTable) {
        for token in pools.into_iter().flat_map(|pool| [&pool.token_x, &pool.token_y]) {
            self.tokens.insert(token.clone(), decimals.of(token));
        }
    }

    /// With what the producer said of all pools when they were copied.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// As one of some pools out of a market that may have others. Who quotes from it must not take them for names of nothing.
    #[must_use]
    pub fn of_a_part(self, is_part: bool) -> Self {
        Self { is_part, ..self }
    }

    /// How many pools are in it.
    #[must_use]
    pub const fn pool_count(&self) -> usize {
        self.pool_count
    }

    /// The pools that are left out, by id.
    #[must_use]
    pub fn skipped(&self) -> &[LeftOut] {
        &self.skipped
    }

    /// Names what was left out before any value was read, such as a pool whose id cannot be used; of one key, the first
    /// reason stays. `more` are left out besides and not named.
    pub fn also_left_out(&mut self, others: impl IntoIterator<Item = SkippedPool>, more: usize) {
        for SkippedPool { key, reason } in others {
            if !self.skipped.iter().any(|known| known.key == key) {
                self.skipped.push(LeftOut { key, reason, pool: None });
            }
        }
        self.skipped_more = more;
    }

    /// Puts the document together. What is left out is named in it under `skipped`, and the bundled sample is
    /// named as such under `source`; a complete copy of Redis has neither field. One of some pools says so under `part`.
    ///
    /// # Units
    /// `taken_at_ms`: milliseconds since 1970.
    ///
    /// # Errors
    /// None that input can cause; texts and numbers always are JSON.
    pub fn into_document(self, taken_at_ms: u64, source: Source) -> Result<String, SnapshotError> {
        let mut head = to_json(&object(|f| {
            f.member("format", FORMAT);
            f.member("taken_at", write_stamp(taken_at_ms));
            if let Some(heartbeat) = &self.pulse.heartbeat {
                f.member(HEARTBEAT_FIELD, heartbeat.text.as_str());
            }
            if let Some(height) = self.pulse.block_height {
                f.member(HEIGHT_FIELD, height);
            }
            if source == Source::Sample {
                f.member("source", source);
            }
            if self.is_part {
                f.member(PART_FIELD, true);
            }
            let tokens = object(|f| {
                for (token, (decimals, origin)) in &self.tokens {
                    let entry = object(|f| {
                        f.member("decimals", *decimals);
                        // What nobody has stated must not become a statement.
                        if *origin == Origin::Assumed {
                            f.member("decimals_from", origin.as_str());
                        }
                    });
                    f.member(token.as_str(), entry);
                }
            });
            f.member("tokens", tokens);
        }));
        head.truncate(head.len().saturating_sub(1));
        head.push_str(",\"pools\":[");
        // Around the pools where they are: a market may be many megabytes, and a second copy of it as many again.
        let mut text = self.pools;
        text.insert_str(0, &head);
        text.push(']');
        if !self.skipped.is_empty() {
            text.push_str(",\"skipped\":");
            text.push_str(&to_json(&self.skipped));
        }
        if self.skipped_more > 0 {
            text.push_str(",\"skipped_more\":");
            text.push_str(&to_json(&self.skipped_more));
        }
        text.push('}');
        Ok(text)
    }
}

/// Bytes that these pools may take when they are written out: growing step by step would need three times as many.
fn room_for<'p>(pools: impl Iterator<Item = &'p StoredPool<'p>>) -> usize {
    pools.map(|pool| pool.bytes() + ADDED_TO_A_POOL + pool.bins.len() * ADDED_TO_A_BIN).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::Snapshot;
    use crate::units::BinId;

    fn pool(id: &str, extra: &str, bin: &str) -> (PoolId, StoredPool<'static>) {
        let value = format!(
            r#"{{"pool_id":"{id}","token_x":"ODD","token_y":"USDC","active_bin_id":5,"status":"active"{extra}}}"#
        );
        let (id, five) = (PoolId::new(id).expect("a name"), BinId::new(5).expect("an id"));
        (id, StoredPool::new(Some(&value), (BinId::MIN, BinId::MAX), [(five, bin)]).into_owned())
    }

    fn written(contents: SnapshotContents) -> String {
        contents.into_document(0, Source::Redis).expect("sound")
    }

    const BIN: &str = r#"{"bin_id":5,"x_amount":1.5,"y_amount":0,"price":2.0}"#;

    #[test]
    fn leaves_out_what_cannot_be_read_and_says_why() {
        let gone = (PoolId::new("GONE").expect("a name"), StoredPool::default());
        let alien = (PoolId::new("ALIEN").expect("a name"), pool("P", "", BIN).1);
        let free = pool("FREE", "", &BIN.replace("2.0", "0"));
        let stored = [gone, alien, free, pool("P", "", BIN)];
        let contents = SnapshotContents::of(stored, [], 10);
        let pair =
            |id: &str| PoolRouting::parse(&pool(id, "", BIN).1.value.expect("a value")).expect("sound").pool;
        let expected = [
            ("pool:ALIEN", "pool_id is P", None),
            ("bin:FREE:5", "price is zero", Some(pair("FREE"))),
            ("pool:GONE", "there is no such pool", None),
        ];
        let expected = expected.map(|(key, reason, pool)| LeftOut {
            key: key.to_string(),
            reason: reason.to_string(),
            pool,
        });
        assert_eq!(contents.skipped(), expected);
        assert_eq!(contents.pool_count(), 1);
        let text = written(contents);
        assert!(text.ends_with(r#"{"key":"pool:GONE","reason":"there is no such pool"}]}"#), "{text}");
        let read = Snapshot::parse(&text).expect("its own format");
        assert_eq!((read.pools.len(), read.left_out), (1, expected.to_vec()));
    }

    #[test]
    fn assumed_decimals_are_filled_in_and_are_no_statement() {
        let text = written(SnapshotContents::of([pool("P", "", BIN)], [], 10));
        assert!(
            text.contains(r#""ODD":{"decimals":18,"decimals_from":"assumed"},"USDC":{"decimals":6}"#),
            "{text}"
        );
        assert!(text.contains(r#""token_x_decimals":18"#), "{text}");
        let read = Snapshot::parse(&text).expect("its own format");
        let odd = Symbol::new("ODD").expect("a name");
        assert_eq!(read.decimals().of(&odd), (18, Origin::Assumed));
        let (routing, stored) = read.pools.first().expect("a pool");
        assert_eq!((routing.decimals_x, routing.decimals_y), (None, Some(6)));
        let value = stored.value.as_deref().expect("a value");
        assert!(!value.contains("token_x_decimals") && value.contains("token_y_decimals"), "{value}");
        // Of a version that assumes something else it is what it says.
        let read = Snapshot::parse(&text.replace(":18", ":17")).map(|read| read.decimals().of(&odd));
        assert_eq!(read, Ok((17, Origin::Stated)));
    }

    #[test]
    fn heartbeat_and_height_go_along() {
        for (text, block_height) in [("1800000000000", Some(7)), ("soon", None)] {
            let heartbeat = Some(crate::stored::parse_heartbeat(text));
            let pulse = Pulse { heartbeat, block_height };
            let contents = SnapshotContents::of([pool("P", "", BIN)], [], 10);
            let written = written(contents.with_pulse(pulse.clone()));
            assert_eq!(Snapshot::parse(&written).expect("its own format").pulse, pulse, "{written}");
        }
        let number = r#"{"format":"dlmm-snapshot/1","taken_at":0,"heartbeat_ms":1800000000000,"block_height":"8","tokens":{},"pools":[]}"#;
        let read = Snapshot::parse(number).expect("a snapshot");
        assert_eq!(read.pulse.block_height, Some(8));
        assert_eq!(read.pulse.heartbeat.and_then(|stamp| stamp.at_ms), Some(1_800_000_000_000));
    }

    #[test]
    fn what_was_left_out_before_is_named_once_and_the_rest_counted() {
        let told = |key: &str, reason: &str| SkippedPool { key: key.to_string(), reason: reason.to_string() };
        let hash = StoredPool {
            value: pool("H", "", BIN).1.value,
            left_out: Some(told("bin:H:5", "is a hash, not a string")),
            ..StoredPool::default()
        };
        let stored = [(PoolId::new("H").expect("a name"), hash), pool("P", "", BIN)];
        let mut contents = SnapshotContents::of(stored, [], 10);
        contents
            .also_left_out([told("pool:a b", "its id cannot be used"), told("bin:H:5", "other words")], 7);
        let named = contents.skipped().iter().map(|LeftOut { key, reason, pool }| {
            (key.as_str(), reason.as_str(), pool.as_ref().map(|pool| pool.id.as_str()))
        });
        assert_eq!(
            named.collect::<Vec<_>>(),
            [("bin:H:5", "is a hash, not a string", Some("H")), ("pool:a b", "its id cannot be used", None),]
        );
        assert_eq!(contents.pool_count(), 1);
        assert!(written(contents).ends_with(r#""reason":"its id cannot be used"}],"skipped_more":7}"#));
    }

    #[test]
    fn a_complete_copy_names_neither_source_nor_skipped() {
        let contents = SnapshotContents::of([pool("P", "", BIN)], [], 10);
        let text = written(contents.clone());
        assert!(
            text.starts_with(
                r#"{"format":"dlmm-snapshot/1","taken_at":"1970-01-01T00:00:00.000Z","tokens":"#
            )
        );
        assert!(!text.contains("source") && !text.contains("skipped"), "{text}");
        let sample = contents.into_document(0, Source::Sample).expect("sound");
        assert!(sample.contains(r#","source":"sample","tokens":"#), "{sample}");
        assert!(Snapshot::parse(&sample).is_ok());
        let empty = written(SnapshotContents::default());
        assert!(Snapshot::parse(&empty).expect("its own format").pools.is_empty(), "{empty}");
    }

    #[test]
    fn one_of_some_pools_says_so_and_so_does_a_page_that_others_follow() {
        let contents = SnapshotContents::of([pool("P", "", BIN)], [], 10);
        let whole = written(contents.clone());
        let part = written(contents.of_a_part(true));
        assert!(!whole.contains("part") && part.contains(r#","part":true,"tokens":"#), "{part}");
        let page = whole.replacen(r#","pools":"#, r#","next":"P","pools":"#, 1);
        let denied = part.replacen("true", "false", 1);
        for (text, is_part) in [(&whole, false), (&part, true), (&page, true), (&denied, false)] {
            let snapshot = Snapshot::parse(text).expect("its own format");
            assert_eq!((snapshot.is_part, snapshot.graph().is_part()), (is_part, is_part), "{text}");
        }
        let odd = part.replacen("true", "1", 1);
        let error = Snapshot::parse(&odd).expect_err("no boolean").to_string();
        assert_eq!(error, "not a dlmm-snapshot/1 snapshot: part is neither true nor false");
    }

    #[test]
    fn a_paused_pool_is_a_pool_too() {
        let (id, mut paused) = pool("P", "", BIN);
        paused.value = paused.value.map(|text| text.replace("\"active\"", "\"paused\"").into());
        let contents = SnapshotContents::of([(id, paused)], [], 10);
        assert!(contents.skipped().is_empty() && written(contents).contains(r#""status":"paused""#));
    }

    #[test]
    fn a_pool_that_is_not_in_it_still_states_decimals() {
        let routing = |extra: &str| {
            PoolRouting::parse(&pool("Q", extra, BIN).1.value.expect("a value")).expect("sound")
        };
        let others = [routing(r#","token_x_decimals":3"#)];
        let contents = SnapshotContents::of([pool("P", "", BIN)], others, 10);
        let text = written(contents);
        let snapshot = Snapshot::parse(&text).expect("its own format");
        assert_eq!((snapshot.pools.len(), snapshot.pools[0].0.decimals_x), (1, Some(3)));
        assert_eq!(snapshot.tokens[0].1, 3);
    }

    #[test]
    fn the_value_just_read_outweighs_what_was_known_of_the_pool() {
        let before =
            PoolRouting::parse(&pool("P", r#","token_x_decimals":3"#, BIN).1.value.expect("a value"));
        let stored = [pool("P", r#","token_x_decimals":4"#, BIN)];
        let contents = SnapshotContents::of(stored, before, 10);
        assert!(contents.skipped().is_empty() && written(contents).contains(r#""ODD":{"decimals":4}"#));
    }
}
