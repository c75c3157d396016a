//! Every kind of answer verifies: what can be special about a request, a state, or a reading.

use crate::market::{Market, PlainPool};
use crate::record::{Reading, WHOLE, answer, assert_verifies};
use dlmm_core::api::Source;
use serde_json::{Value, json};

const ONE: u128 = 100_000_000;

/// Two pools of one pair and a way around over Z; every hop takes only part of a large trade.
pub(crate) fn network() -> Market {
    let bins: &[(u16, u128, u128, u128)] =
        &[(499, 0, 900, ONE - 3_000_000), (500, 400, 500, ONE), (501, 800, 0, ONE + 2_000_000)];
    let pools: [PlainPool<'_>; 4] = [
        ("A", "X", "Y", 500, bins),
        ("B", "Y", "X", 500, bins),
        ("C", "X", "Z", 500, bins),
        ("D", "Z", "Y", 500, bins),
    ];
    Market::plain(&pools)
}

pub(crate) fn x_for_y(amount: &str) -> Value {
    json!({"token_in":"X","token_out":"Y","amount_in_atomic":amount})
}

fn with(mut request: Value, fields: Value) -> Value {
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn one_btc() -> Value {
    json!({"token_in":"BTC","token_out":"USDC","amount_in":"1.0"})
}

/// Quotes, checks that the answer verifies, and gives it.
fn verifies(market: &Market, request: &Value, reading: Reading) -> Value {
    let text = answer(market, request, reading).unwrap_or_else(|e| panic!("{e}: {request}"));
    assert_verifies(&text);
    serde_json::from_str(&text).expect("JSON")
}

fn warns(answer: &Value, code: &str) -> bool {
    answer["warnings"].as_array().expect("a list").iter().any(|warning| warning["code"] == code)
}

#[test]
fn input_and_digest_stand_before_the_request_id() {
    let text = answer(&Market::sample(), &one_btc(), WHOLE).expect("a quote");
    let at = |field: &str| text.find(field).expect("there");
    assert!(at(r#""warnings":["#) < at(r#""input":{"decimals":{"#));
    assert!(at(r#""input":"#) < at(r#","digest":"sha256:"#));
    assert!(text.ends_with(r#"","request_id":"0123456789abcdef"}"#), "{}", &text[text.len() - 200..]);
}

#[test]
fn an_answer_without_steps_verifies_and_differs_by_nothing_else() {
    let market = Market::sample();
    let whole = verifies(&market, &one_btc(), WHOLE);
    let mut short = verifies(&market, &with(one_btc(), json!({"include_steps": false})), WHOLE);
    assert_eq!((short.get("steps"), whole["bins_used"].as_u64()), (None, Some(1)));
    short["steps"] = whole["steps"].clone();
    short["input"]["request"]["include_steps"] = json!(true);
    assert_ne!(short["digest"], whole["digest"]);
    short["digest"] = whole["digest"].clone();
    assert_eq!(short, whole);
}

#[test]
fn the_input_holds_what_core_was_given() {
    let input = &verifies(&Market::sample(), &one_btc(), WHOLE)["input"];
    assert_eq!(input["request"]["amount_in"], "1.0");
    assert_eq!(input["request"]["max_bins"], 270);
    assert_eq!(input["default_fee_bps"], 10);
    assert_eq!(input["decimals"]["BTC"], json!({"decimals": 8, "decimals_from": "stated"}));
    assert_eq!(input["paths"], json!([["BTC", "USDC"]]));
    let pool = &input["pools"][0];
    assert_eq!((pool["pool_id"].as_str(), &pool["known"]), (Some("BTC-USDC-25"), &json!([0, 1000])));
    assert_eq!(pool["fees"]["x_provider_fee"], 10);
    let value = pool["value"].as_str().expect("text");
    assert!(value.contains(r#""active_bin_id":500"#) && !value.contains("bins"), "{value}");
    assert_eq!(pool["bins"].as_array().map(Vec::len), Some(101));
    let bin = pool["bins"][50][1].as_str().expect("text");
    assert!(pool["bins"][50][0] == 500 && bin.contains(r#""y_amount":100000000.0"#), "{bin}");
}

#[test]
fn exact_in_and_exact_out_in_every_limit() {
    let market = network();
    for request in [
        x_for_y("100"),
        x_for_y("1500"),
        json!({"token_in":"Y","token_out":"X","amount_in":"100","slippage_bps":0}),
        json!({"token_in":"X","token_out":"Y","amount_out_atomic":"1700"}),
        json!({"token_in":"X","token_out":"Y","amount_out":"120","max_splits":1}),
        with(x_for_y("1000"), json!({"max_splits":0,"max_hops":4})),
        with(x_for_y("1200"), json!({"max_splits":2})),
        with(x_for_y("100"), json!({"direct_only":true,"pools":["A","C"],"max_age_ms":5_000})),
        with(x_for_y("100"), json!({"exclude_pools":["A"],"via":["Z"],"strict":true})),
        with(x_for_y("700"), json!({"explain":true})),
        with(x_for_y("700"), json!({"max_age_ms":u64::MAX})),
    ] {
        verifies(&market, &request, WHOLE);
    }
    let split = verifies(&market, &with(x_for_y("2500"), json!({"max_splits":0})), WHOLE);
    assert!(split["routes"].as_array().is_some_and(|routes| routes.len() > 2), "{}", split["routes"]);
    assert_eq!(split["route_type"], "multi_pair");
}

#[test]
fn an_answer_that_tells_of_unknown_names_verifies() {
    let fields = json!({"exclude_pools":["A","a"],"via":["Z","z"]});
    let answer = verifies(&network(), &with(x_for_y("100"), fields), WHOLE);
    assert!(warns(&answer, "FILTER_UNKNOWN"));
    let unknown = |field, name| json!({"field":field,"name":name});
    let told = [unknown("exclude_pools", "a"), unknown("via", "z")];
    assert_eq!(answer["input"]["unknown_names"], json!(told));
    // Names that the request has not, or in another order, are nobody's.
    let [first, second] = told;
    for forged in [
        json!([first, second, unknown("via", "zz")]),
        json!([unknown("amount_in", "a"), second]),
        json!([second, first]),
        json!([first, first]),
        json!([unknown("via", "a")]),
    ] {
        let mut answer = answer.clone();
        answer["input"]["unknown_names"] = forged.clone();
        let refused = dlmm_core::verify::verify_quote(&answer.to_string()).expect_err("refused");
        assert!(refused.to_string().contains("unknown_names"), "{forged}: {refused}");
    }
}

#[test]
fn partial_fills_and_their_limits() {
    let market = network();
    let partial = |fields: Value| with(with(x_for_y("9000"), json!({"allow_partial":true})), fields);
    assert!(warns(&verifies(&market, &partial(json!({})), WHOLE), "PARTIAL_FILL"));
    assert!(warns(&verifies(&market, &partial(json!({"max_bins":1})), WHOLE), "BINS_LIMITED"));
    assert!(warns(&verifies(&market, &partial(json!({"max_splits":2})), WHOLE), "SPLITS_LIMITED"));
}

#[test]
fn answers_over_windows_that_were_widened_or_cut_short() {
    let market = Market::sample();
    for (amount, source) in [("1", Source::Redis), ("9000", Source::Sample), ("20000", Source::Redis)] {
        let request = json!({"token_in":"BTC","token_out":"USDC","amount_in":amount,"allow_partial":true});
        let reading = Reading { width: 3, cut_short: false, source };
        let widened = verifies(&market, &request, reading);
        assert_eq!(warns(&widened, "SAMPLE_STATE"), source == Source::Sample);
        let known = &widened["input"]["pools"][0]["known"];
        assert_eq!(*known == json!([497, 503]), amount == "1", "{known}");
        for explain in [false, true] {
            let request = with(request.clone(), json!({"explain": explain}));
            let cut = verifies(&market, &request, Reading { cut_short: true, ..reading });
            assert!(warns(&cut, "KEYS_LIMITED"));
        }
    }
    // The budget of two pools leaves the ways around out.
    let reading = Reading { width: 3, cut_short: true, source: Source::Redis };
    assert!(warns(&verifies(&network(), &x_for_y("100"), reading), "CANDIDATES_LIMITED"));
}

#[test]
fn skipped_pools_carry_the_text_that_is_broken() {
    let mut market = Market::sample();
    market.bin("BTC-USDC-25", 500)["price"] = json!(0);
    let answer = verifies(&market, &one_btc(), WHOLE);
    assert!(warns(&answer, "POOL_SKIPPED"));
    let bin = answer["input"]["pools"][0]["bins"][50][1].as_str().expect("text");
    assert!(bin.contains(r#""price":0"#), "{bin}");

    let breakages: [fn(&mut Market); 5] = [
        |m| m.pool("BTC-USDC-25")["status"] = json!("closed"),
        |m| m.pool("BTC-USDC-25")["x_variable_fee"] = json!(10_000),
        |m| m.bin("BTC-USDC-25", 470)["bin_id"] = json!("x"),
        |m| m.bin("BTC-USDC-25", 470)["bin_id"] = json!(471),
        |m| m.bin("BTC-USDC-25", 470)["pool_id"] = json!("other"),
    ];
    for bend in breakages {
        let mut market = Market::sample();
        bend(&mut market);
        assert!(warns(&verifies(&market, &one_btc(), WHOLE), "POOL_SKIPPED"));
    }
}

#[test]
fn a_pool_value_that_is_no_json_is_carried_as_it_stands() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-25")["note"] = json!("\" \\ \u{1f} é \u{2028} 😀");
    verifies(&market, &one_btc(), WHOLE);
}

#[test]
fn paused_and_contradictory_pools() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-25")["status"] = json!("paused");
    let answer = verifies(&market, &one_btc(), WHOLE);
    assert_eq!(answer["routes"][0]["hops"][0]["pool_id"], "BTC-USDC-50");

    let mut market = Market::sample();
    market.pool("BTC-USDC-25")["active_bin_id"] = json!(490);
    market.pool("BTC-USDC-50")["active_bin_id"] = json!(489);
    assert!(warns(&verifies(&market, &one_btc(), WHOLE), "STATE_SUSPECT"));
}

#[test]
fn decimals_that_are_well_known_assumed_or_contested() {
    let mut market = Market::sample();
    market.0["tokens"] = json!({});
    for pool in ["BTC-USDC-25", "BTC-USDC-50"] {
        market.pool(pool)["token_x"] = json!("ODD");
    }
    let odd = json!({"token_in":"ODD","token_out":"USDC","amount_in":"0.000000000000000001","max_bins":1});
    let odd = with(odd, json!({"amount_in":"1.234567890123456789"}));
    let answer = verifies(&market, &odd, WHOLE);
    assert!(warns(&answer, "DECIMALS_ASSUMED"));
    assert_eq!(answer["input"]["decimals"]["ODD"], json!({"decimals": 18, "decimals_from": "assumed"}));
    assert_eq!(answer["input"]["decimals"]["USDC"]["decimals_from"], "well_known");

    let mut market = Market::sample();
    market.0["tokens"] = json!({});
    market.pool("SOL-USDC-25")["token_x"] = json!("BTC");
    market.pool("SOL-USDC-25")["token_y"] = json!("SOL");
    market.pool("BTC-USDC-50")["token_x"] = json!("SOL");
    market.pool("SOL-USDC-25")["token_y_decimals"] = json!(9);
    market.pool("BTC-USDC-50")["token_x_decimals"] = json!(8);
    let answer = verifies(&market, &one_btc(), WHOLE);
    assert!(warns(&answer, "POOL_SKIPPED"));
    let told = &answer["input"]["decimals"]["SOL"]["disagreement"];
    assert_eq!(told["key"], "pool:SOL-USDC-25");
}

#[test]
fn unknown_and_future_ages() {
    for written in [json!(null), json!("soon"), json!("2999-01-01T00:00:00Z"), json!(1_700_000_000)] {
        let mut market = Market::sample();
        market.pool("BTC-USDC-25")["last_updated"] = written;
        verifies(&market, &one_btc(), WHOLE);
    }
}
