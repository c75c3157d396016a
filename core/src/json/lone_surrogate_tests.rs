//! Half of a surrogate pair is legal JSON and no text: whoever sends one is told so, wherever it stands.

use crate::api::{Source, request_from_json};
use crate::error::QuoteError;
use crate::market::{Market, MarketSettings};
use crate::stored::{PoolValue, sample_snapshot};
use crate::verify::verify_quote;
use alloc::format;
use alloc::string::String;

const LONE: &str = "holds a lone surrogate";

fn told(refusal: QuoteError) -> (String, String) {
    match refusal {
        QuoteError::InvalidRequest { field, reason } => (field, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_named_in_every_field_of_a_request_that_holds_text() {
    for (field, value) in [
        ("token_in", r#""\ud800""#),
        ("token_out", r#""BTC\udc00""#),
        ("amount_in", r#""\ud83d1""#),
        ("amount_in_atomic", r#""\udfff""#),
        ("pools", r#"["P","\ud800"]"#),
        ("exclude_pools", r#"["\udbff\ud800"]"#),
        ("via", r#"["\ud800A"]"#),
    ] {
        let mut body = format!(r#"{{"{field}":{value}"#);
        for (name, value) in [("token_in", "\"A\""), ("token_out", "\"B\""), ("amount_in", "\"1\"")] {
            if name != field && !(name == "amount_in" && field.starts_with(name)) {
                body += &format!(r#","{name}":{value}"#);
            }
        }
        body += "}";
        let refusal = request_from_json(&body).expect_err("no text");
        assert_eq!(told(refusal), (field.into(), LONE.into()), "{body}");
    }
    let planned = |plan: &str| {
        let body = format!(r#"{{"token_in":"A","token_out":"B","amount_in":1,"plan":{plan}}}"#);
        told(request_from_json(&body).expect_err("no text"))
    };
    assert_eq!(planned(r#"{"sender":"\ud800"}"#), ("plan.sender".into(), LONE.into()));
    let half = "expected the other half of a surrogate pair at byte 2";
    assert_eq!(planned(r#"{"\ud800":1}"#), ("plan".into(), LONE.into()));
    let refusal = request_from_json(r#"{"\ud800":1}"#).expect_err("no name");
    assert_eq!(told(refusal), ("body".into(), format!("is not a JSON object: {half}")));
}

#[test]
fn both_halves_are_text() {
    let body = r#"{"token_in":"\ud83d\ude00","token_out":"B","amount_in":1}"#;
    let refusal = request_from_json(body).map(|request| request.token_in).map_err(told);
    assert!(!format!("{refusal:?}").contains("surrogate"), "{refusal:?}");
}

#[test]
fn it_is_named_in_stored_values_updates_and_quotes() {
    let value = PoolValue::parse(r#"{"pool_id":"\ud800","token_x":"A","token_y":"B"}"#, 0);
    assert_eq!(value.expect_err("no name"), format!("pool_id {LONE}"));
    let settings = MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Sample, clock_ms: 0 };
    let mut market = Market::from_snapshot(&sample_snapshot(0), settings).expect("sound");
    let refusal = market.apply_json(r#"{"pool:P":"\ud800"}"#).expect_err("no text");
    assert_eq!(told(refusal), ("pool:P".into(), LONE.into()));
    let refusal = verify_quote(r#"{"success":true,"input":{"format":"\ud800"}}"#).expect_err("no text");
    assert!(told(refusal).1.contains("the other half of a surrogate pair"));
}
