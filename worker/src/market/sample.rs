//! The bundled sample state: development only, and only where `REDIS_FALLBACK_TO_MOCK` is on.

use litemap::LiteMap;
use std::rc::Rc;

use dlmm_core::api::Source;
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::quote::QuoteRequest;
use dlmm_core::stored::{Snapshot, keys, sample_snapshot};

use super::read::WholeRead;
use super::refusal::Refusal;
use super::rounds::Loaded;
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

/// What the sample holds under these keys, as if it was written just now.
///
/// # Errors
/// As [`sample`].
pub fn sample_texts(wanted: &[String], now_ms: u64) -> Result<Vec<Option<String>>, Refusal> {
    let text = sample_text(now_ms);
    let mut texts: LiteMap<String, String> = LiteMap::new();
    for (routing, pool) in sample(&text)?.pools {
        let id = &routing.pool.id;
        for (bin, text) in pool.bins_by_id(id).map_err(|_| Refusal::Internal)? {
            texts.insert(keys::bin(id, bin), text.to_owned());
        }
        texts.extend(pool.value.map(|value| (keys::pool(id), value.into_owned())));
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
    let settings = MarketSettings {
        default_fee_bps: limits.default_fee_bps,
        max_pools: limits.candidate_pools,
        source: Source::Sample,
        clock_ms: now_ms,
    };
    let market = Market::from_snapshot(&sample_text(now_ms), settings);
    let mut market = market.map_err(|_| Refusal::Internal)?;
    market.set_router(limits.router.as_deref());
    let answer = market.answered(request)?.written();
    // Each quote reads the sample anew.
    let read = WholeRead { pools: answer.basis.candidates.pools.as_slice().into(), number: place };
    Ok(Loaded { answer, read: Rc::new(read) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use dlmm_core::api::{NumberStyle, request_from_json};
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
        assert_eq!(loaded.answer.quote.amount_out, 99_900_000_000);
    }

    #[test]
    fn its_values_are_of_now() {
        let texts = sample_texts(&["pool:BTC-USDC-25".to_owned(), "pool:NONE".to_owned()], 1_800_000_000_000);
        match texts.unwrap().as_slice() {
            [Some(pool), None] => assert!(pool.contains("2027-01-15T08:00:00"), "{pool}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn its_answers_can_be_computed_anew() {
        let limits = limits();
        let body = r#"{"token_in":"BTC","token_out":"SOL","amount_in":"1.5","include_state":true}"#;
        let loaded =
            quote_from_sample(&limits, &request_from_json(body).unwrap(), 1_800_000_000_000, 0).unwrap();
        let json = loaded.answer.to_json(NumberStyle::Json, None).unwrap();
        assert!(verify_quote(&json).unwrap().is_equal());
    }
}
