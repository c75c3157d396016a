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
