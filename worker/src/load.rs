//! A quote from Redis: candidates from the topology, one MGET for pools and bins, wider only if core asks.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::error::QuoteError;
use dlmm_core::quote::{Outcome, Quote, QuoteInput, QuoteRequest, Warning, quote};
use dlmm_core::route::Candidates;
use dlmm_core::state::{PoolState, State};
use dlmm_core::units::{BinId, Symbol};
use dlmm_core::wire::{PoolReader, keys};

use crate::context::RequestContext;
use crate::error::ApiError;
use crate::topology::Topology;
use crate::upstash::{Command, RedisClient, UpstashError};
use crate::window::Windows;

/// Reads of one quote at most: the first, four wider ones (an answer may uncover the next gap), and one more
/// where the listing was out of date.
const MAX_READS: u32 = 6;

/// A quote with the state it was computed from.
#[derive(Debug)]
pub struct Loaded {
    pub quote: Quote,
    pub state: State,
    /// The clock after the reply arrived.
    pub read_at_ms: u64,
}

/// Quotes from the state in Redis at this moment.
///
/// # Errors
/// What core refuses, or what became of Redis.
pub async fn quote_from_redis(
    context: &RequestContext,
    redis: &RedisClient,
    request: &QuoteRequest,
) -> Result<Loaded, ApiError> {
    let seeds = [request.token_in.clone(), request.token_out.clone()];
    let mut topology = current_or_load(context, redis, &seeds).await?;
    let mut candidates = match find(context, &topology, request) {
        Ok(candidates) => candidates,
        Err(refusal) => {
            topology = look_again(context, redis, &topology, &seeds, &refusal).await?.ok_or(refusal)?;
            find(context, &topology, request)?
        }
    };
    check_in_background(context, &seeds);

    let cache = context.isolate().topology();
    let max_keys = context.config().max_keys_per_quote;
    let mut windows = Windows::plan(context.isolate().hints(), &topology, &candidates, max_keys);
    let mut listing_is_fresh = false;
    let mut reads = 0;
    loop {
        reads += 1;
        let (ranges, cut_short) = windows.ranges(&candidates);
        let state = read(context, redis, &topology, &candidates, &ranges).await?;
        let read_at_ms = context.now_ms() as u64;
        let out_of_date =
            |state: &State| state.pools.values().any(|pool| matches!(pool, PoolState::Rerouted));
        if !listing_is_fresh && reads < MAX_READS && out_of_date(&state) {
            topology = cache.reload(redis, context.budget(), &seeds, context.now_ms()).await?;
            candidates = find(context, &topology, request)?;
            windows = Windows::plan(context.isolate().hints(), &topology, &candidates, max_keys);
            listing_is_fresh = true;
            continue;
        }
        if state.pools.values().any(|pool| matches!(pool, PoolState::Absent)) {
            relist_in_background(context, &seeds);
        }
        let can_read_more = reads < MAX_READS && !cut_short;
        let input =
            QuoteInput { request, candidates: &candidates, state: &state, now_ms: read_at_ms, can_read_more };
        match quote(&input) {
            Ok(Outcome::ReadMore(more)) => windows.widen(&candidates, &state, &more),
            Ok(Outcome::Quote(mut quote)) => {
                context.isolate().hints().learn(&windows, &candidates, &state, &quote.looked_at);
                if cut_short {
                    quote.warnings.push(Warning::KeysLimited { keys: max_keys });
                }
                return Ok(Loaded { quote, state, read_at_ms });
            }
            Err(refusal @ QuoteError::NoRoute { .. }) if !listing_is_fresh && reads < MAX_READS => {
                // All pools of the listing are gone or inactive; there may be new ones.
                topology = look_again(context, redis, &topology, &seeds, &refusal).await?.ok_or(refusal)?;
                candidates = find(context, &topology, request)?;
                windows = Windows::plan(context.isolate().hints(), &topology, &candidates, max_keys);
                listing_is_fresh = true;
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
}

/// The topology of this isolate; its first request loads it.
///
/// # Errors
/// What became of Redis.
pub async fn current_or_load(
    context: &RequestContext,
    redis: &RedisClient,
    seeds: &[Symbol],
) -> Result<Rc<Topology>, UpstashError> {
    let cache = context.isolate().topology();
    match cache.current() {
        Some(topology) => Ok(topology),
        None => cache.reload(redis, context.budget(), seeds, context.now_ms()).await,
    }
}

fn find(
    context: &RequestContext,
    topology: &Rc<Topology>,
    request: &QuoteRequest,
) -> Result<Rc<Candidates>, QuoteError> {
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    context.isolate().topology().candidates(topology, token_in, token_out, *max_hops, filter)
}

/// Looks in Redis before something is called unknown: if the topology is older than it is trusted, or was found
/// by walking from other tokens. `None` if there is no reason to look.
async fn look_again(
    context: &RequestContext,
    redis: &RedisClient,
    topology: &Topology,
    seeds: &[Symbol],
    refusal: &QuoteError,
) -> Result<Option<Rc<Topology>>, UpstashError> {
    let cache = context.isolate().topology();
    let unknown = matches!(
        refusal,
        QuoteError::UnknownToken { .. } | QuoteError::UnknownPool { .. } | QuoteError::NoRoute { .. }
    );
    let now_ms = context.now_ms();
    if !unknown {
        return Ok(None);
    }
    if !topology.whole && matches!(refusal, QuoteError::UnknownToken { .. }) {
        return cache.reload(redis, context.budget(), seeds, now_ms).await.map(Some);
    }
    if !cache.is_due(now_ms) {
        return Ok(None);
    }
    cache.check(redis, context.budget(), seeds, now_ms).await?;
    Ok(cache.current())
}

/// Compares the topology with Redis after the answer, at most once a TTL.
pub fn check_in_background(context: &RequestContext, seeds: &[Symbol]) {
    if context.isolate().topology().begin_check(context.now_ms()) {
        spawn(context, seeds, false);
    }
}

/// Lists the pools anew after the answer: a pool of the listing has no value any more.
fn relist_in_background(context: &RequestContext, seeds: &[Symbol]) {
    spawn(context, seeds, true);
}

fn spawn(context: &RequestContext, seeds: &[Symbol], relist: bool) {
    let isolate = Rc::clone(context.isolate());
    let seeds = seeds.to_vec();
    context.in_background(move |budget| async move {
        let Some(redis) = isolate.redis() else { return };
        let now_ms = js_sys::Date::now();
        let cache = isolate.topology();
        let outcome = if relist {
            cache.reload(redis, &budget, &seeds, now_ms).await.map(drop)
        } else {
            cache.check(redis, &budget, &seeds, now_ms).await
        };
        match (outcome, cache.current()) {
            (Ok(()), Some(topology)) => isolate.hints().keep_only(&topology),
            (Ok(()), None) => {}
            (Err(fault), _) => budget.log().topology_fault(fault.code().as_str()),
        }
    });
}

/// Reads every candidate pool and the bins of its range in one MGET: one moment for all of them.
async fn read(
    context: &RequestContext,
    redis: &RedisClient,
    topology: &Topology,
    candidates: &Candidates,
    ranges: &[(BinId, BinId)],
) -> Result<State, UpstashError> {
    let bins_in = |(low, high): (BinId, BinId)| usize::from(high.get().saturating_sub(low.get())) + 1;
    let keys_in_all = ranges.iter().map(|range| bins_in(*range) + 1).sum();
    let mut command = Command::with_capacity("MGET", keys_in_all);
    for (candidate, (low, high)) in candidates.pools.iter().zip(ranges) {
        command.push_key(&keys::pool(&candidate.pool.id));
        for id in (low.get()..=high.get()).filter_map(BinId::new) {
            command.push_key(&keys::bin(&candidate.pool.id, id));
        }
    }
    let reply = redis.command(context.budget(), command).await?;

    let default_fee_bps = context.config().default_fee_bps;
    let mut state = State { decimals: Arc::clone(&topology.decimals), ..State::default() };
    let mut plan = candidates.pools.iter().zip(ranges);
    // The pool being read, and the id of its next bin.
    let mut reading: Option<(PoolReader<'_>, BinId, BinId)> = None;
    let mut finished = Vec::with_capacity(candidates.pools.len());
    reply.each_text(keys_in_all, |_, text| match reading.take() {
        Some((mut reader, id, last)) => {
            reader.bin(id, text);
            if id < last {
                reading = Some((reader, id.saturating_offset(1), last));
            } else {
                finished.push(reader.finish());
            }
        }
        None => {
            if let Some((candidate, &(low, high))) = plan.next() {
                let mut reader = PoolReader::new(&candidate.pool, (low, high));
                reader.value(text, &topology.decimals, default_fee_bps);
                reading = Some((reader, low, high));
            }
        }
    })?;
    state.pools = candidates.pools.iter().map(|candidate| candidate.pool.id.clone()).zip(finished).collect();
    Ok(state)
}
