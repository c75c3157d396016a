//! A trade shared over routes: the flow says how, replays in whole units say what comes of it.

use super::attempt::{Attempt, with_more};
use super::goal::Goal;
use super::leg::Leg;
use super::plan::RoutePlan;
use super::search::{Search, Sides};
use super::split::{MAX_LOOKS, Network, Planned, PoolArc, Reached, Target, decompose, decompose_along};
use crate::gather::Gather;
use crate::network::route::PathHop;
use crate::sorted::{SortedSet, sort_by};
use crate::units::{Amount, Direction, Symbol};
use alloc::rc::Rc;
use alloc::vec::Vec;
use litemap::LiteMap;

/// Times that input left over by rounding is handed to the routes anew.
const HAND_OUTS: u32 = 3;
/// Routes that are tried with what is left over; those with most input come first.
const HAND_OUT_TO: usize = 6;
/// Splits over fewer routes than this are always looked at, too.
const MOST_NESTED: usize = 5;
/// Routes beyond the limit that may take the place of others.
const MOST_WANTED: usize = 12;

/// Attempts that share a trade, and what the flow says of it.
pub(super) struct Shared<'a> {
    pub(super) attempts: Vec<Attempt<'a>>,
    /// Routes that the flow would use if there were no limit, those with most input first.
    pub(super) wanted: Vec<Rc<[Leg<'a>]>>,
    pub(super) routes_wanted: usize,
    pub(super) reached: Reached,
    /// What floats promise with as many routes as are allowed.
    pub(super) promised: f64,
}

impl Shared<'_> {
    /// Whether an answer that gives so much gives what floats promise.
    pub(super) fn is_kept_by(&self, amount_out: Amount) -> bool {
        self.promised * (1.0 - 1e-6) <= amount_out as f64
    }
}

