//! Where quotes come from: Redis, or a snapshot.

use dlmm_core::api::NumberStyle;
use dlmm_core::market::Market as SnapshotMarket;
use dlmm_core::quote::QuoteRequest;

use super::redis_market::RedisMarket;
use super::refusal::Refusal;

/// Pools to quote from.
pub(super) enum Market {
    Redis(RedisMarket),
    Snapshot(SnapshotMarket),
}

impl Market {
    /// Answers a request with the JSON of the HTTP response.
    pub(super) async fn answer(&mut self, request: &QuoteRequest) -> Result<String, Refusal> {
        match self {
            Self::Redis(market) => market.answer(request).await,
            Self::Snapshot(market) => Ok(market.answer(request, NumberStyle::Json)?),
        }
    }
}
