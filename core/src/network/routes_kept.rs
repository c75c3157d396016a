//! Candidate routes by pair, kept because most requests ask for the same few pairs; bounded in number and in bytes.

use super::graph::Graph;
use super::route::{Candidates, RouteFilter, find_candidates};
use crate::error::QuoteError;
use crate::units::Symbol;
use alloc::sync::Arc;
use litemap::LiteMap;

/// Token in, token out and hop limit.
pub type Pair = (Symbol, Symbol, u8);

/// The candidates of the pairs asked for lately, without any filter; those unused for longest go first.
#[derive(Debug)]
pub struct RoutesKept {
    by_pair: LiteMap<Pair, Kept>,
    max_pairs: usize,
    max_bytes: usize,
    bytes: usize,
    /// Counts the uses.
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    candidates: Arc<Candidates>,
    bytes: usize,
    used: u64,
}

impl RoutesKept {
    /// Keeps so many pairs at most, and routes of so many bytes.
    #[must_use]
    pub const fn new(max_pairs: usize, max_bytes: usize) -> Self {
        Self { by_pair: LiteMap::new(), max_pairs, max_bytes, bytes: 0, uses: 0 }
    }

    /// Forgets everything; needed when the graph changes.
    pub fn clear(&mut self) {
        self.by_pair.clear();
        self.bytes = 0;
    }

    /// Pairs kept.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.by_pair.len()
    }

    /// About how much memory their routes take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The candidates of a pair, if they are kept.
    pub fn get(&mut self, pair: &Pair) -> Option<Arc<Candidates>> {
        self.uses = self.uses.saturating_add(1);
        let kept = self.by_pair.get_mut(pair)?;
        kept.used = self.uses;
        Some(Arc::clone(&kept.candidates))
    }

    /// Keeps the candidates of a pair.
    pub fn put(&mut self, pair: Pair, candidates: Arc<Candidates>) {
        self.uses = self.uses.saturating_add(1);
        let (bytes, used) = (bytes_of(&candidates), self.uses);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(replaced) = self.by_pair.insert(pair, Kept { candidates, bytes, used }) {
            self.bytes = self.bytes.saturating_sub(replaced.bytes);
        }
        while self.by_pair.len() > self.max_pairs || self.bytes > self.max_bytes {
            self.drop_oldest();
        }
    }

    /// Drops the pair that is unused for longest, and an eighth or so of a large number: one pass for many that come.
    fn drop_oldest(&mut self) {
        let oldest = self.by_pair.values().map(|kept| kept.used).min().unwrap_or(0);
        let later = self.by_pair.values().map(|kept| kept.used.saturating_sub(oldest));
        let mean = later.fold(0, u64::saturating_add) / (self.by_pair.len() as u64).max(1);
        self.by_pair.retain(|_, kept| kept.used > oldest.saturating_add(mean / 4));
        self.bytes = self.by_pair.values().map(|kept| kept.bytes).fold(0, usize::saturating_add);
    }

    /// Gives the candidates of a pair, looked for where they are not kept.
    ///
    /// # Errors
    /// As [`find_candidates`].
    pub fn candidates(
        &mut self,
        graph: &Graph,
        max_pools: usize,
        (token_in, token_out, max_hops): (&Symbol, &Symbol, u8),
        filter: &RouteFilter,
    ) -> Result<Arc<Candidates>, QuoteError> {
        let find = || find_candidates(graph, token_in, token_out, max_hops, max_pools, filter).map(Arc::new);
        if !filter.is_open() {
            return find();
        }
        let pair = (token_in.clone(), token_out.clone(), max_hops);
        if let Some(kept) = self.get(&pair) {
            return Ok(kept);
        }
        let found = find()?;
        self.put(pair, Arc::clone(&found));
        Ok(found)
    }
}

