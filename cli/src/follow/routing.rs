//! Which pools there are, and between which tokens: what readers keep, and the lists that say it.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::stored::{PoolRouting, keys};
use dlmm_core::units::{PoolId, Symbol};

use super::journal::{Journal, Texts};
use super::market::{Held, Market, Slot};
use super::pool::Pool;

/// A pool that came or went, or whose tokens are others now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rerouted {
    pub(crate) id: PoolId,
    /// The pair before and the pair now.
    pairs: Vec<(Symbol, Symbol)>,
}

/// What readers keep of a pool: its tokens and their decimals.
type Routing = (Symbol, Symbol, Option<u8>, Option<u8>);

/// Compares pools with what Redis holds of them: `outdated` texts, and else what was there before.
pub(crate) fn rerouted(before: &Journal, outdated: &Texts, market: &Market) -> Vec<Rerouted> {
    let stored = outdated.iter().filter_map(|(slot, text)| match slot {
        Slot::Pool(id) => Some((id, text.as_deref().and_then(routing_of_text))),
        _ => None,
    });
    let changed = before.iter().filter(|(slot, _)| !outdated.contains_key(slot));
    let held = changed.filter_map(|(slot, held)| match (slot, held) {
        (Slot::Pool(id), Some(Held::Pool(pool))) => Some((id, Some(routing_of(pool)))),
        (Slot::Pool(id), _) => Some((id, None)),
        _ => None,
    });
    let mut rerouted = Vec::new();
    for (id, before) in stored.chain(held) {
        let now = market.pool(id.as_str()).map(routing_of);
        if before != now {
            let pairs = [before, now].into_iter().flatten().map(|(x, y, ..)| (x, y)).collect();
            rerouted.push(Rerouted { id: id.clone(), pairs });
        }
    }
    rerouted
}

fn routing_of(pool: &Pool) -> Routing {
    let (x, y) = (&pool.token_x, &pool.token_y);
    (x.symbol.clone(), y.symbol.clone(), Some(x.decimals), Some(y.decimals))
}

fn routing_of_text(text: &str) -> Option<Routing> {
    let PoolRouting { pool, decimals_x, decimals_y, .. } = PoolRouting::parse(text).ok()?;
    Some((pool.token_x.clone(), pool.token_y.clone(), decimals_x, decimals_y))
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
