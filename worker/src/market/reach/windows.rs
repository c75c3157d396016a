//! The bins to read of every candidate pool: as many as earlier quotes suggest, and no more than the bounds allow.

use dlmm_core::network::route::CandidatePool;
use dlmm_core::network::state::State;
use dlmm_core::quote::MoreBins;
use dlmm_core::units::{BinId, Direction, PoolId};

use super::hints::{Hints, TradeSize};
use crate::market::listing::Topology;

/// Factors by which reads that fell short are widened, one after the other; the next one reads all there is.
const WIDEN: [u16; 2] = [4, 8];
/// What one read may be expected to bring. Upstash refuses replies above 10 MB on most plans.
pub const READ_BYTES: usize = 4_000_000;
/// Bins a pool can have in one direction.
pub const ALL: u16 = BinId::MAX.get() + 1;
/// The least reach to which requests that share a read are narrowed: below it some are read apart.
pub const LEAST_REACH: u16 = 16;

/// First and last bin id to read of a pool.
pub type Range = (BinId, BinId);
/// The same of each candidate pool, in their order.
pub type Ranges = Vec<Range>;

/// Where the active bin is taken to be, and how far to read from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    active: BinId,
    down: u16,
    up: u16,
    /// Bins to read behind the active one, and beyond `down` and `up`: it may have moved meanwhile.
    margin: u16,
    /// What one of its bins is taken to bring.
    bin_bytes: usize,
}

impl Window {
    fn reach_mut(&mut self, direction: Direction) -> &mut u16 {
        match direction {
            Direction::XForY => &mut self.down,
            Direction::YForX => &mut self.up,
        }
    }
}

/// The windows of all candidate pools, in their order.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    pools: Vec<Window>,
    widened: u32,
}

/// Keys of a read: every pool value and its bins.
pub fn keys_of(ranges: &[(BinId, BinId)]) -> usize {
    ranges.iter().map(|range| keys_of_pool(*range)).sum()
}

/// Keys of one pool: its value and its bins.
pub fn keys_of_pool((low, high): (BinId, BinId)) -> usize {
    usize::from(high.get().saturating_sub(low.get())) + 2
}

