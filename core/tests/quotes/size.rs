//! Answers are bounded, whatever a market holds.

use crate::market::{Market, PlainPool};
use dlmm_core::api::{AnswerRoom, MAX_ANSWER_BYTES, NumberStyle, Source, Written, request_from_json};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Market as CoreMarket, MarketSettings};
use serde_json::{Value, json};

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
const TOO_LARGE: QuoteError = QuoteError::AnswerTooLarge { limit: MAX_ANSWER_BYTES };

/// So many pools side by side, each with all bins, 1,000 units of Y in each.
fn side_by_side(pools: usize) -> Market {
    let bins: Vec<_> = (0..=1_000).map(|id| (id, 0, 1_000, 100_000_000)).collect();
    let ids: Vec<String> = (0..pools).map(|n| format!("P{n}")).collect();
    let pools: Vec<PlainPool<'_>> = ids.iter().map(|id| (&**id, "X", "Y", 1_000, &*bins)).collect();
    Market::plain(&pools)
}

fn written(market: &Market, request: Value) -> Result<usize, QuoteError> {
    let mut market = CoreMarket::from_snapshot(&market.0.to_string(), SETTINGS).expect("a snapshot");
    let request = request_from_json(&request.to_string())?;
    let answered = market.answered(&request).expect("a quote");
    let least = answered.least_bytes();
    let in_bounds = answered.to_json_in_bounds(NumberStyle::Json).map(|text| text.len());
    // What is foreseen is never more than what is written, nor far from it.
    let bytes = answered.to_json(NumberStyle::Json, None).expect("text").len();
    let is_of_steps = request.include_steps && !request.include_state;
    assert!(least <= bytes && (!is_of_steps || least > bytes / 2), "{least} of {bytes}");
    assert_eq!(in_bounds, if bytes <= MAX_ANSWER_BYTES { Ok(bytes) } else { Err(TOO_LARGE) });
    assert_eq!(market.answer(&request, NumberStyle::Json).map(|text| text.len()), in_bounds);
    in_bounds
}

#[test]
fn steps_through_too_many_bins_are_not_written() {
    let market = side_by_side(12);
    let request = |pools: u128| {
        json!({"token_in": "X", "token_out": "Y", "amount_in_atomic": (pools * 1_000_000).to_string(),
            "max_bins": 1_001, "max_splits": 0, "allow_partial": true})
    };
    assert!(written(&market, request(4)).is_ok());
    assert_eq!(written(&market, request(12)), Err(TOO_LARGE));
    let mut brief = request(12);
    brief["include_steps"] = json!(false);
    assert!(written(&market, brief).expect("an answer") < 100_000);
}

#[test]
fn state_of_too_many_bytes_is_not_written() {
    let mut market = side_by_side(5);
    for id in 0..=1_000 {
        market.bin("P0", id)["note"] = json!("x".repeat(3_900));
    }
    let request = json!({"token_in": "X", "token_out": "Y", "amount_in_atomic": "10", "include_state": true});
    assert_eq!(written(&market, request.clone()), Err(TOO_LARGE));
    let mut narrow = request;
    narrow["exclude_pools"] = json!(["P0"]);
    assert!(written(&market, narrow).is_ok());
}

#[test]
fn an_answer_that_has_no_room_for_its_state_is_seen_before_that_is_written() {
    let market = side_by_side(3);
    let mut market = CoreMarket::from_snapshot(&market.0.to_string(), SETTINGS).expect("a snapshot");
    let request = json!({"token_in": "X", "token_out": "Y", "amount_in_atomic": "10", "include_state": true,
        "explain": true});
    let answered =
        market.answered(&request_from_json(&request.to_string()).expect("a request")).expect("a quote");
    let within = |input, limit| {
        answered.undigested(NumberStyle::Json, None, AnswerRoom { input, limit }).expect("written")
    };
    let Written::Undigested(whole) = within(0, usize::MAX) else { panic!("it has a digest") };
    let input = whole.covered()[1].len();
    let whole = whole.finish(&[0; 32], None).len();
    assert!(matches!(within(input, whole), Written::Undigested(_)));
    // The rest of the answer has no room left.
    assert!(matches!(within(input, input), Written::TooLarge));
    assert!(matches!(within(whole, whole), Written::TooLarge));
}
