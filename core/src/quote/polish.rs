//! Where whole units matter, what the flow found is where a search in whole units begins.

use super::attempt::{Attempt, same_pools};
use super::best::Finder;
use super::goal::{COARSE, Goal};
use super::improve::{Improver, LIKELY, SMALL};
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

/// The share of an output that a limit on routes may cost before more is tried.
pub(super) const MUCH: f64 = 0.02;
/// The part of what others give for an input that a route gives which is worth little.
const POOR: f64 = 0.1;
/// Shares in grains that whole units are looked for from.
const LAST: usize = 3;
/// Limits on routes that are gone through one by one.
const MOST_ONE_BY_ONE: usize = 6;

impl<'a> Search<'a> {
    /// Whether a flow may be far from the best: units are so few that rounding decides, or prices are out of order, so
    /// that a part of a pool may be worth less than floats think.
    pub(super) fn is_coarse(&self, attempt: &Attempt<'_>, amount: Amount) -> bool {
        self.disordered || amount < COARSE || attempt.is_coarse()
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
        let max_routes = if self.max_splits == 0 { usize::MAX } else { self.max_splits };
        // Whole units do not keep what floats promise, so there may be more to find.
        let short = shared.is_some_and(|shared| !shared.is_kept_by(found.tally.amount_out));
        // What floats would rather have lost to rounding: it may do no longer once it is rounded well.
        let lost = |shared: &Shared<'_>| shared.attempts.iter().any(Attempt::is_coarse);
        let coarse = self.is_coarse(&found, goal.amount)
            || short && shared.is_some_and(lost)
            || shared.is_some_and(|shared| shared.reached.leaves_unpaid_fees);
        // Where a limit on routes costs much, other routes than those with most input or output may be the better ones.
        let binds = shared.is_some_and(|shared| {
            let much = if found.plans.len() < max_routes { 1e-6 } else { MUCH };
            shared.routes_wanted > max_routes
                && shared.reached.output * (1.0 - much) > found.tally.amount_out as f64
        });
        // So they are where one of as many as are allowed is worth little.
        let binds = binds || found.plans.len() == max_routes && has_a_poor_route(&found);
        if !coarse && !short && !binds && (goal.part_will_do || found.takes_all(goal)) {
            return (Some(self.settled(found, goal, &[])), None);
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
        let all_known = all.len() <= LIKELY;
        let known = ways.len();
        all.iter().for_each(|way| add_way(&mut ways, way, known));
        // What must go somewhere goes with two routes first: those that buy most leave no place for it.
        let must_fit = !goal.part_will_do && !found.takes_all(goal);
        let mut climb = Climb::new(*goal, &ways, singles);
        let mut starts = Vec::new();
        let mut exact = false;
        if coarse && !self.finder.is_spent() {
            starts = self.allotted(goal, max_routes);
            exact = !starts.is_empty();
            if !exact {
                starts = self.allotted_in_grains(goal, max_routes);
                starts.truncate(LAST);
            }
        }
        // Where routes share no pool, a table of all amounts is the best there is. Where they share some it is a better
        // beginning than any flow, if it reaches what is asked for.
        let apart = exact && all_known && are_apart(&ways, goal.amount);
        let whole = exact && all_known && (apart || starts.iter().any(|start| start.worth(goal).0));
        if whole {
            starts.into_iter().for_each(|start| climb.keep(start));
        } else if starts.is_empty() || exact && all_known {
            self.climb_by_routes(&mut climb, attempts, &found, coarse || must_fit, max_routes);
            starts.into_iter().for_each(|start| climb.keep(start));
        } else {
            if must_fit {
                self.climb_by_routes(&mut climb, attempts, &found, true, max_routes);
            }
            let flows = attempts.iter().filter(|start| start.plans.len() <= max_routes).cloned();
            let starts =
                core::iter::once(found.clone()).chain(starts).chain(flows).chain(singles.first().cloned());
            for start in starts {
                climb.from(&mut self.finder, start, max_routes);
            }
            // As if no more routes were allowed than it has: then one may stand in the place of another.
            let routes = climb.best.as_ref().map_or(0, |best| best.plans.len());
            if let Some(best) = climb.best.clone().filter(|_| (2..max_routes).contains(&routes)) {
                climb.from(&mut self.finder, best, routes);
            }
            self.climb_whole(&mut climb, &found, max_routes);
        }
        if coarse && !apart && !self.finder.is_spent() {
            climb.last(&mut self.finder, max_routes);
            if !exact && !self.finder.is_spent() {
                let cut_short = climb.cut_short;
                for start in self.by_thresholds(goal, max_routes).into_iter().take(LAST) {
                    climb.from(&mut self.finder, start, max_routes);
                }
                // What would have been found there nobody knows.
                climb.cut_short = cut_short;
            }
            climb.narrower(&mut self.finder, max_routes);
        }
        self.finder.allow(usize::MAX);
        let Climb { best: carried, most_seen, cut_short, unknown, .. } = climb;
        // Where units are many, more routes must give more than rounding does.
        let few_units =
            goal.amount < COARSE || found.is_coarse() || (!goal.part_will_do && !found.takes_all(goal));
        let bar = found.tally.amount_out.saturating_add(found.tally.amount_out / 1_000_000);
        let carried = carried.filter(|carried| few_units || carried.tally.amount_out > bar);
        let best = match carried {
            Some(carried) if carried.worth(goal) > found.worth(goal) => carried,
            _ if few_units => found,
            _ => self.settled(found, goal, &[]),
        };
        self.finder.shortfall.extend(unknown);
        // Where all must go somewhere, less may give more: the limit on bins leaves no place for what buys nothing.
        let less_is_more =
            coarse && self.max_splits == 0 && !goal.part_will_do && best.tally.amount_out < most_seen;
        let limited = if cut_short { Some(WALKS) } else { less_is_more.then_some(WHOLE) };
        (Some(best), limited)
    }

    /// The attempt after moves to these ways; where there are none, with what its routes do not need on others.
    pub(super) fn settled(&mut self, found: Attempt<'a>, goal: &Goal, ways: &[Rc<[Leg<'a>]>]) -> Attempt<'a> {
        let max_routes = if self.max_splits == 0 { usize::MAX } else { self.max_splits };
        let mut improver = Improver::new(&mut self.finder, *goal, ways, max_routes);
        improver.thorough = !ways.is_empty();
        let settled = if ways.is_empty() { improver.trim(found) } else { improver.run(found).0 };
        let unknown = improver.unknown;
        self.finder.allow(usize::MAX);
        self.finder.shortfall.extend(unknown);
        settled
    }

    /// Moves from what the flow shares, with two routes first, then with one more each time: so that more routes allowed
    /// never give a worse answer.
    fn climb_by_routes(
        &mut self,
        climb: &mut Climb<'_, 'a>,
        attempts: &[Attempt<'a>],
        found: &Attempt<'a>,
        one_by_one: bool,
        max_routes: usize,
    ) {
        let mut routes = if one_by_one { 2.min(max_routes) } else { max_routes };
        loop {
            let ends = routes == max_routes || climb.best.is_none();
            let mut starts: Vec<Attempt<'a>> = climb.best.iter().cloned().gather();
            for start in attempts {
                if start.plans.len() == routes || ends && start.plans.len() < routes {
                    starts.push(start.clone());
                }
            }
            if let Some(single) = climb.singles.first().filter(|_| ends) {
                starts.push(single.clone());
            }
            if routes == max_routes {
                starts.push(found.clone());
            }
            for start in starts {
                climb.from(&mut self.finder, start, routes);
            }
            let binds = climb.best.as_ref().is_some_and(|best| best.plans.len() >= routes);
            if routes >= max_routes || self.finder.is_spent() {
                break;
            }
            routes = if binds && routes < MOST_ONE_BY_ONE { routes + 1 } else { max_routes };
        }
        if routes == max_routes {
            self.climb_whole(climb, found, max_routes);
        }
    }

    /// What is best if all must be taken may lead to more than what is best if not.
    fn climb_whole(&mut self, climb: &mut Climb<'_, 'a>, found: &Attempt<'a>, max_routes: usize) {
        if !climb.goal.part_will_do || !found.takes_all(&climb.goal) {
            return;
        }
        let whole = Goal { part_will_do: false, ..climb.goal };
        let mut improver = Improver::new(&mut self.finder, whole, climb.ways, max_routes);
        let (better, _) = improver.run(found.clone());
        climb.unknown.extend(improver.unknown);
        self.finder.allow(usize::MAX);
        climb.keep(Attempt::new(&mut self.finder.curves, better.plans, &climb.goal));
    }
}

