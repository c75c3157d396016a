//! What a quote says.

use super::choice::Choice;
use super::lost::LostCandidate;
use super::request::Mode;
use crate::network::age::Pulse;
use crate::network::state::Stamp;
use crate::pool::fee::FeeParts;
use crate::pool::walk::Step;
use crate::units::{Amount, BinId, Direction, PoolId, Symbol};
use crate::warning::Warning;
use alloc::vec::Vec;

/// A quote, in smallest units throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Which side the caller fixed.
    pub mode: Mode,
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// What was asked for: input for exact in, output for exact out.
    pub requested: Amount,
    /// Input taken.
    pub amount_in: Amount,
    /// Output given.
    pub amount_out: Amount,
    /// What of the request was not filled, in the unit it was made in.
    pub unfilled: Amount,
    /// The bound after slippage: least output, rounded down (exact in), or most input, rounded up (exact out).
    pub bound: Amount,
    /// Loss against the first prices; `None` where there is nothing to compare with.
    pub price_impact_ppm: Option<u32>,
    /// The routes, in the order they are executed; pools they share stand where the route before left them.
    pub routes: Vec<RouteQuote>,
    /// Pools used and how old their state is, in order of use.
    pub pools: Vec<PoolUse>,
    /// What the producer says of all pools, as read: ages and heights count from it as well.
    pub pulse: Pulse,
    /// Age above which the answer warns; `None` where it never does.
    pub warn_age_ms: Option<u64>,
    /// What the caller should know.
    pub warnings: Vec<Warning>,
    /// The best candidates that lost, where they were asked for.
    pub explained: Option<Vec<LostCandidate>>,
    /// What was compared to find a split that one call can execute.
    pub choice: Option<Choice>,
}

/// Bins of one pool that an answer visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinsLookedAt {
    /// The pool.
    pub pool_id: PoolId,
    /// The direction walked.
    pub direction: Direction,
    /// Bins from the active one on.
    pub bins: u16,
}

/// One route of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteQuote {
    /// Input of the route.
    pub amount_in: Amount,
    /// Output of the route.
    pub amount_out: Amount,
    /// Its hops.
    pub hops: Vec<HopQuote>,
}

/// One hop of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HopQuote {
    /// The pool.
    pub pool_id: PoolId,
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// The direction inside the pool.
    pub direction: Direction,
    /// Input of the hop.
    pub amount_in: Amount,
    /// Output of the hop.
    pub amount_out: Amount,
    /// Fees inside the input.
    pub fees: FeeParts,
    /// Bins visited, empty ones counted.
    pub bins_visited: u16,
    /// The active bin before.
    pub active_bin_before: BinId,
    /// The active bin after.
    pub active_bin_after: BinId,
    /// Bins that took input, in order.
    pub steps: Vec<Step>,
}

/// A pool used by a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// The pool.
    pub pool_id: PoolId,
    /// Its active bin as read.
    pub active_bin: BinId,
    /// Its time stamp as read.
    pub last_updated: Option<Stamp>,
    /// Its age; `None` where that is unknown.
    pub age_ms: Option<u64>,
    /// The block that it is known to be at least as new as; `None` where that is unknown.
    pub block_height: Option<u64>,
}

impl Quote {
    /// `multi_pair` when a route has several hops, else `multi_pool` when several pools are used, else `multi_bin`.
    #[must_use]
    pub fn route_type(&self) -> &'static str {
        let mut pools = self.routes.iter().flat_map(|route| &route.hops).map(|hop| &hop.pool_id);
        let first = pools.next();
        if self.routes.iter().any(|route| route.hops.len() > 1) {
            "multi_pair"
        } else if pools.any(|pool| Some(pool) != first) {
            "multi_pool"
        } else {
            "multi_bin"
        }
    }

    /// Fees of all routes, one entry per input token in order of first use.
    #[must_use]
    pub fn fees(&self) -> Vec<(&Symbol, FeeParts)> {
        let mut totals: Vec<(&Symbol, FeeParts)> = Vec::new();
        for hop in self.routes.iter().flat_map(|route| &route.hops) {
            match totals.iter_mut().find(|(token, _)| *token == &hop.token_in) {
                Some((_, total)) => *total = total.plus(&hop.fees),
                None => totals.push((&hop.token_in, hop.fees)),
            }
        }
        totals
    }

    /// The block that all its pools are known to be at least as new as.
    #[must_use]
    pub fn block_height(&self) -> Option<u64> {
        self.pools.iter().map(|pool| pool.block_height).min()?
    }
}
