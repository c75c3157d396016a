//! Candidate routes: which tokens a trade may pass through, and which pools serve each hop.

pub use super::filter::RouteFilter;
pub use super::filter::UnknownName;
pub(crate) use super::filter::{tell_unknown, told_beside};
use super::graph::{Edge, Graph, PoolIndex, PoolRef, TokenIndex};
use super::skipped::SkippedPool;
use super::unplaced::allowed_by;
use crate::error::QuoteError;
use crate::sorted::SortedSet;
use crate::units::{Direction, PoolId, Symbol};
use alloc::vec::Vec;
use litemap::LiteMap;

/// Hops a route may have at most.
pub const MAX_HOPS: u8 = 4;

/// Candidate paths of one trade at most; a bound for networks of many small pools.
const MAX_PATHS: usize = 1_000;

/// Edges one search looks at before it gives up on longer paths.
const MAX_SEARCH_STEPS: usize = 50_000;

/// A pool that some candidate path uses, and in which directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidatePool {
    /// The pool.
    pub pool: PoolRef,
    /// Some path puts X in, so bins from the active one down are needed.
    pub x_for_y: bool,
    /// Some path puts Y in, so bins from the active one up are needed.
    pub y_for_x: bool,
}

/// One hop of a path: any of these pools takes `token_in` to `token_out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathHop {
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// Indices into [`Candidates::pools`] and the direction in each pool, by pool id.
    pub pools: Vec<(usize, Direction)>,
}

/// A way from one token to another that passes no token twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The hops, in order.
    pub hops: Vec<PathHop>,
}

/// Everything a trade of one pair may use: shorter paths first, then by symbols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The pools, in id order.
    pub pools: Vec<CandidatePool>,
    /// The paths over them.
    pub paths: Vec<Path>,
    /// Whether a bound left pools or paths out.
    pub limited: bool,
    /// Pools that might have been among them, but nobody can tell what they trade.
    pub unplaced: Vec<SkippedPool>,
    /// Which names of the filter are not there.
    pub unknown: Vec<UnknownName>,
}

impl Path {
    /// The tokens it passes, both ends included.
    pub fn tokens(&self) -> impl Iterator<Item = &Symbol> {
        let start = self.hops.first().map(|hop| &hop.token_in);
        start.into_iter().chain(self.hops.iter().map(|hop| &hop.token_out))
    }
}

impl Candidates {
    /// Puts candidates together from pools in id order and the tokens of each path; every pool that trades the
    /// pair of a hop serves it.
    pub(crate) fn over(
        pools: impl IntoIterator<Item = PoolRef>,
        paths: impl IntoIterator<Item = Vec<Symbol>>,
        limited: bool,
    ) -> Self {
        let unused = |pool| CandidatePool { pool, x_for_y: false, y_for_x: false };
        let mut pools: Vec<CandidatePool> = pools.into_iter().map(unused).collect();
        let mut serving: LiteMap<(Symbol, Symbol), Vec<(usize, Direction)>> = LiteMap::new_vec();
        for (at, CandidatePool { pool, .. }) in pools.iter().enumerate() {
            let (x, y) = (&pool.token_x, &pool.token_y);
            serving.entry((x.clone(), y.clone())).or_default().push((at, Direction::XForY));
            serving.entry((y.clone(), x.clone())).or_default().push((at, Direction::YForX));
        }
        let mut hop_between = |(token_in, token_out): (&Symbol, &Symbol)| {
            let pair = (token_in.clone(), token_out.clone());
            let serving = serving.get(&pair).cloned().unwrap_or_default();
            for &(at, direction) in &serving {
                if let Some(pool) = pools.get_mut(at) {
                    pool.x_for_y |= direction == Direction::XForY;
                    pool.y_for_x |= direction == Direction::YForX;
                }
            }
            PathHop { token_in: pair.0, token_out: pair.1, pools: serving }
        };
        let paths = paths.into_iter().map(|tokens| {
            let hops = tokens.iter().zip(tokens.iter().skip(1)).map(&mut hop_between);
            Path { hops: hops.collect() }
        });
        Self { paths: paths.collect(), pools, limited, unplaced: Vec::new(), unknown: Vec::new() }
    }
}

