//! Which block the state of an answer is of, and who is refused for it.

use crate::market::{Market, NOW};
use dlmm_core::api::error_details;
use dlmm_core::error::QuoteError;
use serde_json::{Value, json};

const FIRST: &str = "BTC-USDC-25";
const SECOND: &str = "SOL-USDC-25";

/// The answer of a market with these heights: the producer's, and those of the two pools from BTC to SOL.
fn answered(
    producer: Value,
    heights: [Value; 2],
    min_block_height: Option<u64>,
) -> Result<Value, QuoteError> {
    let mut market = Market::sample();
    market.0["block_height"] = producer;
    for (pool, height) in [FIRST, SECOND].into_iter().zip(heights) {
        market.pool(pool)["block_height"] = height;
    }
    let body = json!({"token_in":"BTC","token_out":"SOL","amount_in":1,"pools":[FIRST,SECOND],
        "min_block_height":min_block_height});
    market.answer(body).map(|(_, answer)| answer)
}

/// The height of the whole, and those of both pools.
fn told(producer: Value, heights: [Value; 2]) -> [Value; 3] {
    let answer = answered(producer, heights, None).expect("a quote");
    let pool = |at: usize| answer["state"]["pools"][at]["block_height"].clone();
    [answer["state"]["block_height"].clone(), pool(0), pool(1)]
}

#[test]
fn the_later_of_pool_and_producer_counts_and_the_least_of_the_pools() {
    let none = Value::Null;
    let cases = [
        (json!(120), [json!(100), json!(90)], [json!(120), json!(120), json!(120)]),
        (json!(120), [none.clone(), json!(90)], [json!(120), json!(120), json!(120)]),
        (none.clone(), [json!(100), json!(90)], [json!(90), json!(100), json!(90)]),
        // Whoever writes a pool ahead of the metadata.
        (json!(95), [json!(100), json!(90)], [json!(95), json!(100), json!(95)]),
        (none.clone(), [json!(100), none.clone()], [none.clone(), json!(100), none.clone()]),
        (none.clone(), [none.clone(), none.clone()], [none.clone(), none.clone(), none.clone()]),
        // Text as well; what is no height is unknown.
        (json!("120"), [json!("100"), json!(90)], [json!(120), json!(120), json!(120)]),
        (json!("tip"), [json!("130"), json!(-5)], [none.clone(), json!(130), none]),
    ];
    for (producer, heights, expected) in cases {
        assert_eq!(told(producer.clone(), heights.clone()), expected, "{producer} {heights:?}");
    }
}

#[test]
fn state_of_an_earlier_block_is_refused_and_a_quiet_pool_is_not() {
    let quiet = || [json!(100), json!(90)];
    assert!(answered(json!(120), quiet(), Some(120)).is_ok(), "a quiet pool under a live producer");
    assert!(answered(Value::Null, quiet(), Some(90)).is_ok());
    assert!(answered(Value::Null, [json!(100), Value::Null], None).is_ok(), "nobody asked");
    let refused = |producer, heights, least| {
        let refusal = answered(producer, heights, Some(least)).expect_err("refused");
        let details: Value = serde_json::from_str(&error_details(&refusal)).expect("JSON");
        (refusal.code(), refusal.to_string(), details)
    };
    let (code, message, details) = refused(json!(120), quiet(), 121);
    assert_eq!(code, "STALE_STATE");
    assert_eq!(
        message,
        "the state of BTC-USDC-25 is of block 120; the request wants block 121 or a later one"
    );
    assert_eq!(
        details,
        json!({"pool_id":FIRST,"age_ms":0,"max_age_ms":null,"block_height":120,"min_block_height":121})
    );
    let (_, _, details) = refused(Value::Null, quiet(), 91);
    assert_eq!((&details["pool_id"], &details["block_height"]), (&json!(SECOND), &json!(90)));
    let (_, message, details) = refused(Value::Null, [json!(100), Value::Null], 0);
    assert_eq!((&details["pool_id"], &details["block_height"]), (&json!(SECOND), &Value::Null));
    assert_eq!(
        message,
        "the block of the state of SOL-USDC-25 is unknown; the request wants block 0 or a later one"
    );
}

#[test]
fn whoever_is_too_old_as_well_is_told_so() {
    let mut market = Market::sample();
    market.pool(FIRST)["block_height"] = json!(5);
    market.pool(FIRST)["last_updated"] = json!(NOW - 1_000);
    let body = json!({"token_in":"BTC","token_out":"USDC","amount_in":1,"pools":[FIRST],"max_age_ms":1,"min_block_height":6});
    let refusal = market.quote(body).expect_err("refused");
    assert_eq!(refusal.to_string(), "the state of BTC-USDC-25 is 1000 ms old; the limit is 1 ms");
    let expected = QuoteError::StaleState {
        pool_id: dlmm_core::units::PoolId::new(FIRST).expect("a name"),
        age_ms: Some(1_000),
        max_age_ms: Some(1),
        block_height: Some(5),
        min_block_height: Some(6),
        warnings: Vec::new(),
    };
    assert_eq!(refusal, expected);
}