impl<'a> Search<'a> {
    /// Shares a trade over all candidates, with as many routes as are allowed and with fewer.
    pub(super) fn split(
        &mut self,
        target: Target,
        amount: Option<Amount>,
        goal: &Goal,
    ) -> Option<Shared<'a>> {
        let mut network = self.network(goal.max_bins)?;
        network.refresh(self.looks_left());
        let reached = loop {
            match network.solve(target) {
                Ok(reached) => break reached,
                Err(unknown) => self.fall_short(&mut network, &unknown)?,
            }
        };
        // Beyond all liquidity only what the flow placed is shared out: more of it for one route would only take the
        // bins of another.
        let all = amount.unwrap_or(reached.input as Amount);
        let placed = |reached: &Reached| match reached.input as Amount {
            placed if placed < all - all / 1_000_000_000 => placed,
            _ => all,
        };
        let mut planned = decompose(&network);
        let routes_wanted = planned.len();
        let allowed = if self.max_splits == 0 { routes_wanted } else { self.max_splits };
        let mut promised = if routes_wanted <= allowed { reached.output } else { 0.0 };
        let mut attempts = Vec::new();
        let goal = Goal { amount: all, ..*goal };
        if routes_wanted <= allowed {
            let plans = Self::in_units(&network, &planned, placed(&reached));
            attempts.push(self.hand_out(plans, &goal, reached.limited.is_some()));
        }
        let mut by_output = planned.clone();
        sort_by(&mut planned, |a, b| b.input.total_cmp(&a.input));
        sort_by(&mut by_output, |a, b| b.output.total_cmp(&a.output));
        let wanted = planned.iter().take(MOST_WANTED).map(|route| legs_of(&network, route)).gather();
        let paths_of = |routes: &[Planned]| routes.iter().map(|route| route.arcs.clone()).gather();
        // Rounding may make fewer routes the better ones, so a few of them are always looked at; then the limit itself.
        let fewer = (2..routes_wanted.min(allowed).min(MOST_NESTED))
            .chain((allowed < routes_wanted).then_some(allowed));
        let mut choices: Vec<Vec<Vec<usize>>> =
            fewer.filter_map(|routes| planned.get(..routes)).map(paths_of).gather();
        if allowed < routes_wanted {
            // A route that takes little may give much; another is needed to take the rest.
            choices.extend(by_output.get(..allowed).map(paths_of));
            let most = planned.first().into_iter().map(|route| &route.arcs);
            let others = by_output
                .iter()
                .map(|route| &route.arcs)
                .filter(|arcs| most.clone().all(|most| most != *arcs));
            choices.push(most.clone().chain(others).take(allowed).cloned().gather());
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
            if self.is_spent() {
                break;
            }
            self.looks += network.looks();
            network.refresh(self.looks_left());
            let along = loop {
                match network.solve_along(target, &paths) {
                    Ok(along) => break Some(along),
                    // Nobody asked for fewer routes, so nothing is read for them.
                    Err(_) if paths.len() != allowed => break None,
                    Err(unknown) => self.fall_short(&mut network, &unknown)?,
                }
            };
            let Some(along) = along else { continue };
            if paths.len() == allowed {
                promised = promised.max(along.output);
            }
            let plans = Self::in_units(&network, &decompose_along(&network, &paths), placed(&along));
            attempts.push(self.hand_out(plans, &goal, along.limited.is_some()));
        }
        self.looks += network.looks();
        self.network = Some((goal.max_bins, network));
        self.finder.overflow |= attempts.iter().any(|attempt| attempt.tally.overflow);
        Some(Shared { attempts, wanted, routes_wanted, reached, promised })
    }

    /// Notes which pools ran out of known bins; gives up if more can be read, else lets them end there.
    fn fall_short(&mut self, network: &mut Network<'a>, unknown: &SortedSet<usize>) -> Option<()> {
        let pools =
            unknown.iter().filter_map(|&arc| network.arcs.get(arc)).map(|arc| (arc.at, arc.direction));
        self.finder.shortfall.extend(pools);
        if self.can_read_more {
            return None;
        }
        // Nothing can be read for any pool, so all of them end where they are known to; the flow begins anew.
        network.close();
        self.looks += network.looks();
        network.refresh(self.looks_left());
        Some(())
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
        let arcs = sides.iter().map(|(leg, ends)| PoolArc::new(leg.side(), *ends, leg.hop, max_bins));
        let looks = self.effort.out_of(MAX_LOOKS);
        Some(Network::new(arcs.gather(), *nodes, *ends, self.max_hops, looks))
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
            let pool = self.finder.pool(at)?;
            let ends = (*nodes.get(&hop.token_in)?, *nodes.get(&hop.token_out)?);
            Some((Leg { at, pool, direction, hop }, ends))
        });
        let ends = (*nodes.get(self.token_in)?, *nodes.get(self.token_out)?);
        Some((sides.gather(), nodes.len(), ends))
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
    fn hand_out(&mut self, plans: Vec<RoutePlan<'a>>, goal: &Goal, limited: bool) -> Attempt<'a> {
        let first = Attempt::new(&mut self.finder.curves, plans, goal);
        let mut best = first.clone();
        for _ in 0..HAND_OUTS {
            let left = best.rest(goal);
            // The best route alone must still be looked for, so half of the walks are not touched.
            if left == 0 || best.plans.is_empty() || self.finder.is_half_spent() {
                break;
            }
            let mut better: Option<Attempt<'a>> = None;
            for at in 0..best.plans.len().min(HAND_OUT_TO) {
                let plans = with_more(&best.plans, at, left);
                let tried = Attempt::like(&best, &mut self.finder.curves, plans, goal);
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
        // Where work ended the flow, much may be left: each route takes as much as it can, the largest first.
        if limited {
            for at in 0..best.plans.len() {
                let left = best.rest(goal);
                if left == 0 || self.finder.is_half_spent() {
                    break;
                }
                let plans = with_more(&best.plans, at, left);
                let tried = Attempt::like(&best, &mut self.finder.curves, plans, goal);
                if tried.tally.amount_in > best.tally.amount_in
                    && tried.tally.amount_out > best.tally.amount_out
                {
                    best = tried;
                }
            }
        }
        // A route that takes more may take it from the pools of a better one.
        if first.worth(goal) > best.worth(goal) { first } else { best }
    }
}

fn legs_of<'a>(network: &Network<'a>, route: &Planned) -> Rc<[Leg<'a>]> {
    let arcs = route.arcs.iter().filter_map(|&arc| network.arcs.get(arc));
    let legs = arcs.map(|arc| Leg { at: arc.at, pool: arc.pool, direction: arc.direction, hop: arc.hop });
    legs.gather().into()
}
