//! How far to read: a guess from earlier quotes, never a source of numbers.
//!
//! What one client asks must not make another's reads wider. So a trade learns only from trades of its own pair that were
//! no larger than itself, that might choose among all pools, and that ended in an answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use dlmm_core::network::state::State;
use dlmm_core::quote::{DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, Mode, QuoteRequest};
use dlmm_core::units::{Amount, BinId, Direction, MAX_BINS, PoolId, Symbol};
use lru::LruCache;

use crate::market::listing::Topology;

/// Bins asked for in a direction of which nothing deeper is known.
pub(super) const FIRST_REACH: u16 = 64;
/// Bins asked for beyond those an earlier quote looked at.
const SPARE: u16 = 8;
/// The part of a reach that was not needed by which it shrinks with each quote.
const SHRINK: u16 = 8;
/// What one read may be expected to bring. Upstash refuses replies above 10 MB on most plans.
const READ_BYTES: usize = 4_000_000;
/// What a key is taken to bring until it was seen: a bin of the usual fields has 250 bytes, an absent one 5.
const ASSUMED_KEY_BYTES: usize = 250;
/// The least it is taken to bring, however few bins there were in the reads before.
const LEAST_KEY_BYTES: usize = 64;
/// Reads of fewer keys say little of the next one.
const TELLING_KEYS: usize = 1_000;
/// Pairs whose deep reaches are kept, the ones used last.
const MAX_PAIRS: NonZeroUsize = NonZeroUsize::new(512).unwrap();
/// Deep reaches kept of one pair.
const MAX_DEEP: usize = 128;

/// How large a trade is, as far as reading goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeSize {
    pair: PairKey,
    /// Length of the amount in bits: trades within a factor of two are alike.
    bits: u32,
    /// Whether it may choose as a usual request does: how deep a pool is used that a client picked tells others nothing.
    is_free: bool,
}

/// Token in, token out, and whether the output is fixed.
type PairKey = (Symbol, Symbol, bool);

impl TradeSize {
    /// The size of a request that fixes `amount` smallest units.
    pub fn of(request: &QuoteRequest, amount: Amount) -> Self {
        let is_exact_out = request.mode == Mode::ExactOut;
        let splits = request.max_splits;
        Self {
            pair: (request.token_in.clone(), request.token_out.clone(), is_exact_out),
            bits: Amount::BITS - amount.leading_zeros(),
            is_free: request.filter.is_open()
                && request.max_hops >= DEFAULT_MAX_HOPS
                && (splits == 0 || splits >= DEFAULT_MAX_SPLITS),
        }
    }
}

/// Bins of one pool that trades of a size need in one direction, where that is more than [`FIRST_REACH`].
#[derive(Debug, Clone)]
pub(crate) struct Deep {
    pub(crate) pool_id: PoolId,
    pub(crate) direction: Direction,
    pub(crate) bins: u16,
    bits: u32,
}

/// Bins that an answer needed of one pool, from the active one on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub pool_id: PoolId,
    pub direction: Direction,
    pub bins: u16,
}

/// What this isolate saw last of each pool, and how deep pairs used them. Bounded by the pools of the topology and by
/// the constants above.
#[derive(Debug)]
pub struct Hints {
    active: RefCell<BTreeMap<PoolId, BinId>>,
    deep: RefCell<LruCache<PairKey, Vec<Deep>>>,
    /// Bytes that a key brought in large reads, more quickly up than down.
    key_bytes: Cell<usize>,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            active: RefCell::default(),
            deep: RefCell::new(LruCache::new(MAX_PAIRS)),
            key_bytes: Cell::new(ASSUMED_KEY_BYTES),
        }
    }
}

impl Hints {
    /// Where the active bin was seen last.
    pub(crate) fn active(&self, topology: &Topology, id: &PoolId) -> BinId {
        let seen = self.active.borrow().get(id).copied();
        // Without any hint the centre is as good as any place to begin.
        let centre = || BinId::new(500).unwrap_or(BinId::MIN);
        seen.or_else(|| topology.active_bin_hint(id)).unwrap_or_else(centre)
    }

    /// What trades of this pair and of at most this size needed beyond [`FIRST_REACH`].
    pub(crate) fn deep(&self, size: &TradeSize) -> Vec<Deep> {
        let mut pairs = self.deep.borrow_mut();
        let known = pairs.get(&size.pair).into_iter().flatten();
        known.filter(|deep| deep.bits <= size.bits).cloned().collect()
    }

