//! The best answer for an amount: a split over routes, or the best single one where that gives more.

use super::answer::Answer;
use super::attempt::Attempt;
use super::best::{Finder, Found};
use super::goal::{ANY_READS, COARSE, Goal};
use super::search::{Search, WALKS, WHOLE};
use super::sharing::Shared;
use super::split::Target;
use super::walks::MAX_WALKS;
use crate::gather::Gather;
use crate::units::Amount;
use alloc::vec::Vec;

/// Part of an amount below which what floats place tells that not all of it fits.
const FAR_SHORT: f64 = 0.9;
/// Amounts below this are looked for in whole units whatever floats place: tokens on the way may have few units.
const FEW_ENOUGH: Amount = 16 * COARSE;

impl<'a> Search<'a> {
    /// The best answer that takes `amount`, or as much of it as fits.
    ///
    /// Where a part will do, more out is better whatever is left over; else an answer that takes everything is
    /// better than one that does not.
    pub(super) fn exact_in(
        &mut self,
        amount: Amount,
        max_bins: u16,
        part_will_do: bool,
    ) -> Option<Answer<'a>> {
        let goal = Goal { amount, max_bins, part_will_do, max_reads: ANY_READS };
        let beyond = !part_will_do && self.takes_less(amount, max_bins);
        if beyond && self.leaves_it_to_most() {
            return None;
        }
        let shared = self.shared(&goal);
        let quick = self.quick;
        self.quick |= beyond;
        let best = self.best_for(goal, shared.as_ref());
        self.quick = quick;
        best
    }

    /// The best answer where a part will do: no less than what takes everything gives, where anything does.
    pub(super) fn part_of(&mut self, amount: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let all = Goal { amount, max_bins, part_will_do: false, max_reads: ANY_READS };
        let part = Goal { part_will_do: true, ..all };
        let mut shared = self.shared(&all);
        // What floats fall far short of is not looked for in whole units, but where they are so few that it costs little.
        let placed = shared.as_ref().map_or(f64::INFINITY, |shared| shared.reached.input);
        let (mut whole, anew) = (None, self.finder.walks.left_for_narrower);
        if (amount < FEW_ENOUGH || placed >= amount as f64 * FAR_SHORT) && !self.must_read_more() {
            whole = self.best_for(all, shared.as_ref());
        }
        // That a part gives more than the whole is nothing to tell of a part.
        let unsure = whole.as_ref().and_then(|whole| whole.limited).filter(|limit| *limit != WHOLE);
        let floor = whole.filter(|whole| whole.attempt.takes_all(&all)).map(|whole| {
            let again =
                |finder: &mut Finder<'a>| Attempt::new(&mut finder.curves, whole.attempt.plans, &part);
            Answer { attempt: self.finder.beside(again), goal: part, limited: unsure, ..whole }
        });
        // Where that took all the work a search may cost, a part has half as much again.
        let (most, done) = (self.effort.out_of(MAX_WALKS), self.finder.curves.walks);
        self.finder.end_at((done.min(most) + most / 2).max(self.finder.walks.most));
        // And half of those for beginning anew.
        self.finder.walks.left_for_narrower = self.finder.walks.left_for_narrower.max(anew / 2);
        // Only limits can make all of an amount worth less than a part. One on routes: the better pools may be too shallow. One on
        // bins: each route through a bin counts it, so that what floats promise of all may not pass.
        let wanted = shared.as_ref().map_or(1, |shared| shared.routes_wanted);
        let is_free =
            self.finder.one_way() || !self.one_route && (self.max_splits == 0 || wanted <= self.max_splits);
        if let Some(floor) = &floor
            && (self.must_read_more()
                || is_free
                    && shared.as_ref().is_none_or(|shared| shared.is_kept_by(floor.amount_out()))
                    && unsure.is_none()
                    && floor.attempt.takes_all(&part)
                    && !self.is_coarse(&floor.attempt, amount))
        {
            return Some(floor.clone());
        }
        if let Some(shared) = &mut shared {
            for attempt in &mut shared.attempts {
                let plans = core::mem::take(&mut attempt.plans);
                *attempt = Attempt::new(&mut self.finder.curves, plans, &part);
            }
        }
        let found = self.best_for(part, shared.as_ref());
        let mut best = match (found, floor) {
            (Some(found), Some(floor)) if floor.attempt.worth(&part) > found.attempt.worth(&part) => {
                // Moves that need not take everything may lead on from there.
                let coarse = self.is_coarse(&floor.attempt, amount);
                let ways = if coarse { self.all_ways() } else { Vec::new() };
                Answer { attempt: self.settled(floor.attempt, &part, &ways), ..floor }
            }
            (Some(found), _) => found,
            (None, floor) => floor?,
        };
        best.limited = best.limited.or(unsure);
        Some(best)
    }

    /// How the flow shares a trade, where there is anything to share.
    fn shared(&mut self, goal: &Goal) -> Option<Shared<'a>> {
        match self.one_route || self.is_spent() {
            true => None,
            false => self.split(Target::Input(goal.amount as f64), Some(goal.amount), goal),
        }
    }

    /// The best answer towards a goal, from what the flow shares and from single routes.
    fn best_for(&mut self, goal: Goal, shared: Option<&Shared<'a>>) -> Option<Answer<'a>> {
        let Goal { amount, max_bins, part_will_do, .. } = goal;
        let mut limited = shared.and_then(|shared| shared.reached.limited);
        let attempts = shared.map_or(&[][..], |shared| &shared.attempts);
        let mut best: Option<Attempt<'a>> = None;
        for attempt in attempts {
            if best.as_ref().is_none_or(|best| attempt.worth(&goal) > best.worth(&goal)) {
                best = Some(attempt.clone());
            }
        }
        let takes_all = |attempt: &Attempt<'_>| attempt.takes_all(&goal);
        let beaten_by = best.as_ref().filter(|best| takes_all(best)).map_or(0, |best| best.tally.amount_out);
        let all_taken = best.as_ref().is_some_and(takes_all);
        let bar = best.as_ref().map_or(0, |best| best.tally.amount_out);
        let singles = self.finder.apart(|finder| {
            let single = finder.best_full(amount, max_bins, beaten_by).map(Found::into_plan);
            let all_taken = single.is_some() || all_taken;
            let mut plans: Vec<_> = single.into_iter().gather();
            if part_will_do || !all_taken {
                plans.extend(finder.partial_plans(amount, max_bins, bar));
            }
            let mut singles = Vec::with_capacity(plans.len());
            for plan in plans {
                let attempt = Attempt::new(&mut finder.curves, plan, &goal);
                finder.overflow |= attempt.tally.overflow;
                singles.push(attempt);
            }
            singles
        });
        for single in &singles {
            if best.as_ref().is_none_or(|best| single.worth(&goal) > best.worth(&goal)) {
                best = Some(single.clone());
            }
        }
        if !self.one_route && !self.quick && !self.must_read_more() {
            let (better, ended_by) = self.improved(best, shared, &singles, &goal);
            (best, limited) = (better, limited.or(ended_by));
        }
        let attempt = best.filter(|best| best.tally.amount_in > 0)?;
        let routes_wanted = shared.map_or(1, |shared| shared.routes_wanted);
        let limited = limited.or((self.is_spent() || self.finder.walks.cut_short).then_some(WALKS));
        Some(Answer { attempt, goal, routes_wanted, limited })
    }
}
