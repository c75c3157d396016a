//! Which pools there are, and between which tokens: what readers keep, and the lists that say it.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::stored::{PoolRouting, keys};
use dlmm_core::units::{PoolId, Symbol};

use super::journal::Texts;
use super::market::{Market, Slot};

/// A pool that came or went, or whose tokens are others now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rerouted {
    pub(crate) id: PoolId,
    /// The pair before and the pair now.
    pairs: Vec<(Symbol, Symbol)>,
}

/// Compares pools with their texts of before.
pub(crate) fn rerouted(before: &Texts, market: &Market) -> Vec<Rerouted> {
    let pools = before.iter().filter_map(|(slot, before)| match slot {
        Slot::Pool(id) => Some((id, before)),
        _ => None,
    });
    let mut rerouted = Vec::new();
    for (id, before) in pools {
        let routing = before.as_deref().and_then(|text| PoolRouting::parse(text).ok());
        let before = routing.map(|PoolRouting { pool, decimals_x, decimals_y, .. }| {
            (pool.token_x.clone(), pool.token_y.clone(), decimals_x, decimals_y)
        });
        let now = market.pool(id.as_str()).map(|pool| {
            let (x, y) = (&pool.token_x, &pool.token_y);
            (x.symbol.clone(), y.symbol.clone(), Some(x.decimals), Some(y.decimals))
        });
        if before != now {
            let pairs = [before, now].into_iter().flatten().map(|(x, y, ..)| (x, y)).collect();
            rerouted.push(Rerouted { id: id.clone(), pairs });
        }
    }
    rerouted
}

/// The lists that pools came to or left, whole; an empty one is to be deleted.
pub(crate) fn lists<'m>(rerouted: &[Rerouted], market: &'m Market) -> BTreeMap<String, BTreeSet<&'m str>> {
    let keys_of = |x: &Symbol, y: &Symbol| [keys::pair(x, y), keys::token(x), keys::token(y)];
    let pairs = rerouted.iter().flat_map(|pool| &pool.pairs);
    let mut lists: BTreeMap<String, BTreeSet<&str>> =
        pairs.flat_map(|(x, y)| keys_of(x, y)).map(|key| (key, BTreeSet::new())).collect();
    if lists.is_empty() {
        return lists;
    }
    for pool in market.pools() {
        for key in keys_of(&pool.token_x.symbol, &pool.token_y.symbol) {
            if let Some(list) = lists.get_mut(&key) {
                list.insert(pool.id.as_str());
            }
        }
    }
    lists
}