/// Finds the candidate paths of a trade: simple paths of up to `max_hops` hops, with at most `max_pools` pools.
///
/// Shorter paths get their pools first; within a pair the lower pool ids do. Status plays no part here: it
/// is judged on the pool value each quote reads.
///
/// # Errors
/// `SAME_TOKEN`, `UNKNOWN_TOKEN`, `UNKNOWN_POOL` (a pool of the filter that does not exist), `NO_ROUTE`; in place of an
/// unknown token and of no route `STATE_INVALID`, where a pool whose tokens nobody can tell might have been the one.
pub fn find_candidates(
    graph: &Graph,
    token_in: &Symbol,
    token_out: &Symbol,
    max_hops: u8,
    max_pools: usize,
    filter: &RouteFilter,
) -> Result<Candidates, QuoteError> {
    let unplaced = allowed_by(filter, graph.unplaced());
    let unknown = filter.unknown_in(graph);
    match find_placed(graph, (token_in, token_out, max_hops), max_pools, (filter, &unknown)) {
        Ok(candidates) => Ok(Candidates { unplaced, unknown, ..candidates }),
        Err(mut refusal) => {
            if let QuoteError::UnknownToken { .. } | QuoteError::NoRoute { .. } = refusal
                && let Some(SkippedPool { key, reason }) = unplaced.first().cloned()
            {
                refusal = QuoteError::StateInvalid { key, reason, warnings: Vec::new() };
            }
            Err(told_beside(refusal, &unknown))
        }
    }
}

fn find_placed(
    graph: &Graph,
    (token_in, token_out, max_hops): (&Symbol, &Symbol, u8),
    max_pools: usize,
    (filter, unknown): (&RouteFilter, &[UnknownName]),
) -> Result<Candidates, QuoteError> {
    if token_in == token_out {
        return Err(QuoteError::SameToken { token: token_in.clone() });
    }
    let index_of = |token: &Symbol| graph.token_index(token).ok_or_else(|| graph.unknown_token(token));
    let (from, to) = (index_of(token_in)?, index_of(token_out)?);
    for id in &filter.pools {
        if !graph.has_pool(id) {
            return Err(graph.unknown_pool(id));
        }
    }
    let allowed = Allowed::by(filter, graph);
    let mut search = PathSearch {
        graph,
        filter,
        allowed: &allowed,
        to,
        distance: alloc::vec![None; graph.tokens().len()],
        steps: 0,
        paths: Vec::new(),
    };
    search.measure_distances(max_hops);
    for hops in 1..=max_hops {
        search.paths_of(&mut Vec::from([from]), hops);
    }
    let cut_short = search.steps > MAX_SEARCH_STEPS || search.paths.len() >= MAX_PATHS;
    let mut chosen =
        Selection { graph, allowed: &allowed, max_pools, pools: SortedSet::new(), limited: cut_short };
    let kept: Vec<_> = search.paths.iter().filter(|tokens| chosen.reserve(tokens)).collect();
    let candidates = chosen.finish(kept.into_iter());
    if candidates.paths.is_empty() {
        return Err(no_route((token_in, token_out, max_hops), filter, unknown));
    }
    Ok(candidates)
}

/// The refusal of a pair that nothing connects within a filter, some names of which are unknown.
#[cold]
pub(crate) fn no_route(
    (token_in, token_out, max_hops): (&Symbol, &Symbol, u8),
    filter: &RouteFilter,
    unknown: &[UnknownName],
) -> QuoteError {
    QuoteError::NoRoute {
        token_in: token_in.clone(),
        token_out: token_out.clone(),
        max_hops,
        narrowed_by: filter.narrowed(unknown),
        warnings: Vec::new(),
    }
}

/// The pools that a filter names, by their places in the graph: a search asks of them often.
struct Allowed {
    /// Only these, if there are any to name.
    only: Option<SortedSet<PoolIndex>>,
    without: SortedSet<PoolIndex>,
}

impl Allowed {
    fn by(filter: &RouteFilter, graph: &Graph) -> Self {
        let places = |ids: &SortedSet<PoolId>| ids.iter().filter_map(|id| graph.pool_index(id)).collect();
        let only = (!filter.pools.is_empty()).then(|| places(&filter.pools));
        Self { only, without: places(&filter.exclude_pools) }
    }

    fn has(&self, pool: PoolIndex) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&pool)) && !self.without.contains(&pool)
    }

    /// Whether any of these, in their order, is allowed.
    fn has_any_of(&self, pools: &[PoolIndex]) -> bool {
        match &self.only {
            None => self.without.len() < pools.len() || pools.iter().any(|pool| self.has(*pool)),
            Some(only) => only.iter().any(|pool| pools.binary_search(pool).is_ok() && self.has(*pool)),
        }
    }
}

struct PathSearch<'a> {
    graph: &'a Graph,
    filter: &'a RouteFilter,
    allowed: &'a Allowed,
    to: TokenIndex,
    /// Hops from each token to the target, where that is at most `max_hops`.
    distance: Vec<Option<u8>>,
    steps: usize,
    paths: Vec<Vec<TokenIndex>>,
}

