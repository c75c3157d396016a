//! Candidate routes, kept because most requests ask for the same few pairs.

use crate::error::QuoteError;
use crate::network::graph::Graph;
use crate::network::route::{Candidates, find_candidates};
use crate::quote::QuoteRequest;
use crate::units::Symbol;
use alloc::sync::Arc;
use litemap::LiteMap;

/// Pairs kept at most.
const MAX_PAIRS: usize = 256;
/// Pools named by the hops of everything kept, at most: a few megabytes.
const MAX_WEIGHT: usize = 200_000;

/// The candidates of pairs asked for lately, without any filter.
#[derive(Debug, Default)]
pub(super) struct RoutesKept {
    by_pair: LiteMap<(Symbol, Symbol, u8), Arc<Candidates>>,
    weight: usize,
}

impl RoutesKept {
    /// Forgets everything; needed when the graph changes.
    pub(super) fn clear(&mut self) {
        self.by_pair.clear();
        self.weight = 0;
    }

    /// Gives the candidates of a request, looked for where they are not kept.
    ///
    /// # Errors
    /// As [`find_candidates`].
    pub(super) fn candidates(
        &mut self,
        graph: &Graph,
        max_pools: usize,
        request: &QuoteRequest,
    ) -> Result<Arc<Candidates>, QuoteError> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let find = || find_candidates(graph, token_in, token_out, *max_hops, max_pools, filter).map(Arc::new);
        if !filter.is_open() {
            return find();
        }
        let pair = (token_in.clone(), token_out.clone(), *max_hops);
        if let Some(kept) = self.by_pair.get(&pair) {
            return Ok(Arc::clone(kept));
        }
        let found = find()?;
        let weight = weight_of(&found);
        if self.by_pair.len() >= MAX_PAIRS || self.weight.saturating_add(weight) > MAX_WEIGHT {
            self.clear();
        }
        if weight <= MAX_WEIGHT {
            self.weight = self.weight.saturating_add(weight);
            self.by_pair.insert(pair, Arc::clone(&found));
        }
        Ok(found)
    }
}

fn weight_of(candidates: &Candidates) -> usize {
    let hops = candidates.paths.iter().flat_map(|path| &path.hops);
    hops.map(|hop| hop.pools.len().saturating_add(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::tests::pool;
    use crate::quote::{AmountText, Mode};
    use alloc::format;

    fn request(token_out: &str) -> QuoteRequest {
        let symbol = |text: &str| Symbol::new(text).expect("a name");
        QuoteRequest::new(symbol("A"), symbol(token_out), Mode::ExactIn, AmountText::Atomic(1))
    }

    #[test]
    fn keeps_a_pair_until_it_is_cleared_and_never_too_many() {
        let graph = Graph::new((0..600).map(|n| pool(&format!("p{n}"), "A", &format!("T{n}"))));
        let mut kept = RoutesKept::default();
        let first = kept.candidates(&graph, 64, &request("T0")).expect("a route");
        let again = kept.candidates(&graph, 64, &request("T0")).expect("a route");
        assert!(Arc::ptr_eq(&first, &again));
        for n in 0..600 {
            kept.candidates(&graph, 64, &request(&format!("T{n}"))).expect("a route");
            assert!(kept.by_pair.len() <= MAX_PAIRS);
        }
        kept.clear();
        let after = kept.candidates(&graph, 64, &request("T0")).expect("a route");
        assert!(!Arc::ptr_eq(&first, &after));
        assert_eq!(first, after);
    }

    #[test]
    fn a_filtered_request_is_neither_kept_nor_served_from_what_is() {
        let graph = Graph::new([pool("p", "A", "B"), pool("q", "A", "B")]);
        let mut kept = RoutesKept::default();
        assert_eq!(kept.candidates(&graph, 64, &request("B")).expect("a route").pools.len(), 2);
        let mut without = request("B");
        without.filter.exclude_pools.insert(crate::units::PoolId::new("p").expect("a name"));
        assert_eq!(kept.candidates(&graph, 64, &without).expect("a route").pools.len(), 1);
        assert_eq!(kept.candidates(&graph, 64, &request("B")).expect("a route").pools.len(), 2);
    }
}
