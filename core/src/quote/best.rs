//! The best single route: the best pool on every hop, replayed in whole units.

use crate::pool::Pool;
use crate::route::{Candidates, Path, PathHop};
use crate::state::State;
use crate::units::{Amount, Direction, PoolId};
use crate::walk::{Stop, Walk, walk_exact_in};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Rounds of proportional shrinking before the search for what fills falls back to bisection.
const SHRINK_ROUNDS: u32 = 64;

/// Candidate pools whose known bins ran out, and on which side.
pub(super) type Shortfall = BTreeSet<(usize, Direction)>;

/// One chosen pool of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg<'a> {
    pub(super) pool: &'a Pool,
    pub(super) direction: Direction,
    pub(super) amount_in: Amount,
    pub(super) walk: Walk,
}

/// A route that takes all of `amount_in`.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) path: &'a Path,
    pub(super) legs: Vec<Leg<'a>>,
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
}

impl Found<'_> {
    /// Better first: more out, less in, fewer hops, then pool ids in order.
    fn rank(&self, other: &Self) -> Ordering {
        let ids = |found: &Self| found.legs.iter().map(|leg| leg.pool.id().clone()).collect::<Vec<PoolId>>();
        other
            .amount_out
            .cmp(&self.amount_out)
            .then_with(|| self.amount_in.cmp(&other.amount_in))
            .then_with(|| self.legs.len().cmp(&other.legs.len()))
            .then_with(|| ids(self).cmp(&ids(other)))
    }

    /// Bins of one pool visited at most.
    pub(super) fn bins_needed(&self) -> u16 {
        self.legs.iter().map(|leg| leg.walk.bins_visited).max().unwrap_or(0)
    }
}

/// What became of an amount on a path.
enum Passage<'a> {
    /// Every hop took all it was given.
    Through(Found<'a>),
    /// A hop took only `taken` of the `offered` that reached it.
    Stuck { offered: Amount, taken: Amount, first_hop: bool },
    /// Some pool ran out of known bins, or none of a hop can swap this amount at all.
    Closed,
}

/// Searches the candidates; remembers where knowledge ran out and whether arithmetic did.
pub(super) struct Finder<'a> {
    pub(super) candidates: &'a Candidates,
    pub(super) state: &'a State,
    pub(super) shortfall: Shortfall,
    pub(super) overflow: bool,
    /// Most bins visited by candidate pool and direction.
    pub(super) visited: BTreeMap<(usize, Direction), u16>,
}

impl<'a> Finder<'a> {
    pub(super) const fn new(candidates: &'a Candidates, state: &'a State) -> Self {
        Self { candidates, state, shortfall: Shortfall::new(), overflow: false, visited: BTreeMap::new() }
    }

    /// Pools of a hop that can be quoted.
    fn ready(&self, hop: &'a PathHop) -> impl Iterator<Item = (usize, Direction, &'a Pool)> + use<'a> {
        let (candidates, state) = (self.candidates, self.state);
        hop.pools.iter().filter_map(move |&(at, direction)| {
            let id = &candidates.pools.get(at)?.pool.id;
            state.ready(id).map(|(pool, _)| (at, direction, pool))
        })
    }

    /// Tells whether some path has a usable pool on every hop.
    pub(super) fn any_open(&self) -> bool {
        self.candidates.paths.iter().any(|path| path.hops.iter().all(|hop| self.ready(hop).next().is_some()))
    }

    /// The best route that takes all of `amount` within the bin limit.
    pub(super) fn best_full(&mut self, amount: Amount, max_bins: u16) -> Option<Found<'a>> {
        let candidates = self.candidates;
        let mut best: Option<Found<'a>> = None;
        for path in &candidates.paths {
            if let Passage::Through(found) = self.pass(path, amount, max_bins)
                && best.as_ref().is_none_or(|best| found.rank(best) == Ordering::Less)
            {
                best = Some(found);
            }
        }
        best
    }

    /// The routes that take the most they can: the best by output, and the most that any takes.
    pub(super) fn best_partial(&mut self, amount: Amount, max_bins: u16) -> (Option<Found<'a>>, Amount) {
        let candidates = self.candidates;
        let (mut best, mut fillable): (Option<Found<'a>>, Amount) = (None, 0);
        for path in &candidates.paths {
            if let Some(found) = self.largest(path, amount, max_bins) {
                fillable = fillable.max(found.amount_in);
                if best.as_ref().is_none_or(|best| found.rank(best) == Ordering::Less) {
                    best = Some(found);
                }
            }
        }
        (best, fillable)
    }

    /// The largest amount up to `amount` that a path passes on in full.
    ///
    /// Output per input only falls as a swap grows, so shrinking the input by the ratio that got stuck comes
    /// down on the answer from above; what it finds is always checked by a replay.
    fn largest(&mut self, path: &'a Path, amount: Amount, max_bins: u16) -> Option<Found<'a>> {
        let mut tried = amount;
        for _ in 0..SHRINK_ROUNDS {
            match self.pass(path, tried, max_bins) {
                Passage::Through(found) => return Some(found),
                Passage::Closed => break,
                Passage::Stuck { taken: 0, .. } => return None,
                Passage::Stuck { taken, first_hop: true, .. } => tried = taken,
                Passage::Stuck { offered, taken, .. } => {
                    let less = crate::math::mul_div_floor(tried, taken, offered)?;
                    tried = less.min(tried.saturating_sub(1));
                }
            }
            if tried == 0 {
                return None;
            }
        }
        self.bisect(path, tried, max_bins)
    }

    fn bisect(&mut self, path: &'a Path, fails: Amount, max_bins: u16) -> Option<Found<'a>> {
        let (mut low, mut high, mut best) = (0, fails, None);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.pass(path, middle, max_bins) {
                Passage::Through(found) => {
                    low = middle;
                    best = Some(found);
                }
                _ => high = middle,
            }
        }
        best
    }

    /// Sends `amount` down a path, each hop through the pool that gives most.
    fn pass(&mut self, path: &'a Path, amount: Amount, max_bins: u16) -> Passage<'a> {
        let mut legs = Vec::with_capacity(path.hops.len());
        let mut offered = amount;
        for (index, hop) in path.hops.iter().enumerate() {
            let (mut best, mut most_taken, mut unknown): (Option<Leg<'a>>, Option<Amount>, _) =
                (None, None, false);
            for (at, direction, pool) in self.ready(hop) {
                let Ok(walk) = walk_exact_in(pool, direction, offered, max_bins, |_| ()) else {
                    self.overflow = true;
                    continue;
                };
                let visited = self.visited.entry((at, direction)).or_default();
                *visited = walk.bins_visited.max(*visited);
                if matches!(walk.stop, Stop::Unknown(_)) {
                    self.shortfall.insert((at, direction));
                    unknown = true;
                } else if walk.taken == offered {
                    // Pools come in id order, so the first of equals is the lower id.
                    if best.as_ref().is_none_or(|best| walk.given > best.walk.given) {
                        best = Some(Leg { pool, direction, amount_in: offered, walk });
                    }
                }
                most_taken = Some(most_taken.map_or(walk.taken, |most| most.max(walk.taken)));
            }
            match (best, most_taken) {
                (Some(leg), _) => {
                    offered = leg.walk.given;
                    legs.push(leg);
                }
                (None, Some(taken)) if !unknown => {
                    return Passage::Stuck { offered, taken, first_hop: index == 0 };
                }
                _ => return Passage::Closed,
            }
        }
        Passage::Through(Found { path, legs, amount_in: amount, amount_out: offered })
    }
}
