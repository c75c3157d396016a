//! What a search aims at.

use crate::units::Amount;

/// What a search for an exact input is to reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    pub(super) amount: Amount,
    pub(super) max_bins: u16,
    /// Where a part will do, more out is better whatever is left over; else an answer that takes everything is
    /// better than one that does not.
    pub(super) part_will_do: bool,
    /// Reads that the call which executes it may take; [`ANY_READS`] where nobody counts them.
    pub(super) max_reads: u32,
}

/// No limit on reads.
pub(super) const ANY_READS: u32 = u32::MAX;

/// Below so many units of some token on the way, a unit more or less is worth two millionths of the trade or more, and
/// rounding decides which routes are the best. Above, no route is added for what rounding gives.
pub(super) const COARSE: Amount = 1 << 19;
