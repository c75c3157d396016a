//! Tokens and pools as a graph: which pools trade which pair.

use super::keys::pool_in;
use super::skipped::SkippedPool;
use crate::sorted::{SortedSet, sort_by};
use crate::units::{PoolId, Symbol};
use alloc::vec::Vec;

/// A pool as the graph sees it: its id and the pair it trades.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolRef {
    /// The pool's id.
    pub id: PoolId,
    /// Token X.
    pub token_x: Symbol,
    /// Token Y.
    pub token_y: Symbol,
}

/// Index of a token inside one graph.
pub(crate) type TokenIndex = u32;
/// Index of a pool inside one graph; ascending by pool id.
pub(crate) type PoolIndex = u32;

/// One neighbour of a token and the pools between the two, in id order.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) to: TokenIndex,
    pub(crate) pools: Vec<PoolIndex>,
}

/// All pools, whatever their status, and the tokens they connect.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pools: Vec<PoolRef>,
    tokens: Vec<Symbol>,
    edges: Vec<Vec<Edge>>,
    unplaced: Vec<SkippedPool>,
    /// Their ids: a hundred names of a filter are looked for among ten thousand.
    unplaced_ids: SortedSet<PoolId>,
    is_part: bool,
}

impl Graph {
    /// Builds the graph. Of pools with one id the first is kept; a pool of a token with itself is left out.
    #[must_use]
    pub fn new(pools: impl IntoIterator<Item = PoolRef>) -> Self {
        let mut pools: Vec<_> = pools.into_iter().filter(|pool| pool.token_x != pool.token_y).collect();
        sort_by(&mut pools, |a, b| a.id.cmp(&b.id));
        pools.dedup_by(|later, first| later.id == first.id);
        let mut tokens: Vec<_> = pools.iter().flat_map(|p| [p.token_x.clone(), p.token_y.clone()]).collect();
        sort_by(&mut tokens, Symbol::cmp);
        tokens.dedup();
        let edges = alloc::vec![Vec::new(); tokens.len()];
        let mut graph = Self { pools, edges, tokens, ..Self::default() };

        // Pools may name a pair in either order, so ids of one pair are brought together and sorted per direction.
        let mut pairs: Vec<(TokenIndex, TokenIndex, PoolIndex)> = Vec::with_capacity(graph.pools.len());
        for (index, pool) in (0..).zip(&graph.pools) {
            if let (Some(x), Some(y)) = (graph.token_index(&pool.token_x), graph.token_index(&pool.token_y)) {
                pairs.extend([(x, y, index), (y, x, index)]);
            }
        }
        sort_by(&mut pairs, Ord::cmp);
        for pair in pairs.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(&(from, to, _)) = pair.first() else { continue };
            if let Some(edges) = graph.edges.get_mut(from as usize) {
                edges.push(Edge { to, pools: pair.iter().map(|&(.., pool)| pool).collect() });
            }
        }
        graph
    }

    /// With these pools besides, whose tokens nobody can tell: the key of each, and why.
    #[must_use]
    pub fn with_unplaced(self, unplaced: Vec<SkippedPool>) -> Self {
        let unplaced_ids = unplaced.iter().filter_map(|pool| pool_in(&pool.key)).collect();
        Self { unplaced, unplaced_ids, ..self }
    }

    /// Whether a pool is there, even if nobody can tell which tokens it trades.
    pub(super) fn has_pool(&self, id: &PoolId) -> bool {
        self.pool_index(id).is_some() || self.unplaced_ids.contains(id)
    }

    /// The same, of a market that may have other pools.
    #[must_use]
    pub fn of_a_part(self, is_part: bool) -> Self {
        Self { is_part, ..self }
    }

    /// Whether there may be pools that it does not know.
    pub(crate) const fn is_part(&self) -> bool {
        self.is_part
    }

    /// The pools whose tokens nobody can tell.
    #[must_use]
    pub fn unplaced(&self) -> &[SkippedPool] {
        &self.unplaced
    }

    /// All pools, in id order.
    #[must_use]
    pub fn pools(&self) -> &[PoolRef] {
        &self.pools
    }

    /// All tokens, in order of their symbols.
    #[must_use]
    pub fn tokens(&self) -> &[Symbol] {
        &self.tokens
    }

    /// The pool with this id.
    #[must_use]
    pub fn pool(&self, id: &PoolId) -> Option<&PoolRef> {
        self.pool_index(id).and_then(|index| self.pool_at(index))
    }

    /// Tells whether any pool holds the token.
    #[must_use]
    pub fn has_token(&self, token: &Symbol) -> bool {
        self.token_index(token).is_some()
    }

    pub(crate) fn pool_index(&self, id: &PoolId) -> Option<PoolIndex> {
        self.pools.binary_search_by(|pool| pool.id.cmp(id)).ok().and_then(|at| u32::try_from(at).ok())
    }

    pub(crate) fn pool_at(&self, index: PoolIndex) -> Option<&PoolRef> {
        self.pools.get(index as usize)
    }

    pub(crate) fn token_index(&self, token: &Symbol) -> Option<TokenIndex> {
        self.tokens.binary_search(token).ok().and_then(|at| u32::try_from(at).ok())
    }

    pub(crate) fn token_at(&self, index: TokenIndex) -> Option<&Symbol> {
        self.tokens.get(index as usize)
    }

    /// Neighbours of a token, in order of their symbols.
    pub(crate) fn edges_of(&self, token: TokenIndex) -> &[Edge] {
        self.edges.get(token as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn pool(id: &str, x: &str, y: &str) -> PoolRef {
        PoolRef {
            id: PoolId::new(id).expect("a name"),
            token_x: Symbol::new(x).expect("a name"),
            token_y: Symbol::new(y).expect("a name"),
        }
    }

    #[test]
    fn merges_both_orders_of_a_pair() {
        let graph = Graph::new([pool("2", "A", "B"), pool("1", "B", "A"), pool("3", "A", "A")]);
        assert_eq!(graph.pools().len(), 2);
        let a = graph.token_index(&Symbol::new("A").expect("a name")).expect("known");
        let edges = graph.edges_of(a);
        assert_eq!(edges.len(), 1);
        assert_eq!(edges[0].pools, [0, 1]);
    }
}
