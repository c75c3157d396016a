//! The best answer for an amount: a split over routes, or the best single one where that gives more.

use super::best::{Finder, Found, Shortfall};
use super::plan::{Leg, Replay, RoutePlan, replay};
use crate::route::{Candidates, PathHop};
use crate::sorted::{SortedSet, sort_by};
use crate::split::{Arc, Network, Planned, Target, decompose, decompose_along};
use crate::state::State;
use crate::units::{Amount, Symbol};
use alloc::vec::Vec;
use litemap::LiteMap;

/// Times that input left over by rounding is handed to the routes anew.
const HAND_OUTS: u32 = 4;
/// Amounts tried on the way to the least input for an output.
const TRIES: u32 = 40;

/// The best answer found for one amount.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub(super) replay: Replay<'a>,
    /// Routes that the optimum would use, where that is more than allowed.
    pub(super) routes_wanted: usize,
}

impl Answer<'_> {
    /// Bins of one pool visited at most.
    pub(super) fn bins_visited(&self) -> u16 {
        self.replay.cursors.values().map(crate::walk::Cursor::bins_visited).max().unwrap_or(0)
    }

    /// More out is better; of equals less in, then fewer routes.
    fn beats(&self, other: &Self) -> bool {
        let key = |answer: &Self| {
            (
                answer.replay.amount_out,
                core::cmp::Reverse((answer.replay.amount_in, answer.replay.routes.len())),
            )
        };
        key(self) > key(other)
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
}

impl<'a> Search<'a> {
    pub(super) fn new(
        (candidates, state): (&'a Candidates, &'a State),
        (token_in, token_out): (&'a Symbol, &'a Symbol),
        (max_splits, max_hops): (u8, u8),
        can_read_more: bool,
    ) -> Self {
        let finder = Finder::new(candidates, state);
        Self {
            one_route: max_splits == 1 || finder.one_way(),
            finder,
            max_splits: usize::from(max_splits),
            max_hops: usize::from(max_hops),
            token_in,
            token_out,
            can_read_more,
        }
    }

    /// Pools whose known bins ran out where that mattered.
    pub(super) fn shortfall(&self) -> &Shortfall {
        &self.finder.shortfall
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
        let split = match self.one_route {
            true => None,
            false => {
                self.split(Target::Input(amount as f64), Some(amount), max_bins).map(|(answer, _)| answer)
            }
        };
        let takes_all = |answer: &Answer<'_>| answer.replay.amount_in == amount;
        let beaten_by = split.as_ref().filter(|s| takes_all(s)).map_or(0, |s| s.replay.amount_out);
        let single = self.finder.best_full(amount, max_bins, beaten_by).map(Found::into_plan);
        let all_taken = single.is_some() || split.as_ref().is_some_and(takes_all);
        let mut plans: Vec<_> = single.into_iter().collect();
        if part_will_do || !all_taken {
            let bar = split.as_ref().map_or(0, |s| s.replay.amount_out);
            plans.extend(self.finder.partial_plans(amount, max_bins, bar));
        }
        let mut best = split;
        for plan in plans {
            let answer = Answer { replay: replay(&plan, max_bins), routes_wanted: 1 };
            self.finder.overflow |= answer.replay.overflow;
            let wins = best.as_ref().is_none_or(|best| match (takes_all(&answer), takes_all(best)) {
                (true, false) if !part_will_do => true,
                (false, true) if !part_will_do => false,
                _ => answer.beats(best),
            });
            if wins {
                let routes_wanted = best.map_or(1, |best| best.routes_wanted);
                best = Some(Answer { routes_wanted, ..answer });
            }
        }
        best.filter(|best| best.replay.amount_in > 0)
    }

