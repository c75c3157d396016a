//! What a call costs of the reads that a block bears.

use super::result::HopQuote;
use crate::pool::Pool;

/// Reads that one call may take. A block bears 15 000; the rest is room for what the measured calls did not do.
pub const MAX_READS: u32 = 14_250;

/// Reads of a bin that trades.
const TRADING: u32 = 52;
/// Reads of a bin that is passed over: it holds nothing of the output.
const PASSED_OVER: u32 = 31;

/// Bins that a call visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// Bins that trade.
    pub trading: u32,
    /// Bins that are passed over.
    pub passed_over: u32,
}

impl Visits {
    /// The bins of some hops.
    pub fn of<'h>(hops: impl IntoIterator<Item = &'h HopQuote>) -> Self {
        hops.into_iter().fold(Self::default(), |sum, hop| {
            let trading = u32::try_from(hop.steps.len()).unwrap_or(u32::MAX);
            let all = u32::from(hop.bins_visited);
            Self {
                trading: sum.trading.saturating_add(trading),
                passed_over: sum.passed_over.saturating_add(all.saturating_sub(trading)),
            }
        })
    }

    /// One bin more.
    #[must_use]
    pub const fn and(self, trades: bool) -> Self {
        match trades {
            true => Self { trading: self.trading.saturating_add(1), ..self },
            false => Self { passed_over: self.passed_over.saturating_add(1), ..self },
        }
    }

    /// All of them.
    #[must_use]
    pub const fn all(self) -> u32 {
        self.trading.saturating_add(self.passed_over)
    }

    /// Reads of the bins themselves.
    #[must_use]
    pub(super) const fn of_bins(self) -> u32 {
        self.trading.saturating_mul(TRADING).saturating_add(self.passed_over.saturating_mul(PASSED_OVER))
    }

    /// Reads of a call that visits them: measured on the contracts, see "Reads" in `docs/plans.md`.
    #[must_use]
    pub const fn reads(self, explicit: bool) -> u32 {
        of_call(self.of_bins(), explicit)
    }
}

/// Reads of a call whose bins take so many.
pub(super) const fn of_call(bins: u32, explicit: bool) -> u32 {
    // `swap-multi` reads 7 more than the others, whatever it visits.
    if explicit { bins.saturating_add(3) } else { bins.saturating_sub(4) }
}

/// Whether a hop leaves some of its last bin, so that more input would go there.
#[must_use]
pub fn ends_amid(pool: &Pool, hop: &HopQuote) -> bool {
    hop.steps.last().is_some_and(|step| {
        // A bin may be emptied by less than it takes.
        step.bin.room(hop.direction, pool.side_fees(hop.direction)) != Ok(Some(step.fill.taken))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_those_that_were_measured() {
        let full = |trading| Visits { trading, passed_over: 0 };
        let measured =
            [(1, 48), (2, 100), (10, 516), (50, 2_596), (150, 7_796), (250, 12_996), (288, 14_972)];
        for (bins, reads) in measured {
            assert_eq!(full(bins).reads(false), reads, "{bins} bins");
        }
        assert_eq!(full(100).reads(true), 5_203);
        // Measured 10 874.
        assert_eq!(Visits { trading: 1, passed_over: 349 }.reads(false), 10_867);
        assert!(full(270).reads(true) <= MAX_READS);
    }
}
