//! Which pools a client asks for, out of a query.

use dlmm_core::sorted::SortedSet;
use dlmm_core::units::{PoolId, Symbol};

use crate::http::{ApiError, QueryPairs, parameters};
use crate::market::watched::Watched;

/// Pools a client may name; as many as in a quote.
const MAX_NAMES: usize = 100;

/// Reads `pools`, or `token_in` and `token_out`; none where neither is given.
///
/// # Errors
/// INVALID_REQUEST naming the parameter.
pub(super) fn read_watched(query: QueryPairs<'_>) -> Result<Option<Watched>, ApiError> {
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

/// Reads the lists of names that `pools` gave.
///
/// # Errors
/// `INVALID_REQUEST`.
fn read_names(lists: &QueryPairs<'_>) -> Result<Option<SortedSet<PoolId>>, ApiError> {
    if lists.is_empty() {
        return Ok(None);
    }
    let names = || lists.iter().flat_map(|(_, text)| text.split(','));
    if names().count() > MAX_NAMES {
        let message = format!("pools must hold 1 to {MAX_NAMES} ids");
        return Err(ApiError::invalid_request("pools", message));
    }
    let ids: Result<SortedSet<PoolId>, _> = names().map(PoolId::new).collect();
    ids.map(Some).map_err(|_| {
        let message =
            "pools must be pool ids, separated by commas: each 1 to 128 characters of A-Z a-z 0-9 . _ -";
        ApiError::invalid_request("pools", message)
    })
}
