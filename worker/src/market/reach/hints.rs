//! How far to read: a guess from earlier quotes, never a source of numbers.
//!
//! What one client asks must not make another's reads wider. So a trade learns only from trades of its own pair that may
//! choose as it does, that ended in an answer, and that were no larger than itself; larger ones only make it read less.
//! How long values are is known of each pool by itself, for the same reason.

use litemap::LiteMap;
use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;

use dlmm_core::network::state::State;
use dlmm_core::quote::{DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, Mode, QuoteRequest};
use dlmm_core::units::{Amount, BinId, DEFAULT_MAX_BINS, Direction, PoolId, Symbol};
use lru::LruCache;

use super::depths::{Depths, FIRST_REACH, Needed};
use super::movement::Movement;
use crate::market::listing::Topology;

/// What a bin is taken to bring until one of its pool was seen: one of the usual fields has 250 bytes, an absent one 5.
const ASSUMED_BIN_BYTES: usize = 250;
/// The least it is taken to bring, however few bins there were in the reads before.
const LEAST_BIN_BYTES: usize = 64;
/// The part by which what a bin brings is taken to fall with each read that brought less.
const FALL: usize = 8;
/// Pairs whose depths are kept, the ones used last; and the same of requests that pick what they may use.
const MAX_USUAL: NonZeroUsize = NonZeroUsize::new(256).unwrap();
const MAX_PICKED: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How large a trade is, as far as reading goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeSize {
    pair: Pair,
    /// Length of the amount in bits: trades within a factor of two are alike.
    bits: u32,
}

/// Those that learn from each other: token in, token out, whether the output is fixed, and what they may choose.
type Pair = (Symbol, Symbol, bool, String);

impl TradeSize {
    /// The size of a request that fixes `amount` smallest units.
    pub fn of(request: &QuoteRequest, amount: Amount) -> Self {
        let is_exact_out = request.mode == Mode::ExactOut;
        Self {
            pair: (request.token_in.clone(), request.token_out.clone(), is_exact_out, choice(request)),
            bits: Amount::BITS - amount.leading_zeros(),
        }
    }
}

/// What a request may choose among; nothing where it may choose as a usual one does.
fn choice(request: &QuoteRequest) -> String {
    let QuoteRequest { max_hops, max_splits, max_bins, max_reads, filter, explain, .. } = request;
    let is_usual = filter.is_open()
        && *max_hops >= DEFAULT_MAX_HOPS
        && (*max_splits == 0 || *max_splits >= DEFAULT_MAX_SPLITS)
        && *max_bins >= DEFAULT_MAX_BINS
        && max_reads.is_none()
        && !explain;
    if is_usual {
        String::new()
    } else {
        format!("{max_hops} {max_splits} {max_bins} {max_reads:?} {explain} {filter:?}")
    }
}

/// What this isolate saw last of each pool, and how deep pairs used them. Bounded by the pools of the topology and by
/// the constants above.
#[derive(Debug)]
pub struct Hints {
    active: RefCell<LiteMap<PoolId, Movement>>,
    usual: RefCell<LruCache<Pair, Depths>>,
    picked: RefCell<LruCache<Pair, Depths>>,
    /// Bytes that a bin of a pool brought, more quickly up than down. Every read tells, so that no estimate is final.
    bin_bytes: RefCell<LiteMap<PoolId, usize>>,
    reads: Cell<Reads>,
}

/// How often quotes were read for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Reads {
    /// First reads of quotes.
    pub first: u64,
    /// Those that followed because the first did not suffice.
    pub further: u64,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            active: RefCell::default(),
            usual: RefCell::new(LruCache::new(MAX_USUAL)),
            picked: RefCell::new(LruCache::new(MAX_PICKED)),
            bin_bytes: RefCell::default(),
            reads: Cell::default(),
        }
    }
}

impl Hints {
    /// Where the active bin was seen last, and how far it may have moved since.
    pub(super) fn active(&self, topology: &Topology, id: &PoolId) -> (BinId, u16) {
        if let Some(seen) = self.active.borrow().get(id) {
            return (seen.bin, seen.margin());
        }
        // Without any hint the centre is as good as any place to begin.
        let centre = || BinId::new(500).unwrap_or(BinId::MIN);
        (topology.active_bin_hint(id).unwrap_or_else(centre), Movement::UNKNOWN)
    }

