//! The best answer for an amount: a split over routes, or the best single one where that gives more.

use super::QuoteInput;
use super::attempt::{Attempt, Goal, same_pools};
use super::best::{Finder, Found, Shortfall};
use super::improve::Improver;
use super::plan::{Leg, RoutePlan};
use super::request::{Mode, QuoteRequest};
use super::ways::all_ways;
use crate::route::PathHop;
use crate::sorted::{SortedSet, sort_by};
use crate::split::{Arc, MAX_LOOKS, Network, Planned, Reached, Target, decompose, decompose_along};
use crate::units::{Amount, Direction, Symbol};
use alloc::rc::Rc;
use alloc::vec::Vec;
use litemap::LiteMap;

/// Times that input left over by rounding is handed to the routes anew.
const HAND_OUTS: u32 = 3;
/// Routes that are tried with what is left over; those with most input come first.
const HAND_OUT_TO: usize = 6;
/// Amounts tried on the way to the least input for an output.
const TRIES: u32 = 40;
/// Below so many units of some token on the way, a unit more or less is worth a millionth of the trade or more, and
/// rounding decides which routes are the best. Above, no route is added for what rounding gives.
const COARSE: Amount = 1 << 20;
/// Looks that all flows of one search may take.
const ALL_LOOKS: usize = 2 * MAX_LOOKS;
/// Looks of a flow that take as long as a walk.
const LOOKS_OF_A_WALK: usize = 20;
/// What an answer says whose search ended with its walks.
const WALKS: &str = "walks";
/// Limits on routes that are gone through one by one.
const MOST_ONE_BY_ONE: usize = 6;
/// Splits over fewer routes than this are always looked at, too.
const MOST_NESTED: usize = 5;
/// Halvings of the distance below an input in which a smaller one is looked for.
const FURTHER_BELOW: u32 = 12;
/// Routes beyond the limit that may take the place of others.
const MOST_WANTED: usize = 12;
/// Walks that one improvement may take.
const IMPROVEMENT: usize = 4_000;

/// The best answer found for one amount.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub(super) attempt: Attempt<'a>,
    /// What the attempt was to reach.
    pub(super) goal: Goal,
    /// Routes that the optimum would use, where that is more than allowed.
    pub(super) routes_wanted: usize,
    /// The bound on work that kept the search from all it would look at.
    pub(super) limited: Option<&'static str>,
}

impl<'a> Answer<'a> {
    pub(super) fn amount_in(&self) -> Amount {
        self.attempt.tally.amount_in
    }

    pub(super) fn amount_out(&self) -> Amount {
        self.attempt.tally.amount_out
    }

    /// Bins of one pool visited at most.
    pub(super) fn bins_visited(&self) -> u16 {
        self.attempt.tally.cursors.bins_visited()
    }
}

/// The search for one request over one state.
pub(super) struct Search<'a> {
    pub(super) finder: Finder<'a>,
    /// Routes allowed; 0 means any number.
    max_splits: usize,
    /// Whether one route is all there may or can be.
    one_route: bool,
    max_hops: usize,
    token_in: &'a Symbol,
    token_out: &'a Symbol,
    /// Whether bins that were not read can be; if not they count as the end.
    can_read_more: bool,
    looks: usize,
    /// The network of the latest flow and its bin limit; the next one finds the bins added up.
    network: Option<(u16, Network<'a>)>,
    /// What a network is made of.
    sides: Option<Sides<'a>>,
    /// Choices of pools beside those that a flow finds, made when they are first needed.
    ways: Option<Vec<Rc<[Leg<'a>]>>>,
}

/// Pools in the directions they are used in, with the tokens they lead from and to; how many tokens; the ends.
type Sides<'a> = (Vec<(Leg<'a>, (usize, usize))>, usize, (usize, usize));