impl Windows {
    /// Plans the first read of trades of these sizes; `candidates` are in id order.
    pub fn plan<'s>(
        hints: &Hints,
        topology: &Topology,
        candidates: &[CandidatePool],
        sizes: impl IntoIterator<Item = &'s TradeSize>,
    ) -> Self {
        let window = |candidate: &CandidatePool| {
            let (active, margin) = hints.active(topology, &candidate.pool.id);
            Window { active, down: 0, up: 0, margin, bin_bytes: hints.bin_bytes(&candidate.pool.id) }
        };
        let mut windows = Self { pools: candidates.iter().map(window).collect(), widened: 0 };
        for size in sizes {
            let others = hints.reaches(size, |pool_id, direction, bins| {
                if let Some(window) = at(candidates, pool_id).and_then(|at| windows.pools.get_mut(at)) {
                    let reach = window.reach_mut(direction);
                    *reach = bins.min(ALL).max(*reach);
                }
            });
            for window in &mut windows.pools {
                (window.down, window.up) = (window.down.max(others), window.up.max(others));
            }
        }
        windows
    }

    /// The windows that hold those of several requests, each of its own pools: `pools` are those of all; lists are in id order.
    pub fn joint<'w>(
        pools: &[CandidatePool],
        each: impl IntoIterator<Item = (&'w [CandidatePool], &'w Self)>,
    ) -> Self {
        let mut joint: Vec<Option<Window>> = vec![None; pools.len()];
        for (own, windows) in each {
            for (candidate, window) in own.iter().zip(&windows.pools) {
                let Some(place) = at(pools, &candidate.pool.id).and_then(|at| joint.get_mut(at)) else {
                    continue;
                };
                let all = place.get_or_insert(Window { down: 0, up: 0, ..*window });
                let [down, up] = [(candidate.x_for_y, window.down), (candidate.y_for_x, window.up)]
                    .map(|(needed, reach)| if needed { reach } else { 0 });
                (all.down, all.up) = (all.down.max(down), all.up.max(up));
            }
        }
        Self { pools: joint.into_iter().flatten().collect(), widened: 0 }
    }

    /// Takes over how long others take the bins of these pools to be; both lists are in id order.
    pub fn weigh_as(&mut self, candidates: &[CandidatePool], others: &Self, pools: &[CandidatePool]) {
        for (window, candidate) in self.pools.iter_mut().zip(candidates) {
            if let Some(other) = at(pools, &candidate.pool.id).and_then(|at| others.pools.get(at)) {
                window.bin_bytes = other.bin_bytes;
            }
        }
    }

    /// Bytes that a read of these ranges may be expected to bring, of each pool.
    pub fn bytes<'r>(&self, ranges: &'r [Range]) -> impl Iterator<Item = usize> + use<'r, '_> {
        ranges
            .iter()
            .zip(&self.pools)
            .map(|(range, window)| keys_of_pool(*range).saturating_mul(window.bin_bytes))
    }

    /// The same together, where some pools are not read.
    pub fn bytes_of(&self, ranges: &[Option<Range>]) -> usize {
        let each = ranges.iter().zip(&self.pools);
        let bytes =
            each.filter_map(|(range, window)| Some(keys_of_pool((*range)?).saturating_mul(window.bin_bytes)));
        bytes.fold(0, usize::saturating_add)
    }

    /// Takes over how long bins turned out to be.
    pub fn weigh_anew(&mut self, hints: &Hints, candidates: &[CandidatePool]) {
        for (window, candidate) in self.pools.iter_mut().zip(candidates) {
            window.bin_bytes = hints.bin_bytes(&candidate.pool.id);
        }
    }

    /// Whether it fits into one reply.
    pub fn fits(&self, ranges: &[Range]) -> bool {
        self.bytes(ranges).sum::<usize>() <= READ_BYTES
    }

    /// Plans a wider read, around the active bins just seen, for the pools that fell short: four times as far, then eight
    /// times, then as far as there are bins. Each answer may uncover the next gap, so the fourth time all
    /// pools are read as far as there are bins, if that is within the bounds. `before` is what was read of each pool.
    pub fn widen(
        &mut self,
        candidates: &[CandidatePool],
        (state, before): (&State, &[(BinId, BinId)]),
        more: &[MoreBins],
        is_within: &dyn Fn(&[Range]) -> bool,
    ) {
        self.widened += 1;
        for (((candidate, window), before), asked) in
            candidates.iter().zip(&mut self.pools).zip(before).zip(asked(candidates, more))
        {
            let Some((pool, _)) = state.ready(&candidate.pool.id) else { continue };
            let drifted = window.active.get().abs_diff(pool.active_bin().get()) > window.margin;
            window.active = pool.active_bin();
            for direction in asked.into_iter().flatten() {
                let active = window.active;
                let reach = window.reach_mut(direction);
                let Some(factor) = WIDEN.get(self.widened as usize - 1) else {
                    *reach = ALL;
                    continue;
                };
                let read = reach_of(*before, active, direction);
                // A read around the wrong place says nothing about how far is far enough, unless it went that far.
                if !drifted || read >= *reach {
                    *reach = read.max(*reach).max(1).saturating_mul(*factor).min(ALL);
                }
            }
        }
        if self.widened as usize > WIDEN.len() + 1 {
            let whole = Self {
                pools: self.pools.iter().map(|window| Window { down: ALL, up: ALL, ..*window }).collect(),
                ..*self
            };
            if is_within(&whole.ranges(candidates, ALL)) {
                *self = whole;
            }
        }
    }

    /// Plans to read the pools that fell short as far as there are bins.
    pub fn widen_to_the_end(&mut self, candidates: &[CandidatePool], more: &[MoreBins]) {
        for MoreBins { pool_id, direction } in more {
            if let Some(window) = at(candidates, pool_id).and_then(|at| self.pools.get_mut(at)) {
                *window.reach_mut(*direction) = ALL;
            }
        }
    }

    /// The ids to read of each candidate pool, no further than `reach` in any direction.
    pub fn ranges(&self, candidates: &[CandidatePool], reach: u16) -> Ranges {
        candidates.iter().zip(&self.pools).map(|(pool, window)| range(pool, window, reach)).collect()
    }

    /// The same, narrowed alike in all pools until it is within the bounds, but no narrower than what was read `before`; the
    /// active bins are read in any case.
    pub fn narrowed(
        &self,
        candidates: &[CandidatePool],
        before: Option<&[Range]>,
        is_within: impl Fn(&[(BinId, BinId)]) -> bool,
    ) -> Ranges {
        let capped = |reach| {
            let mut ranges = self.ranges(candidates, reach);
            let pools = ranges.iter_mut().zip(candidates).zip(&self.pools);
            for (((range, candidate), window), before) in pools.zip(before.unwrap_or_default()) {
                *range = no_shorter(*range, *before, candidate, window.active);
            }
            ranges
        };
        let wanted = capped(ALL);
        if is_within(&wanted) {
            return wanted;
        }
        // The widest reach that fits: found by halving, it is at most ten steps.
        let (mut fits, mut too_wide) = (0, ALL);
        while too_wide - fits > 1 {
            let middle = fits + (too_wide - fits) / 2;
            if is_within(&capped(middle)) { fits = middle } else { too_wide = middle }
        }
        capped(fits)
    }
}

/// The directions in which bins of each pool are asked for.
fn asked(candidates: &[CandidatePool], more: &[MoreBins]) -> Vec<[Option<Direction>; 2]> {
    let mut asked = vec![[None; 2]; candidates.len()];
    for MoreBins { pool_id, direction } in more {
        if let Some([down, up]) = at(candidates, pool_id).and_then(|at| asked.get_mut(at)) {
            let place = if *direction == Direction::XForY { down } else { up };
            *place = Some(*direction);
        }
    }
    asked
}

/// A range that reaches from the active bin as far as one read `before`, in the directions of the trades.
fn no_shorter((low, high): Range, before: Range, candidate: &CandidatePool, active: BinId) -> Range {
    if !(before.0..=before.1).contains(&active) {
        return (low, high);
    }
    let low = if candidate.x_for_y { low.min(before.0) } else { low };
    let high = if candidate.y_for_x { high.max(before.1) } else { high };
    (low, high)
}

/// Bins of a range in a direction, from the active one on; 0 where the active one is not in it.
pub fn reach_of((low, high): (BinId, BinId), active: BinId, direction: Direction) -> u16 {
    match direction {
        _ if !(low..=high).contains(&active) => 0,
        Direction::XForY => active.get().saturating_sub(low.get()),
        Direction::YForX => high.get().saturating_sub(active.get()),
    }
}

fn at(candidates: &[CandidatePool], id: &PoolId) -> Option<usize> {
    candidates.binary_search_by(|candidate| candidate.pool.id.cmp(id)).ok()
}

fn range(candidate: &CandidatePool, window: &Window, cap: u16) -> (BinId, BinId) {
    let side = |needed: bool, reach: u16| {
        let reach = if needed { reach.saturating_add(window.margin) } else { window.margin };
        i32::from(reach.min(cap))
    };
    let down = side(candidate.x_for_y, window.down);
    let up = side(candidate.y_for_x, window.up);
    (window.active.saturating_offset(-down), window.active.saturating_offset(up))
}

#[cfg(test)]
mod tests;
