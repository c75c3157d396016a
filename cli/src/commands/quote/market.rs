//! Where quotes come from: the same few steps over Redis and over a snapshot.

use dlmm_core::quote::{Outcome, QuoteInput, QuoteRequest, quote};
use dlmm_core::route::Candidates;
use dlmm_core::state::State;
use dlmm_core::wire::{AnswerContext, Market as SnapshotMarket, NumberStyle, QuoteAnswer, Source};

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

/// Quotes from state in which every bin of every candidate pool is known.
pub(super) fn answer_from(
    request: &QuoteRequest,
    candidates: &Candidates,
    state: &State,
    source: Source,
    now_ms: u64,
) -> Result<String, Refusal> {
    let input = QuoteInput { request, candidates, state, now_ms, can_read_more: false };
    let quote = match quote(&input)? {
        Outcome::Quote(quote) => quote,
        // Nothing is left to read, and core was told so.
        Outcome::ReadMore(_) => return Err(Refusal::internal()),
    };
    let (decimals, numbers) = (&state.decimals, NumberStyle::Json);
    let context = AnswerContext { decimals, source, read_at_ms: now_ms, request_id: None, numbers };
    QuoteAnswer { quote: &quote, context }.to_json().map_err(|_| Refusal::internal())
}
