//! Pools of a market whose pair nobody knows.

use crate::network::keys;
use crate::stored::{PoolRouting, SkippedPool, StoredPool, StoredPools};
use crate::units::PoolId;
use alloc::vec::Vec;
use litemap::LiteMap;

/// Those that are there, though no value told their tokens so far, with what is wrong.
pub(super) fn unplaced(
    stored: &StoredPools,
    routings: &LiteMap<PoolId, PoolRouting>,
) -> Vec<(PoolId, SkippedPool)> {
    let mut unplaced = Vec::new();
    for (id, pool) in stored.iter().filter(|(id, _)| !routings.contains_key(*id)) {
        if let Some(why) = why(id, pool) {
            unplaced.push((id.clone(), why));
        }
    }
    unplaced
}

fn why(id: &PoolId, pool: &StoredPool<'_>) -> Option<SkippedPool> {
    if pool.left_out.is_some() {
        return pool.left_out.clone();
    }
    let reason = PoolRouting::of(id, pool.value.as_deref()?).err()?;
    Some(SkippedPool { key: keys::pool(id), reason })
}
