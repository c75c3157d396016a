//! The bundled sample state: development only, and only where `REDIS_FALLBACK_TO_MOCK` is on.

use dlmm_core::quote::{Outcome, QuoteInput, QuoteRequest, quote};
use dlmm_core::route::find_candidates;
use dlmm_core::wire::{Snapshot, sample_snapshot};

use crate::config::Config;
use crate::error::ApiError;
use crate::load::Loaded;

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

/// Quotes from the sample.
///
/// # Errors
/// What core refuses.
pub fn quote_from_sample(config: &Config, request: &QuoteRequest, now_ms: u64) -> Result<Loaded, ApiError> {
    let text = sample_text(now_ms);
    let snapshot = sample(&text)?;
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    let graph = snapshot.graph();
    let candidates =
        find_candidates(&graph, token_in, token_out, *max_hops, config.max_candidate_pools, filter)?;
    let state = snapshot.state(&candidates, config.default_fee_bps);
    let input = QuoteInput { request, candidates: &candidates, state: &state, now_ms, can_read_more: false };
    match quote(&input)? {
        Outcome::Quote(quote) => Ok(Loaded { quote: *quote, state: state.into(), read_at_ms: now_ms }),
        Outcome::ReadMore(_) => Err(ApiError::internal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::wire::request_from_json;

    #[test]
    fn the_sample_answers_the_reference_example() {
        let config =
            Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned())).unwrap();
        let request = request_from_json(r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.0}"#).unwrap();
        let loaded = quote_from_sample(&config, &request, 0).unwrap();
        assert_eq!(loaded.quote.amount_out, 99_900_000_000);
    }
}
