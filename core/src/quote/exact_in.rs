//! The best answer for an amount: a split over routes, or the best single one where that gives more.

use super::answer::Answer;
use super::attempt::Attempt;
use super::best::Found;
use super::goal::Goal;
use super::search::{Search, WALKS};
use super::split::Target;
use crate::units::Amount;
use alloc::vec::Vec;

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
        let goal = Goal { amount, max_bins, part_will_do };
        let shared = match self.one_route || self.is_spent() {
            true => None,
            false => self.split(Target::Input(amount as f64), Some(amount), &goal),
        };
        let mut limited = shared.as_ref().and_then(|shared| shared.reached.limited);
        let attempts = shared.as_ref().map_or(&[][..], |shared| &shared.attempts);
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
            let mut plans: Vec<_> = single.into_iter().collect();
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
            let (better, cut_short) = self.improved(best, shared.as_ref(), &singles, &goal);
            (best, limited) = (better, limited.or(cut_short.then_some(WALKS)));
        }
        let attempt = best.filter(|best| best.tally.amount_in > 0)?;
        let routes_wanted = shared.map_or(1, |shared| shared.routes_wanted);
        let limited = limited.or((self.is_spent() || self.finder.walks.cut_short).then_some(WALKS));
        Some(Answer { attempt, goal, routes_wanted, limited })
    }
}
