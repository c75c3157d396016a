//! From a quote to the call of the router contract that executes it, ready for a wallet.
//!
//! Nothing is signed or sent here. What a call takes and gives on the state of the quote is what the quote says, to the
//! unit; what becomes of it on another state, [`Holds`] and [`drift`](Plan::drift) tell.

mod call;
mod conditions;
mod drift;
mod facts;
mod fault;
mod order;
mod result;
mod router;
mod run;
mod side;

pub use conditions::{Condition, PostCondition};
pub use drift::Drift;
pub(crate) use facts::have_same_contracts;
pub use facts::{PoolFacts, TokenFacts, is_exempt};
pub use result::{Holds, Plan};
pub use router::{ROUTERS, Router};

use crate::clarity::Principal;
use crate::error::{PlanFault, QuoteError};
use crate::gather::Gather;
use crate::math::mul_div_floor;
use crate::network::state::State;
use crate::quote::{HopQuote, MAX_READS, MoreBins, PlanAsk, PlanMode, Quote, Visits};
use crate::stored::{BinTexts, StoredPools};
use crate::units::{BPS_SCALE, PRICE_SCALE, PoolId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use fault::unavailable;
use side::Side;

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a, B = BinTexts<'static>> {
    /// The quote that is to be executed.
    pub quote: &'a Quote,
    /// The state it was computed from.
    pub state: &'a State,
    /// What is asked for.
    pub ask: &'a PlanAsk,
    /// Slippage tolerance, bps.
    pub slippage_bps: u16,
    /// Reads that the caller allows.
    pub max_reads: Option<u32>,
    /// The principal of the router.
    pub router: Option<&'a str>,
    /// The stored values of its pools.
    pub stored: &'a StoredPools<B>,
    /// Whether the caller can read more bins.
    pub can_read_more: bool,
}

/// The outcome of a plan that did not fail.
#[derive(Clone, Debug)]
pub enum Planned {
    /// The plan.
    Plan(Plan),
    /// Bins are needed that were not read.
    ReadMore(Vec<MoreBins>),
}

/// Refuses what no quote has a plan for, whatever comes out of it.
///
/// # Errors
/// `PLAN_UNAVAILABLE` with the reason; `INVALID_REQUEST` where the sender is no principal.
pub fn check(ask: &PlanAsk, router: Option<&str>) -> Result<(), QuoteError> {
    parties(ask, router).map(|_| ())
}

/// The contract that is called, what its functions are like and whether that is proven, and who calls it.
fn parties(
    ask: &PlanAsk,
    router: Option<&str>,
) -> Result<(Principal, (&'static Router, bool), Principal), QuoteError> {
    let (contract, router, proven) = router::find(router)?;
    let sender = Principal::parse(&ask.sender).map_err(|fault| QuoteError::InvalidRequest {
        field: String::from("plan.sender"),
        reason: format!("is no principal: {fault}"),
    })?;
    facts::check_network(&contract, &sender, &[])?;
    Ok((contract, (router, proven), sender))
}

/// Makes the plan of a quote.
///
/// # Rounding
/// Minima down: of the whole `amount_out * (10 000 - slippage) / 10 000`, of an entry its share of that.
///
/// # Errors
/// `PLAN_UNAVAILABLE` with the reason, `PLAN_TOO_LARGE` with the number of bins that fit.
pub fn plan<B>(input: &PlanInput<'_, B>) -> Result<Planned, QuoteError> {
    let PlanInput { quote, ask, .. } = *input;
    if quote.unfilled > 0 {
        let what = String::from("only a quote that fills the whole request has a plan");
        return Err(unavailable(PlanFault::PartUnfilled, what));
    }
    let (contract, (router, proven), sender) = parties(ask, input.router)?;
    let pools = facts::of_pools(quote, input.stored)?;
    facts::check_network(&contract, &sender, &pools)?;
    let sides = sides(quote, input.state, &pools)?;
    let sides: &[&[Side<'_>]] = &sides.iter().map(Vec::as_slice).gather();
    let mode = order::resolve(ask.mode, sides)?;
    let slippage = u128::from(input.slippage_bps).min(BPS_SCALE);
    let minimum = mul_div_floor(quote.amount_out, BPS_SCALE - slippage, BPS_SCALE).unwrap_or(0);
    let terms = call::Terms { quote, minimum, slippage_bps: input.slippage_bps };
    let call = call::of(mode, sides, &terms, router)?;

    let visits = Visits::of(sides.iter().copied().flatten().map(|side| side.hop));
    let reads = visits.reads(mode == PlanMode::Explicit);
    let limit = input.max_reads.map_or(MAX_READS, |reads| reads.min(MAX_READS));
    let most_bins = u32::from(router.max_bins);
    if reads > limit || visits.all() > most_bins {
        let bins_that_fit = call.bins_that_fit(mode, limit).min(most_bins);
        return Err(QuoteError::PlanTooLarge { reads, limit, bins_that_fit, warnings: Vec::new() });
    }
    let post_conditions = conditions::of(&sender, mode, sides, &terms);
    let (drift, more) = drift::of(&call, &post_conditions, minimum);
    if !more.is_empty() && input.can_read_more {
        return Ok(Planned::ReadMore(more));
    }
    let names = pools.iter().flat_map(|(_, facts)| facts.names());
    Ok(Planned::Plan(Plan {
        names: names.gather(),
        contract: contract.to_string(),
        function: call.function(router),
        args: call.args(router),
        post_conditions,
        mode,
        minimum,
        bins: visits.trading,
        reads,
        holds: holds(mode, sides.len(), input.slippage_bps),
        proven,
        drift,
    }))
}

/// What a call holds for. Without slippage several pools must each give exactly what the quote says, whatever the total.
const fn holds(mode: PlanMode, pools: usize, slippage_bps: u16) -> Holds {
    match mode {
        PlanMode::Simple if pools == 1 || slippage_bps > 0 => Holds::WithinMinimum,
        _ => Holds::UnchangedState,
    }
}

/// The hops of every route with their pools.
fn sides<'a>(
    quote: &'a Quote,
    state: &'a State,
    pools: &'a [(&PoolId, PoolFacts)],
) -> Result<Vec<Vec<Side<'a>>>, QuoteError> {
    let side = |hop: &'a HopQuote, is_last| {
        let facts = pools.iter().find(|(id, _)| **id == hop.pool_id).map(|(_, facts)| facts);
        let (Some((pool, _)), Some(facts)) = (state.ready(&hop.pool_id), facts) else {
            return Err(unavailable(PlanFault::ContractsUnknown, format!("pool {}", hop.pool_id)));
        };
        // Only prices that the contract states are those that it will ask.
        if let Some(step) = hop.steps.iter().find(|step| step.bin.price.den() != PRICE_SCALE) {
            let what = format!("bin {} of {} has no price_e8", step.bin_id, hop.pool_id);
            return Err(unavailable(PlanFault::PriceInexact, what));
        }
        Ok(Side { hop, pool, facts, is_last })
    };
    let route = |hops: &'a [HopQuote]| {
        let last = hops.len().saturating_sub(1);
        hops.iter().enumerate().map(|(at, hop)| side(hop, at == last)).collect()
    };
    quote.routes.iter().map(|of_route| route(&of_route.hops)).collect()
}
