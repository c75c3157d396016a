//! How many bins to ask for: a guess from earlier quotes, never a source of numbers.

use std::cell::RefCell;
use std::collections::BTreeMap;

use dlmm_core::quote::{BinsLookedAt, MoreBins};
use dlmm_core::route::CandidatePool;
use dlmm_core::state::State;
use dlmm_core::units::{BinId, Direction, PoolId};

use crate::topology::Topology;

/// Bins asked for in a direction of which nothing is known yet.
const FIRST_REACH: u16 = 64;
/// Bins asked for beyond those an earlier quote looked at.
const SPARE: u16 = 8;
/// Bins asked for behind the active one: a neighbour to judge by, and room for a step back meanwhile.
const BEHIND: u16 = 2;
/// The part of a reach that was not needed by which it shrinks with each quote.
const SHRINK: u16 = 8;
/// Factor by which a read that fell short is widened.
const WIDEN: u16 = 4;
/// Bins a pool can have in one direction.
const ALL: u16 = BinId::MAX.get() + 1;

/// Where the active bin was seen last, and how far quotes looked from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hint {
    active: BinId,
    down: u16,
    up: u16,
}

impl Hint {
    const fn at(active: BinId) -> Self {
        Self { active, down: FIRST_REACH, up: FIRST_REACH }
    }

    fn reach_mut(&mut self, direction: Direction) -> &mut u16 {
        match direction {
            Direction::XForY => &mut self.down,
            Direction::YForX => &mut self.up,
        }
    }
}

/// What this isolate saw last of each pool. Grows with the pools of the topology and no further.
#[derive(Debug, Default)]
pub struct Hints {
    pools: RefCell<BTreeMap<PoolId, Hint>>,
}

impl Hints {
    fn of(&self, topology: &Topology, id: &PoolId) -> Hint {
        let seen = self.pools.borrow().get(id).copied();
        seen.unwrap_or_else(|| {
            // Without any hint the centre is as good as any place to begin.
            let centre = BinId::new(500).unwrap_or(BinId::MIN);
            Hint::at(topology.active_bin_hint(id).unwrap_or(centre))
        })
    }

    /// Learns from a quote how far to read next time: as far as this one read, less a part of what was not needed.
    ///
    /// How far an unused pool was needed is not known, so its reach shrinks a little each time, too.
    pub fn learn(
        &self,
        windows: &Windows,
        candidates: &[CandidatePool],
        state: &State,
        looked_at: &[BinsLookedAt],
    ) {
        for (candidate, read) in candidates.iter().zip(&windows.pools) {
            let id = &candidate.pool.id;
            let Some((pool, _)) = state.ready(id) else { continue };
            let mut hint = Hint { active: pool.active_bin(), ..*read };
            for direction in [Direction::XForY, Direction::YForX] {
                let used = looked_at.iter().filter(|seen| seen.pool_id == *id && seen.direction == direction);
                let farthest = used.map(|seen| seen.bins).max();
                let wanted = farthest.map_or(0, |bins| bins.saturating_add(SPARE)).max(FIRST_REACH);
                let reach = hint.reach_mut(direction);
                let unneeded = reach.saturating_sub(wanted);
                *reach = wanted.max(reach.saturating_sub(unneeded.div_ceil(SHRINK))).min(ALL);
            }
            self.pools.borrow_mut().insert(id.clone(), hint);
        }
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.pools.borrow_mut().clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.pools.borrow_mut().retain(|id, _| topology.routing(id).is_some());
    }
}

/// The bins to read of every candidate pool, in their order.
#[derive(Debug)]
pub struct Windows {
    pools: Vec<Hint>,
    max_keys: usize,
    widened: u32,
}

impl Windows {
    /// Plans the first read of a quote.
    pub fn plan(hints: &Hints, topology: &Topology, candidates: &[CandidatePool], max_keys: usize) -> Self {
        let pools = candidates.iter().map(|candidate| hints.of(topology, &candidate.pool.id)).collect();
        Self { pools, max_keys, widened: 0 }
    }

    /// The same windows for a part of the pools; both lists are in id order.
    #[must_use]
    pub fn restricted(&self, all: &[CandidatePool], part: &[CandidatePool]) -> Self {
        let at = |id: &PoolId| all.binary_search_by(|candidate| candidate.pool.id.cmp(id)).ok();
        let pools = part.iter().filter_map(|candidate| self.pools.get(at(&candidate.pool.id)?)).copied();
        Self { pools: pools.collect(), ..*self }
    }

