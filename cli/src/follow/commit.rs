//! The one transaction that a block becomes.

use std::borrow::Cow;

use dlmm_core::stored::{HEARTBEAT_FIELD, keys, write_stamp};
use redis::Pipeline;

use super::block::Header;
use super::market::{Market, Slot};
use super::record;
use super::routing::{Rerouted, lists};
use super::state::Step;
use crate::redis::changes::Changes;

/// What is written with one block.
pub(crate) struct Commit<'m> {
    pub(crate) core: &'m str,
    pub(crate) market: &'m Market,
    pub(crate) step: &'m Step,
    pub(crate) heartbeat_ms: u64,
    /// The lease's text and how long it is to last.
    pub(crate) lease: (&'m str, u64),
}

/// A command of many names and texts, in memory that is taken once.
fn with_pairs<'t>(
    name: &str,
    key: Option<&str>,
    pairs: impl Iterator<Item = (&'t str, &'t str)> + Clone,
) -> redis::Cmd {
    let bytes = pairs.clone().map(|(name, text)| name.len() + text.len()).sum::<usize>();
    let mut command = redis::Cmd::with_capacity(
        2 + 2 * pairs.clone().count(),
        bytes + name.len() + key.map_or(0, str::len),
    );
    command.arg(name);
    if let Some(key) = key {
        command.arg(key);
    }
    for (name, text) in pairs {
        command.arg(name).arg(text);
    }
    command
}

/// Watches what other writers would change, and asks who holds the lease and what the tip is: two replies.
pub(crate) fn watch(pipeline: &mut Pipeline, core: &str) {
    let (key, lease) = (record::key(core), record::lease_key(core));
    pipeline.cmd("WATCH").arg(&key).arg(&lease).ignore();
    pipeline.cmd("GET").arg(&lease);
    pipeline.cmd("HGET").arg(&key).arg(record::TIP_FIELD);
}

/// How much a commit writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) pools: usize,
    pub(crate) bins: usize,
}

impl Commit<'_> {
    /// The transaction, and behind it the watch and the questions that the next block begins with: a block is one round
    /// trip. Its replies are that of `EXEC` and those of [`watch`].
    pub(crate) fn pipeline(&self) -> (Pipeline, Written) {
        let follower = record::key(self.core);
        let mut pipeline = redis::pipe();
        pipeline.cmd("MULTI").ignore();
        let mut written = Written::default();
        let mut changes = Changes::default();
        let (mut set, mut deleted) = (Vec::<(Cow<'_, str>, Cow<'_, str>)>::new(), Vec::new());
        let (mut fields, mut gone) = (Vec::<(String, Cow<'_, str>)>::new(), Vec::new());
        for (slot, now) in &self.step.writes {
            let place = slot.place();
            match slot {
                Slot::Pool(id) => {
                    written.pools += 1;
                    changes.add(id, place.clone(), now.as_deref());
                }
                Slot::Bin(id, _) => {
                    written.bins += 1;
                    changes.add(id, place.clone(), now.as_deref());
                }
                _ => {}
            }
            match (slot.is_key(), now.as_deref()) {
                (true, Some(text)) => set.push((Cow::Owned(place), Cow::Borrowed(text))),
                (true, None) => deleted.push(place),
                (false, Some(text)) => fields.push((place, Cow::Borrowed(text))),
                (false, None) => gone.push(place),
            }
        }
        let rerouted = &self.step.rerouted;
        for (key, ids) in lists(rerouted, self.market) {
            if ids.is_empty() {
                deleted.push(key);
            } else {
                set.push((Cow::Owned(key), Cow::Owned(serde_json::to_string(&ids).unwrap_or_default())));
            }
        }
        if !deleted.is_empty() {
            pipeline.del(deleted).ignore();
        }
        if !set.is_empty() {
            let pairs = set.iter().map(|(key, text)| (&**key, &**text));
            pipeline.add_command(with_pairs("MSET", None, pairs)).ignore();
        }
        let is_there = |pool: &&Rerouted| self.market.pool(pool.id.as_str()).is_some();
        let (there, gone_pools): (Vec<&Rerouted>, Vec<&Rerouted>) = rerouted.iter().partition(is_there);
        let ids = |pools: &[&Rerouted]| pools.iter().map(|pool| pool.id.to_string()).collect::<Vec<_>>();
        if !there.is_empty() {
            pipeline.sadd(keys::POOLS, ids(&there)).ignore();
        }
        if !gone_pools.is_empty() {
            pipeline.srem(keys::POOLS, ids(&gone_pools)).ignore();
        }
        self.metadata(&mut pipeline);

        fields.push((record::FORMAT_FIELD.to_owned(), record::FORMAT.into()));
        fields.push((record::TIP_FIELD.to_owned(), record::header_text(&self.step.tip).into()));
        for (header, changes) in &self.step.blocks {
            fields.push((record::block_field(&header.hash), record::header_text(header).into()));
            let changes = changes.as_ref().map(|changes| changes.to_text().into());
            fields.extend(changes.map(|changes| (record::changes_field(&header.hash), changes)));
        }
        for hash in &self.step.forgotten {
            gone.extend([record::block_field(hash), record::changes_field(hash)]);
        }
        let pairs = fields.iter().map(|(field, text)| (field.as_str(), &**text));
        pipeline.add_command(with_pairs("HSET", Some(&follower), pairs)).ignore();
        if !gone.is_empty() {
            pipeline.hdel(&follower, gone).ignore();
        }
        let (lease, ttl_ms) = self.lease;
        pipeline.pset_ex(record::lease_key(self.core), lease, ttl_ms).ignore();
        changes.tell(&mut pipeline, Some(self.step.tip.height), self.heartbeat_ms);
        pipeline.cmd("EXEC");
        watch(&mut pipeline, self.core);
        (pipeline, written)
    }

    fn metadata(&self, pipeline: &mut Pipeline) {
        let Header { height, hash, time_ms, version, .. } = &self.step.tip;
        let fields = [
            ("total_pools", self.market.pools().len().to_string()),
            ("total_tokens", self.market.token_count().to_string()),
            ("total_bins", self.market.bin_count().to_string()),
            ("last_update", write_stamp(*time_ms)),
            ("data_version", version.clone()),
            ("block_height", height.to_string()),
            ("index_block_hash", hash.clone()),
            (HEARTBEAT_FIELD, self.heartbeat_ms.to_string()),
        ];
        pipeline.hset_multiple(keys::METADATA, &fields).ignore();
    }
}