/// About how many bytes candidates take. Names are shared with the graph and count as pointers.
fn bytes_of(candidates: &Candidates) -> usize {
    let hops = || candidates.paths.iter().flat_map(|path| &path.hops);
    let serving: usize = hops().map(|hop| size_of_val(hop.pools.as_slice())).sum();
    let unplaced = candidates.unplaced.iter().map(|pool| pool.key.len() + pool.reason.len());
    size_of::<Candidates>()
        + size_of_val(candidates.unplaced.as_slice())
        + unplaced.sum::<usize>()
        + size_of_val(candidates.pools.as_slice())
        + size_of_val(candidates.paths.as_slice())
        + hops().map(size_of_val).sum::<usize>()
        + serving
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::tests::pool;
    use crate::units::PoolId;
    use alloc::format;

    fn symbol(text: &str) -> Symbol {
        Symbol::new(text).expect("a name")
    }

    fn found(kept: &mut RoutesKept, graph: &Graph, to: &str, filter: &RouteFilter) -> Arc<Candidates> {
        kept.candidates(graph, 64, (&symbol("A"), &symbol(to), 3), filter).expect("a route")
    }

    #[test]
    fn keeps_a_pair_until_it_is_cleared_and_never_too_many() {
        let (graph, open) = (
            Graph::new((0..600).map(|n| pool(&format!("p{n}"), "A", &format!("T{n}")))),
            RouteFilter::default(),
        );
        let mut kept = RoutesKept::new(256, 1 << 20);
        let first = found(&mut kept, &graph, "T0", &open);
        assert!(Arc::ptr_eq(&first, &found(&mut kept, &graph, "T0", &open)));
        for n in 0..600 {
            found(&mut kept, &graph, &format!("T{n}"), &open);
            assert!(kept.pairs() <= 256);
        }
        let bytes = kept.bytes();
        assert!(bytes > 0 && bytes < 1 << 20);
        kept.clear();
        assert_eq!((kept.pairs(), kept.bytes()), (0, 0));
        let after = found(&mut kept, &graph, "T0", &open);
        assert!(!Arc::ptr_eq(&first, &after));
        assert_eq!(first, after);
    }

    #[test]
    fn those_unused_for_longest_go_first() {
        let (graph, open) = (
            Graph::new((0..9).map(|n| pool(&format!("p{n}"), "A", &format!("T{n}")))),
            RouteFilter::default(),
        );
        let mut kept = RoutesKept::new(2, 1 << 20);
        let first = found(&mut kept, &graph, "T0", &open);
        for (to, pairs) in [("T1", 2), ("T0", 2), ("T2", 2)] {
            found(&mut kept, &graph, to, &open);
            assert_eq!(kept.pairs(), pairs);
        }
        assert!(Arc::ptr_eq(&first, &found(&mut kept, &graph, "T0", &open)));
        assert!(kept.get(&(symbol("A"), symbol("T1"), 3)).is_none());
        let mut small = RoutesKept::new(2, 1);
        found(&mut small, &graph, "T0", &open);
        assert_eq!((small.pairs(), small.bytes()), (0, 0), "what does not fit is not kept");
    }

    #[test]
    fn bytes_are_bounded_and_a_pair_put_twice_counts_once() {
        let (graph, open) = (
            Graph::new((0..300).map(|n| pool(&format!("p{n}"), "A", &format!("T{n}")))),
            RouteFilter::default(),
        );
        let mut kept = RoutesKept::new(1_000, usize::MAX);
        let first = found(&mut kept, &graph, "T0", &open);
        let one = kept.bytes();
        kept.put((symbol("A"), symbol("T0"), 3), first);
        assert_eq!((kept.pairs(), kept.bytes()), (1, one));
        let mut kept = RoutesKept::new(1_000, one * 100);
        for n in 0..300 {
            found(&mut kept, &graph, &format!("T{n}"), &open);
            assert!(kept.bytes() <= one * 100 && kept.bytes() == kept.pairs() * one);
            assert!(kept.get(&(symbol("A"), symbol(&format!("T{n}")), 3)).is_some(), "the latest stays");
        }
        assert!(kept.pairs() > 80, "{} pairs", kept.pairs());
    }

    #[test]
    fn a_filtered_request_is_neither_kept_nor_served_from_what_is() {
        let (graph, open) = (Graph::new([pool("p", "A", "B"), pool("q", "A", "B")]), RouteFilter::default());
        let mut kept = RoutesKept::new(2, 1 << 20);
        assert_eq!(found(&mut kept, &graph, "B", &open).pools.len(), 2);
        let mut without = RouteFilter::default();
        without.exclude_pools.insert(PoolId::new("p").expect("a name"));
        assert_eq!(found(&mut kept, &graph, "B", &without).pools.len(), 1);
        assert_eq!(found(&mut kept, &graph, "B", &open).pools.len(), 2);
    }
}
