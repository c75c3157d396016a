//! A market answers as a snapshot taken at the same moment does, whatever happened before.

use super::*;
use crate::api::request_from_json;
use crate::stored::sample_snapshot;
use crate::verify::verify_quote;
use alloc::string::ToString;
use serde_json::Value;

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 7 };

const ONE_BTC: &str = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1}"#;

fn sample() -> Market {
    Market::from_snapshot(&sample_snapshot(1_000), SETTINGS).expect("its own format")
}

fn answer(market: &mut Market, request: &str) -> Result<Value, QuoteError> {
    let request = request_from_json(request)?;
    let text = market.answer(&request, NumberStyle::Text)?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

fn refusal(market: &mut Market, request: &str) -> &'static str {
    answer(market, request).expect_err("refused").code()
}

fn out(market: &mut Market, request: &str) -> String {
    let answer = answer(market, request).expect("a quote");
    answer["amount_out"].as_str().expect("text").to_owned()
}

fn btc_usdc(id: &str, more: &str) -> String {
    format!(
        r#"{{"pool_id":"{id}","token_x":"BTC","token_y":"USDC","active_bin_id":500,"status":"active"{more}}}"#
    )
}

fn bin(id: u16, price: &str) -> String {
    format!(r#"{{"bin_id":{id},"x_amount":"0","y_amount":"1000000","price":"{price}"}}"#)
}

fn value_of(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn writes_numbers_as_text_or_as_json() {
    let mut market = sample();
    let request = request_from_json(ONE_BTC).expect("sound");
    let text = market.answer(&request, NumberStyle::Text).expect("a quote");
    let json = market.answer(&request, NumberStyle::Json).expect("a quote");
    assert!(text.contains(r#""amount_out":"99900.0","amount_out_atomic":"99900000000""#), "{text}");
    assert!(json.contains(r#""amount_out":99900.0,"amount_out_atomic":"99900000000""#), "{json}");
    assert!(text.contains(r#""price":"100000.0""#) && text.contains(r#""effective_price":"99900.0""#));
}

#[test]
fn age_counts_from_the_snapshot_from_the_clock_or_from_what_is_said() {
    let read_at = |market: &mut Market| answer(market, ONE_BTC).expect("a quote")["state"]["read_at"].clone();
    let mut market = sample();
    assert_eq!(read_at(&mut market), "1970-01-01T00:00:01.000Z");
    market.set_read_at_ms(2_000);
    assert_eq!(read_at(&mut market), "1970-01-01T00:00:02.000Z");
    let timeless = sample_snapshot(1_000).replacen(
        r#""taken_at":"1970-01-01T00:00:01.000Z""#,
        r#""taken_at":"once""#,
        1,
    );
    let mut market = Market::from_snapshot(&timeless, SETTINGS).expect("a snapshot");
    assert_eq!(read_at(&mut market), "1970-01-01T00:00:00.007Z");
}

#[test]
fn a_new_value_is_in_the_next_answer() {
    let mut market = sample();
    assert_eq!(out(&mut market, ONE_BTC), "99900.0");
    let dearer = bin(500, "200000");
    market.apply([("bin:BTC-USDC-25:500", Some(dearer.as_str()))]).expect("a key");
    assert_eq!(out(&mut market, ONE_BTC), "199800.0");
    let fee = btc_usdc("BTC-USDC-25", r#","x_protocol_fee":100"#);
    market.apply([("pool:BTC-USDC-25", Some(fee.as_str()))]).expect("a key");
    assert_eq!(out(&mut market, ONE_BTC), "198000.0");
    market.apply([("bin:BTC-USDC-25:500", None)]).expect("a key");
    // Without its active bin the pool is worse than the other one.
    assert_eq!(out(&mut market, ONE_BTC), "99900.0");
}

#[test]
fn pools_come_and_go_and_graph_and_decimals_follow() {
    let mut market = sample();
    let to_eurc = r#"{"token_in":"BTC","token_out":"EURC","amount_in":1}"#;
    assert_eq!(refusal(&mut market, to_eurc), "UNKNOWN_TOKEN");
    let pool = btc_usdc("NEW", r#","token_y_decimals":6"#).replace("USDC", "EURC");
    let bin = bin(500, "90000");
    // Bins may come before their pool.
    market.apply([("bin:NEW:500", Some(bin.as_str()))]).expect("a key");
    assert_eq!(refusal(&mut market, to_eurc), "UNKNOWN_TOKEN");
    market.apply([("pool:NEW", Some(pool.as_str()))]).expect("a key");
    let quote = answer(&mut market, to_eurc).expect("a quote");
    assert_eq!(quote["amount_out"], "89910.0");
    // The pool states its decimals, so the only thing left to warn of is its age.
    let codes = quote["warnings"].as_array().expect("a list").iter().map(|warning| &warning["code"]);
    assert_eq!(codes.collect::<Vec<_>>(), ["AGE_UNKNOWN"]);

    // Now two pools state different decimals of a token, and then one of them no longer does.
    let other = btc_usdc("ODD", r#","token_y_decimals":8"#).replace("USDC", "EURC");
    market.apply([("pool:ODD", Some(other.as_str()))]).expect("a key");
    assert_eq!(refusal(&mut market, to_eurc), "STATE_INVALID");
    market.apply([("pool:ODD", None)]).expect("a key");
    assert_eq!(out(&mut market, to_eurc), "89910.0");

    market.apply([("pool:NEW", None)]).expect("a key");
    assert_eq!(refusal(&mut market, to_eurc), "UNKNOWN_TOKEN");
    // Its bins are still there, as in Redis.
    market.apply([("pool:NEW", Some(pool.as_str()))]).expect("a key");
    assert_eq!(out(&mut market, to_eurc), "89910.0");
}

#[test]
fn other_decimals_read_every_pool_of_the_token_anew() {
    let mut market = sample();
    let to_sol = r#"{"token_in":"SOL","token_out":"USDC","amount_in_atomic":"1000000000"}"#;
    assert_eq!(out(&mut market, to_sol), "199.8");
    // The snapshot itself says 9, so a pool that says 6 contradicts it and no pool of the token can be quoted.
    let pool = btc_usdc("ODD", r#","token_x_decimals":6"#).replace("BTC", "SOL");
    market.apply([("pool:ODD", Some(pool.as_str()))]).expect("a key");
    assert_eq!(refusal(&mut market, to_sol), "STATE_INVALID");
}

#[test]
fn a_broken_value_leaves_its_pool_out_and_says_why() {
    let mut market = sample();
    for (key, text) in [("pool:BTC-USDC-25", "{"), ("pool:BTC-USDC-25", "[1]"), ("bin:BTC-USDC-25:501", "{}")]
    {
        let mut market = sample();
        market.apply([(key, Some(text))]).expect("a key");
        let quote = answer(&mut market, ONE_BTC).expect("from the other pool");
        assert_eq!(quote["steps"][0]["pool_id"], "BTC-USDC-50", "{key}");
        assert_eq!(
            (&quote["warnings"][0]["code"], &quote["warnings"][0]["key"]),
            (&"POOL_SKIPPED".into(), &key.into())
        );
        let strict = ONE_BTC.replacen('{', r#"{"strict":true,"#, 1);
        assert_eq!(refusal(&mut market, &strict), "STATE_INVALID");
    }
    let broken = Some("nonsense");
    market.apply([("pool:BTC-USDC-25", broken), ("pool:BTC-USDC-50", broken)]).expect("keys");
    assert_eq!(refusal(&mut market, ONE_BTC), "STATE_INVALID");
    // A value that never was readable has no pair, so the pool is on no route.
    market.apply([("pool:NEVER", broken)]).expect("a key");
    assert_eq!(market.graph().pools().len(), 3);
    let names: Vec<_> = market.pools(NumberStyle::Text).skipped.into_iter().map(|one| one.key).collect();
    assert_eq!(names, ["pool:BTC-USDC-25", "pool:BTC-USDC-50", "pool:NEVER"]);
}

#[test]
fn an_unknown_key_changes_nothing() {
    let mut market = sample();
    let error = market.apply([("pool:BTC-USDC-25", None), ("tokens:BTC", Some("[]"))]).expect_err("refused");
    assert!(matches!(error, QuoteError::InvalidRequest { field, .. } if field == "tokens:BTC"));
    assert_eq!(out(&mut market, ONE_BTC), "99900.0");
    assert_eq!(market.graph().pools().len(), 3);
}

#[test]
fn a_pool_is_read_once() {
    let mut market = sample();
    out(&mut market, ONE_BTC);
    assert_eq!(market.state.pools.len(), 2, "only what the quote needs");
    Arc::make_mut(&mut market.stored).clear();
    assert_eq!(out(&mut market, ONE_BTC), "99900.0", "from what was read before");
}

#[test]
fn an_answer_with_its_state_verifies_until_a_digit_is_changed() {
    let request = r#"{"token_in":"BTC","token_out":"SOL","amount_in":30,"include_state":true}"#;
    let request = request_from_json(request).expect("sound");
    let mut market = sample();
    let dearer = bin(500, "200000");
    market.apply([("bin:BTC-USDC-25:500", Some(dearer.as_str()))]).expect("a key");
    for numbers in [NumberStyle::Text, NumberStyle::Json] {
        let text = market.answer(&request, numbers).expect("a quote");
        let checked = verify_quote(&text).expect("a quote with its state");
        assert!(checked.is_equal(), "{checked:?}");
        let bent = text.replacen(r#"\"price\":\"200000\""#, r#"\"price\":\"200001\""#, 1);
        assert_ne!(bent, text);
        assert!(!verify_quote(&bent).expect("still a quote").is_equal());
    }
}

#[test]
fn lists_routes_with_the_status_of_each_pool() {
    let mut market = sample();
    let paused = btc_usdc("BTC-USDC-50", "").replace("active\"}", "paused\"}");
    market
        .apply([("pool:BTC-USDC-50", Some(paused.as_str())), ("pool:BTC-USDC-25", Some("{"))])
        .expect("keys");
    let symbol = |text: &str| Symbol::new(text).expect("a name");
    let (btc, sol) = (symbol("BTC"), symbol("SOL"));
    let routes = market.routes((&btc, &sol, 3)).expect("a route");
    let routes = value_of(&routes);
    assert_eq!(routes["routes"][0]["tokens"], serde_json::json!(["BTC", "USDC", "SOL"]));
    let pools = &routes["routes"][0]["hops"][0]["pools"];
    assert_eq!((&pools[0]["status"], &pools[1]["status"]), (&Value::Null, &"paused".into()));
    assert_eq!((&pools[1]["x_for_y"], &routes["source"]), (&true.into(), &"snapshot".into()));
    let none = market.routes((&btc, &symbol("DOGE"), 3)).expect_err("unknown");
    assert_eq!(none.code(), "UNKNOWN_TOKEN");
}

#[test]
fn bins_that_no_key_can_name_leave_the_pool_out() {
    let text = sample_snapshot(0);
    let twice = text.replacen(r#""bin_id":450,"#, r#""bin_id":451,"#, 1);
    let nameless = text.replacen(r#""bin_id":450,"#, "", 1);
    for (text, key) in [(twice, "pool:BTC-USDC-25"), (nameless, "bin:BTC-USDC-25:?")] {
        let mut market = Market::from_snapshot(&text, SETTINGS).expect("a snapshot");
        let quote = answer(&mut market, ONE_BTC).expect("from the other pool");
        assert_eq!(quote["warnings"][0]["key"], key);
    }
}

#[test]
fn lists_pools_and_one_pool_with_its_bins() {
    let mut market = sample();
    market.apply([("pool:BTC-USDC-50", None)]).expect("a key");
    let pools = value_of(&market.pools(NumberStyle::Text).to_json());
    assert_eq!((&pools["total"], &pools["next"]), (&2.into(), &Value::Null));
    assert_eq!(pools["pools"][1]["active_bin_price"], "200.0");
    let id = |text: &str| PoolId::new(text).expect("a name");
    let one = market.pool(&id("SOL-USDC-25"), NumberStyle::Text).expect("known");
    let one = value_of(&one.to_json());
    assert_eq!((one["bins"].as_array().map(Vec::len), &one["source"]), (Some(101), &"snapshot".into()));
    let refused =
        |market: &Market, name: &str| market.pool(&id(name), NumberStyle::Text).expect_err("none").code();
    assert_eq!(refused(&market, "BTC-USDC-50"), "UNKNOWN_POOL");
    market.apply([("bin:SOL-USDC-25:7", Some("{"))]).expect("a key");
    assert_eq!(refused(&market, "SOL-USDC-25"), "STATE_INVALID");
    assert_eq!(market.decimals().of(&Symbol::new("SOL").expect("a name")).0.to_string(), "9");
}
