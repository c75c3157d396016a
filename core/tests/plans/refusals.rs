//! Every refusal has its code and its reason, and no plan does less than it says.

use super::market::{DEPLOYER, ROUTER, SENDER, answer, market, refusal, with_contracts};
use dlmm_core::api::{NumberStyle, request_from_json};
use serde_json::{Value, json};

/// A pool of A and B at the price 1 with bins of 100, and its contracts.
pub(crate) fn pool(id: &str, x: &str, y: &str) -> Value {
    let bins: Vec<Value> = (480..=520)
        .map(|bin| {
            let (x, y) = (if bin >= 500 { "100" } else { "0" }, if bin <= 500 { "100" } else { "0" });
            json!([bin, x, y, (100_000_000 + (bin - 500) * 250_000).to_string()])
        })
        .collect();
    with_contracts(
        json!({"pool_id": id, "token_x": x, "token_y": y, "token_x_decimals": 0, "token_y_decimals": 0,
        "bin_step": 25, "active_bin_id": 500, "status": "active", "x_protocol_fee": 0, "y_protocol_fee": 0,
        "bins": bins}),
    )
}

pub(crate) fn request(plan: Value) -> Value {
    json!({"token_in": "A", "token_out": "B", "amount_in_atomic": "250", "plan": plan})
}

fn reason(pools: &[Value], request: &Value) -> String {
    let (code, details) = refusal(pools, request);
    assert_eq!(code, "PLAN_UNAVAILABLE", "{details}");
    assert!(!details["what"].as_str().expect("text").is_empty());
    details["reason"].as_str().expect("text").to_owned()
}

fn ask() -> Value {
    request(json!({"sender": SENDER}))
}

#[test]
fn a_pool_without_contracts_has_no_plan() {
    for field in ["pool_contract", "token_x_contract", "token_y_contract", "token_x_asset", "token_y_asset"] {
        let mut without = pool("p", "A", "B");
        without.as_object_mut().expect("an object").remove(field);
        assert_eq!(reason(&[without], &ask()), "contracts unknown", "{field}");
        let mut odd = pool("p", "A", "B");
        odd[field] = json!("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGN.wrong-checksum");
        assert_eq!(reason(&[odd], &ask()), "contracts unknown", "{field}");
    }
}

#[test]
fn one_symbol_must_be_one_contract() {
    let mut other = pool("q", "A", "B");
    other["token_x_contract"] = json!(format!("{DEPLOYER}.another-a"));
    let mut large = ask();
    large["amount_in_atomic"] = json!("2500");
    assert_eq!(reason(&[pool("p", "A", "B"), other], &large), "contracts differ");
}

#[test]
fn a_sender_must_be_a_principal_of_the_same_network() {
    let field = |sender: &str| {
        let body = request(json!({"sender": sender})).to_string();
        let error = request_from_json(&body).expect_err("refused");
        (error.code(), error.to_string())
    };
    let wrong =
        ["", "bob", "ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD6", "st1sj3dte5dn7x54ydh5d64r3bcb6a2ag2zq8ypd5"];
    for sender in wrong {
        let (code, message) = field(sender);
        assert!(code == "INVALID_REQUEST" && message.starts_with("plan.sender "), "{sender}: {message}");
    }
    // The same account on mainnet.
    let mainnet = request(json!({"sender": "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7"}));
    assert_eq!(reason(&[pool("p", "A", "B")], &mainnet), "other network");
}

#[test]
fn the_router_must_be_set_and_known() {
    let asked = |router: Option<&str>| {
        let mut market = market(&[pool("p", "A", "B")]);
        market.set_router(router);
        let error = answer(&mut market, &ask()).expect_err("refused");
        let details = dlmm_core::api::error_details(&error);
        serde_json::from_str::<Value>(&details).expect("JSON")["reason"].clone()
    };
    assert_eq!(asked(None), "no router");
    assert_eq!(asked(Some(&format!("{DEPLOYER}.some-router"))), "router unknown");
    assert_eq!(asked(Some(DEPLOYER)), "router unknown");
    assert_eq!(
        asked(Some("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGN.dlmm-swap-router-v-1-1")),
        "router unknown"
    );
    assert_eq!(
        asked(Some("SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7.dlmm-swap-router-v-1-1")),
        "other network"
    );
}