/// Attempts that share a trade, and what the flow says of it.
struct Shared<'a> {
    attempts: Vec<Attempt<'a>>,
    /// Routes that the flow would use if there were no limit, those with most input first.
    wanted: Vec<Rc<[Leg<'a>]>>,
    routes_wanted: usize,
    reached: Reached,
}

impl<'a> Search<'a> {
    /// The search for a request, with nothing done yet.
    pub(super) fn of(input: &QuoteInput<'a>) -> Self {
        let QuoteInput { request, candidates, state, can_read_more, .. } = *input;
        let finder = Finder::new(candidates, state);
        Self {
            one_route: request.max_splits == 1 || finder.one_way(),
            finder,
            max_splits: usize::from(request.max_splits),
            max_hops: usize::from(request.max_hops),
            token_in: &request.token_in,
            token_out: &request.token_out,
            can_read_more,
            looks: 0,
            network: None,
            sides: None,
            ways: None,
        }
    }

    /// Sets another limit on routes and gives the one before.
    pub(super) fn set_max_splits(&mut self, max_splits: usize) -> usize {
        self.one_route = max_splits == 1 || self.finder.one_way();
        core::mem::replace(&mut self.max_splits, max_splits)
    }

    /// Pools whose known bins ran out where that mattered.
    pub(super) fn shortfall(&self) -> &Shortfall {
        &self.finder.shortfall
    }

    /// Work done so far, in walks; a few looks of a flow take as long as one.
    pub(super) const fn effort(&self) -> usize {
        self.finder.curves.walks + self.looks / LOOKS_OF_A_WALK
    }

    /// Whether a bound on work ended the search.
    pub(super) const fn is_spent(&self) -> bool {
        self.looks >= ALL_LOOKS || self.finder.is_spent()
    }

