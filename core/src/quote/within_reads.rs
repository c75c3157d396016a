//! The best answer whose call is within a limit on reads.

use super::answer::Answer;
use super::executable::ends_amid;
use super::plan::Replay;
use super::reads::Visits;
use super::request::{Mode, QuoteRequest};
use super::search::Search;
use crate::error::QuoteError;
use crate::units::Amount;

/// Halvings of the bins that a pool may visit.
const TRIES: u32 = 3;

impl<'a> Search<'a> {
    /// The answer, or the best one found with fewer bins and fewer routes whose call takes no more reads than the request
    /// allows.
    ///
    /// # Errors
    /// `PLAN_TOO_LARGE` where none was found that fills the request.
    pub(super) fn within_reads(
        &mut self,
        request: &QuoteRequest,
        amount: Amount,
        answer: Answer<'a>,
    ) -> Result<Answer<'a>, QuoteError> {
        let Some(limit) = request.max_reads.map(u32::from) else { return Ok(answer) };
        let reads = self.reads(&answer);
        if reads <= limit {
            return Ok(answer);
        }
        let mut best: Option<Answer<'a>> = None;
        // With this many bins a call through one pool fits whatever they hold.
        let fitting = u16::try_from(limit.saturating_sub(3) / 52).unwrap_or(u16::MAX).min(request.max_bins);
        for splits in [self.max_splits, 2, 1] {
            let before = self.set_max_splits(splits);
            let fewer = (0..TRIES).map(|halvings| fitting >> halvings);
            for max_bins in [request.max_bins].into_iter().chain(fewer) {
                let found = if max_bins > 0 { self.run(request, amount, max_bins) } else { None };
                let Some(found) = found else { continue };
                let fills = request.allow_partial || found.fills(request.mode, amount);
                if !fills || self.reads(&found) > limit {
                    continue;
                }
                let is_better = |best: &Answer<'a>| match request.mode {
                    Mode::ExactIn => found.attempt.worth(&found.goal) > best.attempt.worth(&best.goal),
                    Mode::ExactOut => found.amount_in() < best.amount_in(),
                };
                if best.as_ref().is_none_or(is_better) {
                    best = Some(found);
                }
            }
            self.set_max_splits(before);
        }
        best.ok_or_else(|| QuoteError::PlanTooLarge {
            reads,
            limit,
            bins_that_fit: limit.saturating_sub(3) / 52,
        })
    }

    fn reads(&mut self, answer: &Answer<'a>) -> u32 {
        let replay = self.finder.beside(|finder| answer.attempt.carry_out(&mut finder.curves, &answer.goal));
        let hops = replay.routes.iter().flat_map(|route| &route.quote.hops);
        Visits::of(hops).reads(is_explicit(&replay))
    }
}

/// Whether only a call bin by bin executes an answer.
fn is_explicit(replay: &Replay<'_>) -> bool {
    let mut amid = 0;
    for route in &replay.routes {
        let ([leg], [hop]) = (&*route.legs, route.quote.hops.as_slice()) else { return true };
        amid += usize::from(ends_amid(leg.pool, hop));
    }
    amid > 1
}
