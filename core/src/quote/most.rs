//! The most there is: what an amount is given that no search of its own places.
//!
//! Near all that the pools hold, routes chosen for an amount may not take it, though those do that are chosen for
//! everything. So where an amount does not fit, what the most there is would take is tried as well. It depends on nothing but
//! the limits: so what a refusal names fills, whoever asks for it.

use super::answer::Answer;
use super::attempt::Attempt;
use super::effort::Effort;
use super::goal::{ANY_READS, Goal};
use super::improve::Improver;
use super::input::QuoteInput;
use super::request::{Mode, QuoteRequest};
use super::search::{Search, WALKS};
use crate::gather::Gather;
use crate::units::Amount;
use alloc::vec::Vec;

/// The parts of a quote's work that this takes: one out of so many, and less of each quote of a large batch.
const PART: u16 = 3;
const PART_OF_BATCH: u16 = 4;

/// What is found for all there is.
pub(super) struct Most<'a> {
    pub(super) search: Search<'a>,
    answer: Option<Answer<'a>>,
}

impl<'a> Most<'a> {
    /// The most there is under the limits of a request, if it has a choice of routes.
    pub(super) fn of(input: &QuoteInput<'a>) -> Option<Self> {
        let QuoteRequest { max_bins, max_reads, .. } = *input.request;
        let part = if input.effort == Effort::WHOLE { PART } else { PART_OF_BATCH };
        let mut search = Search::of(&QuoteInput { effort: input.effort.part(part), ..*input });
        if max_reads.is_some() || search.one_route {
            return None;
        }
        let (is_apart, mut all) = (search.most_apart, Amount::MAX);
        if is_apart {
            // No more than fits: what is left over would be tried in parts of every size.
            all = search.room(max_bins);
        } else {
            // The first search for a part of an output was for what fits, so this is for more, with all its work at once.
            search.go_on_from(search.finder.walks.most);
        }
        let mut answer = search.exact_in(all, max_bins, true);
        // What is best beyond all there is may be bettered where the flow knows how much that is.
        if let Some(first) = answer.as_ref().filter(|_| is_apart && !search.must_read_more()) {
            search.go_on_from(search.finder.curves.walks);
            let again = search.exact_in(first.amount_in(), max_bins, true);
            answer = again.filter(|again| again.amount_out() > first.amount_out()).or(answer);
        }
        Some(Self { search, answer })
    }

    /// The bound on work that cut the search for it short.
    pub(super) fn limited(&self) -> Option<&'static str> {
        let unfound = self.search.is_spent().then_some(WALKS);
        self.answer.as_ref().map_or(unfound, |answer| answer.limited)
    }

    /// The answer that takes all of it, for a request that wants all of an amount.
    pub(super) fn filling(&self, request: &QuoteRequest) -> Option<Answer<'a>> {
        let answer = self.answer.clone().filter(|answer| answer.amount_out() > 0)?;
        let goal = match request.mode {
            Mode::ExactIn => {
                Goal { amount: answer.amount_in(), part_will_do: request.allow_partial, ..answer.goal }
            }
            Mode::ExactOut => answer.goal,
        };
        Some(Answer { goal, ..answer })
    }

    /// What it makes of an amount: all of it, or a part where it takes less and that will do.
    pub(super) fn of_amount(&mut self, amount: Amount, request: &QuoteRequest) -> Option<Answer<'a>> {
        // What must be read first changes all of it.
        let known = self.answer.as_ref().filter(|_| !self.search.must_read_more()).cloned()?;
        if request.mode == Mode::ExactOut {
            return self.of_output(known, amount);
        }
        let Answer { attempt, routes_wanted, limited, .. } = known;
        let goal = Goal {
            amount,
            max_bins: request.max_bins,
            part_will_do: request.allow_partial,
            max_reads: ANY_READS,
        };
        let mut limited = limited;
        let more = attempt.tally.amount_in > amount;
        let mut attempt = self.cut(&attempt, &goal)?;
        if more {
            let ways = self.search.all_ways();
            let max_routes = if self.search.max_splits == 0 { usize::MAX } else { self.search.max_splits };
            self.search.go_on_from(self.search.finder.curves.walks);
            let mut improver = Improver::of_what_is_left(&mut self.search.finder, goal, &ways, max_routes);
            let (better, ended) = improver.run(attempt);
            attempt = better;
            let unknown = improver.unknown;
            self.search.finder.shortfall.extend(unknown);
            limited = limited.or((!ended).then_some(WALKS));
        }
        let answer = Answer { attempt, goal, routes_wanted, limited };
        (request.allow_partial || answer.fills(Mode::ExactIn, amount)).then_some(answer)
    }

    /// What it makes of an output: the least input that its routes come down to, or all it gives where that is less and
    /// will do.
    fn of_output(&mut self, known: Answer<'a>, wanted: Amount) -> Option<Answer<'a>> {
        if known.amount_out() < wanted {
            return Some(known).filter(|_| !self.search.most_apart);
        }
        let (goal, limited) = (known.goal, known.limited);
        self.search.go_on_from(self.search.finder.curves.walks);
        let found = match known.amount_out() == wanted {
            true => known,
            false => self.search.halved(known, wanted, &goal),
        };
        let found = self.search.lowered(found, wanted, goal.max_bins, f64::INFINITY);
        Some(Answer { limited: found.limited.or(limited), ..found })
    }

    /// The same routes with what is beyond an amount taken from where it is missed least.
    fn cut(&mut self, whole: &Attempt<'a>, goal: &Goal) -> Option<Attempt<'a>> {
        let mut plans = whole.plans.clone();
        let mut given: Vec<Amount> = whole.tally.passed.iter().map(|(_, given)| *given).gather();
        self.search.finder.lift(usize::MAX);
        loop {
            let curves = &mut self.search.finder.curves;
            let all = plans.iter().fold(0, |sum: Amount, plan| sum.saturating_add(plan.amount_in));
            let excess = all.saturating_sub(goal.amount);
            if excess == 0 {
                return Some(Attempt::new(curves, plans, goal));
            }
            let mut best: Option<Attempt<'a>> = None;
            for at in 0..plans.len() {
                let mut less = plans.clone();
                let Some(plan) = less.get_mut(at).filter(|plan| plan.amount_in > excess) else { continue };
                plan.amount_in -= excess;
                let tried = Attempt::new(curves, less, goal);
                if best.as_ref().is_none_or(|best| tried.worth(goal) > best.worth(goal)) {
                    best = Some(tried);
                }
            }
            if best.is_some() {
                return best;
            }
            // None has so much: the one that gives least goes.
            let least = (0..plans.len().min(given.len())).min_by_key(|&at| given.get(at).copied())?;
            plans.remove(least);
            given.remove(least);
        }
    }
}
