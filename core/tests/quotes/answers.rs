//! What a quote says.

use crate::market::{Market, NOW};
use serde_json::json;

const ONE: u128 = 100_000_000;

#[test]
fn one_btc_gives_99_900_usdc() {
    let (quote, json) = Market::sample()
        .answer(json!({"token_in":"BTC","token_out":"USDC","amount_in":1.0}))
        .expect("a quote");
    assert_eq!((quote.amount_in, quote.amount_out), (100_000_000, 99_900_000_000));
    assert_eq!(quote.bound, 99_400_500_000);
    assert_eq!(quote.price_impact_ppm, Some(0));
    assert_eq!(quote.warnings, []);
    let text = json.to_string();
    for expected in [
        r#""success":true"#,
        r#""amount_in":1.0"#,
        r#""amount_out":99900.0"#,
        r#""amount_out_atomic":"99900000000""#,
        r#""effective_price":99900.0"#,
        r#""route_type":"multi_bin""#,
        r#""minimum_received":99400.5"#,
        r#""share_ppm":1000000"#,
        r#""price":100000.0"#,
        r#""fee_amount":0.001"#,
    ] {
        assert!(text.contains(expected), "{expected} not in {text}");
    }
    assert_eq!(json["steps"][0]["pool_id"], "BTC-USDC-25", "equal pools go by id");
    assert_eq!(json["state"]["pools"][0]["age_ms"], 0);
    assert_eq!(json["state"]["read_at"], "2027-01-15T08:00:00.000Z");
}

#[test]
fn keys_of_the_answer_are_those_of_the_contract_with_clients() {
    let (_, json) = Market::sample()
        .answer(json!({"token_in":"BTC","token_out":"SOL","amount_in":1.0}))
        .expect("a quote");
    let keys =
        |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut expected = vec![
        "success",
        "mode",
        "token_in",
        "token_out",
        "amount_in",
        "amount_in_atomic",
        "amount_out",
        "amount_out_atomic",
        "minimum_received",
        "minimum_received_atomic",
        "unfilled",
        "unfilled_atomic",
        "price_impact_ppm",
        "effective_price",
        "route_type",
        "bins_used",
        "fees",
        "routes",
        "steps",
        "state",
        "warnings",
        "request_id",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&json), expected);
    assert_eq!(json["route_type"], "multi_pair");
    let fee_tokens: Vec<_> =
        json["fees"].as_array().expect("a list").iter().map(|fee| &fee["token"]).collect();
    assert_eq!(fee_tokens, ["BTC", "USDC"]);
    assert_eq!(json["routes"][0]["hops"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["bins_used"], json["steps"].as_array().map(Vec::len).expect("a list"));
}

#[test]
fn walks_down_through_bins_and_reports_the_impact() {
    let market = Market::plain(&[("P", "X", "Y", 500, &[(500, 0, 100, 2 * ONE), (499, 0, 100, ONE)])]);
    let (quote, json) =
        market.answer(json!({"token_in":"X","token_out":"Y","amount_in_atomic":"100"})).expect("a quote");
    // 50 X at 2, then 50 X at 1; all of it at 2 would have given 200.
    assert_eq!((quote.amount_out, quote.price_impact_ppm), (150, Some(250_000)));
    let hop = &quote.routes[0].hops[0];
    assert_eq!((hop.active_bin_before.get(), hop.active_bin_after.get(), hop.bins_visited), (500, 499, 2));
    assert_eq!(json["steps"][1]["price"].to_string(), "1.0");
}

