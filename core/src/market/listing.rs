//! Stored pools as they are listed.

use super::Market;
use crate::api::{NumberStyle, PoolAnswer, PoolListing, PoolsAnswer};
use crate::error::QuoteError;
use crate::network::decimals::DecimalTable;
use crate::network::keys;
use crate::stored::{SkippedPool, StoredPool};
use crate::units::PoolId;
use alloc::vec::Vec;

impl Market {
    /// Lists all pools as `GET /pools` does, without their bins.
    #[must_use]
    pub fn pools(&self, numbers: NumberStyle) -> PoolsAnswer<'static> {
        let (mut pools, mut skipped) = (Vec::new(), self.others_left_out.clone());
        for (id, stored) in self.stored.iter() {
            match listing(stored, id, self.decimals(), self.settings.default_fee_bps, numbers) {
                Some(Ok(pool)) => pools.push(pool),
                Some(Err(fault)) => skipped.push(fault),
                None => {}
            }
        }
        let (total, source) = (pools.len().saturating_add(skipped.len()), self.settings.source);
        PoolsAnswer { pools, skipped, skipped_more: 0, total, next: None, source, request_id: None }
    }

    /// Lists one pool with its bins as `GET /pools/{id}` does.
    ///
    /// # Errors
    /// `UNKNOWN_POOL`; `STATE_INVALID` where one of its values cannot be used.
    pub fn pool(&self, id: &PoolId, numbers: NumberStyle) -> Result<PoolAnswer<'static>, QuoteError> {
        let unknown = || self.graph.unknown_pool(id);
        let stored = self.stored.get(id).ok_or_else(unknown)?;
        let listing = listing(stored, id, self.decimals(), self.settings.default_fee_bps, numbers);
        let pool = listing_with_bins(stored, id, listing.ok_or_else(unknown)?).map_err(
            |SkippedPool { key, reason }| QuoteError::StateInvalid { key, reason, warnings: Vec::new() },
        )?;
        Ok(PoolAnswer { pool, source: self.settings.source, request_id: None })
    }
}

/// Reads the pool value to be listed, with the price of the active bin; `None` where there is no value. In place of one
/// that cannot be used it names the key and the reason.
fn listing(
    stored: &StoredPool<'_>,
    id: &PoolId,
    decimals: &DecimalTable,
    default_fee_bps: u16,
    numbers: NumberStyle,
) -> Option<Result<PoolListing, SkippedPool>> {
    if let Some(left_out) = &stored.left_out {
        return Some(Err(left_out.clone()));
    }
    let listing = PoolListing::parse(stored.value.as_deref()?, decimals, default_fee_bps);
    let listing = listing.map_err(|reason| SkippedPool { key: keys::pool(id), reason });
    let listing = listing.map(|listing| {
        let mut listing = listing.written_as(numbers);
        let active = Some(listing.active_bin_id());
        if let Some((_, text)) = stored.bins.iter().find(|(id, _)| *id == active) {
            listing.active_bin(text);
        }
        listing
    });
    Some(listing)
}

/// Reads the pool to be listed with its bins.
///
/// # Errors
/// The offending key and what is wrong with its value.
fn listing_with_bins(
    stored: &StoredPool<'_>,
    id: &PoolId,
    listing: Result<PoolListing, SkippedPool>,
) -> Result<PoolListing, SkippedPool> {
    let bins = stored.bins_by_id(id)?;
    listing?.with_bins(bins).map_err(|(bin, reason)| SkippedPool { key: keys::bin(id, bin), reason })
}
