//! Stored pools as they are listed.

use crate::api::{NumberStyle, PoolListing};
use crate::network::decimals::DecimalTable;
use crate::network::keys;
use crate::stored::{SkippedPool, StoredPool};
use crate::units::PoolId;

/// Reads the pool value to be listed, with the price of the active bin; `None` where there is no value. In place of one
/// that cannot be used it names the key and the reason.
pub(super) fn listing(
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
pub(super) fn listing_with_bins(
    stored: &StoredPool<'_>,
    id: &PoolId,
    listing: Result<PoolListing, SkippedPool>,
) -> Result<PoolListing, SkippedPool> {
    let bins = stored.bins_by_id(id)?;
    listing?.with_bins(bins).map_err(|(bin, reason)| SkippedPool { key: keys::bin(id, bin), reason })
}
