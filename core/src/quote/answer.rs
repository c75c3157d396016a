//! What a search finds.

use super::attempt::Attempt;
use super::goal::Goal;
use super::request::Mode;
use crate::units::Amount;

/// The best answer found for one amount.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub(super) attempt: Attempt<'a>,
    /// What the attempt was to reach.
    pub(super) goal: Goal,
    /// Routes that the optimum would use, where that is more than allowed.
    pub(super) routes_wanted: usize,
    /// The bound on work that kept the search from all it would look at.
    pub(super) limited: Option<&'static str>,
}

impl<'a> Answer<'a> {
    pub(super) fn amount_in(&self) -> Amount {
        self.attempt.tally.amount_in
    }

    pub(super) fn amount_out(&self) -> Amount {
        self.attempt.tally.amount_out
    }

    /// The amount of what a request of this mode fixes.
    pub(super) fn amount(&self, mode: Mode) -> Amount {
        match mode {
            Mode::ExactIn => self.amount_in(),
            Mode::ExactOut => self.amount_out(),
        }
    }

    /// Whether it is all that was asked for.
    pub(super) fn fills(&self, mode: Mode, amount: Amount) -> bool {
        match mode {
            Mode::ExactIn => self.amount_in() == amount,
            Mode::ExactOut => self.amount_out() >= amount,
        }
    }

    /// Bins of one pool visited at most.
    pub(super) fn bins_visited(&self) -> u16 {
        self.attempt.tally.stands.bins_visited()
    }
}
