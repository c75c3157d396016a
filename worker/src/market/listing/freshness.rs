//! When a request looks at the list of pools again: in the background after its answer, or before it calls
//! something unknown.

use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::units::Symbol;

use crate::market::listing::Topology;
use crate::redis::{RedisClient, RedisError};
use crate::request::RequestContext;

/// The topology of this isolate; its first request loads it.
///
/// # Errors
/// What became of Redis.
pub async fn current_or_load(
    context: &RequestContext,
    redis: &RedisClient,
    seeds: &[Symbol],
) -> Result<Rc<Topology>, RedisError> {
    let cache = context.isolate().topology();
    match cache.current() {
        Some(topology) => Ok(topology),
        None => cache.reload(redis, context.budget(), seeds, context.now_ms()).await,
    }
}

/// Whether a refusal may only mean that the topology is out of date: its pools, or the decimals that an amount was
/// read by.
pub(crate) fn may_be_outdated(refusal: &QuoteError) -> bool {
    matches!(
        refusal,
        QuoteError::UnknownToken { .. }
            | QuoteError::UnknownPool { .. }
            | QuoteError::NoRoute { .. }
            | QuoteError::InvalidRequest { .. }
            | QuoteError::AmountOverflow { .. }
    )
}

/// Looks in Redis before something is called unknown: if the topology is older than it is trusted, or was found
/// by walking from other tokens. `None` if there is no reason to look.
pub(crate) async fn look_again(
    context: &RequestContext,
    redis: &RedisClient,
    topology: &Topology,
    seeds: &[Symbol],
    refusal: &QuoteError,
) -> Result<Option<Rc<Topology>>, RedisError> {
    let cache = context.isolate().topology();
    let now_ms = context.now_ms();
    if !may_be_outdated(refusal) {
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
pub(crate) fn relist_in_background(context: &RequestContext, seeds: &[Symbol]) {
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
        isolate.metrics().spent(budget.spent());
        match (outcome, cache.current()) {
            (Ok(()), Some(topology)) => {
                isolate.hints().keep_only(&topology);
                isolate.unreadable().keep_only(&topology);
            }
            (Ok(()), None) => {}
            (Err(fault), _) => budget.log().topology_fault(fault.code()),
        }
    });
}