#[test]
fn takes_the_better_pool_and_the_better_path() {
    let direct: &[(u16, u128, u128, u128)] = &[(500, 0, 1_000, ONE)];
    let better: &[(u16, u128, u128, u128)] = &[(500, 0, 1_000, ONE + 1_000_000)];
    let two_pools = Market::plain(&[("A", "X", "Y", 500, direct), ("B", "X", "Y", 500, better)]);
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"500"});
    let quote = two_pools.quote(request.clone()).expect("a quote");
    assert_eq!((quote.routes[0].hops[0].pool_id.as_str(), quote.amount_out), ("B", 505));

    // Over Z the trade gives 510; the direct pool gives 500.
    let half: &[(u16, u128, u128, u128)] = &[(500, 0, 1_000, ONE + 2_000_000)];
    let path = Market::plain(&[
        ("A", "X", "Y", 500, direct),
        ("B", "X", "Z", 500, half),
        ("C", "Z", "Y", 500, direct),
    ]);
    let quote = path.quote(request.clone()).expect("a quote");
    assert_eq!((quote.routes[0].hops.len(), quote.amount_out), (2, 510));
    let mut one_hop = request;
    one_hop["direct_only"] = json!(true);
    assert_eq!(path.quote(one_hop).expect("a quote").amount_out, 500);
}

#[test]
fn equal_routes_go_to_the_shorter_then_to_the_lower_id() {
    let same: &[(u16, u128, u128, u128)] = &[(500, 0, 1_000, ONE)];
    let market = Market::plain(&[
        ("A", "X", "Z", 500, same),
        ("B", "Z", "Y", 500, same),
        ("D", "X", "Y", 500, same),
        ("C", "X", "Y", 500, same),
    ]);
    let quote =
        market.quote(json!({"token_in":"X","token_out":"Y","amount_in_atomic":"10"})).expect("a quote");
    let ids: Vec<_> = quote.routes[0].hops.iter().map(|hop| hop.pool_id.as_str()).collect();
    assert_eq!(ids, ["C"]);
}

#[test]
fn a_partial_fill_takes_what_fits_through_every_hop() {
    // The second hop takes 30 of what the first could give.
    let market = Market::plain(&[
        ("A", "X", "Z", 500, &[(500, 0, 1_000, 3 * ONE)]),
        ("B", "Z", "Y", 500, &[(500, 0, 30, ONE)]),
    ]);
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"100","allow_partial":true});
    let (quote, json) = market.answer(request).expect("a quote");
    assert_eq!((quote.amount_in, quote.amount_out), (10, 30));
    assert_eq!(
        (json["unfilled_atomic"].as_str(), json["unfilled"].to_string().as_str()),
        (Some("90"), "90.0")
    );
    assert_eq!(json["warnings"][0]["code"], "PARTIAL_FILL");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let request = json!({"token_in":"SOL","token_out":"BTC","amount_in":1234.5,"max_hops":3});
    let answer = || Market::sample().answer(request.clone()).expect("a quote").1.to_string();
    assert_eq!(answer(), answer());
}

#[test]
fn age_counts_from_the_pool_and_unknown_age_is_null() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-25")["last_updated"] = json!((NOW - 1_500) / 1_000);
    let request = json!({"token_in":"BTC","token_out":"USDC","amount_in":1.0});
    let (_, json) = market.answer(request.clone()).expect("a quote");
    assert_eq!(json["state"]["pools"][0]["age_ms"], 2_000);
    market.pool("BTC-USDC-25").as_object_mut().expect("an object").remove("last_updated");
    let (_, json) = market.answer(request).expect("a quote");
    assert!(json["state"]["pools"][0]["age_ms"].is_null());
    assert_eq!(json["warnings"][0]["code"], "AGE_UNKNOWN");
}

#[test]
fn a_time_that_is_ahead_counts_as_age_0_and_is_said_beyond_what_clocks_differ() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-25")["last_updated"] = json!(NOW + 1_000);
    let request = json!({"token_in":"BTC","token_out":"USDC","amount_in":1.0,"max_age_ms":1});
    let (_, json) = market.answer(request.clone()).expect("a quote");
    assert_eq!((&json["state"]["pools"][0]["age_ms"], &json["warnings"]), (&json!(0), &json!([])));
    market.pool("BTC-USDC-25")["last_updated"] = json!(NOW + 1_001);
    let (_, json) = market.answer(request).expect("a quote");
    assert_eq!(json["state"]["pools"][0]["age_ms"], 0);
    let warning = json!([{"code":"TIME_AHEAD","pool_id":"BTC-USDC-25","ahead_ms":1_001}]);
    assert_eq!(json["warnings"], warning);
}
