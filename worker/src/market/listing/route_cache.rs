//! Candidate routes by pair, made when first asked for and bounded in number and in bytes.

use std::num::NonZeroUsize;
use std::rc::Rc;

use dlmm_core::network::route::Candidates;
use dlmm_core::units::Symbol;
use lru::LruCache;

/// Token in, token out and hop limit.
pub(super) type RouteKey = (Symbol, Symbol, u8);

/// What the kept routes may weigh together: a small part of an isolate's 128 MB.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The routes used last; those unused for longest go first.
#[derive(Debug)]
pub(super) struct RouteCache {
    kept: LruCache<RouteKey, (Rc<Candidates>, usize)>,
    bytes: usize,
}

impl RouteCache {
    pub(super) fn new(max_pairs: NonZeroUsize) -> Self {
        Self { kept: LruCache::new(max_pairs), bytes: 0 }
    }

    pub(super) fn get(&mut self, key: &RouteKey) -> Option<Rc<Candidates>> {
        self.kept.get(key).map(|(candidates, _)| Rc::clone(candidates))
    }

    pub(super) fn put(&mut self, key: RouteKey, candidates: Rc<Candidates>) {
        let weight = weight(&candidates);
        self.bytes += weight;
        if let Some((_, (_, replaced))) = self.kept.push(key, (candidates, weight)) {
            self.bytes -= replaced;
        }
        while self.bytes > MAX_BYTES {
            match self.kept.pop_lru() {
                Some((_, (_, dropped))) => self.bytes -= dropped,
                None => break,
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// About how much memory the kept routes take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// About how many bytes candidates take. Names are shared with the topology and count as pointers.
fn weight(candidates: &Candidates) -> usize {
    let hops = || candidates.paths.iter().flat_map(|path| &path.hops);
    let serving: usize = hops().map(|hop| size_of_val(hop.pools.as_slice())).sum();
    size_of::<Candidates>()
        + size_of_val(candidates.pools.as_slice())
        + size_of_val(candidates.paths.as_slice())
        + hops().map(size_of_val).sum::<usize>()
        + serving
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::network::graph::{Graph, PoolRef};
    use dlmm_core::network::route::{RouteFilter, find_candidates};
    use dlmm_core::units::PoolId;

    fn name(text: &str) -> Symbol {
        Symbol::new(text).unwrap()
    }

    fn key(n: usize) -> RouteKey {
        (name(&format!("T{n}")), name("HUB"), 3)
    }

    /// Candidates of two hub tokens that thousands of tokens connect.
    fn heavy() -> Rc<Candidates> {
        let pool = |id: String, x: &str, y: String| PoolRef {
            id: PoolId::new(&id).unwrap(),
            token_x: name(x),
            token_y: name(&y),
        };
        let pools = (0..2_000)
            .flat_map(|n| ["HUB", "KEY"].map(|hub| pool(format!("{hub}-{n}"), hub, format!("T{n}"))));
        let graph = Graph::new(pools);
        let open = RouteFilter::default();
        Rc::new(find_candidates(&graph, &name("HUB"), &name("KEY"), 4, 1_000, &open).unwrap())
    }

    #[test]
    fn what_is_kept_stays_below_the_bound_in_bytes() {
        let candidates = heavy();
        let each = weight(&candidates);
        assert!(each > 100_000, "{each}");
        let mut cache = RouteCache::new(NonZeroUsize::new(100_000).unwrap());
        let most = MAX_BYTES / each;
        (0..most + 50).for_each(|n| cache.put(key(n), Rc::clone(&candidates)));
        assert_eq!((cache.len(), cache.bytes()), (most, most * each));
        assert!(cache.get(&key(0)).is_none() && cache.get(&key(most + 49)).is_some());
        cache.clear();
        assert_eq!((cache.len(), cache.bytes()), (0, 0));
    }

    #[test]
    fn what_was_used_last_stays() {
        let candidates = heavy();
        let mut cache = RouteCache::new(NonZeroUsize::new(2).unwrap());
        cache.put(key(0), Rc::clone(&candidates));
        cache.put(key(1), Rc::clone(&candidates));
        assert!(cache.get(&key(0)).is_some());
        cache.put(key(2), Rc::clone(&candidates));
        assert!(cache.get(&key(1)).is_none() && cache.get(&key(0)).is_some());
        cache.put(key(0), Rc::clone(&candidates));
        assert_eq!((cache.len(), cache.bytes()), (2, 2 * weight(&candidates)), "put twice, kept once");
    }
}
