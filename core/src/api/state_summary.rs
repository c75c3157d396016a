//! What an answer says of its state.

use crate::json::{Plain, ToJson, list, object};
use crate::quote::{PoolUse, Quote};
use crate::stored::{Source, write_stamp};
use alloc::string::String;

/// Where the state of an answer comes from, and how old it is.
pub(super) struct StateSummary<'a> {
    pub(super) quote: &'a Quote,
    pub(super) source: Source,
    pub(super) read_at_ms: u64,
}

impl ToJson for StateSummary<'_> {
    fn write(&self, out: &mut String) {
        let Self { quote, source, read_at_ms } = *self;
        object(|f| {
            f.member("source", source);
            f.member("read_at", write_stamp(read_at_ms));
            f.member("heartbeat_ms", quote.pulse.heartbeat.as_ref().map(|stamp| stamp.text.as_str()));
            f.member("warn_age_ms", quote.warn_age_ms);
            f.member("block_height", quote.block_height());
            f.member("pools", list(|f| f.items(quote.pools.iter().map(PoolSummary))));
        })
        .write(out);
    }
}

struct PoolSummary<'a>(&'a PoolUse);

impl ToJson for PoolSummary<'_> {
    fn write(&self, out: &mut String) {
        let pool = self.0;
        object(|f| {
            f.member("pool_id", Plain(pool.pool_id.as_str()));
            f.member("active_bin_id", pool.active_bin.get());
            f.member("last_updated", pool.last_updated.as_ref().map(|stamp| stamp.text.as_str()));
            f.member("age_ms", pool.age_ms);
            f.member("block_height", pool.block_height);
        })
        .write(out);
    }
}
