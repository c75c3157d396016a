//! An amount that goes in, or one that is to come out.

use super::answer::Answer;
use super::request::{Mode, QuoteRequest};
use super::search::Search;
use crate::units::Amount;

impl<'a> Search<'a> {
    /// The best answer for an amount of what the request fixes.
    pub(super) fn run(
        &mut self,
        request: &QuoteRequest,
        amount: Amount,
        max_bins: u16,
    ) -> Option<Answer<'a>> {
        match request.mode {
            Mode::ExactIn if request.allow_partial => self.part_of(amount, max_bins),
            Mode::ExactIn => self.exact_in(amount, max_bins, false),
            Mode::ExactOut => self.exact_out(amount, max_bins),
        }
    }
}