    /// Bins that trades like this one need beyond the active one: hands out pools that need some, perhaps more than once,
    /// and gives what all pools need at least.
    pub(super) fn reaches(&self, size: &TradeSize, each: impl FnMut(&PoolId, Direction, u16)) -> u16 {
        let mut alike = self.alike(size).borrow_mut();
        alike.get(&size.pair).map_or(FIRST_REACH, |depths| depths.reaches(size.bits, each))
    }

    fn alike(&self, size: &TradeSize) -> &RefCell<LruCache<Pair, Depths>> {
        if size.pair.3.is_empty() { &self.usual } else { &self.picked }
    }

    /// Bytes that a bin of a pool is taken to bring.
    pub(super) fn bin_bytes(&self, id: &PoolId) -> usize {
        self.bin_bytes.borrow().get(id).copied().unwrap_or(ASSUMED_BIN_BYTES)
    }

    /// What so many keys of a pool may be expected to bring; nothing where its bins are of about the usual length, of which there
    /// mostly are far fewer than there could be.
    pub(crate) fn bytes_of_long_bins(&self, id: &PoolId, keys: usize) -> usize {
        let each = Some(self.bin_bytes(id)).filter(|bytes| *bytes > 3 * ASSUMED_BIN_BYTES);
        each.unwrap_or_default().saturating_mul(keys)
    }

    /// Notes what so many bins of a pool brought.
    pub fn weigh(&self, id: &PoolId, bins: usize, bytes: usize) {
        let Some(each) = bytes.checked_div(bins) else { return };
        let before = self.bin_bytes(id);
        let now = if each > before { each } else { before - (before - each).div_ceil(FALL) };
        let now = now.max(LEAST_BIN_BYTES);
        // Every quote comes by here, so no name is copied for a pool that is known.
        let mut known = self.bin_bytes.borrow_mut();
        match known.get_mut(id) {
            Some(bytes) => *bytes = now,
            None if now == before => {}
            None => {
                known.insert(id.clone(), now);
            }
        }
    }

    /// Notes where the active bins are at this moment.
    pub fn saw(&self, topology: &Topology, state: &State, now_ms: f64) {
        let mut active = self.active.borrow_mut();
        for id in state.pools.keys() {
            let Some((pool, _)) = state.ready(id) else { continue };
            match active.get_mut(id) {
                Some(known) => known.saw(pool.active_bin(), now_ms),
                None => {
                    let first = Movement::new(topology.active_bin_hint(id), pool.active_bin(), now_ms);
                    active.insert(id.clone(), first);
                }
            }
        }
    }

    /// Learns from an answer how far to read for the next trade like it.
    pub fn learn(&self, size: &TradeSize, needed: &[Needed]) {
        let mut alike = self.alike(size).borrow_mut();
        match alike.get_mut(&size.pair) {
            Some(depths) => depths.learn(size.bits, needed),
            None => alike.get_or_insert_mut(size.pair.clone(), Depths::default).learn(size.bits, needed),
        }
    }

    /// Counts a read of so many quotes.
    pub fn count(&self, quotes: usize, is_first: bool) {
        let mut reads = self.reads.get();
        let count = if is_first { &mut reads.first } else { &mut reads.further };
        *count = count.saturating_add(quotes as u64);
        self.reads.set(reads);
    }

    /// How often quotes were read for, since the isolate started.
    pub fn reads(&self) -> Reads {
        self.reads.get()
    }

