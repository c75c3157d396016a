//! How much work a quote may cost.

/// Quotes of one batch that may each cost what a quote alone may.
const WHOLE_QUOTES: usize = 12;
/// Quotes of one batch at most.
pub const MAX_BATCH: usize = 100;

/// How much work a quote may cost: all that one alone may, or a share of it.
///
/// Work is counted (walks through pools, pushes of a flow), not timed, so the same input ends the same way everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    share: u16,
}

impl Effort {
    /// What a quote alone may cost.
    pub const WHOLE: Self = Self { share: 1 };

    /// What each quote of a batch may cost: all of it up to 12 quotes, beyond that they share the work of 12.
    #[must_use]
    pub fn of_batch(quotes: usize) -> Self {
        Self::of_share(u16::try_from(quotes.div_ceil(WHOLE_QUOTES)).unwrap_or(u16::MAX))
    }

    /// One part out of so many, if the quotes of some batch have it.
    #[must_use]
    pub fn shared(share: u16) -> Option<Self> {
        let effort = Self { share };
        (effort.share > 1 && share <= Self::of_batch(MAX_BATCH).share).then_some(effort)
    }

    /// One part out of so many of what a quote alone may cost; 0 counts as 1.
    #[must_use]
    pub const fn of_share(share: u16) -> Self {
        Self { share: if share == 0 { 1 } else { share } }
    }

    /// The number of parts that the work is divided into: 1 is all of it.
    #[must_use]
    pub const fn share(self) -> u16 {
        self.share
    }

    /// One part out of so many of this.
    pub(crate) const fn part(self, of: u16) -> Self {
        Self::of_share(self.share.saturating_mul(of))
    }

    /// This much of a bound.
    pub(crate) const fn out_of(self, whole: usize) -> usize {
        whole / self.share as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_costs_as_much_as_twelve_quotes() {
        let shares = [1, 12, 13, 50, 96, 100].map(|quotes| Effort::of_batch(quotes).share());
        assert_eq!(shares, [1, 1, 2, 5, 8, 9]);
        let shared = [0, 1, 2, 9, 10, 400].map(|share| Effort::shared(share).map(Effort::share));
        assert_eq!(shared, [None, None, Some(2), Some(9), None, None]);
        assert_eq!((Effort::of_batch(96).out_of(1_000), Effort::of_share(0)), (125, Effort::WHOLE));
    }
}
