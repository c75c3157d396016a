//! What another question finds is the least that this one may give.
//!
//! A search that ends before it has looked at everything may miss what another question finds at once, since that begins
//! elsewhere. So where work ended it, those are asked as well, each as if it were asked alone.

use super::answer::Answer;
use super::attempt::Attempt;
use super::goal::Goal;
use super::input::QuoteInput;
use super::request::Mode;
use super::search::Search;
use crate::units::Amount;

/// Halvings of what a part takes, by which more is asked for.
const MORE: u32 = 3;
/// Times that less input for an exact output is tried, and the halvings of it by which the first is less.
const LESS_TRIED: u32 = 3;
const FIRST_BELOW: u32 = 6;
/// Each time has one part out of so many of the work of a quote.
const PART: u16 = 2;

impl<'a> Search<'a> {
    /// The best answer to a request, for an amount of what it fixes.
    pub(super) fn answer(&mut self, input: &QuoteInput<'a>, amount: Amount) -> Option<Answer<'a>> {
        let request = input.request;
        let mut best = self.run(request, amount, request.max_bins)?;
        if self.one_route || self.must_read_more() {
            return Some(best);
        }
        let limited = best.limited.is_some();
        match request.mode {
            // All of an amount that a part did not take may still be the better answer.
            Mode::ExactIn if request.allow_partial && (limited || best.amount_in() < amount) => {
                self.no_less_than_all(input, amount, &mut best);
            }
            Mode::ExactIn => {}
            Mode::ExactOut if !limited => {}
            Mode::ExactOut => self.no_more_than_shared(input, amount, LESS_TRIED, &mut best),
        }
        Some(best)
    }

    /// As [`Self::answer`], for whom it is enough to know whether there is room for all of it.
    pub(super) fn filling(&mut self, input: &QuoteInput<'a>, amount: Amount) -> Option<Answer<'a>> {
        let request = input.request;
        let mut best = self.run(request, amount, request.max_bins)?;
        let limited = best.limited.is_some() && !self.one_route && !self.must_read_more();
        if limited && request.mode == Mode::ExactOut && best.amount_out() < amount {
            self.no_more_than_shared(input, amount, 1, &mut best);
        }
        Some(best)
    }

    /// A part gives no less than all of the amount does, or all of what the part takes; far beyond what fits, no less
    /// than of a little more than what it takes.
    fn no_less_than_all(&mut self, input: &QuoteInput<'a>, amount: Amount, best: &mut Answer<'a>) {
        let goal = best.goal;
        let more = best.amount_in().saturating_add(best.amount_in() >> MORE);
        for (asked, part_will_do) in [(amount.min(more), amount > more), (0, false)] {
            // All of what it takes comes last.
            let asked = if asked == 0 { best.amount_in() } else { asked };
            let mut search = Search::of(input);
            let found = search.exact_in(asked, goal.max_bins, part_will_do);
            self.finder.shortfall.extend(search.shortfall().iter().copied());
            let Some(found) = found else { continue };
            search.finder.lift(usize::MAX);
            let attempt = Attempt::new(&mut search.finder.curves, found.attempt.plans, &goal);
            if attempt.worth(&goal) > best.attempt.worth(&goal) {
                (best.attempt, best.routes_wanted) = (attempt, found.routes_wanted);
            }
        }
    }

    /// An output costs no more than a little less input, shared as an exact input is, if that gives it; where no input
    /// was found that suffices, all there is is shared first.
    fn no_more_than_shared(
        &mut self,
        input: &QuoteInput<'a>,
        wanted: Amount,
        times: u32,
        best: &mut Answer<'a>,
    ) {
        let part = &QuoteInput { effort: input.effort.part(PART), ..*input };
        let goal = Goal { amount: Amount::MAX, part_will_do: true, ..best.goal };
        let mut below = FIRST_BELOW;
        for _ in 0..times {
            let fills = best.amount_out() >= wanted;
            let mut search = Search::of(part);
            let asked = match fills {
                true => best.amount_in() - (best.amount_in() >> below),
                false => Amount::MAX,
            };
            let mut found = search.exact_in(asked, goal.max_bins, true);
            if let Some(found) = found.as_mut().filter(|found| !fills && found.limited.is_some()) {
                search.no_less_than_all(part, asked, found);
            }
            self.finder.shortfall.extend(search.shortfall().iter().copied());
            let Some(mut found) = found else { break };
            if found.amount_out() < wanted {
                // Neither suffices: the greater is what fits at most.
                if !fills && found.amount_out() > best.amount_out() {
                    (best.attempt, best.routes_wanted) = (found.attempt, found.routes_wanted);
                }
                if !fills {
                    break;
                }
                below += 2;
                continue;
            }
            search.finder.allow(usize::MAX);
            found.attempt = found.attempt.tightened(&mut search.finder.curves, wanted, &goal);
            (best.attempt, best.routes_wanted) = (found.attempt, found.routes_wanted);
        }
    }
}
