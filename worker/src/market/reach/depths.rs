//! How many bins trades of one pair needed of each pool, by the size of the trade.

use dlmm_core::units::{Direction, MAX_BINS, PoolId};

/// Bins to read in a direction where nothing is known of trades like this one.
pub(super) const FIRST_REACH: u16 = 8;
/// Answers after which less is read where less was needed. A window that was made too narrow costs a further read, so
/// that is tried seldom.
const PERIOD: u16 = 256;
/// Sizes that are kept of one pair, and pools of one size.
const MAX_SIZES: usize = 12;
const MAX_POOLS: usize = 96;

/// Bins that an answer needed of one pool, from the active one on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub pool_id: PoolId,
    pub direction: Direction,
    pub bins: u16,
}

/// What the trades of one pair needed.
#[derive(Debug, Default)]
pub(super) struct Depths {
    /// By size, the smallest first.
    sizes: Vec<Size>,
}

/// What trades of one size needed. Pools that are not among them were not needed beyond their active bin.
#[derive(Debug)]
struct Size {
    bits: u32,
    pools: Vec<Depth>,
    /// Answers since less was read.
    answers: u16,
}

#[derive(Debug)]
struct Depth {
    pool_id: PoolId,
    direction: Direction,
    bins: u16,
    /// The most that was needed of it since less was read.
    peak: u16,
}

impl Size {
    fn learn(&mut self, Needed { pool_id, direction, bins }: &Needed) {
        let bins = (*bins).min(MAX_BINS);
        let same = |depth: &Depth| depth.direction == *direction && depth.pool_id == *pool_id;
        let (at, is_full) = (self.pools.iter().position(same), self.pools.len() >= MAX_POOLS);
        match at.and_then(|at| self.pools.get_mut(at)) {
            Some(depth) => {
                depth.bins = depth.bins.max(bins);
                depth.peak = depth.peak.max(bins);
            }
            None if bins > 0 && !is_full => {
                let (pool_id, direction) = (pool_id.clone(), *direction);
                self.pools.push(Depth { pool_id, direction, bins, peak: bins });
            }
            None => {}
        }
    }

    /// Forgets half of what was not needed.
    fn forget(&mut self, peak: impl Fn(&Depth) -> u16) {
        for depth in &mut self.pools {
            depth.bins -= depth.bins.saturating_sub(peak(depth)).div_ceil(2);
            depth.peak = 0;
        }
        self.pools.retain(|depth| depth.bins > 0);
        self.answers = 0;
    }
}

impl Depths {
    /// Bins to read for a trade of this size: hands out pools that need some, perhaps more than once, and gives what all
    /// pools need at least. What larger trades needed bounds it only from above, what smaller ones needed only from below.
    pub(super) fn reaches(&self, bits: u32, mut each: impl FnMut(&PoolId, Direction, u16)) -> u16 {
        let smaller = self.sizes.partition_point(|size| size.bits < bits);
        let (smaller, others) = self.sizes.split_at_checked(smaller).unwrap_or((&self.sizes, &[]));
        for depth in smaller.iter().flat_map(|size| &size.pools) {
            each(&depth.pool_id, depth.direction, with_spare(depth.bins));
        }
        let Some(own) = others.first() else { return FIRST_REACH };
        let most = if own.bits == bits { u16::MAX } else { FIRST_REACH };
        for depth in &own.pools {
            each(&depth.pool_id, depth.direction, with_spare(depth.bins).min(most));
        }
        0
    }

    pub(super) fn learn(&mut self, bits: u32, needed: &[Needed]) {
        let at = self.sizes.partition_point(|size| size.bits < bits);
        if self.sizes.get(at).is_none_or(|size| size.bits != bits) {
            let size = Size { bits, pools: Vec::new(), answers: 0 };
            if self.sizes.len() >= MAX_SIZES {
                // The one next to it is the most like it.
                self.sizes.remove(at.min(MAX_SIZES - 1));
            }
            self.sizes.insert(at.min(self.sizes.len()), size);
        }
        let Some(at) = self.sizes.iter().position(|size| size.bits == bits) else { return };
        let (smaller, others) = self.sizes.split_at_mut(at);
        let Some(own) = others.first_mut() else { return };
        needed.iter().for_each(|needed| own.learn(needed));
        own.answers += 1;
        if own.answers < PERIOD {
            return;
        }
        // What a larger trade did not need a smaller one did not either.
        let peak_of = |pools: &[Depth], wanted: &Depth| {
            let same =
                |depth: &&Depth| depth.direction == wanted.direction && depth.pool_id == wanted.pool_id;
            pools.iter().find(same).map_or(0, |depth| depth.peak)
        };
        smaller.iter_mut().for_each(|size| size.forget(|depth| depth.peak.max(peak_of(&own.pools, depth))));
        own.forget(|depth| depth.peak);
    }

