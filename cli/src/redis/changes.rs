//! What changed, told to whoever listens: the messages on the channel `dlmm:changes`.
//!
//! A message goes out with the `MULTI` that writes what it tells of, so nobody hears of a change that is not there, and
//! `seq` of the metadata counts in the same step: it only grows, whoever writes.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::stored::{keys, write_stamp};
use dlmm_core::units::PoolId;
use redis::Pipeline;
use serde::Serialize;

/// The channel.
pub(crate) const CHANNEL: &str = "dlmm:changes";
/// Bytes that the keys of a message may take; readers of a longer one read Redis.
const MAX_KEYS_BYTES: usize = 256_000;

/// Counts and tells in one step: the number is only known once it is counted, and in a `MULTI` nobody can look at it.
const SCRIPT: &str = "local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1) \
    redis.call('PUBLISH', ARGV[1], string.format('{\"seq\":%.0f,', seq) .. ARGV[2]) return seq";

/// Keys of one step that were written or deleted.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pools: BTreeSet<PoolId>,
    keys: BTreeMap<String, Option<String>>,
}

/// A message without its first field, in the order of its fields.
#[derive(Serialize)]
struct Message<'c> {
    block_height: Option<u64>,
    taken_at: String,
    pools: Vec<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'c BTreeMap<String, Option<String>>>,
}

impl Changes {
    /// A key of a pool has this text now, or is gone.
    pub(crate) fn add(&mut self, pool: &PoolId, key: String, text: Option<&str>) {
        if !self.pools.contains(pool) {
            self.pools.insert(pool.clone());
        }
        self.keys.insert(key, text.map(str::to_owned));
    }

    /// Adds the message to a `MULTI`, if something changed. `block_height`: of the block that the changes are from, if
    /// there is one.
    pub(crate) fn publish(&self, pipeline: &mut Pipeline, block_height: Option<u64>, taken_at_ms: u64) {
        if !self.pools.is_empty() {
            self.tell(pipeline, block_height, taken_at_ms);
        }
    }

    /// As [`Self::publish`], of a block that changed nothing too: the market is as new as it.
    pub(crate) fn tell(&self, pipeline: &mut Pipeline, block_height: Option<u64>, taken_at_ms: u64) {
        let rest = self.rest(block_height, taken_at_ms);
        pipeline.cmd("EVAL").arg(SCRIPT).arg(1).arg(keys::METADATA).arg(CHANNEL).arg(rest).ignore();
    }

    /// The message for whoever counts by himself.
    #[cfg(test)]
    fn message(&self, seq: u64, block_height: Option<u64>, taken_at_ms: u64) -> String {
        format!("{{\"seq\":{seq},{}", self.rest(block_height, taken_at_ms))
    }

    /// The message behind its `seq`.
    fn rest(&self, block_height: Option<u64>, taken_at_ms: u64) -> String {
        // Texts in texts, so quotes are escaped: a quarter more, and never grown by doubling.
        let bytes: usize =
            self.keys.iter().map(|(key, text)| key.len() + text.as_ref().map_or(4, String::len)).sum();
        let size = (bytes.min(MAX_KEYS_BYTES) / 4).saturating_mul(5) + 16 * self.keys.len() + 1_000;
        let text = |keys| {
            let pools = self.pools.iter().map(PoolId::as_str).collect();
            let message = Message { block_height, taken_at: write_stamp(taken_at_ms), pools, keys };
            // Texts and numbers always are JSON.
            let mut bytes = Vec::with_capacity(size);
            let _ = serde_json::to_writer(&mut bytes, &message);
            let text = String::from_utf8(bytes).unwrap_or_default();
            text.strip_prefix('{').unwrap_or_default().to_owned()
        };
        let whole = text(Some(&self.keys));
        if whole.len() <= MAX_KEYS_BYTES { whole } else { text(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn changes(bytes: usize) -> Changes {
        let id = |text: &str| PoolId::new(text).unwrap();
        let mut changes = Changes::default();
        changes.add(&id("Q"), "bin:Q:5".to_owned(), None);
        changes.add(&id("P"), "pool:P".to_owned(), Some("{\"note\":\"a \\u0022quote\\u0022\"}"));
        changes.add(&id("P"), "bin:P:7".to_owned(), Some(&"x".repeat(bytes)));
        changes
    }

    #[test]
    fn tells_pools_and_keys_in_one_line() {
        let message = changes(3).message(7, Some(183_456), 0);
        assert!(!message.contains('\n'));
        let expected = json!({"seq":7,"block_height":183_456,"taken_at":"1970-01-01T00:00:00.000Z","pools":["P","Q"],
            "keys":{"bin:P:7":"xxx","bin:Q:5":null,"pool:P":"{\"note\":\"a \\u0022quote\\u0022\"}"}});
        assert_eq!(serde_json::from_str::<Value>(&message).unwrap(), expected);
    }

    #[test]
    fn leaves_the_keys_out_where_there_are_too_many() {
        let has_keys = |bytes| {
            let message: Value = serde_json::from_str(&changes(bytes).message(1, None, 0)).unwrap();
            assert_eq!((&message["pools"], &message["block_height"]), (&json!(["P", "Q"]), &Value::Null));
            message.get("keys").is_some()
        };
        assert!(has_keys(MAX_KEYS_BYTES - 500) && !has_keys(MAX_KEYS_BYTES));
    }
}
