//! A Redis that holds pools: the few commands that this program gives it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use dlmm_core::api::SkippedPool;
use dlmm_core::stored::{MAX_REPLY_BYTES, StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};
use redis::{Cmd, FromRedisValue, Pipeline};

use crate::progress;
use crate::redis::connection::{RedisLink, RedisTimeouts};
use crate::redis::fault::RedisFault;
use crate::redis::target::RedisTarget;

/// Ten seconds for a reply: 64 pools with all their bins are some ten megabytes.
pub(crate) const TIMEOUTS: RedisTimeouts =
    RedisTimeouts { connect: Duration::from_secs(5), reply: Duration::from_secs(10) };

/// Keys in one MGET where no moment has to be shared.
const KEYS_PER_READ: usize = 5_000;
/// Keys whose types are asked for in one round trip.
const TYPES_PER_CALL: usize = 1_000;
/// Pools whose bins are counted in one round trip.
const POOLS_PER_COUNT: usize = 50;

/// An open connection to a Redis with pools.
pub(crate) struct PoolStore {
    link: RedisLink,
}

impl PoolStore {
    pub(crate) async fn open(target: &RedisTarget) -> Result<Self, RedisFault> {
        progress::phase("connecting to Redis", None);
        Ok(Self { link: target.open(TIMEOUTS).await? })
    }

    /// Runs one command.
    pub(crate) async fn run<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, RedisFault> {
        command.query_async(&mut self.link.connection).await.map_err(|error| RedisFault::of(command, &error))
    }

    /// Runs commands in one round trip; `name` stands for them in an error of all.
    pub(crate) async fn run_all<T: FromRedisValue>(
        &mut self,
        pipeline: &Pipeline,
        name: &str,
    ) -> Result<T, RedisFault> {
        pipeline
            .query_async(&mut self.link.connection)
            .await
            .map_err(|error| RedisFault::of_pipeline(pipeline, name, &error))
    }

    /// Ends the `WATCH` that a step began, where the step failed: left behind, it would undo the next `MULTI` of this
    /// connection, which knows nothing of it and takes that for done.
    pub(crate) async fn unwatched_if_failed<T, E>(&mut self, step: Result<T, E>) -> Result<T, E> {
        if step.is_err() {
            // Where this gets no answer either, the connection is given up, and the watch with it.
            self.run::<()>(&redis::cmd("UNWATCH")).await.ok();
        }
        step
    }