    /// Keys that one read may have: as the setting says, and no more than about 4 MB.
    pub fn keys_of_one_read(&self, setting: usize) -> usize {
        setting.min(READ_BYTES.checked_div(self.key_bytes.get()).unwrap_or(setting))
    }

    /// Notes what a read brought.
    pub fn weigh(&self, keys: usize, bytes: usize) {
        let Some(each) = bytes.checked_div(keys).filter(|_| keys >= TELLING_KEYS) else { return };
        let before = self.key_bytes.get();
        let now = if each > before { each } else { before - (before - each).div_ceil(usize::from(SHRINK)) };
        self.key_bytes.set(now.max(LEAST_KEY_BYTES));
    }

    /// Notes where the active bins are.
    pub fn saw(&self, state: &State) {
        let mut active = self.active.borrow_mut();
        for id in state.pools.keys() {
            if let Some((pool, _)) = state.ready(id) {
                match active.get_mut(id) {
                    Some(known) => *known = pool.active_bin(),
                    None => drop(active.insert(id.clone(), pool.active_bin())),
                }
            }
        }
    }

    /// Learns from an answer how far to read for the next trade of its pair that is at least as large.
    ///
    /// What it did not need of what smaller ones needed is forgotten a little each time.
    pub fn learn(&self, size: &TradeSize, needed: &[Needed]) {
        if !size.is_free {
            return;
        }
        let wanted = |bins: u16| bins.min(MAX_BINS).saturating_add(SPARE);
        let deep_ones: Vec<&Needed> =
            needed.iter().filter(|needed| wanted(needed.bins) > FIRST_REACH).collect();
        let mut pairs = self.deep.borrow_mut();
        if deep_ones.is_empty() && !pairs.contains(&size.pair) {
            return;
        }
        let known = pairs.get_or_insert_mut(size.pair.clone(), Vec::new);
        for deep in known.iter_mut().filter(|deep| deep.bits <= size.bits) {
            let same =
                |needed: &&Needed| needed.pool_id == deep.pool_id && needed.direction == deep.direction;
            let bins = needed.iter().filter(same).map(|needed| wanted(needed.bins)).max();
            let unneeded = deep.bins.saturating_sub(bins.unwrap_or(0).max(FIRST_REACH));
            deep.bins -= unneeded.div_ceil(SHRINK);
        }
        for Needed { pool_id, direction, bins } in deep_ones {
            let bins = wanted(*bins);
            let is_same = |deep: &Deep| deep.pool_id == *pool_id && deep.direction == *direction;
            if known.iter().any(|deep| is_same(deep) && deep.bits <= size.bits && deep.bins >= bins) {
                continue;
            }
            match known.iter_mut().find(|deep| is_same(deep) && deep.bits == size.bits) {
                Some(deep) => deep.bins = bins,
                None => {
                    if known.len() >= MAX_DEEP {
                        known.remove(0);
                    }
                    let (pool_id, direction) = (pool_id.clone(), *direction);
                    known.push(Deep { pool_id, direction, bins, bits: size.bits });
                }
            }
        }
        known.retain(|deep| deep.bins > FIRST_REACH);
        if known.is_empty() {
            pairs.pop(&size.pair);
        }
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.active.borrow_mut().clear();
        self.deep.borrow_mut().clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.active.borrow_mut().retain(|id, _| topology.routing(id).is_some());
        for (_, known) in self.deep.borrow_mut().iter_mut() {
            known.retain(|deep| topology.routing(&deep.pool_id).is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::api::request_from_json;

    fn request(fields: &str) -> QuoteRequest {
        request_from_json(&format!(r#"{{"token_in":"A","token_out":"B",{fields}}}"#)).unwrap()
    }

    fn size(amount: Amount) -> TradeSize {
        TradeSize::of(&request(r#""amount_in_atomic":"1""#), amount)
    }

    fn needed(bins: u16) -> Needed {
        Needed { pool_id: PoolId::new("P").unwrap(), direction: Direction::XForY, bins }
    }

    /// The reach for a trade of this amount; `None` where nothing deeper than the first reach is known.
    fn reach(hints: &Hints, amount: Amount) -> Option<u16> {
        hints.deep(&size(amount)).iter().map(|deep| deep.bins).max()
    }

    #[test]
    fn a_trade_learns_from_trades_no_larger_than_itself() {
        let hints = Hints::default();
        hints.learn(&size(1 << 90), &[needed(300)]);
        assert_eq!(reach(&hints, 1 << 89), None, "a smaller one is read as before");
        assert_eq!((reach(&hints, 1 << 90), reach(&hints, u128::MAX)), (Some(308), Some(308)));
        hints.learn(&size(1 << 80), &[needed(100)]);
        assert_eq!((reach(&hints, 1 << 85), reach(&hints, 1 << 91)), (Some(108), Some(308)));
        let exact_out = TradeSize::of(&request(r#""amount_out_atomic":"1""#), 1 << 91);
        assert!(hints.deep(&exact_out).is_empty(), "the amounts of other sides are not comparable");
    }

    #[test]
    fn what_is_no_deeper_than_the_first_reach_is_not_kept() {
        let hints = Hints::default();
        hints.learn(&size(9), &[needed(56)]);
        assert_eq!((reach(&hints, 9), hints.deep.borrow().len()), (None, 0));
        hints.learn(&size(9), &[needed(57)]);
        assert_eq!(reach(&hints, 9), Some(65));
    }

    #[test]
    fn a_depth_that_is_not_needed_any_more_is_forgotten_slowly() {
        let hints = Hints::default();
        hints.learn(&size(9), &[needed(200)]);
        hints.learn(&size(8), &[]);
        assert_eq!(reach(&hints, 9), Some(208 - 18));
        hints.learn(&size(3), &[]);
        assert_eq!(reach(&hints, 9), Some(208 - 18), "a smaller trade tells nothing of it");
        (0..100).for_each(|_| hints.learn(&size(1 << 50), &[]));
        assert_eq!((reach(&hints, 9), hints.deep.borrow().len()), (None, 0));
    }

    #[test]
    fn one_outlier_reaches_no_further_than_a_usual_request_can_go() {
        let hints = Hints::default();
        hints.learn(&size(9), &[needed(1_000)]);
        assert_eq!(reach(&hints, 9), Some(MAX_BINS + SPARE));
    }

    #[test]
    fn a_client_that_picks_its_pools_teaches_others_nothing() {
        let hints = Hints::default();
        for fields in [
            r#""pools":["P"]"#,
            r#""exclude_pools":["Q"]"#,
            r#""via":["C"]"#,
            r#""max_hops":1"#,
            r#""max_splits":1"#,
        ] {
            let size = TradeSize::of(&request(&format!(r#""amount_in_atomic":"1",{fields}"#)), 9);
            hints.learn(&size, &[needed(300)]);
            assert_eq!(reach(&hints, 9), None, "{fields}");
        }
    }

    #[test]
    fn larger_values_mean_fewer_keys() {
        let hints = Hints::default();
        let keys = |setting| hints.keys_of_one_read(setting);
        assert_eq!((keys(10_000), keys(500), keys(100_000)), (10_000, 500, 16_000));
        hints.weigh(999, 9_990_000);
        assert_eq!(keys(10_000), 10_000, "a small read says little");
        hints.weigh(1_000, 4_000_000);
        assert_eq!(keys(10_000), 1_000);
        (0..200).for_each(|_| hints.weigh(1_000, 0));
        assert_eq!((keys(10_000), keys(100_000)), (10_000, 62_500));
    }

    #[test]
    fn memory_is_bounded() {
        let hints = Hints::default();
        for n in 0..1_000_u32 {
            let request =
                request_from_json(&format!(r#"{{"token_in":"A{n}","token_out":"B","amount_in":1}}"#))
                    .unwrap();
            hints.learn(&TradeSize::of(&request, 1), &[needed(300)]);
        }
        let pools = (0..1_000).map(|n| PoolId::new(&format!("P{n}")).unwrap());
        let many: Vec<_> = pools.map(|pool_id| Needed { pool_id, ..needed(300) }).collect();
        hints.learn(&size(9), &many);
        assert_eq!(hints.deep.borrow().len(), MAX_PAIRS.get());
        assert_eq!(hints.deep(&size(9)).len(), MAX_DEEP);
        hints.keep_only(&Topology::new(Vec::new(), true));
        assert!(hints.deep(&size(9)).is_empty());
    }
}
