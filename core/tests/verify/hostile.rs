//! Documents that are no quote, or one that nobody would have been given.

use crate::kinds::{network, x_for_y};
use crate::market::Market;
use crate::record::{WHOLE, answer};
use dlmm_core::error::QuoteError;
use dlmm_core::verify::verify_quote;
use proptest::prelude::*;
use serde_json::{Value, json};

fn sound() -> Value {
    let text = answer(&network(), &x_for_y("100"), WHOLE).expect("a quote");
    serde_json::from_str(&text).expect("JSON")
}

/// The field that is named when the document is refused.
fn refused(text: &str) -> String {
    match verify_quote(text) {
        Err(QuoteError::InvalidRequest { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_quote_is_refused_by_name() {
    for text in ["", "null", "[]", "{\"success\":tru", "1", "\"\"", "{\"success\":true} {}"] {
        assert_eq!(refused(text), "quote", "{text}");
    }
    let error =
        r#"{"success":false,"error":{"code":"NO_ROUTE","message":"","details":{}},"request_id":null}"#;
    assert_eq!((refused(error), refused("{}")), ("success".to_owned(), "success".to_owned()));
    for field in ["input", "digest", "state"] {
        let mut document = sound();
        document.as_object_mut().expect("an object").remove(field);
        assert_eq!(refused(&document.to_string()), field);
    }
    let twice = sound().to_string().replacen('{', r#"{"success":true,"#, 1);
    assert_eq!(refused(&twice), "quote");
    let mut whenever = sound();
    whenever["state"]["read_at"] = json!("now");
    assert_eq!(refused(&whenever.to_string()), "state.read_at");
    let mut wherever = sound();
    wherever["state"]["source"] = json!("hearsay");
    assert_eq!(refused(&wherever.to_string()), "state.source");
}

#[test]
fn a_pool_said_to_be_left_out_is_left_out_when_computed_anew() {
    let mut document = sound();
    document["input"]["pools"][0]["left_out"] = json!({ "key": "bin:A:500", "reason": "is a hash" });
    let differences = verify_quote(&document.to_string()).expect("it fits together").differences;
    assert!(differences.iter().any(|one| one.path.starts_with("warnings")), "{differences:?}");
}

#[test]
fn an_input_that_does_not_fit_together_is_refused_by_name() {
    let bend = |bend: &dyn Fn(&mut Value)| {
        let mut document = sound();
        bend(&mut document["input"]);
        refused(&document.to_string())
    };
    assert_eq!(bend(&|input| input["format"] = json!("dlmm-input/2")), "input.format");
    assert_eq!(bend(&|input| input["request"] = json!([])), "input.request.body");
    assert_eq!(bend(&|input| input["request"]["slippage_bps"] = json!(-1)), "input.request.slippage_bps");
    assert_eq!(bend(&|input| input["request"]["token_out"] = json!("X")), "input.request");
    assert_eq!(bend(&|input| input["pools"][0]["known"] = json!([0, 1001])), "input.pools[0].known[1]");
    assert_eq!(bend(&|input| input["pools"][1]["bins"][0][0] = json!(1001)), "input.pools[1].bins[0][0]");
    assert_eq!(bend(&|input| input["pools"][1]["pool_id"] = json!("a:b")), "input.pools[1].pool_id");
    assert_eq!(bend(&|input| input["pools"][1]["pool_id"] = json!("A")), "input.pools");
    assert_eq!(bend(&|input| input["pools"][0]["token_x"] = json!("")), "input.pools[0].token_x");
    assert_eq!(bend(&|input| input["pools"][0] = json!(5)), "input.pools[0].pool_id");
    assert_eq!(bend(&|input| input["request"]["exclude_pools"] = json!(["B"])), "input.pools");
    assert_eq!(bend(&|input| input["request"]["via"] = json!(["W"])), "input.paths[1]");
    assert_eq!(bend(&|input| input["request"]["max_hops"] = json!(1)), "input.paths[1]");
    assert_eq!(bend(&|input| input["paths"][0] = json!(["X"])), "input.paths[0]");
    assert_eq!(bend(&|input| input["paths"][0] = json!([])), "input.paths[0]");
    assert_eq!(bend(&|input| input["paths"][0] = json!(["Y", "X"])), "input.paths[0]");
    assert_eq!(bend(&|input| input["paths"][1] = json!(["X", "W", "Y"])), "input.paths[1]");
    assert_eq!(bend(&|input| input["paths"][1] = json!(["X", "Y", "Y"])), "input.paths[1]");
    assert_eq!(bend(&|input| input["paths"] = json!(vec![["X", "Y"]; 1_001])), "input.paths");
    assert_eq!(bend(&|input| input["decimals"]["X"]["decimals"] = json!(39)), "input.decimals.X");
    assert_eq!(bend(&|input| input["decimals"]["X"]["decimals_from"] = json!("assumed")), "input.decimals.X");
    assert_eq!(bend(&|input| input["keys_limited"] = json!(-1)), "input.keys_limited");
    let half = json!({ "key": "bin:A:500" });
    assert_eq!(bend(&|input| input["pools"][0]["left_out"] = half.clone()), "input.pools[0].left_out.reason");
    assert_eq!(bend(&|input| input["pools"][0]["left_out"] = json!("A")), "input.pools[0].left_out.key");
    assert_eq!(bend(&|input| input["default_fee_bps"] = json!(65_536)), "input.default_fee_bps");
}

#[test]
fn a_well_known_token_has_the_decimals_that_this_version_knows() {
    let mut market = Market::sample();
    market.0["tokens"] = json!({});
    let request = json!({"token_in":"BTC","token_out":"USDC","amount_in":1});
    let text = answer(&market, &request, WHOLE).expect("a quote");
    let bent = text.replace(r#""BTC":{"decimals":8"#, r#""BTC":{"decimals":9"#);
    assert_ne!(bent, text);
    assert_eq!(refused(&bent), "input.decimals.BTC");
}

#[test]
fn size_and_depth_are_bounded() {
    assert_eq!(refused(&" ".repeat((64 << 20) + 1)), "quote");
    assert_eq!(refused(&"[".repeat(1 << 20)), "quote");
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(refused(&deep), "quote");
}

#[test]
fn ranges_and_fees_that_cannot_be_are_no_panic() {
    let mut document = sound();
    document["input"]["default_fee_bps"] = json!(65_535);
    document["input"]["keys_limited"] = json!(9_007_199_254_740_991_u64);
    for pool in document["input"]["pools"].as_array_mut().expect("a list") {
        pool["known"] = json!([1000, 0]);
    }
    assert!(!verify_quote(&document.to_string()).expect("a document").is_equal());
}

/// Replaces the n-th leaf of a document and gives what stood there.
fn bend(value: &mut Value, n: &mut usize, with: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| bend(item, n, with)),
        Value::Object(fields) => fields.values_mut().find_map(|item| bend(item, n, with)),
        leaf if *n == 0 => Some(std::mem::replace(leaf, with.clone())),
        _ => {
            *n -= 1;
            None
        }
    }
}

/// Tells whether two values are one number, which may be written in more than one way.
fn same_number(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    number(a).is_some_and(|a| number(b) == Some(a))
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-+0-9.eE]{0,40}".prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["X", "Y"])),
    ]
}

proptest! {
    #[test]
    fn any_text_is_answered(text: String) {
        prop_assert!(verify_quote(&text).is_err());
    }

    #[test]
    fn any_value_anywhere_is_answered(n in 0_usize..400, with in values()) {
        let mut document = sound();
        let before = document.clone();
        let Some(old) = bend(&mut document, &mut n.clone(), &with) else { return Ok(()) };
        let _answered = verify_quote(&document.to_string());
        // The id of the request and the source are anyone's to say, and so is an age that warns of nothing here.
        document["request_id"] = before["request_id"].clone();
        for field in ["source", "warn_age_ms"] {
            document["state"][field] = before["state"][field].clone();
        }
        let outcome = verify_quote(&document.to_string());
        if document != before && !same_number(&old, &with) {
            prop_assert!(outcome.map_or(true, |verification| !verification.is_equal()));
        }
    }
}