    /// The answer that gives at least `wanted` for the least input, or the most there is.
    pub(super) fn exact_out(&mut self, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let single = self.finder.least_input(wanted, max_bins);
        let single =
            single.map(|found| Answer { replay: replay(&found.into_plan(), max_bins), routes_wanted: 1 });
        let single = single.filter(|answer| answer.replay.amount_out >= wanted);
        let split = if self.one_route { None } else { self.split_for(wanted, max_bins) };
        let found = match (single, split) {
            (Some(single), Some(split)) if split.replay.amount_in < single.replay.amount_in => split,
            (Some(found), _) | (None, Some(found)) => found,
            // Neither way down led there: the most there is, which may be too little or too much.
            (None, None) => self.exact_in(Amount::MAX, max_bins, true)?,
        };
        if found.replay.amount_out < wanted {
            return Some(found);
        }
        let found = self.lowered(found, wanted, max_bins);
        if self.one_route {
            return Some(found);
        }
        // With splits that was exact to a millionth; one route alone is so to the unit, and may be the cheaper one.
        self.one_route = true;
        let found = self.lowered(found, wanted, max_bins);
        self.one_route = false;
        Some(found)
    }

    /// Makes sure that less input would not do, by asking for a little less; halves down to the least if it would.
    fn lowered(&mut self, found: Answer<'a>, wanted: Amount, max_bins: u16) -> Answer<'a> {
        let enough = |search: &mut Self, amount: Amount| {
            let answer = search.exact_in(amount, max_bins, true)?;
            (answer.replay.amount_out >= wanted).then_some(answer)
        };
        // One route is exact to the unit; a split to a millionth, which spares a second search nearly always.
        let little = if self.one_route { 1 } else { (found.replay.amount_in / 2_000_000).max(1) };
        let Some(mut best) = enough(self, found.replay.amount_in.saturating_sub(little)) else {
            return found;
        };
        let mut low = 0;
        // An answer may take less than it was offered, even less than what was too little before.
        while best.replay.amount_in.saturating_sub(low) > little {
            let middle = low + best.replay.amount_in.saturating_sub(low) / 2;
            match enough(self, middle) {
                Some(answer) => best = answer,
                None => low = middle,
            }
        }
        best
    }

    /// Comes down on the least input of a split: the flow says where it is, replays in whole units say exactly.
    fn split_for(&mut self, wanted: Amount, max_bins: u16) -> Option<Answer<'a>> {
        let (first, slope) = self.split(Target::Output(wanted as f64), None, max_bins)?;
        let mut amount = first.replay.amount_in;
        let mut best: Option<Answer<'a>> = None;
        let mut too_little = 0;
        for _ in 0..TRIES {
            let (answer, _) = self.split(Target::Input(amount as f64), Some(amount), max_bins)?;
            let given = answer.replay.amount_out;
            if given >= wanted {
                let spent = answer.replay.amount_in;
                if best.as_ref().is_none_or(|best| spent < best.replay.amount_in) {
                    best = Some(answer);
                }
                // Go down by what was given too much.
                let less = ((given - wanted) as f64 / slope) as Amount;
                amount = spent.saturating_sub(less.max(1));
            } else {
                if answer.replay.amount_in < amount {
                    break;
                }
                too_little = too_little.max(amount);
                let more = ((wanted - given) as f64 / slope) as Amount;
                amount = amount.checked_add(more.max(1))?;
            }
            if let Some(best) = &best {
                if best.replay.amount_in <= too_little.saturating_add(1) {
                    break;
                }
                if amount >= best.replay.amount_in || amount <= too_little {
                    amount = too_little + best.replay.amount_in.saturating_sub(too_little) / 2;
                }
            }
        }
        best
    }

