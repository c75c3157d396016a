//! The bundled sample state: development only, and only where `REDIS_FALLBACK_TO_MOCK` is on.

use std::rc::Rc;

use dlmm_core::quote::{Effort, Outcome, QuoteInput, QuoteRequest, quote};
use dlmm_core::route::find_candidates;
use dlmm_core::wire::{InputPool, Snapshot, sample_snapshot};

use crate::config::Config;
use crate::http::ApiError;
use crate::market::rounds::{Loaded, QuotedFrom, Texts};

/// The text of the sample, as if it had been written now.
pub fn sample_text(now_ms: u64) -> String {
    sample_snapshot(now_ms)
}

/// Reads the sample's own text.
///
/// # Errors
/// INTERNAL, which would be a fault of the sample.
pub fn sample(text: &str) -> Result<Snapshot<'_>, ApiError> {
    Snapshot::parse(text).map_err(|_| ApiError::internal())
}

/// Quotes from the sample. `place` tells the quotes of a batch apart.
///
/// # Errors
/// What core refuses.
pub fn quote_from_sample(
    config: &Config,
    request: &QuoteRequest,
    now_ms: u64,
    place: u32,
) -> Result<Loaded, ApiError> {
    let text = sample_text(now_ms);
    let snapshot = sample(&text)?;
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    let graph = snapshot.graph();
    let candidates =
        find_candidates(&graph, token_in, token_out, *max_hops, config.max_candidate_pools, filter)?;
    let state = snapshot.state(&candidates, config.default_fee_bps);
    let input = QuoteInput {
        request,
        candidates: &candidates,
        state: &state,
        now_ms,
        can_read_more: false,
        effort: Effort::WHOLE,
    };
    let Outcome::Quote(quote) = quote(&input)? else { return Err(ApiError::internal()) };
    let input = request.include_state.then(|| QuotedFrom {
        request: request.clone(),
        texts: Rc::new(texts(&snapshot)),
        pools: candidates.pools.as_slice().into(),
        // Each quote reads the sample anew.
        read: place,
        candidates: Rc::new(candidates),
        default_fee_bps: config.default_fee_bps,
        keys_limited: None,
        effort: Effort::WHOLE,
    });
    Ok(Loaded { quote: *quote, state: state.into(), read_at_ms: now_ms, input })
}

fn texts(snapshot: &Snapshot<'_>) -> Texts {
    let pools = snapshot.pools.iter();
    pools.map(|pool| (pool.routing.pool.id.clone(), InputPool::from(pool).into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::wire::{AnswerContext, NumberStyle, QuoteAnswer, Source, request_from_json, verify_quote};

    #[test]
    fn the_sample_answers_the_reference_example() {
        let config =
            Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned())).unwrap();
        let request = request_from_json(r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.0}"#).unwrap();
        let loaded = quote_from_sample(&config, &request, 0, 0).unwrap();
        assert_eq!(loaded.quote.amount_out, 99_900_000_000);
        assert!(loaded.input.is_none());
    }

    #[test]
    fn its_answers_can_be_computed_anew() {
        let config =
            Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned())).unwrap();
        let body = r#"{"token_in":"BTC","token_out":"SOL","amount_in":"1.5","include_state":true}"#;
        let loaded =
            quote_from_sample(&config, &request_from_json(body).unwrap(), 1_800_000_000_000, 0).unwrap();
        let context = AnswerContext {
            decimals: &loaded.state.decimals,
            source: Source::Sample,
            read_at_ms: loaded.read_at_ms,
            request_id: None,
            numbers: NumberStyle::Json,
        };
        let answer = QuoteAnswer { quote: &loaded.quote, context };
        let json = loaded.input.unwrap().write(&answer).unwrap();
        assert!(verify_quote(&json).unwrap().is_equal());
    }
}