#[test]
fn hops_have_no_simple_plan_and_a_part_has_none() {
    let hops = [pool("p", "A", "C"), pool("q", "C", "B")];
    for mode in ["simple", "strict"] {
        assert_eq!(reason(&hops, &request(json!({"sender": SENDER, "mode": mode}))), "mode impossible");
    }
    let mut part = ask();
    part["amount_in_atomic"] = json!("1000000");
    part["allow_partial"] = json!(true);
    assert_eq!(reason(&[pool("p", "A", "B")], &part), "part of the input unfilled");
}

#[test]
fn a_price_that_the_contract_did_not_state_has_no_plan() {
    let human = r#"{"format":"dlmm-snapshot/1","taken_at":0,"tokens":{},"pools":[{"pool_id":"p","token_x":"A","token_y":"B",
        "token_x_decimals":0,"token_y_decimals":0,"active_bin_id":500,"status":"active","bins":[
        {"pool_id":"p","bin_id":500,"reserve_x":"100","reserve_y":"100","price":"1.000000001"}]}]}"#;
    let mut snapshot: Value = serde_json::from_str(human).expect("JSON");
    let contracts = with_contracts(snapshot["pools"][0].clone());
    snapshot["pools"][0] = contracts;
    let settings = dlmm_core::market::MarketSettings {
        default_fee_bps: 10,
        max_pools: 64,
        source: dlmm_core::api::Source::Snapshot,
        clock_ms: 0,
    };
    let mut market =
        dlmm_core::market::Market::from_snapshot(&snapshot.to_string(), settings).expect("a snapshot");
    market.set_router(Some(ROUTER));
    let mut small = ask();
    small["amount_in_atomic"] = json!("50");
    let request = request_from_json(&small.to_string()).expect("sound");
    let error = market.answer(&request, NumberStyle::Json).expect_err("refused");
    assert!(error.to_string().contains("price inexact"), "{error}");
}

#[test]
fn a_call_that_no_block_bears_says_how_much_of_it_fits() {
    let bins: Vec<Value> =
        (0..=500).map(|bin| json!([bin, "0", "10", (100_000_000 + bin * 10).to_string()])).collect();
    let mut wide = pool("p", "A", "B");
    wide["bins"] = json!(bins);
    let mut large = ask();
    large["amount_in_atomic"] = json!("3000");
    assert_eq!(refusal(&[wide.clone()], &large).0, "TOO_MANY_BINS");
    large["max_bins"] = json!(1001);
    let (code, details) = refusal(&[wide.clone()], &large);
    assert_eq!(code, "PLAN_TOO_LARGE");
    let bins = details["bins_that_fit"].as_u64().expect("a number");
    assert_eq!((details["limit"].as_u64(), bins), (Some(14_250), 274));
    // The bins that fit are those of a quote that has a plan.
    large["amount_in_atomic"] = json!((10 * bins).to_string());
    let fits = answer(&mut market(&[wide.clone()]), &large).expect("fits");
    assert!(fits["plan"]["reads"].as_u64().expect("a number") <= 14_250);
    // Everything within the default of `max_bins` fits.
    large.as_object_mut().expect("an object").remove("max_bins");
    large["amount_in_atomic"] = json!("2650");
    assert!(answer(&mut market(&[wide]), &large).is_ok());
}

#[test]
fn fields_of_a_plan_are_checked() {
    let told = |plan: Value| request_from_json(&request(plan).to_string()).expect_err("refused").to_string();
    assert_eq!(told(json!({})), "plan.sender is missing");
    assert_eq!(told(json!("simple")), "plan must be an object");
    assert_eq!(
        told(json!({"sender": SENDER, "mode": "fast"})),
        "plan.mode must be auto, simple, strict or explicit"
    );
    assert_eq!(told(json!({"sender": SENDER, "fee_exempt": "yes"})), "plan.fee_exempt must be true or false");
    assert_eq!(told(json!({"sender": SENDER, "router": ROUTER})), "plan.router is not a field of a plan");
    let mut flat = request(Value::Null);
    flat["plan_sender"] = json!(SENDER);
    let error = request_from_json(&flat.to_string()).expect_err("refused").to_string();
    assert_eq!(error, "plan_sender is not a field of a quote request; did you mean plan?");
}