    /// Shares a trade over all candidates; also gives the marginal output at the end.
    fn split(&mut self, target: Target, amount: Option<Amount>, max_bins: u16) -> Option<(Answer<'a>, f64)> {
        let mut network = self.network(max_bins)?;
        let reached = loop {
            match network.solve(target) {
                Ok(reached) => break reached,
                Err(unknown) => self.fall_short(&mut network, &unknown)?,
            }
        };
        let amount = amount.unwrap_or(reached.input as Amount);
        let mut planned = decompose(&network);
        let routes_wanted = planned.len();
        if self.max_splits > 0 && planned.len() > self.max_splits {
            sort_by(&mut planned, |a, b| b.input.total_cmp(&a.input));
            let paths: Vec<_> =
                planned.iter().take(self.max_splits).map(|route| route.arcs.clone()).collect();
            loop {
                match network.solve_along(target, &paths) {
                    Ok(_) => break,
                    Err(unknown) => self.fall_short(&mut network, &unknown)?,
                }
            }
            planned = decompose_along(&network, &paths);
        }
        let plans = self.in_units(&network, &planned, amount);
        let replay = hand_out(plans, amount, max_bins)?;
        self.finder.overflow |= replay.overflow;
        Some((Answer { replay, routes_wanted }, reached.slope))
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
    fn network(&self, max_bins: u16) -> Option<Network<'a>> {
        let candidates = self.finder.candidates;
        let mut nodes: LiteMap<&Symbol, usize> = LiteMap::new();
        let mut hops: LiteMap<(usize, crate::units::Direction), &'a PathHop> = LiteMap::new();
        for hop in candidates.paths.iter().flat_map(|path| &path.hops) {
            for token in [&hop.token_in, &hop.token_out] {
                let next = nodes.len();
                nodes.entry(token).or_insert(next);
            }
            for &(at, direction) in &hop.pools {
                hops.entry((at, direction)).or_insert(hop);
            }
        }
        let arcs = hops.into_iter().filter_map(|((at, direction), hop)| {
            let (pool, _) = self.finder.state.ready(&candidates.pools.get(at)?.pool.id)?;
            let ends = (*nodes.get(&hop.token_in)?, *nodes.get(&hop.token_out)?);
            Some(Arc::new((at, pool, direction), ends, hop, max_bins))
        });
        Some(Network {
            arcs: arcs.collect(),
            nodes: nodes.len(),
            source: *nodes.get(self.token_in)?,
            sink: *nodes.get(self.token_out)?,
            max_hops: self.max_hops,
        })
    }

    /// Routes with whole amounts that add up to `amount`; what rounding leaves goes to the largest.
    fn in_units(&self, network: &Network<'a>, planned: &[Planned], amount: Amount) -> Vec<RoutePlan<'a>> {
        let mut left = amount;
        let mut plans: Vec<RoutePlan<'a>> = Vec::with_capacity(planned.len());
        for route in planned {
            // Saturates; a share below one unit is none.
            let units = (route.input as Amount).min(left);
            left -= units;
            let legs = route.arcs.iter().filter_map(|&arc| network.arcs.get(arc));
            let legs =
                legs.map(|arc| Leg { at: arc.at, pool: arc.pool, direction: arc.direction, hop: arc.hop });
            plans.push(RoutePlan { legs: legs.collect(), amount_in: units });
        }
        if let Some(largest) = plans.iter_mut().max_by_key(|plan| plan.amount_in) {
            largest.amount_in = largest.amount_in.saturating_add(left);
        }
        plans.retain(|plan| plan.amount_in > 0);
        plans
    }
}

/// Replays, and hands input that a route could not pass to the others, until all is spent or nothing takes more.
fn hand_out<'a>(mut plans: Vec<RoutePlan<'a>>, amount: Amount, max_bins: u16) -> Option<Replay<'a>> {
    let mut best = replay(&plans, max_bins);
    for _ in 0..HAND_OUTS {
        let left = amount.saturating_sub(best.amount_in);
        if left == 0 || plans.is_empty() {
            break;
        }
        // What a route did not pass is not planned for it any more.
        for plan in &mut plans {
            let passed = best.routes.iter().find(|route| same_pools(&route.legs, &plan.legs));
            plan.amount_in = passed.map_or(0, |route| route.quote.amount_in);
        }
        let tries = (0..plans.len()).map(|index| {
            let mut tried = plans.clone();
            if let Some(plan) = tried.get_mut(index) {
                plan.amount_in = plan.amount_in.saturating_add(left);
            }
            let replay = replay(&tried, max_bins);
            (tried, replay)
        });
        let Some((tried, replay)) =
            tries.max_by(|(_, a), (_, b)| (a.amount_in, a.amount_out).cmp(&(b.amount_in, b.amount_out)))
        else {
            break;
        };
        if replay.amount_in <= best.amount_in {
            break;
        }
        (plans, best) = (tried, replay);
    }
    Some(best)
}

fn same_pools(a: &[Leg<'_>], b: &[Leg<'_>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.at == b.at)
}
