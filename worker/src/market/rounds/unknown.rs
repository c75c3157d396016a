//! What is unknown only because something could not be read is not called unknown.

use dlmm_core::error::QuoteError;
use dlmm_core::stored::keys;

use crate::market::listing::{Topology, TopologyCache};

/// A refusal as it is to be told: a pool that the listing left out is named with the reason, and so is a list that
/// would have led to a token.
pub(super) fn as_it_is(cache: &TopologyCache, topology: &Topology, refusal: QuoteError) -> QuoteError {
    let suspects = match &refusal {
        QuoteError::UnknownPool { pool_id, .. } => Vec::from([keys::pool(pool_id)]),
        // Where all pools are listed, no list of a token was asked.
        QuoteError::UnknownToken { token, .. } if !topology.whole => {
            Vec::from([keys::token(token), keys::POOLS.to_owned()])
        }
        _ => return refusal,
    };
    let left_out = cache.left_out();
    let named = suspects.into_iter().find_map(|key| {
        let reason = left_out.reason(&key)?.to_owned();
        Some((key, reason))
    });
    match (named, refusal) {
        (
            Some((key, reason)),
            QuoteError::UnknownPool { warnings, .. } | QuoteError::UnknownToken { warnings, .. },
        ) => QuoteError::StateInvalid { key, reason, warnings },
        (_, refusal) => refusal,
    }
}