    /// Forgets other pools.
    pub(super) fn keep(&mut self, is_there: impl Fn(&PoolId) -> bool) {
        self.sizes.iter_mut().for_each(|size| size.pools.retain(|depth| is_there(&depth.pool_id)));
    }
}

/// A little more than was needed; the next trade of this size may be twice as large.
const fn with_spare(bins: u16) -> u16 {
    if bins == 0 { 0 } else { bins.saturating_add(1).saturating_add(bins / 4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(name: &str) -> PoolId {
        PoolId::new(name).unwrap()
    }

    fn needed(bins: u16) -> [Needed; 1] {
        [Needed { pool_id: pool("P"), direction: Direction::XForY, bins }]
    }

    fn reach_in(depths: &Depths, bits: u32, name: &str, direction: Direction) -> u16 {
        let mut most = 0;
        let others = depths.reaches(bits, |pool_id, towards, bins| {
            if pool_id.as_str() == name && towards == direction {
                most = bins.max(most);
            }
        });
        most.max(others)
    }

    fn reach(depths: &Depths, bits: u32) -> u16 {
        reach_in(depths, bits, "P", Direction::XForY)
    }

    #[test]
    fn a_size_reads_what_it_needed_and_a_little_more() {
        let mut depths = Depths::default();
        assert_eq!(reach(&depths, 20), FIRST_REACH);
        depths.learn(20, &needed(40));
        assert_eq!(reach(&depths, 20), 51);
        assert_eq!(reach_in(&depths, 20, "P", Direction::YForX), 0, "the other direction was not needed");
        assert_eq!(reach_in(&depths, 20, "Q", Direction::XForY), 0, "nor were other pools");
    }

    #[test]
    fn larger_trades_make_smaller_ones_read_less_and_never_more() {
        let mut depths = Depths::default();
        depths.learn(90, &needed(300));
        assert_eq!(reach(&depths, 89), FIRST_REACH);
        depths.learn(80, &needed(2));
        assert_eq!((reach(&depths, 79), reach(&depths, 80)), (3, 3));
        assert_eq!(reach(&depths, 85), FIRST_REACH);
    }

    #[test]
    fn smaller_trades_make_larger_ones_read_more_and_never_less() {
        let mut depths = Depths::default();
        depths.learn(20, &needed(0));
        assert_eq!((reach(&depths, 20), reach(&depths, 21)), (0, FIRST_REACH));
        depths.learn(20, &needed(100));
        assert_eq!(reach(&depths, 99), 126);
        depths.learn(99, &needed(0));
        assert_eq!(reach(&depths, 99), 126, "what a smaller one needed a larger one will");
    }

    #[test]
    fn what_is_not_needed_any_more_is_forgotten_seldom_and_by_halves() {
        let mut depths = Depths::default();
        depths.learn(20, &needed(200));
        // The first period still holds what was needed in it.
        (1..2 * PERIOD - 1).for_each(|_| depths.learn(20, &needed(10)));
        assert_eq!(reach(&depths, 20), with_spare(200));
        depths.learn(20, &needed(10));
        assert_eq!(reach(&depths, 20), with_spare(105));
        (0..20 * PERIOD).for_each(|_| depths.learn(20, &needed(10)));
        assert_eq!(reach(&depths, 20), with_spare(10));
        // A larger trade speaks for smaller ones.
        (0..20 * PERIOD).for_each(|_| depths.learn(30, &[]));
        assert_eq!((reach(&depths, 20), depths.sizes.len()), (0, 2));
    }

    #[test]
    fn no_answer_reaches_beyond_what_a_request_may_visit() {
        let mut depths = Depths::default();
        depths.learn(20, &needed(u16::MAX));
        assert_eq!(reach(&depths, 20), with_spare(MAX_BINS));
    }

    #[test]
    fn sizes_and_pools_are_bounded() {
        let mut depths = Depths::default();
        for bits in (0..128).rev().chain(0..128) {
            depths.learn(bits, &needed(20));
            assert!(depths.sizes.is_sorted_by_key(|size| size.bits));
            assert_eq!(reach(&depths, bits), with_spare(20), "the size that was learned last is known");
        }
        assert_eq!(depths.sizes.len(), MAX_SIZES);
        for n in 0..1_000 {
            let needed = Needed { pool_id: pool(&format!("Q{n}")), direction: Direction::XForY, bins: 5 };
            depths.learn(127, &[needed]);
        }
        assert!(depths.sizes.iter().all(|size| size.pools.len() <= MAX_POOLS));
        depths.keep(|_| false);
        assert_eq!(reach(&depths, 127), 0);
    }
}
