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
#[derive(Debug)]
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

    /// The same windows for a part of the pools; both lists are in id order.
    #[must_use]
    pub fn restricted(&self, all: &[CandidatePool], part: &[CandidatePool]) -> Self {
        let pools = part.iter().filter_map(|one| self.pools.get(at(all, &one.pool.id)?)).copied();
        Self { pools: pools.collect(), widened: self.widened }
    }

    /// Bytes that a read of these ranges may be expected to bring, of each pool.
    pub fn bytes<'r>(&self, ranges: &'r [Range]) -> impl Iterator<Item = usize> + use<'r, '_> {
        ranges
            .iter()
            .zip(&self.pools)
            .map(|(range, window)| keys_of_pool(*range).saturating_mul(window.bin_bytes))
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
        for ((candidate, window), before) in candidates.iter().zip(&mut self.pools).zip(before) {
            let Some((pool, _)) = state.ready(&candidate.pool.id) else { continue };
            let drifted = window.active.get().abs_diff(pool.active_bin().get()) > window.margin;
            window.active = pool.active_bin();
            let asks = |direction| {
                move |more: &MoreBins| more.direction == direction && more.pool_id == candidate.pool.id
            };
            // Once, however many requests ask for it.
            let directions = [Direction::XForY, Direction::YForX].into_iter();
            for direction in directions.filter(|direction| more.iter().any(asks(*direction))) {
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
        let wanted = self.ranges(candidates, ALL);
        if is_within(&wanted) {
            return wanted;
        }
        let capped = |reach| {
            let mut ranges = self.ranges(candidates, reach);
            let pools = ranges.iter_mut().zip(candidates).zip(&self.pools);
            for (((range, candidate), window), before) in pools.zip(before.unwrap_or_default()) {
                *range = no_shorter(*range, *before, candidate, window.active);
            }
            ranges
        };
        // The widest reach that fits: found by halving, it is at most ten steps.
        let (mut fits, mut too_wide) = (0, ALL);
        while too_wide - fits > 1 {
            let middle = fits + (too_wide - fits) / 2;
            if is_within(&capped(middle)) { fits = middle } else { too_wide = middle }
        }
        capped(fits)
    }
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
mod tests {
    use super::*;
    use crate::market::reach::Needed;
    use dlmm_core::api::request_from_json;
    use dlmm_core::network::route::{RouteFilter, find_candidates};
    use dlmm_core::network::state::PoolState;
    use dlmm_core::stored::{PoolRouting, StoredPool};
    use dlmm_core::units::Symbol;

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
        let stored = StoredPool::new(Some(&json), (BinId::MIN, BinId::MAX), []);
        let mut state = State::default();
        let ready = stored.state(pool, &state.decimals, 10);
        assert!(matches!(ready, PoolState::Ready { .. }));
        state.pools.insert(pool.id.clone(), ready);
        state
    }

    fn plan(topology: &Topology, candidates: &[CandidatePool]) -> Windows {
        Windows::plan(&Hints::default(), topology, candidates, &[size(1)])
    }

    fn size(amount: u128) -> TradeSize {
        let json = r#"{"token_in":"A","token_out":"B","amount_in_atomic":"1"}"#;
        TradeSize::of(&request_from_json(json).unwrap(), amount)
    }

    /// What the first read brought: around 500, 8 bins and a margin of 2 down, the margin up.
    const READ: [(BinId, BinId); 1] = [(BinId::new(490).unwrap(), BinId::new(502).unwrap())];

    fn always(_: &[(BinId, BinId)]) -> bool {
        true
    }

    fn ids(windows: &Windows, candidates: &[CandidatePool]) -> (u16, u16) {
        let ranges = windows.ranges(candidates, ALL);
        (ranges[0].0.get(), ranges[0].1.get())
    }

    #[test]
    fn reads_towards_the_trade_and_a_little_behind() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let windows = plan(&topology, &candidates);
        assert_eq!(ids(&windows, &candidates), (490, 502));
    }

    #[test]
    fn widens_where_it_fell_short_and_recentres_where_the_active_bin_moved() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let more = [MoreBins { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY }];
        let mut windows = plan(&topology, &candidates);
        windows.widen(&candidates, (&state(&topology, 501), &READ), &more, &always);
        assert_eq!(ids(&windows, &candidates), (501 - 4 * 11 - 2, 503), "11 bins were known");
        let mut moved = plan(&topology, &candidates);
        moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
        assert_eq!(
            ids(&moved, &candidates),
            (890, 902),
            "a read around the wrong place says nothing of the reach"
        );
        moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
        assert_eq!(ids(&moved, &candidates), (900 - 8 * 8 - 2, 902));
        moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
        assert_eq!(ids(&moved, &candidates), (0, 902));
        let mut up = plan(&topology, &candidates);
        let both_ways = [(READ[0].0, BinId::new(564).unwrap())];
        up.widen(&candidates, (&state(&topology, 510), &both_ways), &more, &always);
        assert_eq!(ids(&up, &candidates).0, 510 - 4 * 20 - 2, "20 bins were read, and were too few");
        let mut fourth = plan(&topology, &candidates);
        (0..4).for_each(|_| fourth.widen(&candidates, (&state(&topology, 500), &READ), &[], &always));
        assert_eq!(ids(&fourth, &candidates), (0, 502), "whichever pools fell short");
    }

    #[test]
    fn reads_as_deep_as_trades_of_this_size_needed() {
        let topology = topology(1);
        let candidates = candidates(&topology);
        let hints = Hints::default();
        let needed = Needed { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY, bins: 200 };
        hints.saw(&topology, &state(&topology, 510), 0.0);
        hints.learn(&size(1_000_000), &[needed]);
        let low = |amounts: &[u128]| {
            let sizes: Vec<_> = amounts.iter().map(|amount| size(*amount)).collect();
            ids(&Windows::plan(&hints, &topology, &candidates, &sizes), &candidates).0
        };
        // It moved by 10 bins since it was listed: a margin of 15.
        assert_eq!((low(&[1]), low(&[1_000_000]), low(&[1, 2_000_000])), (487, 244, 244));
    }

    #[test]
    fn a_part_of_the_pools_keeps_its_windows() {
        let topology = topology(3);
        let candidates = candidates(&topology);
        let more = [MoreBins { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY }];
        let mut windows = plan(&topology, &candidates);
        windows.widen(&candidates, (&state(&topology, 500), &READ), &more, &always);
        let part = |range: std::ops::Range<usize>| {
            let part = &candidates[range];
            windows.restricted(&candidates, part).ranges(part, ALL)
        };
        assert_eq!(part(0..1)[0].0.get(), 458);
        assert_eq!(part(1..3).iter().map(|range| range.0.get()).collect::<Vec<_>>(), [490, 490]);
    }

    #[test]
    fn all_pools_are_narrowed_alike_until_they_fit() {
        let topology = topology(10);
        let candidates = candidates(&topology);
        let windows = plan(&topology, &candidates);
        let ranges = |max| windows.narrowed(&candidates, None, |ranges| keys_of(ranges) <= max);
        let narrowed = ranges(100);
        assert!(keys_of(&narrowed) <= 100 && keys_of(&narrowed) > 80, "{narrowed:?}");
        assert!(narrowed.iter().all(|range| *range == narrowed[0]));
        assert_eq!(keys_of(&ranges(140)), 140, "as it was wanted");
        assert_eq!(keys_of(&ranges(1)), 20, "the active bins in any case");
    }
}
