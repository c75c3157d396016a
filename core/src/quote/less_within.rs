//! Parts of an amount whose own best answer is within a limit on reads.

use super::answer::Answer;
use super::call::reads_of;
use super::goal::Goal;
use super::request::{Mode, QuoteRequest};
use super::search::{Search, WALKS};
use super::walks::MAX_WALKS;
use crate::units::Amount;

/// Parts above the best one that are tried, and halvings of it by which those below are less.
const TRIES: usize = 12;
const BELOW: [u32; 3] = [9, 7, 5];

impl<'a> Search<'a> {
    /// Where a part will do: the better one of an answer within a limit and of those that less of the amount is given without
    /// it. The less there is to trade the fewer bins it takes, so the limit lets it pass from some part on.
    pub(super) fn less_within(
        &mut self,
        request: &QuoteRequest,
        amount: Amount,
        limit: u32,
        best: Option<Answer<'a>>,
    ) -> Option<Answer<'a>> {
        let placed = |answer: &Answer<'_>| match request.mode {
            Mode::ExactIn => answer.amount_in(),
            Mode::ExactOut => answer.amount_out(),
        };
        let (mut low, mut high) = (best.as_ref().map_or(0, placed), amount);
        let limited = best.as_ref().and_then(|best| best.limited);
        let mut best = best;
        self.finder.end_at(self.finder.curves.walks + self.effort.out_of(MAX_WALKS) / 2);
        // The route that takes most gives less than two that take a little less.
        let below = BELOW.map(|halvings| low - (low >> halvings));
        // What the best one takes, then what is between.
        let mut tried = if low == 0 { high / 2 } else { low };
        for nth in 0..BELOW.len() + TRIES {
            let at = below.get(nth).copied().unwrap_or(tried);
            if self.is_spent() || self.must_read_more() {
                break;
            }
            if at == 0 || at >= high {
                continue;
            }
            let within = self.one_within(request, at, limit);
            if nth >= BELOW.len() {
                (low, high) = if within.is_some() { (at, high) } else { (low, at) };
                tried = low + (high - low) / 2;
            }
            let Some(found) = within else { continue };
            let goal = Goal { amount: found.goal.amount.max(amount), ..found.goal };
            let is_better = |best: &Answer<'_>| {
                (found.amount_out(), best.amount_in()) > (best.amount_out(), found.amount_in())
            };
            if best.as_ref().is_none_or(is_better) {
                best = Some(Answer { goal, ..found });
            }
        }
        // What ended the search under the limit is told whichever answer is given.
        let limited = limited.or(self.is_spent().then_some(WALKS));
        best.map(|best| Answer { limited: best.limited.or(limited), ..best })
    }

    /// The best answer for an amount without the limit, if it is within it.
    fn one_within(&mut self, request: &QuoteRequest, amount: Amount, limit: u32) -> Option<Answer<'a>> {
        let found = self.run(request, amount, request.max_bins)?;
        let counted = Goal { max_reads: limit, ..found.goal };
        let plans = &found.attempt.plans;
        let reads = self.finder.beside(|finder| reads_of(&mut finder.curves, plans, &counted));
        (reads <= limit).then_some(found)
    }
}
