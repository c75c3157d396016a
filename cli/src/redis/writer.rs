//! Writes a whole pool at one moment, and takes one away.

use dlmm_core::stored::keys;
use dlmm_core::units::{BinId, PoolId};

use crate::clock::now_ms;
use crate::redis::changes::Changes;
use crate::redis::fault::RedisFault;
use crate::redis::store::{PoolStore, all_bins};

/// Writes a pool and its bins at one moment and deletes the bins it does not have.
pub(crate) async fn write_pool(
    store: &mut PoolStore,
    id: &PoolId,
    value: &str,
    bins: &[(BinId, String)],
) -> Result<(), RedisFault> {
    write_pools(store, [(id, value, bins)]).await
}

/// As [`write_pool`] for several pools, all of them at one moment.
pub(crate) async fn write_pools<'p>(
    store: &mut PoolStore,
    pools: impl IntoIterator<Item = (&'p PoolId, &'p str, &'p [(BinId, String)])>,
) -> Result<(), RedisFault> {
    let mut pipeline = redis::pipe();
    pipeline.atomic();
    let mut changes = Changes::default();
    for (id, value, bins) in pools {
        let is_written = |bin| bins.iter().any(|(written, _)| *written == bin);
        let stale: Vec<String> =
            all_bins().filter(|bin| !is_written(*bin)).map(|bin| keys::bin(id, bin)).collect();
        let mut texts = vec![(keys::pool(id), value)];
        texts.extend(bins.iter().map(|(bin, text)| (keys::bin(id, *bin), text.as_str())));
        stale.iter().for_each(|key| changes.add(id, key.clone(), None));
        texts.iter().for_each(|(key, text)| changes.add(id, key.clone(), Some(text)));
        if !stale.is_empty() {
            pipeline.del(stale).ignore();
        }
        pipeline.mset(&texts).ignore();
    }
    changes.publish(&mut pipeline, None, now_ms());
    store.run_all(&pipeline, "MULTI").await
}

/// Deletes a pool with all its bins and takes it out of the `pools` set; its lists are the caller's.
pub(crate) async fn delete_pool(store: &mut PoolStore, id: &PoolId) -> Result<(), RedisFault> {
    let mut keys: Vec<String> = all_bins().map(|bin| keys::bin(id, bin)).collect();
    keys.push(keys::pool(id));
    let mut changes = Changes::default();
    keys.iter().for_each(|key| changes.add(id, key.clone(), None));
    let mut pipeline = redis::pipe();
    pipeline.atomic().del(keys).ignore().srem(keys::POOLS, id.as_str()).ignore();
    changes.publish(&mut pipeline, None, now_ms());
    store.run_all(&pipeline, "MULTI").await
}
