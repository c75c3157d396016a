//! When the list of pools is looked at again: in the background of an answer, or before something is called unknown.

use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::units::Symbol;

use super::topology::Topology;
use crate::market::live::{LiveMarket, Task};
use crate::redis::{Exchange, RedisError};

/// The topology of this isolate; its first request loads it.
///
/// # Errors
/// What became of Redis.
pub(crate) async fn current_or_load<X: Exchange>(
    market: &LiveMarket<'_, X>,
    seeds: &[Symbol],
) -> Result<Rc<Topology>, RedisError> {
    let cache = &market.known.listing;
    match cache.current() {
        Some(topology) => Ok(topology),
        None => cache.reload(market.redis, seeds).await,
    }
}

/// The topology as fresh as it is trusted: an old one is compared with Redis first.
///
/// # Errors
/// What became of Redis.
pub async fn checked<X: Exchange>(market: &LiveMarket<'_, X>) -> Result<Rc<Topology>, RedisError> {
    let topology = current_or_load(market, &[]).await?;
    let cache = &market.known.listing;
    if !cache.is_due(market.redis.now_ms()) {
        check_in_background(market, &[]);
        return Ok(topology);
    }
    cache.check(market.redis, &[]).await?;
    Ok(cache.current().unwrap_or(topology))
}

/// Whether a refusal may only mean that the topology is out of date: its pools, those whose tokens nobody can tell, or the
/// decimals that an amount was read by.
pub(crate) fn may_be_outdated(refusal: &QuoteError) -> bool {
    matches!(
        refusal,
        QuoteError::UnknownToken { .. }
            | QuoteError::UnknownPool { .. }
            | QuoteError::NoRoute { .. }
            | QuoteError::StateInvalid { .. }
            | QuoteError::InvalidRequest { .. }
            | QuoteError::AmountOverflow { .. }
    )
}

/// Looks in Redis before something is called unknown: if the topology is older than it is trusted, or was found
/// by walking from other tokens. `None` if there is no reason to look.
pub(crate) async fn look_again<X: Exchange>(
    market: &LiveMarket<'_, X>,
    topology: &Topology,
    seeds: &[Symbol],
    refusal: &QuoteError,
) -> Result<Option<Rc<Topology>>, RedisError> {
    let cache = &market.known.listing;
    if !may_be_outdated(refusal) {
        return Ok(None);
    }
    if !topology.whole && seeds.iter().any(|token| !topology.graph.has_token(token)) {
        return cache.reload(market.redis, seeds).await.map(Some);
    }
    if !cache.is_due(market.redis.now_ms()) {
        return Ok(None);
    }
    cache.check(market.redis, seeds).await?;
    Ok(cache.current())
}

/// Compares the topology with Redis in the background, at most once a TTL.
pub(crate) fn check_in_background<X: Exchange>(market: &LiveMarket<'_, X>, seeds: &[Symbol]) {
    if market.known.listing.begin_check(market.redis.now_ms()) {
        market.background.begin(Task::Check(seeds.to_vec()));
    }
}
