//! Where whole units matter, what the flow found is where a search in whole units begins.

use super::attempt::{Attempt, same_pools};
use super::goal::Goal;
use super::improve::{Improver, SMALL};
use super::leg::Leg;
use super::search::{Search, WALKS, WHOLE};
use super::sharing::Shared;
use super::shortfall::Shortfall;
use super::table::are_apart;
use super::ways::all_ways;
use crate::gather::Gather;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Below so many units of some token on the way, a unit more or less is worth two millionths of the trade or more, and
/// rounding decides which routes are the best. Above, no route is added for what rounding gives.
pub(super) const COARSE: Amount = 1 << 19;
/// The share of an output that a limit on routes may cost before more is tried.
pub(super) const MUCH: f64 = 0.02;
/// Limits on routes that are gone through one by one.
const MOST_ONE_BY_ONE: usize = 6;

impl<'a> Search<'a> {
    /// Whether a flow may be far from the best: units are so few that rounding decides, or prices are out of order, so
    /// that a part of a pool may be worth less than floats think.
    pub(super) fn is_coarse(&self, attempt: &Attempt<'_>, amount: Amount) -> bool {
        self.disordered || attempt.tally.smallest.min(amount) < COARSE
    }

    /// The best attempt after moving input between routes, where that may matter.
    pub(super) fn improved(
        &mut self,
        best: Option<Attempt<'a>>,
        shared: Option<&Shared<'a>>,
        singles: &[Attempt<'a>],
        goal: &Goal,
    ) -> (Option<Attempt<'a>>, Option<&'static str>) {
        let Some(found) = best else { return (None, None) };
        let coarse = self.is_coarse(&found, goal.amount);
        let max_routes = if self.max_splits == 0 { usize::MAX } else { self.max_splits };
        // Whole units do not keep what floats promise, so there may be more to find.
        let short =
            shared.is_some_and(|shared| shared.promised * (1.0 - 1e-6) > found.tally.amount_out as f64);
        // Where a limit on routes costs much, other routes than those with most input or output may be the better ones.
        let binds = shared.is_some_and(|shared| {
            shared.routes_wanted > max_routes
                && shared.reached.output * (1.0 - MUCH) > found.tally.amount_out as f64
        });
        if !coarse && !short && !binds && (goal.part_will_do || found.takes_all(goal)) {
            let mut improver = Improver::new(&mut self.finder, *goal, &[], max_routes);
            let trimmed = improver.trim(found);
            let unknown = improver.unknown;
            self.finder.allow(usize::MAX);
            self.finder.shortfall.extend(unknown);
            return (Some(trimmed), None);
        }
        let mut ways: Vec<Rc<[Leg<'a>]>> = Vec::new();
        let attempts: &[Attempt<'a>] = shared.map_or(&[], |shared| &shared.attempts);
        for attempt in attempts.iter().chain(singles) {
            attempt.plans.iter().for_each(|plan| add_way(&mut ways, &plan.legs, usize::MAX));
        }
        if let Some(shared) = shared {
            shared.wanted.iter().for_each(|legs| add_way(&mut ways, legs, usize::MAX));
        }
        let finder = &self.finder;
        let all = self.ways.get_or_insert_with(|| all_ways(finder));
        let known = ways.len();
        all.iter().for_each(|way| add_way(&mut ways, way, known));
        let (mut best, mut cut_short, mut unknown) = (found.clone(), false, Shortfall::new());
        let mut most_seen = singles.iter().map(|single| single.tally.amount_out).max().unwrap_or(0);
        // With two routes first, then with one more each time: so that more routes allowed never give a worse answer.
        let mut routes = if coarse { 2.min(max_routes) } else { max_routes };
        let mut carried: Option<Attempt<'a>> = None;
        let mut starts = Vec::new();
        if coarse && !self.finder.is_spent() {
            starts = self.allotted(goal, max_routes);
        }
        // Where routes share no pool, a table of all amounts is the best there is. Where they share some it is a better
        // beginning than any flow, if it reaches what is asked for.
        let apart = !starts.is_empty() && are_apart(&ways, goal.amount);
        let begun = apart || starts.iter().any(|start| start.worth(goal).0);
        loop {
            if begun {
                break;
            }
            let ends = routes == max_routes || carried.is_none();
            let mut starts: Vec<Attempt<'a>> = carried.iter().cloned().gather();
            for start in attempts {
                if start.plans.len() == routes || ends && start.plans.len() < routes {
                    starts.push(start.clone());
                }
            }
            if let Some(single) = singles.first().filter(|_| ends) {
                starts.push(single.clone());
            }
            if routes == max_routes {
                starts.push(found.clone());
            }
            let mut done: Vec<Attempt<'a>> = Vec::new();
            for start in starts {
                if done.iter().any(|done| done.tally.passed == start.tally.passed) {
                    continue;
                }
                done.push(start.clone());
                let mut improver = Improver::new(&mut self.finder, *goal, &ways, routes);
                let (better, ended) = improver.run(start);
                unknown.extend(improver.unknown);
                most_seen = most_seen.max(improver.most_seen);
                cut_short |= !ended;
                if carried.as_ref().is_none_or(|carried| better.worth(goal) > carried.worth(goal)) {
                    carried = Some(better);
                }
            }
            if goal.part_will_do && routes == max_routes && found.takes_all(goal) {
                // What is best if all must be taken may lead to more than what is best if not.
                let whole = Goal { part_will_do: false, ..*goal };
                let mut improver = Improver::new(&mut self.finder, whole, &ways, routes);
                let (better, _) = improver.run(found.clone());
                unknown.extend(improver.unknown);
                self.finder.allow(usize::MAX);
                let better = Attempt::new(&mut self.finder.curves, better.plans, goal);
                if carried.as_ref().is_none_or(|carried| better.worth(goal) > carried.worth(goal)) {
                    carried = Some(better);
                }
            }
            let binds = carried.as_ref().is_some_and(|carried| carried.plans.len() >= routes);
            if routes >= max_routes || self.finder.is_spent() {
                break;
            }
            routes = if binds && routes < MOST_ONE_BY_ONE { routes + 1 } else { max_routes };
        }
        if coarse && !self.finder.is_spent() {
            let mut improver = Improver::new(&mut self.finder, *goal, &ways, max_routes);
            if !apart {
                let grown = improver.grown();
                starts.push(improver.run(grown).0);
            }
            for start in &starts {
                most_seen = most_seen.max(start.tally.amount_out);
            }
            let mut better =
                starts.into_iter().max_by_key(|start| start.worth(goal)).unwrap_or_else(|| found.clone());
            if !apart {
                improver.few = SMALL;
                better = improver.run(better).0;
            }
            unknown.extend(improver.unknown);
            most_seen = most_seen.max(improver.most_seen);
            if carried.as_ref().is_none_or(|carried| better.worth(goal) > carried.worth(goal)) {
                carried = Some(better);
            }
        }
        self.finder.allow(usize::MAX);
        // Where units are many, more routes must give more than rounding does.
        let few_units =
            found.tally.smallest.min(goal.amount) < COARSE || (!goal.part_will_do && !found.takes_all(goal));
        let bar = found.tally.amount_out.saturating_add(found.tally.amount_out / 1_000_000);
        let carried = carried.filter(|carried| few_units || carried.tally.amount_out > bar);
        if let Some(carried) = carried.filter(|carried| carried.worth(goal) > best.worth(goal)) {
            best = carried;
        }
        self.finder.shortfall.extend(unknown);
        // Where all must go somewhere, less may give more: the limit on bins leaves no place for what buys nothing.
        let less_is_more =
            coarse && self.max_splits == 0 && !goal.part_will_do && best.tally.amount_out < most_seen;
        let limited = if cut_short { Some(WALKS) } else { less_is_more.then_some(WHOLE) };
        (Some(best), limited)
    }
}

/// Adds a way that is not among the first `known` ones.
fn add_way<'a>(ways: &mut Vec<Rc<[Leg<'a>]>>, legs: &Rc<[Leg<'a>]>, known: usize) {
    if !ways.iter().take(known).any(|way| same_pools(way, legs)) {
        ways.push(Rc::clone(legs));
    }
}
