//! Pools that a stream hears of and nobody has listed yet.

use dlmm_core::units::{PoolId, Symbol};

use crate::request::RequestContext;
use crate::stream::Inbox;

/// Looks at the list of pools once more if one is told of that is not in it.
pub(super) async fn look_for_new_pools(context: &RequestContext, news: &Inbox, seeds: &[Symbol]) {
    let Some(market) = context.market() else { return };
    let listing = &market.known.listing;
    let Some(topology) = listing.current() else { return };
    let knows = |id: &PoolId| topology.routing(id).is_some() || topology.ids().contains(id);
    if !news.moved.iter().all(knows) {
        // What became of it shows in the answer.
        let _ = listing.check(market.redis, seeds).await;
    }
}
