//! The keys that say which pools there are: pairs, tokens, the `pools` set and the counters.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::stored::{PoolRouting, keys, write_stamp};
use dlmm_core::units::PoolId;
use redis::Value;

use crate::redis::fault::RedisFault;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::pool_index::PoolIndex;
use crate::redis::store::PoolStore;

/// Attempts at a list that others keep changing under our hands.
const ATTEMPTS: u32 = 10;

/// Ids that a list gains and loses.
#[derive(Debug, Default, PartialEq)]
struct Change {
    add: BTreeSet<PoolId>,
    remove: BTreeSet<PoolId>,
}

/// Enters the pools in the lists of their pairs and tokens, and takes them off the lists they no longer belong to.
pub(crate) async fn update_lists(
    store: &mut PoolStore,
    before: &[PoolRouting],
    now: &[PoolRouting],
    now_ms: u64,
) -> Result<(), RedisFault> {
    let changes = changes(before, now);
    let stamp = write_stamp(now_ms);
    let keys: Vec<String> = changes.keys().cloned().collect();
    for _ in 0..ATTEMPTS {
        store.run::<()>(redis::cmd("WATCH").arg(&keys)).await?;
        let texts = store.texts(&keys).await;
        let texts = store.unwatched_if_failed(texts).await?;
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for ((key, change), text) in changes.iter().zip(texts) {
            // What is not a list is replaced by one: nobody could have read it.
            let mut index = text.as_deref().and_then(PoolIndex::parse).unwrap_or_default();
            index.merge(&change.add, &change.remove);
            if index.is_empty() {
                pipeline.del(key).ignore();
            } else {
                pipeline.set(key, index.to_json(&stamp)).ignore();
            }
        }
        // Nil instead of replies: somebody wrote one of the lists since it was read.
        if store.run_all::<Value>(&pipeline, "EXEC").await? != Value::Nil {
            return Ok(());
        }
    }
    Err(RedisFault::Refused {
        command: "EXEC".to_owned(),
        word: "a changed WATCH".to_owned(),
        said: String::new(),
    })
}

fn changes(before: &[PoolRouting], now: &[PoolRouting]) -> BTreeMap<String, Change> {
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for routing in now {
        for key in lists_of(routing) {
            changes.entry(key).or_default().add.insert(routing.pool.id.clone());
        }
    }
    for routing in before {
        for key in lists_of(routing) {
            let change = changes.entry(key).or_default();
            if !change.add.contains(&routing.pool.id) {
                change.remove.insert(routing.pool.id.clone());
            }
        }
    }
    changes
}

fn lists_of(PoolRouting { pool, .. }: &PoolRouting) -> [String; 3] {
    [keys::pair(&pool.token_x, &pool.token_y), keys::token(&pool.token_x), keys::token(&pool.token_y)]
}

/// Counts what there is now and writes the set of all pools and the counters.
pub(crate) async fn update_counters(store: &mut PoolStore, now_ms: u64) -> Result<(), RedisFault> {
    let (there, counters) = count(store, now_ms).await?;
    for attempt in 1..=ATTEMPTS {
        // A pool that somebody else takes away meanwhile must not come back into the set. Where others change it all the time,
        // what was found last is written all the same: pools that are in no list would be worse.
        if attempt < ATTEMPTS {
            store.run::<()>(redis::cmd("WATCH").arg(keys::POOLS)).await?;
        }
        let mut pipeline = redis::pipe();
        pipeline.atomic().hset_multiple(keys::METADATA, &counters).ignore();
        let missing = not_in_the_set(store, &there).await;
        let missing = store.unwatched_if_failed(missing).await?;
        if !missing.is_empty() {
            pipeline.sadd(keys::POOLS, missing).ignore();
        }
        if store.run_all::<Value>(&pipeline, "EXEC").await? != Value::Nil {
            break;
        }
    }
    Ok(())
}

/// Those of the pools that are still there and not in the set of all pools.
async fn not_in_the_set<'i>(store: &mut PoolStore, ids: &'i [PoolId]) -> Result<Vec<&'i str>, RedisFault> {
    let members: BTreeSet<Vec<u8>> = store.run(redis::cmd("SMEMBERS").arg(keys::POOLS)).await?;
    let missing: Vec<&PoolId> = ids.iter().filter(|id| !members.contains(id.as_str().as_bytes())).collect();
    let keys: Vec<String> = missing.iter().map(|id| keys::pool(id)).collect();
    let texts = store.many_texts(&keys).await?;
    Ok(missing.into_iter().zip(texts).filter(|(_, text)| text.is_some()).map(|(id, _)| id.as_str()).collect())
}

/// The pools that are there, and the counters.
async fn count(
    store: &mut PoolStore,
    now_ms: u64,
) -> Result<(Vec<PoolId>, [(&'static str, String); 5]), RedisFault> {
    let ids: Vec<PoolId> = PoolIds::find(store, Depth::Thorough).await?.all().into_iter().collect();
    let keys: Vec<String> = ids.iter().map(keys::pool).collect();
    let texts = store.many_texts(&keys).await?;
    let there: Vec<_> =
        ids.iter().zip(&texts).filter_map(|(id, text)| Some((id, text.as_deref()?))).collect();
    let mut tokens = BTreeSet::new();
    for routing in there.iter().filter_map(|(id, text)| PoolRouting::of(id, text).ok()) {
        tokens.extend([routing.pool.token_x, routing.pool.token_y]);
    }
    let there: Vec<&PoolId> = there.into_iter().map(|(id, _)| id).collect();
    let bins: u64 = store.bin_counts(&there).await?.into_iter().sum();
    let counters = [
        ("total_pools", there.len().to_string()),
        ("total_tokens", tokens.len().to_string()),
        ("total_bins", bins.to_string()),
        ("last_update", write_stamp(now_ms)),
        // Another text after every seed: that is how readers notice that pools may route differently.
        ("data_version", now_ms.to_string()),
    ];
    Ok((there.into_iter().cloned().collect(), counters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routing(id: &str, x: &str, y: &str) -> PoolRouting {
        PoolRouting::parse(&format!(r#"{{"pool_id":"{id}","token_x":"{x}","token_y":"{y}"}}"#)).unwrap()
    }

    #[test]
    fn a_pool_that_changes_its_pair_leaves_its_old_lists() {
        let id = || BTreeSet::from([PoolId::new("P").unwrap()]);
        let added = || Change { add: id(), ..Change::default() };
        let removed = || Change { remove: id(), ..Change::default() };
        let changes = changes(&[routing("P", "A", "B")], &[routing("P", "A", "C")]);
        let expected = [
            ("pairs:A:B", removed()),
            ("pairs:A:C", added()),
            ("tokens:A", added()),
            ("tokens:B", removed()),
            ("tokens:C", added()),
        ];
        assert_eq!(changes, expected.map(|(key, change)| (key.to_owned(), change)).into());
    }
}