impl PathSearch<'_> {
    /// Breadth first from the target, so that the search below never enters a dead end.
    fn measure_distances(&mut self, max_hops: u8) {
        if let Some(own) = self.distance.get_mut(self.to as usize) {
            *own = Some(0);
        }
        let mut frontier = Vec::from([self.to]);
        for hops in 1..=max_hops {
            let mut next = Vec::new();
            for token in frontier {
                for edge in self.graph.edges_of(token) {
                    if let Some(unknown @ None) = self.distance.get_mut(edge.to as usize) {
                        *unknown = Some(hops);
                        next.push(edge.to);
                    }
                }
            }
            frontier = next;
        }
    }

    fn hops_from(&self, token: TokenIndex) -> Option<u8> {
        self.distance.get(token as usize).copied().flatten()
    }

    /// Extends `tokens` to every simple path that reaches the target in exactly `left` more hops.
    fn paths_of(&mut self, tokens: &mut Vec<TokenIndex>, left: u8) {
        let Some(&last) = tokens.last() else { return };
        for edge in self.graph.edges_of(last) {
            self.steps += 1;
            if self.steps > MAX_SEARCH_STEPS || self.paths.len() >= MAX_PATHS {
                return;
            }
            let near_enough = self.hops_from(edge.to).is_some_and(|hops| hops < left);
            let ends = left == 1;
            if !near_enough || ends != (edge.to == self.to) || tokens.contains(&edge.to) {
                continue;
            }
            if !self.allowed.has_any_of(&edge.pools) {
                continue;
            }
            if !ends && !self.may_pass(edge) {
                continue;
            }
            tokens.push(edge.to);
            if ends {
                self.paths.push(tokens.clone());
            } else {
                self.paths_of(tokens, left - 1);
            }
            tokens.pop();
        }
    }

    fn may_pass(&self, edge: &Edge) -> bool {
        match (&self.filter.via, self.graph.token_at(edge.to)) {
            (Some(via), Some(token)) => via.contains(token),
            _ => true,
        }
    }
}

/// Spends the pool budget, path by path.
struct Selection<'a> {
    graph: &'a Graph,
    allowed: &'a Allowed,
    max_pools: usize,
    pools: SortedSet<PoolIndex>,
    limited: bool,
}

impl Selection<'_> {
    /// Pools of one hop, by id.
    fn pools_of(&self, (from, to): (TokenIndex, TokenIndex)) -> &[PoolIndex] {
        let edges = self.graph.edges_of(from);
        let edge = edges.binary_search_by_key(&to, |edge| edge.to).ok().and_then(|at| edges.get(at));
        edge.map_or(&[], |edge| &edge.pools)
    }

    /// Those of them that the filter allows.
    fn allowed_of(&self, hop: (TokenIndex, TokenIndex)) -> impl Iterator<Item = PoolIndex> {
        self.pools_of(hop).iter().copied().filter(|pool| self.allowed.has(*pool))
    }

    /// Whether a pool of the hop is in the budget.
    fn serves(&self, hop: (TokenIndex, TokenIndex)) -> bool {
        let pools = self.pools_of(hop);
        if pools.len() < self.pools.len() {
            pools.iter().any(|pool| self.pools.contains(pool))
        } else {
            self.pools.iter().any(|pool| pools.binary_search(pool).is_ok())
        }
    }

    /// Takes the pools of a path into the budget; `false` where some hop gets none.
    ///
    /// A pair may have thousands of pools, and be passed by a thousand paths: of pools that cannot be taken it suffices to
    /// know that there are some.
    fn reserve(&mut self, tokens: &[TokenIndex]) -> bool {
        // One pool for every hop first, so that a wide hop cannot starve the next one.
        let first: Vec<_> = pairs(tokens)
            .filter(|hop| !self.serves(*hop))
            .filter_map(|hop| self.allowed_of(hop).next())
            .collect();
        if self.pools.len() + first.len() > self.max_pools {
            self.limited = true;
            return false;
        }
        self.pools.extend(first);
        for hop in pairs(tokens) {
            let room = self.max_pools.saturating_sub(self.pools.len());
            if room == 0 && self.limited {
                break;
            }
            let new = self.allowed_of(hop).filter(|pool| !self.pools.contains(pool));
            let new: Vec<_> = new.take(room + 1).collect();
            self.limited |= new.len() > room;
            self.pools.extend(new.into_iter().take(room));
        }
        true
    }

    fn finish<'t>(self, paths: impl Iterator<Item = &'t Vec<TokenIndex>>) -> Candidates {
        let pools = self.pools.iter().filter_map(|&p| self.graph.pool_at(p)).cloned();
        let symbols = |tokens: &Vec<TokenIndex>| {
            tokens.iter().filter_map(|&token| self.graph.token_at(token)).cloned().collect()
        };
        Candidates::over(pools, paths.map(symbols), self.limited)
    }
}

/// Neighbouring tokens of a path.
fn pairs(tokens: &[TokenIndex]) -> impl Iterator<Item = (TokenIndex, TokenIndex)> {
    tokens.iter().copied().zip(tokens.iter().copied().skip(1))
}

#[cfg(test)]
mod tests;
