//! The best single route: the best pool on every hop, in whole units.

use super::effort::Effort;
use super::goal::{ANY_READS, Goal};
use super::leg::Leg;
use super::plan::{RoutePlan, tally};
use super::shortfall::Shortfall;
use super::walks::Walks;
use crate::gather::Gather;
use crate::math::mul_div_ceil;
use crate::network::route::{Candidates, Path};
use crate::network::state::State;
use crate::pool::Pool;
use crate::pool::curve::Walked;
use crate::pool::curves::Curves;
use crate::pool::walk::{Cursor, Least, Stop};
use crate::sorted::sort_by;
use crate::units::{Amount, Direction, PoolId};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A route with what goes in and comes out.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) legs: Vec<Leg<'a>>,
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
}

impl<'a> Found<'a> {
    /// Better first: more out, less in, fewer hops, then pool ids in order.
    fn rank(&self, other: &Self) -> Ordering {
        let ids = |found: &Self| found.legs.iter().map(|leg| leg.pool.id().clone()).collect::<Vec<PoolId>>();
        (other.amount_out.cmp(&self.amount_out))
            .then_with(|| self.amount_in.cmp(&other.amount_in))
            .then_with(|| self.legs.len().cmp(&other.legs.len()))
            .then_with(|| ids(self).cmp(&ids(other)))
    }

    /// As a plan of one route.
    pub(super) fn into_plan(self) -> Vec<RoutePlan<'a>> {
        Vec::from([RoutePlan { legs: self.legs.into(), amount_in: self.amount_in }])
    }
}

/// What became of an amount on a path.
#[derive(Clone, Debug)]
struct Passage<'a> {
    /// Pools that all take what they are given.
    full: Option<Found<'a>>,
    /// Choices of pools that take only a part of it, and what would come out of each at most.
    parts: Vec<(Vec<Leg<'a>>, Amount)>,
    /// Pools whose known bins ran out, and what could come out over them at most.
    unknown: Option<(Shortfall, Amount)>,
}

/// Choices of pools looked at on one path; a bound for hops with many pools that are all too small.
const MAX_VISITS: usize = 500;

/// Choices of pools that pass a part, kept of one path; those that seem best come first.
const MAX_PARTS: usize = 16;

