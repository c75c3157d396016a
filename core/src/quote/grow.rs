//! Moves that change more than one route: an attempt grown from nothing, a route in the place of another.

use super::again::tally_like;
use super::attempt::{Attempt, same_pools, with_more};
use super::goal::{ANY_READS, COARSE};
use super::improve::Improver;
use super::parts::{HALVINGS, moves};
use super::plan::RoutePlan;
use crate::gather::Gather;
use crate::units::{Amount, BPS_SCALE};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Units of a token on the way below which each of them is looked at.
const FEW_UNITS: Amount = 1_000;
/// Units more and less of it that are looked at.
const STEPS: Amount = 4;
/// Routes whose units are looked at.
const STEPPED: usize = 4;

impl<'a> Improver<'_, 'a> {
    /// An attempt that grows from nothing: a unit to where it gives most, then another, then twice as many each time.
    ///
    /// It finds what begins with a few units in a certain order, which no move from a large trade leads to.
    pub(super) fn grown(&mut self) -> Attempt<'a> {
        let mut grown = Attempt::new(self.curves, Vec::new(), &self.goal);
        self.likely = self.most_likely(&grown);
        for step in 0..2 * HALVINGS {
            let part = grown.rest(&self.goal).min(1 << (step / 2));
            if part == 0 || self.is_spent() {
                break;
            }
            let mut better: Option<Vec<RoutePlan<'a>>> = None;
            let mut most = grown.tally.amount_out;
            let standing = grown.tally.amount_out;
            for way in self.likely.clone() {
                // No answer takes a route twice; more for one that is not the last is tried below.
                let before = grown.plans.split_last().map_or(&[][..], |(_, before)| before);
                if before.iter().any(|plan| same_pools(&plan.legs, &way)) {
                    continue;
                }
                let plan = RoutePlan { legs: Rc::clone(&way), amount_in: part };
                let passed = grown.tally.would_pass(self.curves, &plan, self.goal.max_bins);
                let given = standing.saturating_add(passed.map_or(0, |(_, given)| given));
                let mut plans = grown.plans.clone();
                match plans.last_mut().filter(|last| same_pools(&last.legs, &way)) {
                    Some(last) => last.amount_in = last.amount_in.saturating_add(part),
                    None => plans.push(plan),
                }
                if given > most && plans.len() <= self.max_routes && self.reads_allow(&plans) {
                    (most, better) = (given, Some(plans));
                }
            }
            self.unknown.extend(grown.tally.unknown.iter().copied());
            for at in 0..grown.plans.len().saturating_sub(1) {
                let plans = with_more(&grown.plans, at, part);
                let given =
                    tally_like((&grown.plans, &grown.tally), self.curves, &plans, &self.goal).amount_out;
                if given > most && self.reads_allow(&plans) {
                    (most, better) = (given, Some(plans));
                }
            }
            if let Some(plans) = better {
                grown = Attempt::new(self.curves, plans, &self.goal);
            }
        }
        grown
    }

    /// Parts that matter where a token on the way has few units: those that make a route pass some units less of it, and
    /// those that make others pass some more. What is between buys nothing. Beside each, whether it is worth a new route.
    pub(super) fn steps(&mut self, best: &Attempt<'a>, source: Option<usize>) -> Vec<(Amount, bool)> {
        let mut steps = Vec::new();
        for at in 0..best.plans.len().min(STEPPED) {
            if self.is_spent() {
                break;
            }
            let Some(plan) = best.plans.get(at) else { break };
            let before = best.plans.get(..at).unwrap_or_default();
            let before = tally_like((&best.plans, &best.tally), self.curves, before, &self.goal);
            let (mut offered, mut fewest) = (plan.amount_in, (FEW_UNITS, 0));
            for (leg, hops) in plan.legs.iter().zip(1..) {
                let mut cursor = before.stands.before(leg);
                let mut start = cursor;
                let Ok(walk) = self.curves.walk(leg.side(), &mut cursor, offered, self.goal.max_bins) else {
                    break;
                };
                // Few units, so that products fit.
                let fee = u64::from(leg.pool.side_fees(leg.direction).total());
                let (units, all) = (offered.min(COARSE) as u64, BPS_SCALE as u64);
                if source == Some(at) && offered < COARSE && units * fee >= all {
                    // Each bin rounds its fee down, so in the last one the unit that makes it a unit more buys nothing.
                    let bins = cursor.bins_visited().saturating_sub(1);
                    let whole = self.curves.walk(leg.side(), &mut start, offered, bins);
                    let taken = units.saturating_sub(whole.map_or(0, |whole| whole.taken as u64));
                    let least = (taken * fee / all * all).div_ceil(fee);
                    let left = u128::from((units + least).saturating_sub(taken + 1));
                    let ahead = plan.legs.get(..hops - 1).filter(|_| least > 0);
                    let left = ahead
                        .and_then(|ahead| before.least_input(self.curves, ahead, left, self.goal.max_bins));
                    steps.extend(left.map(|left| (plan.amount_in.saturating_sub(left), true)));
                }
                offered = walk.given;
                if offered < fewest.0 {
                    fewest = (offered, hops);
                }
            }
            let (units, hops) = fewest;
            let Some(legs) = plan.legs.get(..hops).filter(|legs| !legs.is_empty()) else { continue };
            for off in 1..=STEPS {
                let wanted =
                    if source == Some(at) { units.saturating_sub(off) } else { units.saturating_add(off) };
                if wanted == 0 {
                    break;
                }
                let Some(least) = before.least_input(self.curves, legs, wanted, self.goal.max_bins) else {
                    break;
                };
                steps.push((least.abs_diff(plan.amount_in), false));
            }
        }
        steps
    }

    /// Whether a call of these plans takes no more reads than it may.
    fn reads_allow(&mut self, plans: &[RoutePlan<'a>]) -> bool {
        self.goal.max_reads == ANY_READS
            || Attempt::new(self.curves, plans.to_vec(), &self.goal).reads_fit(&self.goal)
    }

    /// Gives what routes of an attempt do not need to a new one, if that is better than the best. A move to it gained
    /// nothing, but may have left idle what buys a unit elsewhere.
    pub(super) fn idle_to_new(&mut self, best: &mut Attempt<'a>, level: &Attempt<'a>) -> bool {
        for at in 0..level.plans.len() {
            let idle = self.idle(level, at);
            let mut plans = level.plans.clone();
            if idle == 0 || plans.len() >= self.max_routes {
                continue;
            }
            if let Some(plan) = plans.get_mut(at) {
                plan.amount_in = plan.amount_in.saturating_sub(idle);
            }
            if self.give_to_new(best, &plans, idle) {
                return true;
            }
        }
        false
    }

    /// Tries routes in another order, which matters where they share a pool.
    pub(super) fn reorder(&mut self, best: &mut Attempt<'a>) {
        let mut at = 1;
        // A better order may leave out a route.
        while at < best.plans.len() && !self.is_spent() {
            let mut plans = best.plans.clone();
            plans.swap(at - 1, at);
            at += 1;
            if let Some(better) = self.judged(best, plans) {
                *best = better;
            }
        }
    }

    /// Puts a new route in the place of another, with its input and parts of what others have.
    pub(super) fn replace(&mut self, best: &mut Attempt<'a>) {
        // Below the limit a part is better moved to a route of its own, but for what nobody misses.
        let at_limit = best.plans.len() >= self.max_routes;
        let idle: Vec<Amount> = (0..best.plans.len()).map(|at| self.idle(best, at)).gather();
        for gone in 0..best.plans.len() {
            for (source, &idle) in idle.iter().enumerate() {
                if source == gone || !at_limit && idle == 0 {
                    continue;
                }
                let has = best.plans.get(source).map_or(0, |plan| plan.amount_in);
                for (part, to_new) in moves(has, idle, self.few) {
                    if part == has || !to_new || !at_limit && part != idle {
                        continue;
                    }
                    if self.is_spent() {
                        return;
                    }
                    let mut plans = best.plans.clone();
                    if let Some(plan) = plans.get_mut(source) {
                        plan.amount_in = plan.amount_in.saturating_sub(part);
                    }
                    let removed = plans.remove(gone).amount_in;
                    let offered = removed.saturating_add(part).saturating_add(best.rest(&self.goal));
                    if self.give_to_new(best, &plans, offered) {
                        return;
                    }
                }
            }
        }
    }
}
