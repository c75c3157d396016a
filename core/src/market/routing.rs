//! What new pool values say of routing.

use crate::error::QuoteError;
use crate::stored::PoolRouting;
use crate::units::PoolId;
use alloc::borrow::ToOwned;
use litemap::LiteMap;

/// Takes in what a new pool value says. Tells whether id, pair or decimals changed.
pub(super) fn reroute(routings: &mut LiteMap<PoolId, PoolRouting>, id: &PoolId, text: Option<&str>) -> bool {
    let routing = match text.map(|text| PoolRouting::of(id, text)) {
        None => None,
        Some(Ok(routing)) => Some(routing),
        Some(Err(_)) => return false,
    };
    let facts = |routing: &PoolRouting| (routing.pool.clone(), routing.decimals_x, routing.decimals_y);
    let changed = routing.as_ref().map(facts) != routings.get(id).map(facts);
    match routing {
        Some(routing) => routings.insert(id.clone(), routing),
        None => routings.remove(id),
    };
    changed
}

pub(super) fn no_state_key(key: &str) -> QuoteError {
    QuoteError::InvalidRequest {
        field: key.chars().take(128).collect(),
        reason: "is not the key of a pool or a bin (pool:ID, bin:ID:0 to bin:ID:1000)".to_owned(),
    }
}
