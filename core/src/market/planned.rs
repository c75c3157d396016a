//! A plan beside the quote, and the fees that its sender does not pay.

use crate::api::Basis;
use crate::error::QuoteError;
use crate::gather::Gather;
use crate::network::state::{PoolState, State};
use crate::plan::{Plan, PlanInput, Planned, is_exempt, plan};
use crate::quote::{MoreBins, PlanAsk, Quote, Warning};
use crate::units::PoolId;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The state as the sender of a plan meets it: without fees where a pool exempts him and the request says so. `None` where
/// that is the state as it is.
pub(super) fn as_sender<B>(basis: &Basis<B>, state: &State) -> Option<State> {
    let ask = basis.request.plan.as_ref().filter(|ask| ask.fee_exempt)?;
    let mut exempt = state.clone();
    let mut any = false;
    for candidate in &basis.candidates.pools {
        let id = &candidate.pool.id;
        if !exempts(basis, id, ask) {
            continue;
        }
        if let Some(PoolState::Ready { pool, .. }) = exempt.pools.get_mut(id) {
            *pool = pool.without_fees();
            any = true;
        }
    }
    any.then_some(exempt)
}

fn exempts<B>(basis: &Basis<B>, id: &PoolId, ask: &PlanAsk) -> bool {
    basis.value(id).is_some_and(|value| is_exempt(value, &ask.sender))
}

/// The plan of a quote, if one is asked for; else the bins to read first.
pub(super) fn planned<B>(
    basis: &Basis<B>,
    state: &State,
    quote: &mut Quote,
    can_read_more: bool,
) -> Result<Result<Option<Box<Plan>>, Vec<MoreBins>>, QuoteError> {
    let request = &basis.request;
    let Some(ask) = &request.plan else { return Ok(Ok(None)) };
    if !ask.fee_exempt {
        let pools: Vec<PoolId> = quote.pools.iter().map(|pool| pool.pool_id.clone()).gather();
        let exempt = pools.into_iter().filter(|id| exempts(basis, id, ask));
        quote.warnings.extend(exempt.map(|pool_id| Warning::FeeExempt { pool_id }));
    }
    let input = PlanInput {
        quote,
        state,
        ask,
        slippage_bps: request.slippage_bps,
        max_reads: request.max_reads.map(u32::from),
        router: basis.router.as_deref(),
        stored: &basis.stored,
        can_read_more,
    };
    Ok(match plan(&input)? {
        Planned::Plan(plan) => Ok(Some(Box::new(plan))),
        Planned::ReadMore(more) => Err(more),
    })
}