/// What moves in whole units come to from several starts.
pub(super) struct Climb<'s, 'a> {
    pub(super) goal: Goal,
    /// Routes that may be used.
    pub(super) ways: &'s [Rc<[Leg<'a>]>],
    singles: &'s [Attempt<'a>],
    pub(super) best: Option<Attempt<'a>>,
    /// What attempts pass that no single move makes better, and how many routes were allowed.
    optima: Vec<(usize, Vec<(Amount, Amount)>)>,
    /// Pools whose known bins ran out in something that was tried.
    pub(super) unknown: Shortfall,
    /// The most that anything tried gives, whether it takes all there is or not.
    most_seen: Amount,
    /// Whether work ended some of the moves.
    pub(super) cut_short: bool,
}

impl<'s, 'a> Climb<'s, 'a> {
    fn new(goal: Goal, ways: &'s [Rc<[Leg<'a>]>], singles: &'s [Attempt<'a>]) -> Self {
        let most_seen = singles.iter().map(|single| single.tally.amount_out).max().unwrap_or(0);
        Self {
            goal,
            ways,
            singles,
            best: None,
            optima: Vec::new(),
            unknown: Shortfall::new(),
            most_seen,
            cut_short: false,
        }
    }

    /// Keeps an attempt if it is the best so far.
    pub(super) fn keep(&mut self, attempt: Attempt<'a>) {
        self.most_seen = self.most_seen.max(attempt.tally.amount_out);
        if self.best.as_ref().is_none_or(|best| attempt.worth(&self.goal) > best.worth(&self.goal)) {
            self.best = Some(attempt);
        }
    }

    /// Moves from one start, unless that is known to lead nowhere.
    pub(super) fn from(&mut self, finder: &mut Finder<'a>, start: Attempt<'a>, routes: usize) {
        // More routes allowed are more moves only where all were used.
        let settled =
            |(limit, passed): &&(usize, Vec<_>)| *limit == routes || passed.len() < routes.min(*limit);
        let known: Vec<_> = self.optima.iter().filter(settled).map(|(_, passed)| passed.clone()).gather();
        if known.contains(&start.tally.passed) {
            return;
        }
        let from = start.tally.passed.clone();
        let mut improver = Improver::new(finder, self.goal, self.ways, routes);
        improver.optima = known;
        let (better, ended) = improver.run(start);
        self.unknown.extend(improver.unknown);
        self.most_seen = self.most_seen.max(improver.most_seen);
        self.cut_short |= !ended;
        // What begins there comes to the same again.
        self.optima.push((routes, from));
        if ended {
            self.optima.push((routes, better.tally.passed.clone()));
        }
        self.keep(better);
    }

    /// What grows from nothing, and parts of every size.
    fn last(&mut self, finder: &mut Finder<'a>, max_routes: usize) {
        let mut improver = Improver::new(finder, self.goal, self.ways, max_routes);
        let grown = improver.grown();
        let (grown, _) = improver.run(grown);
        self.unknown.extend(improver.unknown);
        self.most_seen = self.most_seen.max(improver.most_seen);
        self.keep(grown);
        let Some(best) = self.best.clone() else { return };
        let mut improver = Improver::of_what_is_left(finder, self.goal, self.ways, max_routes);
        improver.few = SMALL;
        let (better, ended) = improver.run(best);
        self.unknown.extend(improver.unknown);
        self.most_seen = self.most_seen.max(improver.most_seen);
        self.cut_short |= !ended;
        self.keep(better);
    }
}

/// Whether one of several routes gives far less for its input than all of them.
fn has_a_poor_route(attempt: &Attempt<'_>) -> bool {
    let rate = attempt.tally.amount_out as f64 / attempt.tally.amount_in as f64;
    attempt.tally.passed.iter().any(|&(amount, given)| (given as f64) < rate * POOR * amount as f64)
}

/// Adds a way that is not among the first `known` ones.
fn add_way<'a>(ways: &mut Vec<Rc<[Leg<'a>]>>, legs: &Rc<[Leg<'a>]>, known: usize) {
    if !ways.iter().take(known).any(|way| same_pools(way, legs)) {
        ways.push(Rc::clone(legs));
    }
}
