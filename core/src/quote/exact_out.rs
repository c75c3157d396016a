//! The least input for an output.

use super::answer::Answer;
use super::attempt::Attempt;
use super::best::Finder;
use super::goal::{ANY_READS, COARSE, Goal};
use super::polish::MUCH;
use super::search::{Search, WALKS};
use super::sharing::Shared;
use super::split::Target;
use crate::units::Amount;

/// Amounts tried on the way to the least input for an output.
const TRIES: u32 = 40;
/// Where one route takes less than this, a table of all amounts may know of less.
const FEW: Amount = 2_000;
/// Walks by which an answer is cut down to an output where all others are used up.
const WALKS_TO_TIGHTEN: usize = 1_000;
/// Halvings of the distance below an input in which a smaller one is looked for.
const FURTHER_BELOW: u32 = 12;

impl<'a> Search<'a> {
    /// The answer that gives at least `wanted` for the least input, or the most there is.
    pub(super) fn exact_out(&mut self, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        if !self.one_route && self.gives_less(wanted, max_bins) {
            let room = self.room(max_bins);
            return if self.most_apart { None } else { self.exact_in(room, max_bins, true) };
        }
        let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true, max_reads: ANY_READS };
        let single = self.finder.least_input(wanted, max_bins);
        let single = single.map(|found| Attempt::new(&mut self.finder.curves, found.into_plan(), &goal));
        let single = single.map(|attempt| Answer { attempt, goal, routes_wanted: 1, limited: None });
        let single = single.filter(|answer| answer.amount_out() >= wanted);
        let above = single.as_ref().map_or(Amount::MAX, Answer::amount_in);
        // A table takes work that only few units are worth.
        let is_few = !self.one_route && wanted < COARSE && (above < FEW || single.is_none());
        let least = if is_few && !self.must_read_more() {
            self.allotted_for(above.saturating_sub(1), max_bins, wanted)
        } else {
            None
        };
        let least = least.map(|attempt| Answer { attempt, goal, routes_wanted: 1, limited: None });
        let (split, promised) = match least {
            Some(least) => (Some(least), f64::INFINITY),
            None if self.one_route => (None, f64::INFINITY),
            None => self.split_for(wanted, max_bins),
        };
        let found = match (single, split) {
            (Some(single), Some(split)) if split.amount_in() < single.amount_in() => split,
            (Some(found), _) | (None, Some(found)) => found,
            // Neither way down led there: the most there is, which may be too little or too much.
            (None, None) => {
                let most = self.quickly(|search| search.exact_in(Amount::MAX, max_bins, true))?;
                match most.amount_out() < wanted {
                    true if self.most_apart => most,
                    true => {
                        let room = self.room(max_bins);
                        self.exact_in(room, max_bins, true)?
                    }
                    false => self.halved(most, wanted, &goal),
                }
            }
        };
        if found.amount_out() < wanted {
            return Some(found);
        }
        Some(self.lowered(found, wanted, max_bins, promised))
    }

    /// Does something without looking for what whole units would improve.
    fn quickly<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = core::mem::replace(&mut self.quick, true);
        let done = work(self);
        self.quick = before;
        done
    }

    /// Comes down from far too much to about the least input.
    pub(super) fn halved(&mut self, most: Answer<'a>, wanted: Amount, goal: &Goal) -> Answer<'a> {
        let (mut best, mut low) = (most, 0);
        for _ in 0..TRIES {
            best.attempt = best.attempt.tightened(&mut self.finder.curves, wanted, goal);
            let high = best.amount_in();
            if high.saturating_sub(low) <= high >> FURTHER_BELOW || self.is_spent() {
                break;
            }
            // Sixteenths until one is too little, then halves of what is between.
            let tried = if low == 0 { high >> 4 } else { low + (high - low) / 2 };
            let answer = self.quickly(|search| search.exact_in(tried.max(1), goal.max_bins, true));
            match answer.filter(|answer| answer.amount_out() >= wanted) {
                Some(answer) => best = answer,
                None => low = tried.max(1),
            }
        }
        best
    }

    /// Makes sure that less input would not do; goes down to the least if it would.
    ///
    /// More in gives no less out, so a unit less tells. Where units are few, the search itself may have missed
    /// something for just that amount, so amounts further below are tried as well; so they are where floats promised
    /// it for less.
    pub(super) fn lowered(
        &mut self,
        found: Answer<'a>,
        wanted: Amount,
        max_bins: u16,
        promised: f64,
    ) -> Answer<'a> {
        let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true, max_reads: ANY_READS };
        let mut best = found;
        let mut further = 0;
        while !self.is_spent() {
            best.attempt = best.attempt.tightened(&mut self.finder.curves, wanted, &goal);
            let above = best.amount_in();
            // First a unit less; then, half as far below each time, other amounts.
            let less = match further {
                0 => 1,
                _ => above >> further,
            };
            let short = promised * (1.0 + 1e-6) < above as f64;
            let far = !self.one_route && (short || self.is_coarse(&best.attempt, above));
            if less == 0 || less >= above || further > if far { FURTHER_BELOW } else { 0 } {
                return best;
            }
            match self.exact_in(above - less, max_bins, true) {
                Some(answer) if answer.amount_out() >= wanted => (best, further) = (answer, 0),
                _ => further += 1,
            }
        }
        best.attempt = self.tightened(best.attempt, wanted, &goal);
        best.limited = Some(WALKS);
        best
    }

    /// An attempt that may give far more than is wanted, cut down to that whatever walks are left.
    pub(super) fn tightened(&mut self, attempt: Attempt<'a>, wanted: Amount, goal: &Goal) -> Attempt<'a> {
        self.finder.beside(|finder: &mut Finder<'a>| {
            finder.lift(WALKS_TO_TIGHTEN);
            attempt.tightened(&mut finder.curves, wanted, goal)
        })
    }

    /// Comes down on the least input of a split: the flow says where it is, replays in whole units say exactly.
    /// Gives the input that floats promise, too.
    fn split_for(&mut self, wanted: Amount, max_bins: u16) -> (Option<Answer<'a>>, f64) {
        let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true, max_reads: ANY_READS };
        match self.split(Target::Output(wanted as f64), None, &goal) {
            // Floats that fall short of the output promise nothing.
            Some(first) if first.reached.output < wanted as f64 * (1.0 - 1e-9) => {
                (self.come_down(&first, wanted, max_bins), f64::INFINITY)
            }
            Some(first) => {
                // With fewer routes it may cost a little more.
                let bound = self.max_splits > 0 && first.routes_wanted > self.max_splits;
                let promised = first.reached.input * if bound { 1.0 - MUCH } else { 1.0 };
                (self.come_down(&first, wanted, max_bins), promised)
            }
            None => (None, f64::INFINITY),
        }
    }

    fn come_down(&mut self, first: &Shared<'a>, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let part = |amount| Goal { amount, max_bins, part_will_do: true, max_reads: ANY_READS };
        let slope = first.reached.slope;
        let mut amount = first.attempts.iter().map(|attempt| attempt.tally.amount_in).max()?;
        let mut best: Option<Answer<'a>> = None;
        let mut too_little = 0;
        for _ in 0..TRIES {
            if self.is_spent() {
                break;
            }
            let goal = part(amount);
            let shared = self.split(Target::Input(amount as f64), Some(amount), &goal)?;
            let (routes_wanted, limited) = (shared.routes_wanted, shared.reached.limited);
            let attempt = shared.attempts.into_iter().max_by_key(|attempt| attempt.worth(&goal))?;
            let (spent, given) = (attempt.tally.amount_in, attempt.tally.amount_out);
            if given >= wanted {
                if best.as_ref().is_none_or(|best| spent < best.amount_in()) {
                    best = Some(Answer { attempt, goal, routes_wanted, limited });
                }
                // Go down by what was given too much.
                let less = ((given - wanted) as f64 / slope) as Amount;
                amount = spent.saturating_sub(less.max(1));
            } else {
                if spent < amount {
                    break;
                }
                too_little = too_little.max(amount);
                let more = ((wanted - given) as f64 / slope) as Amount;
                amount = amount.checked_add(more.max(1))?;
            }
            if let Some(best) = &best {
                if best.amount_in() <= too_little.saturating_add(1) {
                    break;
                }
                if amount >= best.amount_in() || amount <= too_little {
                    amount = too_little + best.amount_in().saturating_sub(too_little) / 2;
                }
            }
        }
        best
    }
}