    /// Plans a wider read, around the active bins just seen, for the pools that fell short: four times as far,
    /// the second time as far as there are bins. Each answer may uncover the next gap, so the third time all
    /// pools are read as far as there are bins, if the key budget allows.
    pub fn widen(&mut self, candidates: &[CandidatePool], state: &State, more: &[MoreBins]) {
        self.widened += 1;
        for (candidate, hint) in candidates.iter().zip(&mut self.pools) {
            let Some((pool, _)) = state.ready(&candidate.pool.id) else { continue };
            let drifted = hint.active.get().abs_diff(pool.active_bin().get()) > BEHIND;
            hint.active = pool.active_bin();
            for MoreBins { direction, .. } in more.iter().filter(|more| more.pool_id == candidate.pool.id) {
                let reach = hint.reach_mut(*direction);
                if self.widened > 1 {
                    *reach = ALL;
                } else if !drifted {
                    // A read around the wrong place says nothing about how far is far enough.
                    *reach = reach.saturating_mul(WIDEN).min(ALL);
                }
            }
        }
        if self.widened > 2 {
            self.widen_all(candidates);
        }
    }

    fn widen_all(&mut self, candidates: &[CandidatePool]) {
        let before = self.pools.clone();
        for hint in &mut self.pools {
            (hint.down, hint.up) = (ALL, ALL);
        }
        if self.ranges(candidates).1 {
            self.pools = before;
        }
    }

    /// The ids to read of each candidate pool, and whether the key budget cut them short.
    pub fn ranges(&self, candidates: &[CandidatePool]) -> (Vec<(BinId, BinId)>, bool) {
        let ranges = |cap: u16| -> Vec<(BinId, BinId)> {
            candidates.iter().zip(&self.pools).map(|(pool, hint)| range(pool, hint, cap)).collect()
        };
        let keys = |ranges: &[(BinId, BinId)]| -> usize {
            ranges.iter().map(|(low, high)| usize::from(high.get() - low.get()) + 2).sum()
        };
        let wanted = ranges(ALL);
        if keys(&wanted) <= self.max_keys {
            return (wanted, false);
        }
        // The widest reach that fits, the same for all pools: found by halving, it is at most ten steps.
        let (mut fits, mut too_wide) = (1, ALL);
        while too_wide - fits > 1 {
            let middle = fits + (too_wide - fits) / 2;
            if keys(&ranges(middle)) <= self.max_keys { fits = middle } else { too_wide = middle }
        }
        (ranges(fits), true)
    }
}

