//! Where quotes come from: Redis, or a snapshot.

use dlmm_core::api::Answer;
use dlmm_core::market::Market as SnapshotMarket;
use dlmm_core::quote::QuoteRequest;

use crate::market::{RedisMarket, Refusal};

/// Pools to quote from.
pub(super) enum Market {
    Redis(RedisMarket),
    Snapshot(SnapshotMarket),
}

impl Market {
    /// Answers a request.
    pub(super) async fn answer(&mut self, request: &QuoteRequest) -> Result<Answer, Refusal> {
        match self {
            Self::Redis(market) => market.answer(request).await,
            Self::Snapshot(market) => Ok(market.answered(request)?),
        }
    }
}
