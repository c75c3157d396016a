//! Quotes from Redis: candidates from the topology, one MGET for pools and bins, wider only if core asks.
//!
//! A batch shares its reads: one MGET carries the pools and bins of all its requests. A single quote is a batch
//! of one.

mod freshness;
mod group;
mod input;
mod read;
mod too_large;
mod unknown;
mod unreadable;
mod wrong_types;

pub use freshness::{check_in_background, current_or_load};
pub use input::QuotedFrom;
pub(crate) use input::Texts;
pub use unreadable::UnreadableKeys;

use std::collections::BTreeSet;
use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::quote::{Quote, QuoteRequest};
use dlmm_core::route::Candidates;
use dlmm_core::state::State;
use dlmm_core::units::Symbol;

use crate::context::RequestContext;
use crate::error::{ApiError, Code};
use crate::topology::Topology;
use crate::upstash::RedisClient;
use freshness::{look_again, may_be_outdated};
use group::{Group, Rounds};
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
    let mut answers = quotes_from_redis(context, redis, &[request]).await;
    answers.pop().unwrap_or_else(|| Err(ApiError::internal()))
}

/// Quotes requests from shared reads; one answer each, in their order.
pub async fn quotes_from_redis(
    context: &RequestContext,
    redis: &RedisClient,
    requests: &[&QuoteRequest],
) -> Vec<Result<Loaded, ApiError>> {
    let seeds: BTreeSet<&Symbol> =
        requests.iter().flat_map(|request| [&request.token_in, &request.token_out]).collect();
    let seeds: Vec<Symbol> = seeds.into_iter().cloned().collect();
    let mut answers = Answers::new(requests.len());
    match plan(context, redis, &seeds, requests, &mut answers).await {
        Ok((topology, pending)) => {
            check_in_background(context, &seeds);
            if !pending.is_empty() {
                let first = Group::plan(context, &topology, pending);
                Rounds::new(context, redis, &seeds, topology, &mut answers).answer(first).await;
            }
        }
        Err(fault) => answers.refuse_rest(&fault),
    }
    let answers = answers.into_list();
    answers.iter().for_each(|answer| note_ages(context, answer));
    answers
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

/// Finds the candidates of every request; those that have none are answered.
async fn plan<'r>(
    context: &RequestContext,
    redis: &RedisClient,
    seeds: &[Symbol],
    requests: &[&'r QuoteRequest],
    answers: &mut Answers,
) -> Result<(Rc<Topology>, Vec<Pending<'r>>), ApiError> {
    let mut topology = current_or_load(context, redis, seeds).await?;
    let all = |topology: &Rc<Topology>| -> Vec<Result<Rc<Candidates>, QuoteError>> {
        requests.iter().map(|request| find(context, topology, request)).collect()
    };
    let mut found = all(&topology);
    let refusals = || found.iter().filter_map(|found| found.as_ref().err());
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
    let mut pending = Vec::with_capacity(requests.len());
    for ((index, request), found) in requests.iter().copied().enumerate().zip(found) {
        match found {
            Ok(candidates) => pending.push(Pending { index, request, candidates, read_again: false }),
            Err(refusal) => answers.put(index, Err(as_it_is(context, &topology, refusal).into())),
        }
    }
    Ok((topology, pending))
}

fn find(
    context: &RequestContext,
    topology: &Rc<Topology>,
    request: &QuoteRequest,
) -> Result<Rc<Candidates>, QuoteError> {
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    context.isolate().topology().candidates(topology, token_in, token_out, *max_hops, filter)
}

/// The answers of a batch as they come in.
pub(crate) struct Answers {
    list: Vec<Option<Result<Loaded, ApiError>>>,
}

impl Answers {
    fn new(requests: usize) -> Self {
        Self { list: (0..requests).map(|_| None).collect() }
    }

    fn put(&mut self, index: usize, answer: Result<Loaded, ApiError>) {
        if let Some(slot) = self.list.get_mut(index) {
            *slot = Some(answer);
        }
    }

    /// Refuses a request that has no answer yet.
    fn put_missing(&mut self, index: usize, error: &ApiError) {
        if let Some(slot @ None) = self.list.get_mut(index) {
            *slot = Some(Err(error.clone()));
        }
    }

    fn refuse_rest(&mut self, error: &ApiError) {
        (0..self.list.len()).for_each(|index| self.put_missing(index, error));
    }

    fn into_list(self) -> Vec<Result<Loaded, ApiError>> {
        self.list.into_iter().map(|slot| slot.unwrap_or_else(|| Err(ApiError::internal()))).collect()
    }
}