fn range(candidate: &CandidatePool, hint: &Hint, cap: u16) -> (BinId, BinId) {
    let side = |needed: bool, reach: u16| i32::from(if needed { reach.min(cap) } else { BEHIND.min(cap) });
    let down = side(candidate.x_for_y, hint.down);
    let up = side(candidate.y_for_x, hint.up);
    (hint.active.saturating_offset(-down), hint.active.saturating_offset(up))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::route::{RouteFilter, find_candidates};
    use dlmm_core::state::PoolState;
    use dlmm_core::units::Symbol;
    use dlmm_core::wire::{PoolRouting, PoolText, read_pool};

    fn topology(pools: usize) -> Topology {
        let pools = (0..pools).map(|n| {
            let json = format!(r#"{{"pool_id":"P{n}","token_x":"A","token_y":"B","active_bin_id":500}}"#);
            PoolRouting::parse(&json).unwrap()
        });
        Topology::new(pools.collect(), true)
    }

    fn candidates(topology: &Topology) -> Vec<CandidatePool> {
        let name = |text| Symbol::new(text).unwrap();
        find_candidates(&topology.graph, &name("A"), &name("B"), 1, 64, &RouteFilter::default())
            .unwrap()
            .pools
    }

    fn state(topology: &Topology, active: u16) -> State {
        let json = format!(
            r#"{{"pool_id":"P0","token_x":"A","token_y":"B","active_bin_id":{active},"status":"active"}}"#
        );
        let pool = &topology.graph.pools()[0];
        let text = PoolText { pool, value: Some(&json), known: (BinId::MIN, BinId::MAX), bins: Vec::new() };
        let mut state = State::default();
        let ready = read_pool(&text, &state.decimals, 10);
        assert!(matches!(ready, PoolState::Ready { .. }));
        state.pools.insert(pool.id.clone(), ready);
        state
    }

    fn ids(windows: &Windows, candidates: &[CandidatePool]) -> (u16, u16) {
        let (ranges, _) = windows.ranges(candidates);
        (ranges[0].0.get(), ranges[0].1.get())
    }

    #[test]
    fn reads_towards_the_trade_and_a_little_behind() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let windows = Windows::plan(&Hints::default(), &topology, &candidates, 10_000);
        assert_eq!(ids(&windows, &candidates), (436, 502));
    }

    #[test]
    fn widens_where_it_fell_short_and_recentres_where_the_active_bin_moved() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let more = [MoreBins { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY }];
        let mut windows = Windows::plan(&Hints::default(), &topology, &candidates, 10_000);
        windows.widen(&candidates, &state(&topology, 501), &more);
        assert_eq!(ids(&windows, &candidates), (245, 503));
        let mut moved = Windows::plan(&Hints::default(), &topology, &candidates, 10_000);
        moved.widen(&candidates, &state(&topology, 900), &more);
        assert_eq!(
            ids(&moved, &candidates),
            (836, 902),
            "a read around the wrong place says nothing of the reach"
        );
        moved.widen(&candidates, &state(&topology, 900), &more);
        assert_eq!(ids(&moved, &candidates), (0, 902));
        let mut third = Windows::plan(&Hints::default(), &topology, &candidates, 10_000);
        (0..3).for_each(|_| third.widen(&candidates, &state(&topology, 500), &[]));
        assert_eq!(ids(&third, &candidates), (0, 502), "whichever pools fell short");
    }

    #[test]
    fn learns_the_reach_and_forgets_it_slowly() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let hints = Hints::default();
        let id = || PoolId::new("P0").unwrap();
        let seen = |bins| BinsLookedAt { pool_id: id(), direction: Direction::XForY, bins };
        let plan = || Windows::plan(&hints, &topology, &candidates, 10_000);
        let low = || ids(&plan(), &candidates).0;
        let learn = |bins| hints.learn(&plan(), &candidates, &state(&topology, 510), &[seen(bins)]);
        learn(100);
        assert_eq!(low(), 510 - 108);
        learn(1);
        assert_eq!(low(), 510 - 102);
        // A pool that fell short is read as far as it was, even where the answer does without it.
        let mut wide = plan();
        let more = [MoreBins { pool_id: id(), direction: Direction::XForY }];
        wide.widen(&candidates, &state(&topology, 510), &more);
        hints.learn(&wide, &candidates, &state(&topology, 510), &[]);
        assert!(low() < 510 - 350);
        for _ in 0..100 {
            learn(1);
        }
        assert_eq!(low(), 510 - FIRST_REACH);
        hints.keep_only(&Topology::new(Vec::new(), true));
        assert_eq!(low(), 500 - FIRST_REACH);
    }

    #[test]
    fn a_part_of_the_pools_keeps_its_windows() {
        let topology = topology(3);
        let candidates = candidates(&topology);
        let more = [MoreBins { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY }];
        let mut windows = Windows::plan(&Hints::default(), &topology, &candidates, 10_000);
        windows.widen(&candidates, &state(&topology, 500), &more);
        let part = |range: std::ops::Range<usize>| {
            let part = &candidates[range];
            windows.restricted(&candidates, part).ranges(part).0
        };
        assert_eq!(part(0..1)[0].0.get(), 244);
        assert_eq!(part(1..3).iter().map(|range| range.0.get()).collect::<Vec<_>>(), [436, 436]);
    }

    #[test]
    fn the_key_budget_narrows_all_pools_alike() {
        let topology = topology(10);
        let candidates = candidates(&topology);
        let windows = Windows::plan(&Hints::default(), &topology, &candidates, 100);
        let (ranges, cut) = windows.ranges(&candidates);
        let keys: usize = ranges.iter().map(|(low, high)| usize::from(high.get() - low.get()) + 2).sum();
        assert!(cut && keys <= 100 && keys > 80, "{keys}");
        assert!(!Windows::plan(&Hints::default(), &topology, &candidates, 680).ranges(&candidates).1);
    }
}