    /// Whether more bins must be read before an answer is worth anything.
    fn must_read_more(&self) -> bool {
        self.can_read_more && !self.finder.shortfall.is_empty()
    }

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
        let single = self.finder.best_full(amount, max_bins, beaten_by).map(Found::into_plan);
        let all_taken = single.is_some() || best.as_ref().is_some_and(takes_all);
        let mut plans: Vec<_> = single.into_iter().collect();
        if part_will_do || !all_taken {
            let bar = best.as_ref().map_or(0, |best| best.tally.amount_out);
            plans.extend(self.finder.partial_plans(amount, max_bins, bar));
        }
        let mut singles = Vec::with_capacity(plans.len());
        for plan in plans {
            let attempt = Attempt::new(&mut self.finder.curves, plan, &goal);
            self.finder.overflow |= attempt.tally.overflow;
            singles.push(attempt);
        }
        for single in &singles {
            if best.as_ref().is_none_or(|best| single.worth(&goal) > best.worth(&goal)) {
                best = Some(single.clone());
            }
        }
        if !self.one_route && !self.must_read_more() {
            let (better, cut_short) = self.improved(best, shared.as_ref(), &singles, &goal);
            (best, limited) = (better, limited.or(cut_short.then_some(WALKS)));
        }
        let attempt = best.filter(|best| best.tally.amount_in > 0)?;
        let routes_wanted = shared.map_or(1, |shared| shared.routes_wanted);
        let limited = limited.or(self.is_spent().then_some(WALKS));
        Some(Answer { attempt, goal, routes_wanted, limited })
    }

    /// The best attempt after moving input between routes, where that may matter.
    fn improved(
        &mut self,
        best: Option<Attempt<'a>>,
        shared: Option<&Shared<'a>>,
        singles: &[Attempt<'a>],
        goal: &Goal,
    ) -> (Option<Attempt<'a>>, bool) {
        let Some(found) = best else { return (None, false) };
        let coarse = is_coarse(&found, goal.amount);
        let finder = &mut self.finder;
        let max_routes = if self.max_splits == 0 { usize::MAX } else { self.max_splits };
        // What gives more and does not take everything may do so with another route for the rest.
        let torn = shared.into_iter().flat_map(|shared| &shared.attempts).chain(singles);
        let torn = torn.into_iter().any(|attempt| attempt.tally.amount_out > found.tally.amount_out);
        if !coarse && !torn && found.takes_all(goal) {
            let walks_end = (finder.curves.walks + IMPROVEMENT).min(finder.max_walks);
            let curves = &mut finder.curves;
            let likely = Vec::new();
            let mut improver =
                Improver { curves, goal: *goal, ways: &[], max_routes, walks_end, fills: true, likely };
            return (Some(improver.trim(found)), false);
        }
        let mut ways: Vec<Rc<[Leg<'a>]>> = Vec::new();
        let planned = shared.into_iter().flat_map(|shared| &shared.attempts).chain(singles);
        let planned = planned.flat_map(|attempt| &attempt.plans).map(|plan| &plan.legs);
        for legs in planned.chain(shared.into_iter().flat_map(|shared| &shared.wanted)) {
            if !ways.iter().any(|way| same_pools(way, legs)) {
                ways.push(Rc::clone(legs));
            }
        }
        if coarse || torn || !found.takes_all(goal) {
            let all = self.ways.get_or_insert_with(|| all_ways(finder));
            let known = ways.len();
            for way in all.iter() {
                if !ways.iter().take(known).any(|known| same_pools(known, way)) {
                    ways.push(Rc::clone(way));
                }
            }
        }
        let (mut best, mut cut_short) = (found.clone(), false);
        // With two routes first, then with one more each time: so that more routes allowed never give a worse answer.
        let mut routes = if coarse { 2.min(max_routes) } else { max_routes };
        let mut carried: Option<Attempt<'a>> = None;
        loop {
            let attempts = || shared.into_iter().flat_map(|shared| &shared.attempts);
            let ends = usize::from(routes == max_routes || carried.is_none());
            let fitting = attempts()
                .filter(|start| start.plans.len() == routes || ends > 0 && start.plans.len() < routes);
            let starts = carried.iter().chain(fitting).chain(singles.iter().take(ends));
            let starts = starts.chain(core::iter::once(&found).filter(|_| routes == max_routes));
            let mut done: Vec<Attempt<'a>> = Vec::new();
            for start in starts.cloned().collect::<Vec<_>>() {
                if done.iter().any(|done| done.tally.passed == start.tally.passed) {
                    continue;
                }
                done.push(start.clone());
                let finder = &mut self.finder;
                let walks_end = (finder.curves.walks + IMPROVEMENT).min(finder.max_walks);
                let curves = &mut finder.curves;
                let likely = Vec::new();
                let mut improver = Improver {
                    curves,
                    goal: *goal,
                    ways: &ways,
                    max_routes: routes,
                    walks_end,
                    fills: false,
                    likely,
                };
                let (better, ended) = improver.run(start);
                cut_short |= !ended;
                if carried.as_ref().is_none_or(|carried| better.worth(goal) > carried.worth(goal)) {
                    carried = Some(better);
                }
            }
            if goal.part_will_do && routes == max_routes && found.takes_all(goal) {
                // What is best if all must be taken may lead to more than what is best if not.
                let finder = &mut self.finder;
                let walks_end = (finder.curves.walks + IMPROVEMENT).min(finder.max_walks);
                let whole = Goal { part_will_do: false, ..*goal };
                let (curves, likely) = (&mut finder.curves, Vec::new());
                let mut improver = Improver {
                    curves,
                    goal: whole,
                    ways: &ways,
                    max_routes: routes,
                    walks_end,
                    fills: false,
                    likely,
                };
                let (better, _) = improver.run(found.clone());
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
        if let Some(carried) = carried.filter(|carried| carried.worth(goal) > best.worth(goal)) {
            best = carried;
        }
        (Some(best), cut_short)
    }

    /// The most that one route passes of an amount and gives something for: input, or output where that is fixed.
    pub(super) fn most_of_one_route(&mut self, amount: Amount, request: &QuoteRequest) -> Amount {
        let offered = match request.mode {
            Mode::ExactIn => amount,
            Mode::ExactOut => Amount::MAX,
        };
        let goal = Goal { amount: offered, max_bins: request.max_bins, part_will_do: true };
        let plans = self.finder.partial_plans(offered, request.max_bins, 0);
        let attempts = plans.into_iter().map(|plan| Attempt::new(&mut self.finder.curves, plan, &goal));
        let giving = attempts.filter(|attempt| attempt.tally.amount_out > 0);
        let most = giving.map(|attempt| match request.mode {
            Mode::ExactIn => attempt.tally.amount_in,
            Mode::ExactOut => attempt.tally.amount_out,
        });
        most.max().unwrap_or(0).min(amount)
    }

    /// The answer that gives at least `wanted` for the least input, or the most there is.
    pub(super) fn exact_out(&mut self, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true };
        let single = self.finder.least_input(wanted, max_bins);
        let single = single.map(|found| Attempt::new(&mut self.finder.curves, found.into_plan(), &goal));
        let single = single.map(|attempt| Answer { attempt, goal, routes_wanted: 1, limited: None });
        let single = single.filter(|answer| answer.amount_out() >= wanted);
        let split = if self.one_route { None } else { self.split_for(wanted, max_bins) };
        let found = match (single, split) {
            (Some(single), Some(split)) if split.amount_in() < single.amount_in() => split,
            (Some(found), _) | (None, Some(found)) => found,
            // Neither way down led there: the most there is, which may be too little or too much.
            (None, None) => self.exact_in(Amount::MAX, max_bins, true)?,
        };
        if found.amount_out() < wanted {
            return Some(found);
        }
        Some(self.lowered(found, wanted, max_bins))
    }

    /// Makes sure that less input would not do; goes down to the least if it would.
    ///
    /// More in gives no less out, so a unit less tells. Where units are few, the search itself may have missed
    /// something for just that amount, so amounts further below are tried as well.
    fn lowered(&mut self, found: Answer<'a>, wanted: Amount, max_bins: u16) -> Answer<'a> {
        let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true };
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
            let few = !self.one_route && is_coarse(&best.attempt, above);
            if less == 0 || less >= above || further > if few { FURTHER_BELOW } else { 0 } {
                return best;
            }
            match self.exact_in(above - less, max_bins, true) {
                Some(answer) if answer.amount_out() >= wanted => (best, further) = (answer, 0),
                _ => further += 1,
            }
        }
        best.limited = Some(WALKS);
        best
    }

    /// Comes down on the least input of a split: the flow says where it is, replays in whole units say exactly.
    fn split_for(&mut self, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let part = |amount| Goal { amount, max_bins, part_will_do: true };
        let first = self.split(Target::Output(wanted as f64), None, &part(Amount::MAX))?;
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

    /// Shares a trade over all candidates, with as many routes as are allowed and with fewer.
    fn split(&mut self, target: Target, amount: Option<Amount>, goal: &Goal) -> Option<Shared<'a>> {
        let mut network = self.network(goal.max_bins)?;
        network.refresh();
        let reached = loop {
            match network.solve(target) {
                Ok(reached) => break reached,
                Err(unknown) => self.fall_short(&mut network, &unknown)?,
            }
        };
        let amount = amount.unwrap_or(reached.input as Amount);
        let mut planned = decompose(&network);
        let routes_wanted = planned.len();
        let allowed = if self.max_splits == 0 { routes_wanted } else { self.max_splits };
        let mut attempts = Vec::new();
        let goal = Goal { amount, ..*goal };
        if routes_wanted <= allowed {
            let plans = Self::in_units(&network, &planned, amount);
            attempts.push(self.hand_out(plans, &goal));
        }
        let mut by_output = planned.clone();
        sort_by(&mut planned, |a, b| b.input.total_cmp(&a.input));
        sort_by(&mut by_output, |a, b| b.output.total_cmp(&a.output));
        let wanted = planned.iter().take(MOST_WANTED).map(|route| legs_of(&network, route)).collect();
        let paths_of = |routes: &[Planned]| routes.iter().map(|route| route.arcs.clone()).collect::<Vec<_>>();
        // Rounding may make fewer routes the better ones, so a few of them are always looked at; then the limit itself.
        let fewer = (2..routes_wanted.min(allowed).min(MOST_NESTED))
            .chain((allowed < routes_wanted).then_some(allowed));
        let mut choices: Vec<Vec<Vec<usize>>> =
            fewer.filter_map(|routes| planned.get(..routes)).map(paths_of).collect();
        if allowed < routes_wanted {
            // A route that takes little may give much; another is needed to take the rest.
            choices.extend(by_output.get(..allowed).map(paths_of));
            let most = planned.first().into_iter().map(|route| &route.arcs);
            let others = by_output
                .iter()
                .map(|route| &route.arcs)
                .filter(|arcs| most.clone().all(|most| most != *arcs));
            choices.push(most.clone().chain(others).take(allowed).cloned().collect());
            let same = |a: &[Vec<usize>], b: &[Vec<usize>]| {
                a.len() == b.len() && a.iter().all(|path| b.contains(path))
            };
            for at in (1..choices.len()).rev() {
                let known = choices.get(..at).unwrap_or_default();
                if choices.get(at).is_some_and(|choice| known.iter().any(|known| same(known, choice))) {
                    choices.remove(at);
                }
            }
        }
        for paths in choices {
            let along = loop {
                match network.solve_along(target, &paths) {
                    Ok(along) => break Some(along),
                    // Nobody asked for fewer routes, so nothing is read for them.
                    Err(_) if paths.len() != allowed => break None,
                    Err(unknown) => self.fall_short(&mut network, &unknown)?,
                }
            };
            if along.is_none() {
                continue;
            }
            let plans = Self::in_units(&network, &decompose_along(&network, &paths), amount);
            attempts.push(self.hand_out(plans, &goal));
        }
        self.looks += network.looks();
        self.network = Some((goal.max_bins, network));
        self.finder.overflow |= attempts.iter().any(|attempt| attempt.tally.overflow);
        Some(Shared { attempts, wanted, routes_wanted, reached })
    }

    /// Notes which pools ran out of known bins; gives up if more can be read, else lets them end there.
    fn fall_short(&mut self, network: &mut Network<'a>, unknown: &SortedSet<usize>) -> Option<()> {
        let pools =
            unknown.iter().filter_map(|&arc| network.arcs.get(arc)).map(|arc| (arc.at, arc.direction));
        self.finder.shortfall.extend(pools);
        network.close(unknown);
        if self.can_read_more { None } else { Some(()) }
    }

    /// The network of all candidates that can be quoted.
    fn network(&mut self, max_bins: u16) -> Option<Network<'a>> {
        if let Some((_, network)) = self.network.take().filter(|(bins, _)| *bins == max_bins) {
            return Some(network);
        }
        if self.sides.is_none() {
            self.sides = Some(self.sides()?);
        }
        let (sides, nodes, ends) = self.sides.as_ref()?;
        let arcs = sides.iter().map(|(leg, ends)| Arc::new(leg.side(), *ends, leg.hop, max_bins));
        Some(Network::new(arcs.collect(), *nodes, *ends, self.max_hops))
    }

    /// Every pool that can be quoted in each direction that some path needs, the number of tokens, and the ends.
    fn sides(&self) -> Option<Sides<'a>> {
        let candidates = self.finder.candidates;
        let mut nodes: LiteMap<&Symbol, usize> = LiteMap::new();
        let mut hops: LiteMap<(usize, Direction), &'a PathHop> = LiteMap::new();
        for hop in candidates.paths.iter().flat_map(|path| &path.hops) {
            for token in [&hop.token_in, &hop.token_out] {
                let next = nodes.len();
                nodes.entry(token).or_insert(next);
            }
            for &(at, direction) in &hop.pools {
                hops.entry((at, direction)).or_insert(hop);
            }
        }
        let sides = hops.into_iter().filter_map(|((at, direction), hop)| {
            let (pool, _) = self.finder.state.ready(&candidates.pools.get(at)?.pool.id)?;
            let ends = (*nodes.get(&hop.token_in)?, *nodes.get(&hop.token_out)?);
            Some((Leg { at, pool, direction, hop }, ends))
        });
        let ends = (*nodes.get(self.token_in)?, *nodes.get(self.token_out)?);
        Some((sides.collect(), nodes.len(), ends))
    }

    /// Routes with whole amounts that add up to `amount`. What rounding leaves or lacks is the largest's: of the others
    /// floats know every unit.
    fn in_units(network: &Network<'a>, planned: &[Planned], amount: Amount) -> Vec<RoutePlan<'a>> {
        let mut plans: Vec<RoutePlan<'a>> = Vec::with_capacity(planned.len());
        for route in planned {
            // Saturates; a share below one unit is none.
            let amount_in = (route.input as Amount).min(amount);
            plans.push(RoutePlan { legs: legs_of(network, route), amount_in });
        }
        let largest = (0..plans.len()).rev().max_by_key(|&at| plans.get(at).map(|plan| plan.amount_in));
        let others = plans.iter().enumerate().filter(|(at, _)| Some(*at) != largest);
        let others = others.fold(0, |sum: Amount, (_, plan)| sum.saturating_add(plan.amount_in));
        if let Some(largest) = largest.and_then(|at| plans.get_mut(at)) {
            largest.amount_in = amount.saturating_sub(others);
        }
        // Only where the others alone exceed the amount, by as little as floats are wrong.
        let mut left = amount;
        for plan in &mut plans {
            plan.amount_in = plan.amount_in.min(left);
            left -= plan.amount_in;
        }
        plans.retain(|plan| plan.amount_in > 0);
        plans
    }

    /// Carries the plans out, and hands input that a route could not pass to the others, until all is spent or
    /// nothing takes more.
    fn hand_out(&mut self, plans: Vec<RoutePlan<'a>>, goal: &Goal) -> Attempt<'a> {
        let max_walks = self.finder.max_walks;
        let curves = &mut self.finder.curves;
        let mut best = Attempt::new(curves, plans, goal);
        for _ in 0..HAND_OUTS {
            let left = best.rest(goal);
            // The best route alone must still be looked for, so half of the walks are not touched.
            if left == 0 || best.plans.is_empty() || curves.walks > max_walks / 2 {
                break;
            }
            let mut better: Option<Attempt<'a>> = None;
            for at in 0..best.plans.len().min(HAND_OUT_TO) {
                let mut plans = best.plans.clone();
                if let Some(plan) = plans.get_mut(at) {
                    plan.amount_in = plan.amount_in.saturating_add(left);
                }
                let tried = Attempt::new(curves, plans, goal);
                let key = |attempt: &Attempt<'_>| (attempt.tally.amount_in, attempt.tally.amount_out);
                if better.as_ref().is_none_or(|better| key(&tried) > key(better)) {
                    better = Some(tried);
                }
            }
            match better {
                Some(better) if better.tally.amount_in > best.tally.amount_in => best = better,
                _ => break,
            }
        }
        best
    }
}

/// Whether units are so few that rounding may decide what is best.
fn is_coarse(attempt: &Attempt<'_>, amount: Amount) -> bool {
    attempt.tally.smallest.min(amount) < COARSE
}

fn legs_of<'a>(network: &Network<'a>, route: &Planned) -> Rc<[Leg<'a>]> {
    let arcs = route.arcs.iter().filter_map(|&arc| network.arcs.get(arc));
    let legs = arcs.map(|arc| Leg { at: arc.at, pool: arc.pool, direction: arc.direction, hop: arc.hop });
    legs.collect::<Vec<_>>().into()
}
