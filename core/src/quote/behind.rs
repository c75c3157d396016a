//! Routes that pass nothing but behind others: a unit of what one pool takes buys more than the next pool has room for,
//! until another route has left less than a unit of a bin.
//!
//! No single move leads there: the route that goes ahead is worth less than what its input is taken from.

use super::attempt::{Attempt, same_pools};
use super::improve::Improver;
use super::plan::{RoutePlan, tally};
use alloc::rc::Rc;

/// Walks for that.
const WALKS: usize = 2_000;
/// Bins of a pool that are looked at.
const BINS: usize = 16;

impl<'a> Improver<'_, 'a> {
    /// Tries each route ahead of those that pass nothing alone, with a unit less than what takes the first bins of the pool
    /// that both begin with.
    pub(super) fn behind(&mut self, best: &mut Attempt<'a>) {
        let end = self.curves.walks + WALKS;
        let mut nothing = tally(self.curves, &[], &self.goal);
        self.likely.clear();
        for way in self.ways {
            let plan = RoutePlan { legs: Rc::clone(way), amount_in: self.goal.amount };
            if nothing.would_pass(self.curves, &plan, self.goal.max_bins).is_none() {
                self.likely.push(plan.legs);
            }
        }
        for way in self.ways {
            let Some(leg) = way.first() else { continue };
            if !self.likely.iter().any(|closed| closed.first().is_some_and(|other| other.at == leg.at)) {
                continue;
            }
            let (mut taken, mut next) = (0_u128, Some(leg.pool.active_bin()));
            for _ in 0..BINS {
                let Some(bin) = next.filter(|_| self.curves.walks < end) else { break };
                next = bin.next(leg.direction);
                let Some(whole) = leg.pool.slot(bin).and_then(|slot| slot.whole(leg.direction)) else {
                    continue;
                };
                taken = taken.saturating_add(whole.taken);
                let mut plans = best.plans.clone();
                // No answer takes a route twice.
                let own = plans.iter().position(|plan| same_pools(&plan.legs, way));
                let own = own.map_or(0, |at| plans.remove(at).amount_in);
                let largest = plans.iter_mut().max_by_key(|plan| plan.amount_in);
                let has = largest.as_ref().map_or(own, |plan| plan.amount_in.saturating_add(own));
                let Some(left) = has.checked_sub(taken) else { break };
                if let Some(plan) = largest {
                    // What the one behind it does not pass goes back to the largest.
                    plan.amount_in = left.min(1);
                }
                let amount_in = taken.saturating_sub(1);
                plans.truncate(self.max_routes.saturating_sub(2));
                plans.insert(0, RoutePlan { legs: Rc::clone(way), amount_in });
                self.give_to_new(best, &plans, left.max(1));
            }
        }
    }
}