/// What the ways down one path came to.
struct Descent<'a> {
    visits: usize,
    /// The pools that pass all of it and give most.
    best: Option<(Vec<Leg<'a>>, Amount)>,
    /// Choices of pools that pass only a part of it.
    stuck: Vec<(Vec<Leg<'a>>, Amount)>,
    /// What ways through unknown bins could give at most.
    at_most: Amount,
    unknown: Shortfall,
}

impl<'a> Descent<'a> {
    fn arrive(&mut self, legs: &[Leg<'a>], amount_out: Amount, stuck: bool) {
        if stuck {
            if self.stuck.len() < MAX_PARTS {
                self.stuck.push((legs.to_vec(), amount_out));
            }
        } else if self.best.as_ref().is_none_or(|(_, kept)| amount_out > *kept) {
            self.best = Some((legs.to_vec(), amount_out));
        }
    }
}

/// Searches the candidates; remembers where knowledge ran out and whether arithmetic did.
pub(super) struct Finder<'a> {
    pub(super) candidates: &'a Candidates,
    /// Candidate pools that can be quoted, by their index.
    pools: Vec<Option<&'a Pool>>,
    pub(super) curves: Curves<'a>,
    pub(super) walks: Walks,
    /// Whether bins that were not read can be; if not they count as the end.
    pub(super) can_read_more: bool,
    pub(super) shortfall: Shortfall,
    pub(super) overflow: bool,
    /// What became of the latest amount on each path, with that amount and its bin limit.
    passages: (Amount, u16, Vec<Passage<'a>>),
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        candidates: &'a Candidates,
        state: &'a State,
        can_read_more: bool,
        effort: Effort,
    ) -> Self {
        let walks = Walks::of(effort);
        let pools = candidates.pools.iter();
        let pools = pools.map(|candidate| state.ready(&candidate.pool.id).map(|(pool, _)| pool));
        Self {
            candidates,
            pools: pools.gather(),
            curves: Curves::ending(walks.most),
            walks,
            can_read_more,
            shortfall: Shortfall::new(),
            overflow: false,
            passages: (0, 0, Vec::new()),
        }
    }

    /// A candidate pool, if it can be quoted.
    pub(super) fn pool(&self, at: usize) -> Option<&'a Pool> {
        *self.pools.get(at)?
    }

    /// Tells whether prices of some pool are out of order in a direction in which a path uses it.
    pub(super) fn any_disorder(&self) -> bool {
        let used = |at, direction| {
            let mut hops = self.candidates.paths.iter().flat_map(|path| &path.hops);
            hops.any(|hop| hop.pools.contains(&(at, direction)))
        };
        self.pools.iter().enumerate().any(|(at, pool)| {
            let Some(pool) = pool else { return false };
            let disorder = |&direction: &Direction| !pool.prices_rise(direction) && used(at, direction);
            [Direction::XForY, Direction::YForX].iter().any(disorder)
        })
    }

    /// Tells whether some path has a usable pool on every hop.
    pub(super) fn any_open(&self) -> bool {
        let open = |path: &'a Path| {
            path.hops.iter().all(|hop| hop.pools.iter().any(|&(at, _)| self.pool(at).is_some()))
        };
        self.candidates.paths.iter().any(open)
    }

    /// Tells whether there is nothing to choose: one path, and one usable pool on each of its hops.
    pub(super) fn one_way(&self) -> bool {
        let mut ways = self.candidates.paths.iter().map(|path| {
            let pools = path
                .hops
                .iter()
                .map(|hop| hop.pools.iter().filter(|&&(at, _)| self.pool(at).is_some()).count());
            pools.product::<usize>()
        });
        ways.try_fold(0, |sum, ways| Some(sum + ways).filter(|sum| *sum <= 1)).is_some()
    }

    /// The best route that takes all of `amount` within the bin limit.
    ///
    /// Paths that ran out of known bins count as a shortfall only if they could still give more than both the
    /// best route and `beaten_by`, what another answer gives.
    pub(super) fn best_full(
        &mut self,
        amount: Amount,
        max_bins: u16,
        beaten_by: Amount,
    ) -> Option<Found<'a>> {
        self.pass_all(amount, max_bins);
        let mut best: Option<&Found<'a>> = None;
        let mut unknown = Vec::new();
        for passage in &self.passages.2 {
            unknown.extend(passage.unknown.as_ref());
            if let Some(found) = &passage.full
                && best.as_ref().is_none_or(|best| found.rank(best).is_lt())
            {
                best = Some(found);
            }
        }
        let bar = best.map_or(0, |best| best.amount_out).max(beaten_by);
        let unknown = unknown.into_iter().filter(|(_, at_most)| *at_most > bar);
        self.shortfall.extend(unknown.flat_map(|(pools, _)| pools.iter().copied()));
        best.cloned()
    }

    /// Sends an amount down every path; what was found for the same amount before is kept.
    fn pass_all(&mut self, amount: Amount, max_bins: u16) {
        if (self.passages.0, self.passages.1) == (amount, max_bins) {
            return;
        }
        let mut passages = core::mem::take(&mut self.passages.2);
        passages.clear();
        for path in &self.candidates.paths {
            if self.curves.is_spent() {
                break;
            }
            passages.push(self.pass(path, amount, max_bins));
        }
        self.passages = (amount, max_bins, passages);
    }

    /// Routes that take only a part of `amount` and could give more than `bar`; the replay finds the
    /// part.
    pub(super) fn partial_plans(
        &mut self,
        amount: Amount,
        max_bins: u16,
        bar: Amount,
    ) -> Vec<Vec<RoutePlan<'a>>> {
        self.pass_all(amount, max_bins);
        let mut plans = Vec::new();
        for passage in &self.passages.2 {
            let parts = passage.parts.iter().filter(|(_, at_most)| *at_most > bar);
            plans.extend(
                parts.map(|(legs, _)| {
                    Vec::from([RoutePlan { legs: legs.as_slice().into(), amount_in: amount }])
                }),
            );
            if let Some((pools, _)) = passage.unknown.as_ref().filter(|(_, at_most)| *at_most > bar) {
                self.shortfall.extend(pools.iter().copied());
            }
        }
        plans
    }

    /// Sends `amount` down a path, each hop through the pool that gives most.
    ///
    /// What gives most now may be too much for the best pool of a later hop; so where some later pool could not
    /// take everything, the lesser choices are followed as well.
    fn pass(&mut self, path: &'a Path, amount: Amount, max_bins: u16) -> Passage<'a> {
        let mut descent =
            Descent { visits: 0, best: None, stuck: Vec::new(), at_most: 0, unknown: Shortfall::new() };
        self.descend(path, 0, amount, max_bins, &mut Vec::new(), false, &mut descent);
        let Descent { best, stuck, at_most, unknown, .. } = descent;
        Passage {
            full: best.map(|(legs, amount_out)| Found { legs, amount_in: amount, amount_out }),
            parts: stuck,
            unknown: (!unknown.is_empty()).then_some((unknown, at_most)),
        }
    }

    /// Follows one hop and all after it; tells whether some pool on the way could not take all it was offered.
    #[allow(clippy::too_many_arguments)]
    fn descend(
        &mut self,
        path: &'a Path,
        at_hop: usize,
        offered: Amount,
        max_bins: u16,
        legs: &mut Vec<Leg<'a>>,
        stuck: bool,
        descent: &mut Descent<'a>,
    ) -> bool {
        let Some(hop) = path.hops.get(at_hop) else {
            descent.arrive(legs, offered, stuck);
            return false;
        };
        let mut tight = false;
        let mut ways: Vec<(Leg<'a>, Walked, Amount)> = Vec::new();
        for &(at, direction) in &hop.pools {
            let Some(pool) = self.pool(at) else { continue };
            let mut cursor = Cursor::at_start(pool);
            let Ok(walk) = self.curves.walk((at, pool, direction), &mut cursor, offered, max_bins) else {
                self.overflow = true;
                continue;
            };
            let mut gives = walk.given;
            if matches!(walk.stop, Stop::Unknown(_)) {
                descent.unknown.insert((at, direction));
                // Bins that cannot be read count as the end.
                if self.can_read_more {
                    gives = at_most(direction, &walk, offered);
                } else {
                    let more = at_most(direction, &walk, offered);
                    let bound = self.bound_from(path, at_hop + 1, more, max_bins);
                    descent.at_most = descent.at_most.max(bound);
                }
            }
            tight |= walk.taken < offered;
            ways.push((Leg { at, pool, direction, hop }, walk, gives));
        }
        // Pools come in id order and the sort is stable, so the first of equals is the lower id.
        sort_by(&mut ways, |(_, _, a), (_, _, b)| b.cmp(a));
        for (leg, walk, gives) in ways {
            descent.visits += 1;
            if descent.visits > MAX_VISITS {
                break;
            }
            legs.push(leg);
            let unknown = self.can_read_more && matches!(walk.stop, Stop::Unknown(_));
            let partial = stuck || (walk.taken < offered && !unknown);
            let later_tight = if unknown {
                // An upper bound of what might come: good enough to see whether it could matter.
                let bound = self.bound_from(path, at_hop + 1, gives, max_bins);
                descent.at_most = descent.at_most.max(bound);
                true
            } else {
                self.descend(path, at_hop + 1, gives, max_bins, legs, partial, descent)
            };
            legs.pop();
            tight |= later_tight;
            if !tight {
                break;
            }
        }
        tight
    }

    /// What comes out at most if this much reaches a hop.
    fn bound_from(&mut self, path: &'a Path, at_hop: usize, offered: Amount, max_bins: u16) -> Amount {
        path.hops.iter().skip(at_hop).fold(offered, |offered, hop| {
            let outputs = hop.pools.iter().map(|&(at, direction)| {
                let Some(pool) = self.pool(at) else { return 0 };
                let mut cursor = Cursor::at_start(pool);
                match self.curves.walk((at, pool, direction), &mut cursor, offered, max_bins) {
                    Ok(walk) if matches!(walk.stop, Stop::Unknown(_)) => at_most(direction, &walk, offered),
                    Ok(walk) => walk.given,
                    Err(_) => 0,
                }
            });
            outputs.max().unwrap_or(0)
        })
    }

    /// The route that gives at least `wanted` for the least input.
    ///
    /// Backwards from the last hop, where less wanted never costs more; so the cheapest pool of each hop is part
    /// of the cheapest route.
    pub(super) fn least_input(&mut self, wanted: Amount, max_bins: u16) -> Option<Found<'a>> {
        let mut best: Option<Found<'a>> = None;
        for path in &self.candidates.paths {
            let (mut legs, mut needed) = (Vec::with_capacity(path.hops.len()), wanted);
            let mut complete = true;
            for hop in path.hops.iter().rev() {
                let mut cheapest: Option<(Leg<'a>, Amount)> = None;
                for &(at, direction) in &hop.pools {
                    let Some(pool) = self.pool(at) else { continue };
                    let start = Cursor::at_start(pool);
                    match self.curves.least_input((at, pool, direction), &start, needed, max_bins) {
                        Ok(Least::Input(input)) if cheapest.is_none_or(|(_, least)| input < least) => {
                            cheapest = Some((Leg { at, pool, direction, hop }, input));
                        }
                        Ok(Least::Unknown) => {
                            self.shortfall.insert((at, direction));
                        }
                        Ok(_) => {}
                        Err(_) => self.overflow = true,
                    }
                }
                let Some((leg, input)) = cheapest else {
                    complete = false;
                    break;
                };
                legs.push(leg);
                needed = input;
            }
            if !complete {
                continue;
            }
            legs.reverse();
            let mut found = Found { legs, amount_in: needed, amount_out: wanted };
            // In whole units a hop may give more than was needed, and the cheapest pool after it may have no
            // room for that. No pools do it for less, but others may do it for the same.
            let goal = Goal { amount: Amount::MAX, max_bins, part_will_do: true, max_reads: ANY_READS };
            if tally(&mut self.curves, &found.clone().into_plan(), &goal).amount_out < wanted {
                match self.pass(path, needed, max_bins).full.filter(|full| full.amount_out >= wanted) {
                    Some(full) => found = Found { amount_out: wanted, ..full },
                    None => continue,
                }
            }
            if best.as_ref().is_none_or(|best| found.rank(best).is_lt()) {
                best = Some(found);
            }
        }
        best
    }
}

/// The most a walk could give that ran out of known bins: the rest at the price of the last one.
fn at_most(direction: Direction, walk: &Walked, offered: Amount) -> Amount {
    let Some(price) = &walk.last_price else { return Amount::MAX };
    let left = offered.saturating_sub(walk.taken);
    let more = match direction {
        Direction::XForY => mul_div_ceil(left, price.num(), price.den()),
        Direction::YForX => mul_div_ceil(left, price.den(), price.num()),
    };
    more.and_then(|more| more.checked_add(walk.given)).unwrap_or(Amount::MAX)
}
