//! Moves input between routes, in whole units, as long as that gives more.
//!
//! The flow that shares a trade knows no whole units: it does not see that one unit of a coarse token buys nothing,
//! that a fee on one unit rounds to nothing, or that a limit on routes leaves out the better ones. So where units
//! are few, or a limit binds, its answer is only where this search starts: it takes some input from one route, or
//! from what is left over, and gives it to another, and keeps whatever is better when all of it is replayed.

use super::again::tally_like;
use super::attempt::{Attempt, same_pools, with_more};
use super::best::Finder;
use super::goal::Goal;
use super::leg::Leg;
use super::parts::moves;
use super::plan::{RoutePlan, Tally, tally};
use super::shortfall::Shortfall;
use crate::gather::Gather;
use crate::pool::curves::Curves;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Amounts below this can all be tried.
const FEW: Amount = 12;
/// Amounts up to this are moved in parts of every size by the last look of a search.
pub(super) const SMALL: Amount = 160;
/// Routes that what a move leaves over is offered to.
const PLACES: usize = 4;
/// Ways that are tried in one sweep.
pub(super) const LIKELY: usize = 24;
/// Halvings of the whole below which a route is small.
const DROPPED: u32 = 20;

/// Walks that one improvement may take.
const IMPROVEMENT: usize = 4_000;

/// Ways with what they give.
type Ranking<'w, 'a> = Vec<(Amount, &'w Rc<[Leg<'a>]>)>;

