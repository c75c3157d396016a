//! Whole snapshots: read, listed, quoted from, changed by updates, and quoted from again.

use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::quote::{AmountText, Mode, QuoteRequest};
use dlmm_core::verify::verify_quote;

use crate::text::{assert_json, documents, text_of};

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 1 };
/// Updates that are looked at.
const MAX_UPDATES: usize = 4;
/// Longest snapshot: beyond it an input says nothing new and takes long.
const MAX_BYTES: usize = 32 << 10;

/// A snapshot, a request, then pairs of a key and its new value; an empty value removes the key.
pub fn snapshot(bytes: &[u8]) {
    let Some(text) = text_of(bytes).filter(|text| text.len() <= MAX_BYTES) else { return };
    let mut parts = documents(text);
    let Ok(mut market) = Market::from_snapshot(parts.next().unwrap_or_default(), SETTINGS) else { return };
    let request = request_from_json(parts.next().unwrap_or_default()).ok();
    use_all(&mut market, request.as_ref());
    for _ in 0..MAX_UPDATES {
        let (Some(key), value) = (parts.next(), parts.next()) else { break };
        let value = value.filter(|value| !value.is_empty());
        if market.apply([(key, value)]).is_ok() {
            use_all(&mut market, request.as_ref());
        }
    }
}

/// Lists everything, quotes over a few pools, and answers the request.
fn use_all(market: &mut Market, request: Option<&QuoteRequest>) {
    assert_json(&market.pools(NumberStyle::Json).to_json());
    let pools: Vec<_> = market.graph().pools().iter().take(2).cloned().collect();
    for pool in &pools {
        if let Ok(answer) = market.pool(&pool.id, NumberStyle::Text) {
            assert_json(&answer.to_json());
        }
        for (token_in, token_out, mode, amount) in [
            (&pool.token_x, &pool.token_y, Mode::ExactIn, u128::MAX),
            (&pool.token_y, &pool.token_x, Mode::ExactOut, 1_000),
        ] {
            let (token_in, token_out) = (token_in.clone(), token_out.clone());
            let mut request = QuoteRequest::new(token_in, token_out, mode, AmountText::Atomic(amount));
            request.allow_partial = true;
            answer(market, &request);
        }
    }
    if let Some(request) = request
        && let Some(text) = answer(market, request)
        && request.include_state
    {
        let verification = verify_quote(&text).expect("an answer with its input");
        assert!(verification.is_equal(), "{verification:?} of {text}");
    }
}

/// An answer is JSON.
fn answer(market: &mut Market, request: &QuoteRequest) -> Option<String> {
    let text = market.answer(request, NumberStyle::Json).ok()?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text).expect("an answer is JSON");
    Some(text)
}
