//! Pools of a market whose pair nobody knows.

use crate::network::keys;
use crate::stored::{PoolRouting, SkippedPool, StoredPools};
use crate::units::PoolId;
use alloc::vec::Vec;
use litemap::LiteMap;

/// Those that are there, though no value told their tokens so far, with what is wrong.
pub(super) fn unplaced(stored: &StoredPools, routings: &LiteMap<PoolId, PoolRouting>) -> Vec<SkippedPool> {
    let mut unplaced = Vec::new();
    for (id, pool) in stored.iter() {
        if routings.contains_key(id) {
            continue;
        }
        if let Some(why) = &pool.left_out {
            unplaced.push(why.clone());
        } else if let Some(Err(reason)) = pool.value.as_deref().map(|value| PoolRouting::of(id, value)) {
            unplaced.push(SkippedPool { key: keys::pool(id), reason });
        }
    }
    unplaced
}
