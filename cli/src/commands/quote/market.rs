//! Where quotes come from: the same few steps over Redis and over a snapshot.

use dlmm_core::api::{AnswerContext, NumberStyle, QuoteAnswer, Source};
use dlmm_core::market::Market as SnapshotMarket;
use dlmm_core::network::route::Candidates;
use dlmm_core::network::state::State;
use dlmm_core::quote::{Effort, Outcome, QuoteInput, QuoteRequest, quote};
use dlmm_core::verify::{InputPool, StoredInput};

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

/// The state of all candidate pools with every bin they have, and what it was read from.
pub(super) struct Reading<'a> {
    pub(super) candidates: &'a Candidates,
    pub(super) state: &'a State,
    pub(super) default_fee_bps: u16,
    pub(super) source: Source,
    pub(super) now_ms: u64,
}

impl Reading<'_> {
    /// Quotes, and writes the answer; `texts` gives the stored texts of the candidates, where it is to carry them.
    pub(super) fn answer<'t>(
        &self,
        request: &QuoteRequest,
        texts: impl FnOnce() -> Vec<InputPool<'t>>,
    ) -> Result<String, Refusal> {
        let Self { candidates, state, default_fee_bps, source, now_ms } = *self;
        let input =
            QuoteInput { request, candidates, state, now_ms, can_read_more: false, effort: Effort::WHOLE };
        let quote = match quote(&input)? {
            Outcome::Quote(quote) => quote,
            // Nothing is left to read, and core was told so.
            Outcome::ReadMore(_) => return Err(Refusal::internal()),
        };
        let decimals = &state.decimals;
        let numbers = NumberStyle::Json;
        let context = AnswerContext { decimals, source, read_at_ms: now_ms, request_id: None, numbers };
        let answer = QuoteAnswer { quote: &quote, context };
        if !request.include_state {
            return Ok(answer.to_json());
        }
        let input = StoredInput {
            request,
            candidates,
            decimals,
            default_fee_bps,
            pools: &texts(),
            keys_limited: None,
            effort: Effort::WHOLE,
        };
        answer.to_json_with_input(&input).map_err(|_| Refusal::internal())
    }
}
