//! Names what the keys beside the pools hold that is no list of pools, or no hash: nothing of it is used, and nothing of it
//! vanishes.

use std::collections::BTreeSet;

use dlmm_core::network::graph::PoolRef;
use dlmm_core::stored::keys;

use crate::left_out::LeftOutKeys;
use crate::redis::fault::RedisFault;
use crate::redis::pool_index::PoolIndex;
use crate::redis::store::PoolStore;

/// Looks at the lists of these pools' tokens and pairs, and at the metadata. What this user may not read he learns nothing of.
pub(crate) async fn name_unfit_lists(
    store: &mut PoolStore,
    pools: impl Iterator<Item = &PoolRef>,
    left_out: &mut LeftOutKeys,
) -> Result<(), RedisFault> {
    name_metadata(store, left_out).await?;
    let lists: BTreeSet<String> = pools
        .flat_map(|pool| {
            [keys::pair(&pool.token_x, &pool.token_y), keys::token(&pool.token_x), keys::token(&pool.token_y)]
        })
        .collect();
    let lists: Vec<String> = lists.into_iter().collect();
    let texts = match store.many_texts(&lists).await {
        Err(fault) if fault.is_no_permission() => return Ok(()),
        texts => texts?,
    };
    let mut absent = Vec::new();
    for (key, text) in lists.into_iter().zip(texts) {
        match text.as_deref().map(PoolIndex::parse) {
            None => absent.push(key),
            Some(None) => left_out.add(&key, "is no list of pool ids"),
            Some(Some(index)) => {
                index.unfit().for_each(|unfit| left_out.add_unfit(unfit, Some(&key)));
            }
        }
    }
    for wrong in store.wrong_types(&absent).await? {
        left_out.add(&wrong.key, wrong.reason);
    }
    Ok(())
}

async fn name_metadata(store: &mut PoolStore, left_out: &mut LeftOutKeys) -> Result<(), RedisFault> {
    match store.run::<u64>(redis::cmd("HLEN").arg(keys::METADATA)).await {
        Ok(_) => Ok(()),
        Err(fault) if fault.is_wrong_type() => {
            left_out.add(keys::METADATA, store.not_a("hash", keys::METADATA).await?);
            Ok(())
        }
        Err(fault) if fault.is_no_permission() => Ok(()),
        Err(fault) => Err(fault),
    }
}
