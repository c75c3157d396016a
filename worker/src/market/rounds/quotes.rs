//! Quotes of one request or of many.

use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::plan::check;
use dlmm_core::quote::{AmountText, QuoteRequest};
use dlmm_core::sorted::SortedSet;
use dlmm_core::units::Symbol;

use super::answering::Rounds;
use super::answers::{Answers, Loaded};
use super::pending::{Asked, Pending};
use super::unknown::as_it_is;
use crate::market::listing::{Topology, check_in_background, current_or_load, look_again, may_be_outdated};
use crate::market::live::LiveMarket;
use crate::market::refusal::Refusal;
use crate::redis::Exchange;

/// Quotes one request from the state in Redis at this moment.
///
/// # Errors
/// What core refuses, or what became of Redis.
pub async fn quote_from_redis<X: Exchange>(
    market: &LiveMarket<'_, X>,
    request: &QuoteRequest,
) -> Result<Loaded, Refusal> {
    let mut answer = None;
    quotes_from_redis(market, &[request], &mut |_, given| answer = Some(given)).await;
    answer.unwrap_or(Err(Refusal::Internal))
}

/// Quotes requests from shared reads. Each answer is handed to `sink` as soon as it is there, with the place of its
/// request; one each, in no order.
pub async fn quotes_from_redis<X: Exchange>(
    market: &LiveMarket<'_, X>,
    requests: &[&QuoteRequest],
    sink: &mut dyn FnMut(usize, Result<Loaded, Refusal>),
) {
    let seeds: SortedSet<&Symbol> =
        requests.iter().flat_map(|request| [&request.token_in, &request.token_out]).collect();
    let seeds: Vec<Symbol> = seeds.into_iter().cloned().collect();
    let mut answers = Answers::new(requests.len(), sink);
    let asked: Vec<Asked<'_>> = requests.iter().copied().enumerate().collect();
    let asked = asked.into_iter().filter(|(index, request)| match refused_alone(market, request) {
        Ok(()) => true,
        Err(refusal) => {
            answers.put(*index, Err(refusal.into()));
            false
        }
    });
    let asked: Vec<Asked<'_>> = asked.collect();
    if !asked.is_empty() {
        match plan(market, &seeds, asked, &mut answers).await {
            Ok((_, pending)) if pending.is_empty() => {}
            Ok((topology, pending)) => {
                check_in_background(market, &seeds);
                Rounds::new(market, &seeds, topology, &mut answers).answer(pending).await;
            }
            Err(fault) => answers.refuse_rest(&fault),
        }
    }
    answers.refuse_rest(&Refusal::Internal);
}

/// What a request says alone, and the settings, need no list of pools.
fn refused_alone<X: Exchange>(market: &LiveMarket<'_, X>, request: &QuoteRequest) -> Result<(), QuoteError> {
    if request.token_in == request.token_out {
        return Err(QuoteError::SameToken { token: request.token_in.clone() });
    }
    request.plan.as_ref().map_or(Ok(()), |ask| check(ask, market.limits.router.as_deref()))
}

/// Refuses what is wrong with a request itself, whatever the market does: before a stream of its answers begins.
///
/// # Errors
/// Of the request; never what became of Redis, which the stream tells.
pub async fn refuse_for_itself<X: Exchange>(
    market: &LiveMarket<'_, X>,
    request: &QuoteRequest,
) -> Result<(), Refusal> {
    refused_alone(market, request)?;
    let seeds = [request.token_in.clone(), request.token_out.clone()];
    let Ok(topology) = current_or_load(market, &seeds).await else { return Ok(()) };
    match Pending::find(&market.known.listing, &topology, (0, request)) {
        Err(refusal @ (QuoteError::InvalidRequest { .. } | QuoteError::AmountOverflow { .. })) => {
            Err(refusal.into())
        }
        _ => Ok(()),
    }
}

/// Finds the candidates and the amount of every request; those that have none are answered.
async fn plan<'r, X: Exchange>(
    market: &LiveMarket<'_, X>,
    seeds: &[Symbol],
    asked: Vec<Asked<'r>>,
    answers: &mut Answers<'_>,
) -> Result<(Rc<Topology>, Vec<Pending<'r>>), Refusal> {
    let mut topology = current_or_load(market, seeds).await?;
    let all = |topology: &Rc<Topology>| -> Vec<Result<Pending<'r>, QuoteError>> {
        asked.iter().map(|asked| Pending::find(&market.known.listing, topology, *asked)).collect()
    };
    let mut found = all(&topology);
    // No decimals make an amount of nothing more, nor one in smallest units less.
    let refusals = || {
        let of_list = asked.iter().zip(&found).filter(|((_, request), found)| {
            let is_amount =
                matches!(found, Err(QuoteError::InvalidRequest { .. } | QuoteError::AmountOverflow { .. }));
            !is_amount || matches!(&request.amount, AmountText::Human(text) if text.to_units(0) != Ok(0))
        });
        of_list.filter_map(|(_, found)| found.as_ref().err())
    };
    // A token that a walk did not reach is the stronger reason to look, so it speaks for all of them.
    let doubtful = refusals()
        .find(|refusal| matches!(refusal, QuoteError::UnknownToken { .. }))
        .or_else(|| refusals().find(|refusal| may_be_outdated(refusal)));
    if let Some(refusal) = doubtful
        && let Some(newer) = look_again(market, &topology, seeds, refusal).await?
    {
        topology = newer;
        found = all(&topology);
    }
    let mut pending = Vec::with_capacity(asked.len());
    for ((index, _), found) in asked.into_iter().zip(found) {
        match found {
            Ok(found) => pending.push(found),
            Err(refusal) => {
                answers.put(index, Err(as_it_is(&market.known.listing, &topology, refusal).into()))
            }
        }
    }
    Ok((topology, pending))
}