    /// The texts under these keys, all of one moment; `None` where there is none or another type.
    ///
    /// Bytes that are not UTF-8 are replaced, as the REST API does it: no JSON can be meant by them.
    pub(crate) async fn texts(&mut self, keys: &[String]) -> Result<Vec<Option<String>>, RedisFault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("MGET");
        command.arg(keys);
        let values: Vec<Option<Vec<u8>>> = self.run(&command).await?;
        if values.len() != keys.len() {
            return Err(RedisFault::Odd { command: "MGET".to_owned() });
        }
        let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|e| lossy(e.as_bytes()));
        Ok(values.into_iter().map(|value| value.map(text)).collect())
    }

    /// As [`Self::texts`] for any number of keys, in several reads.
    pub(crate) async fn many_texts(&mut self, keys: &[String]) -> Result<Vec<Option<String>>, RedisFault> {
        let mut texts = Vec::with_capacity(keys.len());
        progress::phase("reading values", Some(keys.len()));
        for keys in keys.chunks(KEYS_PER_READ) {
            texts.extend(self.texts(keys).await?);
            progress::add(keys.len());
        }
        Ok(texts)
    }

    /// Pools with all their bins, read in one MGET: one moment for all of them.
    pub(crate) async fn pools<'p>(
        &mut self,
        ids: impl IntoIterator<Item = &'p PoolId>,
    ) -> Result<Vec<StoredPool<'static>>, RedisFault> {
        let keys: Vec<String> = ids.into_iter().flat_map(keys_of).collect();
        let texts = self.texts(&keys).await?;
        let mut texts = texts.into_iter();
        let mut pools = Vec::with_capacity(keys.len() / KEYS_PER_POOL);
        while let Some(value) = texts.next() {
            let bins = all_bins().zip(texts.by_ref()).filter_map(|(id, text)| Some((Some(id), text?.into())));
            let (value, bins) = (value.map(Cow::Owned), bins.collect());
            pools.push(StoredPool { value, bins, ..StoredPool::absent() });
        }
        Ok(pools)
    }

    /// As [`Self::pools`]; those of which a key holds no text but something else are left out.
    pub(crate) async fn sound_pools<'p>(
        &mut self,
        ids: impl IntoIterator<Item = &'p PoolId>,
    ) -> Result<Vec<StoredPool<'static>>, RedisFault> {
        let ids: Vec<&PoolId> = ids.into_iter().collect();
        let mut pools = self.pools(ids.iter().copied()).await?;
        let mut suspects: BTreeMap<String, usize> = BTreeMap::new();
        for (at, (id, pool)) in ids.iter().zip(&mut pools).enumerate() {
            pool.left_out = too_large(id, pool);
            if pool.left_out.is_none() {
                suspects.extend(without_text(id, pool).into_iter().map(|key| (key, at)));
            }
        }
        let absent: Vec<String> = suspects.keys().cloned().collect();
        for left_out in self.wrong_types(&absent).await? {
            if let Some(pool) = suspects.get(&left_out.key).and_then(|at| pools.get_mut(*at)) {
                pool.left_out.get_or_insert(left_out);
            }
        }
        Ok(pools)
    }

    /// Those of the keys, none of which holds a text, that hold something else. Whoever may not ask learns nothing.
    pub(crate) async fn wrong_types(&mut self, absent: &[String]) -> Result<Vec<SkippedPool>, RedisFault> {
        let mut found = Vec::new();
        for keys in absent.chunks(KEYS_PER_READ) {
            match self.run::<u64>(redis::cmd("EXISTS").arg(keys)).await {
                // Usually: one small reply for all of them.
                Ok(0) => continue,
                Ok(_) => {}
                Err(fault) if fault.is_no_permission() => {}
                Err(fault) => return Err(fault),
            }
            for keys in keys.chunks(TYPES_PER_CALL) {
                let Some(types) = self.types(keys).await? else { return Ok(found) };
                // One may have been written since.
                let odd = keys.iter().zip(types).filter(|(_, kind)| kind != "string" && kind != "none");
                found.extend(
                    odd.map(|(key, kind)| SkippedPool { key: key.clone(), reason: not_a("string", &kind) }),
                );
            }
        }
        Ok(found)
    }

    /// The types of keys in Redis' words; `None` where the user may not ask.
    pub(crate) async fn types(&mut self, keys: &[String]) -> Result<Option<Vec<String>>, RedisFault> {
        let mut pipeline = redis::pipe();
        for key in keys {
            pipeline.cmd("TYPE").arg(key);
        }
        match self.run_all::<Vec<String>>(&pipeline, "TYPE").await {
            Ok(types) => Ok(Some(types)),
            Err(fault) if fault.is_no_permission() => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Says of a key that was refused with WRONGTYPE what it is instead of the `expected` type.
    pub(crate) async fn not_a(&mut self, expected: &str, key: &str) -> Result<String, RedisFault> {
        let types = self.types(&[key.to_owned()]).await?;
        let kind = types.and_then(|types| types.into_iter().next());
        Ok(kind.map_or_else(|| format!("is no {expected}"), |kind| not_a(expected, &kind)))
    }

    /// How many bins each of the pools has.
    pub(crate) async fn bin_counts(&mut self, ids: &[&PoolId]) -> Result<Vec<u64>, RedisFault> {
        let mut counts = Vec::with_capacity(ids.len());
        progress::phase("counting the bins of pools", Some(ids.len()));
        for ids in ids.chunks(POOLS_PER_COUNT) {
            let mut pipeline = redis::pipe();
            for id in ids {
                pipeline.exists(all_bins().map(|bin| keys::bin(id, bin)).collect::<Vec<_>>());
            }
            counts.extend(self.run_all::<Vec<u64>>(&pipeline, "EXISTS").await?);
            progress::add(ids.len());
        }
        Ok(counts)
    }
}

fn too_large(id: &PoolId, pool: &StoredPool<'_>) -> Option<SkippedPool> {
    let value = pool.value.as_ref().map(|text| (keys::pool(id), text));
    let bins = pool.bins.iter().filter_map(|(bin, text)| Some((keys::bin(id, (*bin)?), text)));
    value.into_iter().chain(bins).find_map(|(key, text)| Some(SkippedPool { key, reason: too_many(text)? }))
}

/// What is wrong with a value of more bytes than the service reads in one reply.
pub(crate) fn too_many(text: &str) -> Option<String> {
    let (bytes, most) = (text.len(), MAX_REPLY_BYTES as usize);
    // In a reply, quotes and backslashes take two bytes each.
    let escapes = || text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    let is_too_long = bytes > most || (bytes > most / 2 && bytes.saturating_add(escapes()) > most);
    is_too_long.then(|| format!("holds {bytes} bytes, too many for a reply"))
}

/// Keys of a pool that gave no text, where something else may be: its own, or every bin that there could be.
fn without_text(id: &PoolId, pool: &StoredPool<'_>) -> Vec<String> {
    if pool.value.is_none() {
        return Vec::from([keys::pool(id)]);
    }
    let has_text = |bin: &BinId| pool.bins.binary_search_by_key(&Some(*bin), |(id, _)| *id).is_ok();
    all_bins().filter(|bin| !has_text(bin)).map(|bin| keys::bin(id, bin)).collect()
}

fn not_a(expected: &str, kind: &str) -> String {
    // A module names its own types.
    format!("is a {}, not a {expected}", keys::shown(kind))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One pool value and its 1001 bins.
const KEYS_PER_POOL: usize = 1_002;

/// Every bin id there is.
pub(crate) fn all_bins() -> impl Iterator<Item = BinId> {
    (BinId::MIN.get()..=BinId::MAX.get()).filter_map(BinId::new)
}

fn keys_of(id: &PoolId) -> impl Iterator<Item = String> {
    let bins = all_bins().map(|bin| keys::bin(id, bin));
    std::iter::once(keys::pool(id)).chain(bins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_of_another_type_is_every_bin_without_a_text() {
        let id = PoolId::new("P").unwrap();
        let bins = [3, 4, 999].map(|id| (BinId::new(id).unwrap(), ""));
        let pool = StoredPool::new(Some("{}"), (BinId::MIN, BinId::MAX), bins);
        let absent = without_text(&id, &pool);
        assert_eq!(absent.len(), 998);
        assert_eq!([&absent[2], &absent[3], &absent[997]], ["bin:P:2", "bin:P:5", "bin:P:1000"]);
        assert_eq!(without_text(&id, &StoredPool::absent()), ["pool:P"]);
    }

    #[test]
    fn a_value_counts_as_it_stands_in_a_reply() {
        let most = MAX_REPLY_BYTES as usize;
        assert_eq!(too_many(&"x".repeat(most)), None);
        assert_eq!(
            too_many(&"x".repeat(most + 1)).as_deref(),
            Some("holds 10485761 bytes, too many for a reply")
        );
        assert!(too_many(&"\"".repeat(most / 2 + 1)).is_some());
    }

    #[test]
    fn a_pool_is_1002_keys() {
        let id = PoolId::new("P").unwrap();
        let keys: Vec<_> = keys_of(&id).collect();
        assert_eq!(keys.len(), KEYS_PER_POOL);
        assert_eq!([&keys[0], &keys[1], &keys[1001]], ["pool:P", "bin:P:0", "bin:P:1000"]);
    }
}
