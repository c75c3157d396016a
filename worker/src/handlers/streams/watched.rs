//! Which pools a client asks for, out of a query.

use dlmm_core::units::{PoolId, Symbol};

use crate::handlers::snapshot::read_names;
use crate::http::{ApiError, QueryPairs, parameters};
use crate::market::watched::Watched;
use crate::request::RequestContext;
use crate::stream::Inbox;

/// Reads `pools`, or `token_in` and `token_out`; none where neither is given.
///
/// # Errors
/// INVALID_REQUEST naming the parameter.
pub(in crate::handlers) fn read_watched(query: QueryPairs<'_>) -> Result<Option<Watched>, ApiError> {
    let (lists, others): (QueryPairs<'_>, _) = query.into_iter().partition(|(name, _)| name == "pools");
    let [_, token_in, token_out] = parameters(others, ["pools", "token_in", "token_out"])?;
    let pools = read_names(&lists)?;
    let symbol = |field: &str, text: &str| {
        Symbol::new(text).map_err(|reason| ApiError::invalid_request(field, format!("{field} {reason}")))
    };
    let missing = |field: &str| ApiError::invalid_request(field, format!("{field} is missing"));
    match (pools, token_in, token_out) {
        (None, None, None) => Ok(None),
        (Some(pools), None, None) => Ok(Some(Watched::Pools(pools))),
        (Some(_), _, _) => {
            Err(ApiError::invalid_request("pools", "give pools, or token_in and token_out, not both"))
        }
        (None, Some(token_in), Some(token_out)) => Ok(Some(Watched::Pair {
            token_in: symbol("token_in", &token_in)?,
            token_out: symbol("token_out", &token_out)?,
        })),
        (None, Some(_), None) => Err(missing("token_out")),
        (None, None, Some(_)) => Err(missing("token_in")),
    }
}

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