    /// Forgets all of it but the counts.
    pub fn clear(&self) {
        self.active.borrow_mut().clear();
        self.bin_bytes.borrow_mut().clear();
        self.usual.borrow_mut().clear();
        self.picked.borrow_mut().clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.active.borrow_mut().retain(|id, _| topology.routing(id).is_some());
        self.bin_bytes.borrow_mut().retain(|id, _| topology.routing(id).is_some());
        for kept in [&self.usual, &self.picked] {
            for (_, depths) in kept.borrow_mut().iter_mut() {
                depths.keep(|id| topology.routing(id).is_some());
            }
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

    /// The most that is known of such a trade; `None` where that is nothing.
    fn reach(hints: &Hints, size: &TradeSize) -> Option<u16> {
        let mut most = None;
        hints.reaches(size, |_, _, bins| most = most.max(Some(bins)));
        most
    }

    #[test]
    fn the_amounts_of_other_sides_are_not_comparable() {
        let hints = Hints::default();
        hints.learn(&size(1 << 80), &[needed(100)]);
        assert!(reach(&hints, &size(1 << 80)).is_some());
        let exact_out = TradeSize::of(&request(r#""amount_out_atomic":"1""#), 1 << 80);
        assert_eq!(reach(&hints, &exact_out), None);
    }

    #[test]
    fn a_client_that_picks_what_it_may_use_teaches_only_those_that_pick_the_same() {
        let hints = Hints::default();
        for fields in [
            r#""pools":["P"]"#,
            r#""exclude_pools":["Q"]"#,
            r#""via":["C"]"#,
            r#""max_hops":1"#,
            r#""max_splits":1"#,
            r#""max_bins":5"#,
            r#""max_reads":500"#,
            r#""explain":true"#,
        ] {
            let picked = TradeSize::of(&request(&format!(r#""amount_in_atomic":"1",{fields}"#)), 9);
            assert_eq!(reach(&hints, &picked), None, "{fields}");
            hints.learn(&picked, &[needed(300)]);
            assert_eq!(reach(&hints, &size(9)), None, "{fields}");
            assert!(reach(&hints, &picked) > Some(300), "{fields}");
        }
        let more = r#""amount_in_atomic":"1","max_hops":4,"max_splits":0"#;
        assert_eq!(TradeSize::of(&request(more), 9), size(9), "who may choose more is a usual one");
    }

    #[test]
    fn how_long_bins_are_is_known_by_pool_and_never_for_good() {
        let hints = Hints::default();
        let [fat, other] = ["F", "P"].map(|id| PoolId::new(id).unwrap());
        assert_eq!(hints.bin_bytes(&fat), 250);
        hints.weigh(&fat, 3, 12_000);
        assert_eq!((hints.bin_bytes(&fat), hints.bin_bytes(&other)), (4_000, 250), "each by itself");
        hints.weigh(&fat, 0, 0);
        assert_eq!(hints.bin_bytes(&fat), 4_000, "no bin says nothing");
        hints.weigh(&fat, 3, 600);
        assert_eq!(hints.bin_bytes(&fat), 3_525);
        (0..200).for_each(|_| hints.weigh(&fat, 1, 0));
        assert_eq!(hints.bin_bytes(&fat), 64, "reads of few bins suffice to unlearn");
        hints.keep_only(&Topology::new(Vec::new(), true));
        assert!(hints.bin_bytes.borrow().is_empty());
    }

    #[test]
    fn memory_is_bounded_and_pickers_displace_no_others() {
        let hints = Hints::default();
        hints.learn(&size(1), &[needed(300)]);
        for n in 0..1_000_u32 {
            let fields = format!(r#""amount_in_atomic":"1","via":["C{n}"]"#);
            hints.learn(&TradeSize::of(&request(&fields), 1), &[needed(300)]);
        }
        assert_eq!((hints.usual.borrow().len(), hints.picked.borrow().len()), (1, MAX_PICKED.get()));
        for n in 0..1_000_u32 {
            let json = format!(r#"{{"token_in":"A{n}","token_out":"B","amount_in":1}}"#);
            hints.learn(&TradeSize::of(&request_from_json(&json).unwrap(), 1), &[needed(300)]);
        }
        assert_eq!(hints.usual.borrow().len(), MAX_USUAL.get());
        hints.learn(&size(1), &[needed(300)]);
        let deep = reach(&hints, &size(1));
        hints.keep_only(&Topology::new(Vec::new(), true));
        assert!(reach(&hints, &size(1)) < deep, "its pool is gone");
    }

    #[test]
    fn reads_are_counted_by_their_quotes() {
        let hints = Hints::default();
        hints.count(3, true);
        hints.count(1, false);
        hints.clear();
        assert_eq!(hints.reads(), Reads { first: 3, further: 1 });
    }
}
