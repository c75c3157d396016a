//! Pools that a snapshot does not hold because a stored value cannot be used.

use super::pool::PoolRouting;
use crate::json::field;
use crate::json::{JsonText, Plain, ToJson, object};
use crate::network::graph::PoolRef;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Why a pool is left out that is named somewhere and has no value: it is gone, and nobody waits for it.
pub(crate) const GONE: &str = "there is no such pool";

/// Bytes of the largest reply of Redis that the service reads. Upstash sends up to 10 MB on most plans. A value that alone
/// exceeds it leaves its pool out.
pub const MAX_REPLY_BYTES: u32 = 10 * 1024 * 1024;

/// A pool that is left out of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The offending Redis key.
    pub key: String,
    /// What is wrong with its value.
    pub reason: String,
    /// The pool and its pair, where they are known: quotes that would pass it can then say so.
    pub pool: Option<PoolRef>,
}

impl ToJson for LeftOut {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("key", &self.key);
            f.member("reason", &self.reason);
            if let Some(pool) = &self.pool {
                f.member("pool_id", Plain(pool.id.as_str()));
                f.member("token_x", Plain(pool.token_x.as_str()));
                f.member("token_y", Plain(pool.token_y.as_str()));
            }
        })
        .write(out);
    }
}

/// Reads the field `skipped` of a snapshot.
pub(super) fn read_left_out(skipped: JsonText<'_>) -> Result<Vec<LeftOut>, String> {
    let entries = field::items(skipped.get()).map_err(|e| format!("skipped: {e}"))?;
    let mut left_out = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        left_out.push(read_entry(entry.get()).map_err(|e| format!("skipped[{index}]: {e}"))?);
    }
    Ok(left_out)
}

fn read_entry(json: &str) -> Result<LeftOut, String> {
    let [key, reason] = field::pick(json, &["key", "reason"])?;
    let text = |name, raw| field::text(name, field::required(name, raw)?).map(Cow::into_owned);
    // The pair stands there as in a pool value.
    let pool = PoolRouting::parse(json).ok().map(|routing| routing.pool);
    Ok(LeftOut { key: text("key", key)?, reason: text("reason", reason)?, pool })
}
