//! Quotes from Redis: candidates from the topology, one MGET for pools and bins, wider only if core asks.
//!
//! A batch shares its reads: one MGET carries the pools and bins of all its requests. A single quote is a batch
//! of one. Answers are handed on as they come, so that nobody holds the state of more than one read.

mod answering;
mod group;
mod input;
mod unknown;

pub use input::QuotedFrom;
pub(crate) use input::Texts;

use std::collections::BTreeSet;
use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::quote::{AmountText, MoreBins, Quote, QuoteRequest};
use dlmm_core::route::Candidates;
use dlmm_core::state::State;
use dlmm_core::units::Symbol;

use crate::http::{ApiError, Code};
use crate::market::listing::{Topology, check_in_background, current_or_load, look_again, may_be_outdated};
use crate::market::reach::TradeSize;
use crate::redis::RedisClient;
use crate::request::RequestContext;
use answering::Rounds;
use unknown::as_it_is;

/// A quote with the state it was computed from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub quote: Quote,
    /// Shared by the quotes of a batch that were answered from one read.
    pub state: Rc<State>,
    /// The clock after the reply arrived.
    pub read_at_ms: u64,
    /// What the answer is to carry with `include_state`.
    pub input: Option<QuotedFrom>,
}

/// A request that has no answer yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending<'r> {
    /// Its place among the requests.
    index: usize,
    request: &'r QuoteRequest,
    candidates: Rc<Candidates>,
    /// How large it is, for how far to read.
    size: TradeSize,
    /// Keys that were read for it so far.
    keys_read: usize,
    /// Bins that ran out in an earlier read.
    ran_out: Vec<MoreBins>,
    /// Whether its state contradicted itself once, so that it was read again.
    read_again: bool,
}

/// Quotes one request from the state in Redis at this moment.
///
/// # Errors
/// What core refuses, or what became of Redis.
pub async fn quote_from_redis(
    context: &RequestContext,
    redis: &RedisClient,
    request: &QuoteRequest,
) -> Result<Loaded, ApiError> {
    let mut answer = None;
    quotes_from_redis(context, redis, &[request], &mut |_, given| answer = Some(given)).await;
    answer.unwrap_or_else(|| Err(ApiError::internal()))
}

/// Quotes requests from shared reads. Each answer is handed to `sink` as soon as it is there, with the place of its
/// request; one each, in no order.
pub async fn quotes_from_redis(
    context: &RequestContext,
    redis: &RedisClient,
    requests: &[&QuoteRequest],
    sink: &mut dyn FnMut(usize, Result<Loaded, ApiError>),
) {
    let seeds: BTreeSet<&Symbol> =
        requests.iter().flat_map(|request| [&request.token_in, &request.token_out]).collect();
    let seeds: Vec<Symbol> = seeds.into_iter().cloned().collect();
    let mut noted = |index: usize, answer: Result<Loaded, ApiError>| {
        note_ages(context, &answer);
        sink(index, answer);
    };
    let mut answers = Answers { given: vec![false; requests.len()], sink: &mut noted };
    let asked: Vec<Asked<'_>> = requests.iter().copied().enumerate().collect();
    // What a request says alone needs no list of pools.
    let (refused, asked): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|(_, request)| request.token_in == request.token_out);
    for (index, request) in refused {
        answers.put(index, Err(QuoteError::SameToken { token: request.token_in.clone() }.into()));
    }
    if !asked.is_empty() {
        match plan(context, redis, &seeds, asked, &mut answers).await {
            Ok((_, pending)) if pending.is_empty() => {}
            Ok((topology, pending)) => {
                check_in_background(context, &seeds);
                Rounds::new(context, redis, &seeds, topology, &mut answers).answer(pending).await;
            }
            Err(fault) => answers.refuse_rest(&fault),
        }
    }
    answers.refuse_rest(&ApiError::internal());
}

/// Remembers how old the state was, whether it was quoted or refused for that.
fn note_ages(context: &RequestContext, answer: &Result<Loaded, ApiError>) {
    let (ages, now_ms) = (context.isolate().metrics().ages(), context.now_ms());
    match answer {
        Ok(loaded) => {
            loaded
                .quote
                .pools
                .iter()
                .filter_map(|pool| pool.age_ms)
                .for_each(|age_ms| ages.note(age_ms, now_ms));
        }
        Err(refusal) if refusal.code == Code::StaleState => {
            let age_ms = refusal.details.get("age_ms").and_then(serde_json::Value::as_u64);
            age_ms.into_iter().for_each(|age_ms| ages.note(age_ms, now_ms));
        }
        Err(_) => {}
    }
}

/// A request and its place among the requests.
type Asked<'r> = (usize, &'r QuoteRequest);

/// Finds the candidates and the amount of every request; those that have none are answered.
async fn plan<'r>(
    context: &RequestContext,
    redis: &RedisClient,
    seeds: &[Symbol],
    asked: Vec<Asked<'r>>,
    answers: &mut Answers<'_>,
) -> Result<(Rc<Topology>, Vec<Pending<'r>>), ApiError> {
    let mut topology = current_or_load(context, redis, seeds).await?;
    let all = |topology: &Rc<Topology>| -> Vec<Result<Pending<'r>, QuoteError>> {
        asked.iter().map(|asked| Pending::find(context, topology, *asked)).collect()
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
        && let Some(newer) = look_again(context, redis, &topology, seeds, refusal).await?
    {
        topology = newer;
        found = all(&topology);
    }
    let mut pending = Vec::with_capacity(asked.len());
    for ((index, _), found) in asked.into_iter().zip(found) {
        match found {
            Ok(found) => pending.push(found),
            Err(refusal) => answers.put(index, Err(as_it_is(context, &topology, refusal).into())),
        }
    }
    Ok((topology, pending))
}

impl<'r> Pending<'r> {
    /// What the list of pools says of a request: its candidates and its amount in smallest units.
    fn find(
        context: &RequestContext,
        topology: &Rc<Topology>,
        (index, request): Asked<'r>,
    ) -> Result<Self, QuoteError> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let cache = context.isolate().topology();
        let candidates = cache.candidates(topology, token_in, token_out, *max_hops, filter)?;
        let size = TradeSize::of(request, request.amount_units(&topology.decimals)?);
        let ran_out = Vec::new();
        Ok(Self { index, request, candidates, size, keys_read: 0, ran_out, read_again: false })
    }
}

/// Where answers go as they come, each request's once.
pub(crate) struct Answers<'s> {
    given: Vec<bool>,
    sink: &'s mut dyn FnMut(usize, Result<Loaded, ApiError>),
}

impl Answers<'_> {
    fn put(&mut self, index: usize, answer: Result<Loaded, ApiError>) {
        if let Some(given @ false) = self.given.get_mut(index) {
            *given = true;
            (self.sink)(index, answer);
        }
    }

    fn refuse_rest(&mut self, error: &ApiError) {
        (0..self.given.len()).for_each(|index| self.put(index, Err(error.clone())));
    }
}