/// The moves of one search.
pub(super) struct Improver<'s, 'a> {
    pub(super) curves: &'s mut Curves<'a>,
    pub(super) goal: Goal,
    /// Routes that may be used beside those of the attempt.
    pub(super) ways: &'s [Rc<[Leg<'a>]>],
    /// Routes allowed.
    pub(super) max_routes: usize,
    /// Whether what is left over is placed even where that gives no more.
    fills: bool,
    /// Whether moves are looked into that gain nothing by themselves.
    pub(super) thorough: bool,
    /// Amounts up to this are moved in parts of every size.
    pub(super) few: Amount,
    /// Pools whose known bins ran out in something that was tried.
    pub(super) unknown: Shortfall,
    /// The most that anything tried gives, whether it takes all there is or not.
    pub(super) most_seen: Amount,
    /// The ways that pass most, once they were needed.
    pub(super) sinks: Option<Vec<Rc<[Leg<'a>]>>>,
    /// What attempts pass that no single move makes better.
    pub(super) optima: Vec<Vec<(Amount, Amount)>>,
    /// What the latest move came to, where that gives as much as before.
    level: Option<Attempt<'a>>,
    /// Those of the ways that this sweep tries.
    pub(super) likely: Vec<Rc<[Leg<'a>]>>,
}

impl<'s, 'a> Improver<'s, 'a> {
    /// The moves towards a goal with these ways; `routes` are allowed.
    pub(super) fn new(
        finder: &'s mut Finder<'a>,
        goal: Goal,
        ways: &'s [Rc<[Leg<'a>]>],
        routes: usize,
    ) -> Self {
        finder.allow(IMPROVEMENT);
        Self::within(finder, goal, ways, routes)
    }

    /// As [`Self::new`] with all the walks that are left.
    pub(super) fn of_what_is_left(
        finder: &'s mut Finder<'a>,
        goal: Goal,
        ways: &'s [Rc<[Leg<'a>]>],
        routes: usize,
    ) -> Self {
        finder.allow(usize::MAX);
        Self::within(finder, goal, ways, routes)
    }

    fn within(finder: &'s mut Finder<'a>, goal: Goal, ways: &'s [Rc<[Leg<'a>]>], routes: usize) -> Self {
        Self {
            curves: &mut finder.curves,
            goal,
            ways,
            max_routes: routes,
            fills: false,
            thorough: false,
            level: None,
            few: FEW,
            unknown: Shortfall::new(),
            most_seen: 0,
            sinks: None,
            optima: Vec::new(),
            likely: Vec::new(),
        }
    }

    /// Gives the best attempt found by single moves from this one; `false` beside it if the work was cut short.
    pub(super) fn run(&mut self, mut best: Attempt<'a>) -> (Attempt<'a>, bool) {
        loop {
            let before = best.worth(&self.goal);
            self.sweep(&mut best);
            if self.is_spent() {
                return (best, false);
            }
            if best.worth(&self.goal) == before || self.optima.contains(&best.tally.passed) {
                return (best, true);
            }
        }
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.curves.is_spent()
    }

    /// Tries every move once: what is left over goes first, then what each route has.
    fn sweep(&mut self, best: &mut Attempt<'a>) {
        self.likely = self.most_likely(best);
        self.spread(best, None);
        let mut at = 0;
        while at < best.plans.len() && !self.is_spent() {
            let legs = best.plans.get(at).map(|plan| Rc::clone(&plan.legs));
            self.spread(best, Some(at));
            // A route that gave everything away is gone, and the next one stands in its place.
            let same = best.plans.get(at).map(|plan| &plan.legs);
            if legs.as_deref().zip(same).is_some_and(|(before, now)| same_pools(before, now)) {
                at += 1;
            }
        }
        self.reorder(best);
        self.replace(best);
    }

    /// The ways that would give most, for all there is and for a few units: beside an attempt, and without it.
    pub(super) fn most_likely(&mut self, best: &Attempt<'a>) -> Vec<Rc<[Leg<'a>]>> {
        let mut likely: Vec<Rc<[Leg<'a>]>> = Vec::with_capacity(LIKELY);
        if self.ways.len() <= LIKELY {
            return self.ways.to_vec();
        }
        let (mut beside, mut nothing) = (best.tally.clone(), tally(self.curves, &[], &self.goal));
        let all = self.goal.amount;
        let mut rankings: Vec<(Amount, Ranking<'_, 'a>)> = Vec::with_capacity(5);
        for (nth, amount) in [all, FEW, 1, 1, all].into_iter().enumerate() {
            let standing = if nth < 3 { &mut beside } else { &mut nothing };
            // Beside nothing it is as it was before.
            let known = rankings.iter().position(|(ranked, _)| *ranked == amount && best.plans.is_empty());
            let at = known.unwrap_or(rankings.len());
            if known.is_none() {
                let ranked =
                    Self::ranked(self.curves, self.ways, standing, amount.min(all), self.goal.max_bins);
                self.unknown.extend(standing.unknown.iter().copied());
                rankings.push((amount, ranked));
            }
            for &(_, way) in rankings.get(at).map_or(&[][..], |(_, ranked)| ranked) {
                if likely.len() >= LIKELY * (nth + 2) / 6 {
                    break;
                }
                if !likely.iter().any(|known| Rc::ptr_eq(known, way)) {
                    likely.push(Rc::clone(way));
                }
            }
        }
        likely
    }

    /// Ways that give anything for an amount, those that give most first.
    fn ranked<'w>(
        curves: &mut Curves<'a>,
        ways: &'w [Rc<[Leg<'a>]>],
        standing: &mut Tally,
        amount: Amount,
        max_bins: u16,
    ) -> Ranking<'w, 'a> {
        let mut ranked: Ranking<'w, 'a> = Vec::with_capacity(ways.len());
        for way in ways {
            let plan = RoutePlan { legs: Rc::clone(way), amount_in: amount };
            let passed = standing.would_pass(curves, &plan, max_bins);
            ranked.extend(passed.filter(|(_, given)| *given > 0).map(|(_, given)| (given, way)));
        }
        sort_by(&mut ranked, |(a, _), (b, _)| b.cmp(a));
        ranked
    }

    /// Tries to move parts of one source to every other route.
    fn spread(&mut self, best: &mut Attempt<'a>, source: Option<usize>) {
        let amount = match source {
            None => best.rest(&self.goal),
            Some(at) => best.plans.get(at).map_or(0, |plan| plan.amount_in),
        };
        if amount == 0 {
            return;
        }
        let idle = source.map_or(0, |at| self.idle(best, at));
        let mut parts = moves(amount, idle, self.few);
        for (step, to_new) in self.steps(best, source) {
            if 0 < step && step < amount && !parts.iter().any(|(part, _)| *part == step) {
                parts.push((step, to_new));
            }
        }
        for (part, to_new) in parts {
            // What was given away before is not there any more.
            let left = match source {
                None => best.rest(&self.goal),
                Some(at) => best.plans.get(at).map_or(0, |plan| plan.amount_in),
            };
            if self.is_spent() {
                return;
            }
            if part > left {
                continue;
            }
            let routes = best.plans.len();
            if self.give(best, source, part, to_new) && best.plans.len() != routes {
                // Routes came or went, so the source may stand elsewhere.
                return;
            }
        }
    }

    /// Moves one part to where that is better, if there is such a place.
    fn give(&mut self, best: &mut Attempt<'a>, source: Option<usize>, part: Amount, to_new: bool) -> bool {
        let mut plans = best.plans.clone();
        let mut gone = None;
        if let Some(at) = source {
            let Some(plan) = plans.get_mut(at) else { return false };
            plan.amount_in = plan.amount_in.saturating_sub(part);
            if plan.amount_in == 0 {
                plans.remove(at);
                gone = Some(at);
            }
        }
        for target in 0..plans.len() {
            if source == Some(target) && gone.is_none() {
                continue;
            }
            if self.is_spent() {
                return false;
            }
            let plans = with_more(&plans, target, part);
            self.level = None;
            // Where both share a pool it may be better for the other one to go first.
            let before = |at| at < target || self.thorough && at > target;
            let swapped = source.filter(|&at| gone.is_none() && before(at)).and_then(|at| {
                let shared = shares_a_pool(&plans.get(at)?.legs, &plans.get(target)?.legs);
                shared.then(|| {
                    let mut swapped = plans.clone();
                    swapped.swap(at, target);
                    swapped
                })
            });
            let better = self.judged(best, plans);
            if let Some(better) = better.or_else(|| self.judged(best, swapped?)) {
                *best = better;
                return true;
            }
            if let Some(level) = self.level.take()
                && self.idle_to_new(best, &level)
            {
                return true;
            }
        }
        if !to_new || plans.len() >= self.max_routes {
            return false;
        }
        // What nobody takes may be just what a new route needs.
        let offered = if source.is_some() { part.saturating_add(best.rest(&self.goal)) } else { part };
        self.give_to_new(best, &plans, offered)
    }

    /// Adds a route to plans, if there is one that makes them better than the best.
    pub(super) fn give_to_new(
        &mut self,
        best: &mut Attempt<'a>,
        plans: &[RoutePlan<'a>],
        offered: Amount,
    ) -> bool {
        let mut without = tally_like((&best.plans, &best.tally), self.curves, plans, &self.goal);
        let lost = best.tally.amount_out.saturating_sub(without.amount_out);
        for way in self.likely.clone() {
            if self.is_spent() || best.uses(&way) {
                continue;
            }
            let new = RoutePlan { legs: Rc::clone(&way), amount_in: offered };
            // What the new route does not pass goes back, so up to all that was lost may come back.
            let (passed, gained) =
                without.would_pass(self.curves, &new, self.goal.max_bins).unwrap_or_default();
            self.unknown.extend(without.unknown.iter().copied());
            let shares = plans.iter().any(|plan| shares_a_pool(&plan.legs, &way));
            if gained == 0 && !shares || gained <= lost && passed == offered && !shares {
                continue;
            }
            let mut last = plans.to_vec();
            last.push(new.clone());
            // A new route that shares a pool may be better off before the others.
            let better = self.judged(best, last).or_else(|| {
                shares
                    .then(|| core::iter::once(new).chain(plans.iter().cloned()).gather())
                    .and_then(|first| self.judged(best, first))
            });
            if let Some(better) = better {
                *best = better;
                return true;
            }
        }
        false
    }

    /// Input of a route without which it gives as much.
    pub(super) fn idle(&mut self, best: &Attempt<'a>, at: usize) -> Amount {
        let (Some(plan), Some(&(amount, given))) = (best.plans.get(at), best.tally.passed.get(at)) else {
            return 0;
        };
        let before = best.plans.get(..at).unwrap_or_default();
        let before = tally_like((&best.plans, &best.tally), self.curves, before, &self.goal);
        let least = before.least_input(self.curves, &plan.legs, given, self.goal.max_bins);
        least.map_or(0, |least| amount.saturating_sub(least))
    }

    /// Gives what routes do not need, or all they have, to other routes of the attempt, as long as no less is taken in
    /// all.
    pub(super) fn trim(&mut self, mut best: Attempt<'a>) -> Attempt<'a> {
        for at in 0..best.plans.len().min(PLACES) {
            let idle = self.idle(&best, at);
            let all = best.plans.get(at).map_or(0, |plan| plan.amount_in);
            // Only a route of a small share can be worth less than what the others give for that.
            let few = all < best.tally.amount_in >> DROPPED;
            let mut better: Option<Attempt<'a>> = None;
            for part in [idle, if few { all } else { 0 }] {
                for target in 0..best.plans.len() {
                    if part == 0 || target == at || self.is_spent() {
                        continue;
                    }
                    let mut plans = with_more(&best.plans, target, part);
                    if let Some(plan) = plans.get_mut(at) {
                        plan.amount_in = plan.amount_in.saturating_sub(part);
                    }
                    let than = better.as_ref().unwrap_or(&best);
                    if let Some(moved) = self.judged(than, plans)
                        && moved.tally.amount_in >= best.tally.amount_in
                    {
                        better = Some(moved);
                    }
                }
            }
            best = better.unwrap_or(best);
        }
        best
    }

    /// The attempt of these plans, if it is better; what they cannot pass goes to the one that takes it best.
    pub(super) fn judged(&mut self, best: &Attempt<'a>, plans: Vec<RoutePlan<'a>>) -> Option<Attempt<'a>> {
        let mut tried = Attempt::like(best, self.curves, plans, &self.goal);
        self.unknown.extend(tried.tally.unknown.iter().copied());
        self.most_seen = self.most_seen.max(tried.tally.amount_out);
        let rest = tried.rest(&self.goal);
        if rest > if self.thorough { 0 } else { best.rest(&self.goal) } {
            let mut placed: Option<Attempt<'a>> = None;
            for at in 0..tried.plans.len().min(PLACES) {
                if self.is_spent() {
                    break;
                }
                let plans = with_more(&tried.plans, at, rest);
                let again = Attempt::like(&tried, self.curves, plans, &self.goal);
                let best = placed.as_ref().unwrap_or(&tried);
                let full = |attempt: &Attempt<'_>| (attempt.tally.amount_out, attempt.tally.amount_in);
                let better = match self.fills {
                    true => full(&again) > full(best),
                    false => again.worth(&self.goal) > best.worth(&self.goal),
                };
                if better {
                    placed = Some(again);
                }
            }
            tried = placed.unwrap_or(tried);
            if !self.goal.part_will_do && !tried.takes_all(&self.goal) {
                tried = self.burnt(tried);
            }
        }
        if self.thorough && tried.tally.amount_out == best.tally.amount_out && tried.worth(&self.goal).0 {
            self.level = Some(tried.clone());
        }
        (tried.worth(&self.goal) > best.worth(&self.goal)).then_some(tried)
    }
}

pub(super) fn shares_a_pool(a: &[Leg<'_>], b: &[Leg<'_>]) -> bool {
    a.iter().any(|leg| b.iter().any(|other| other.at == leg.at))
}
