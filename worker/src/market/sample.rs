//! The bundled sample state: development only, and only where `REDIS_FALLBACK_TO_MOCK` is on.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::{Effort, Outcome, QuoteInput, QuoteRequest, quote};
use dlmm_core::stored::{Snapshot, keys, sample_snapshot};
use dlmm_core::verify::InputPool;

use super::read::Texts;
use super::refusal::Refusal;
use super::rounds::{Loaded, QuotedFrom};
use crate::config::Limits;

/// The text of the sample, as if it had been written now.
pub fn sample_text(now_ms: u64) -> String {
    sample_snapshot(now_ms)
}

/// Reads the sample's own text.
///
/// # Errors
/// INTERNAL, which would be a fault of the sample.
pub fn sample(text: &str) -> Result<Snapshot<'_>, Refusal> {
    Snapshot::parse(text).map_err(|_| Refusal::Internal)
}

/// What the sample holds under these keys.
///
/// # Errors
/// As [`sample`].
pub fn sample_texts(wanted: &[String]) -> Result<Vec<Option<String>>, Refusal> {
    let text = sample_text(0);
    let mut texts = BTreeMap::new();
    for pool in sample(&text)?.pools {
        let id = &pool.routing.pool.id;
        texts.insert(keys::pool(id), pool.value.to_owned());
        for (bin, text) in pool.bin_texts().map_err(|_| Refusal::Internal)? {
            texts.extend(text.map(|text| (keys::bin(id, bin), text.to_owned())));
        }
    }
    Ok(wanted.iter().map(|key| texts.remove(key)).collect())
}

/// Quotes from the sample. `place` tells the quotes of a batch apart.
///
/// # Errors
/// What core refuses.
pub fn quote_from_sample(
    limits: &Limits,
    request: &QuoteRequest,
    now_ms: u64,
    place: u32,
) -> Result<Loaded, Refusal> {
    let text = sample_text(now_ms);
    let snapshot = sample(&text)?;
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    let graph = snapshot.graph();
    let candidates = find_candidates(&graph, token_in, token_out, *max_hops, limits.candidate_pools, filter)?;
    let state = snapshot.state(&candidates, limits.default_fee_bps);
    let input = QuoteInput {
        request,
        candidates: &candidates,
        state: &state,
        now_ms,
        can_read_more: false,
        effort: Effort::WHOLE,
    };
    let Outcome::Quote(quote) = quote(&input)? else { return Err(Refusal::Internal) };
    let input = request.include_state.then(|| QuotedFrom {
        request: request.clone(),
        texts: Rc::new(texts(&snapshot)),
        pools: candidates.pools.as_slice().into(),
        // Each quote reads the sample anew.
        read: place,
        candidates: Rc::new(candidates),
        default_fee_bps: limits.default_fee_bps,
        keys_limited: None,
        effort: Effort::WHOLE,
    });
    let decimals = Arc::clone(&state.decimals);
    Ok(Loaded { quote: *quote, decimals, read_at_ms: now_ms, input })
}

fn texts(snapshot: &Snapshot<'_>) -> Texts {
    let pools = snapshot.pools.iter();
    pools.map(|pool| (pool.routing.pool.id.clone(), InputPool::from(pool).into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use dlmm_core::api::{AnswerContext, NumberStyle, QuoteAnswer, Source, request_from_json};
    use dlmm_core::verify::verify_quote;

    fn limits() -> Limits {
        let config = Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned()));
        config.unwrap().limits
    }

    #[test]
    fn the_sample_answers_the_reference_example() {
        let limits = limits();
        let request = request_from_json(r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.0}"#).unwrap();
        let loaded = quote_from_sample(&limits, &request, 0, 0).unwrap();
        assert_eq!(loaded.quote.amount_out, 99_900_000_000);
        assert!(loaded.input.is_none());
    }

    #[test]
    fn its_answers_can_be_computed_anew() {
        let limits = limits();
        let body = r#"{"token_in":"BTC","token_out":"SOL","amount_in":"1.5","include_state":true}"#;
        let loaded =
            quote_from_sample(&limits, &request_from_json(body).unwrap(), 1_800_000_000_000, 0).unwrap();
        let context = AnswerContext {
            decimals: &loaded.decimals,
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
