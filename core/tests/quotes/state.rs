//! Stored state that is broken, contradictory or incomplete.

use crate::market::Market;
use dlmm_core::error::QuoteError;
use dlmm_core::quote::Warning;
use serde_json::{Value, json};

fn one_btc() -> Value {
    json!({"token_in":"BTC","token_out":"USDC","amount_in":1.0})
}

/// Breaks both forms of the pair in turn: with a sound second pool it is a warning, without one an error.
fn broken(bend: impl Fn(&mut Market), key: &str) {
    let mut market = Market::sample();
    bend(&mut market);
    let quote = market.quote(one_btc()).expect("the second pool serves");
    assert_eq!(quote.routes[0].hops[0].pool_id.as_str(), "BTC-USDC-50");
    assert!(
        matches!(&quote.warnings[..], [Warning::PoolSkipped { key: named, .. }] if named == key),
        "{:?}",
        quote.warnings
    );
    let mut strict = one_btc();
    strict["strict"] = json!(true);
    assert_eq!(market.code(strict), "STATE_INVALID");
    market.pool("BTC-USDC-50")["status"] = json!("paused");
    match market.quote(one_btc()).expect_err("refused") {
        QuoteError::StateInvalid { key: named, .. } => assert_eq!(named, key),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_that_cannot_be_leaves_the_pool_out() {
    let bin = "bin:BTC-USDC-25:500";
    broken(|m| m.bin("BTC-USDC-25", 500)["price"] = json!(0), bin);
    broken(|m| m.bin("BTC-USDC-25", 500)["y_amount"] = json!(-1.0), bin);
    broken(|m| m.bin("BTC-USDC-25", 500)["pool_id"] = json!("BTC-USDC-50"), bin);
    broken(|m| m.bin("BTC-USDC-25", 500)["x_amount"] = json!(null), bin);
    broken(|m| m.bin("BTC-USDC-25", 500)["is_active"] = json!("yes"), bin);
    broken(|m| m.pool("BTC-USDC-25")["active_bin_id"] = json!(1001), "pool:BTC-USDC-25");
    broken(|m| m.pool("BTC-USDC-25")["x_variable_fee"] = json!(10_000), "pool:BTC-USDC-25");
    broken(|m| m.pool("BTC-USDC-25")["status"] = json!("open"), "pool:BTC-USDC-25");
    broken(|m| m.pool("BTC-USDC-25")["token_x_decimals"] = json!(99), "pool:BTC-USDC-25");
}

#[test]
fn pools_that_disagree_on_decimals_are_left_out_and_both_keys_named() {
    let mut market = Market::sample();
    market.0["tokens"] = json!({});
    market.pool("BTC-USDC-25")["token_x_decimals"] = json!(8);
    market.pool("BTC-USDC-50")["token_x_decimals"] = json!(9);
    match market.quote(one_btc()).expect_err("refused") {
        QuoteError::StateInvalid { reason, .. } => {
            assert!(reason.contains("pool:BTC-USDC-25") && reason.contains("pool:BTC-USDC-50"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    let sol = json!({"token_in":"SOL","token_out":"USDC","amount_in":1});
    assert!(market.quote(sol).is_ok(), "pools of other tokens go on");
}

#[test]
fn a_moved_active_bin_changes_the_answer_and_is_a_warning() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-50")["status"] = json!("paused");
    market.pool("BTC-USDC-25")["active_bin_id"] = json!(490);
    let quote = market.quote(one_btc()).expect("a quote");
    // 100000 / 1.0025^10 less 0.1 %
    assert_eq!(quote.amount_out / 1_000_000, 97_436);
    assert!(matches!(&quote.warnings[..], [Warning::StateSuspect { .. }]), "{:?}", quote.warnings);
    let mut strict = one_btc();
    strict["strict"] = json!(true);
    assert_eq!(market.code(strict), "STATE_INVALID");
}

#[test]
fn a_changed_price_changes_the_answer_and_descending_prices_are_a_warning() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-50")["status"] = json!("paused");
    market.bin("BTC-USDC-25", 500)["price"] = json!(90_000.0);
    let quote = market.quote(one_btc()).expect("a quote");
    assert_eq!(quote.amount_out, 89_910_000_000);
    let expected = "bin:BTC-USDC-25:500";
    assert!(matches!(&quote.warnings[..], [Warning::StateSuspect { key, .. }] if key == expected));
}

#[test]
fn what_fills_under_strict_touches_nothing_suspicious() {
    let mut market = Market::sample();
    market.pool("BTC-USDC-50")["status"] = json!("paused");
    market.bin("BTC-USDC-25", 500)["price"] = json!(90_000.0);
    let mut much = json!({"token_in":"BTC","token_out":"USDC","amount_in":1e9});
    let fillable = |market: &Market, request: &Value| match market.quote(request.clone()) {
        Err(QuoteError::InsufficientLiquidity { fillable, .. }) => fillable,
        other => panic!("{other:?}"),
    };
    assert!(fillable(&market, &much) > 0);
    much["strict"] = json!(true);
    assert_eq!(fillable(&market, &much), 0, "every trade touches the bin");
}

#[test]
fn assumed_decimals_are_a_warning() {
    let mut market = Market::sample();
    for pool in ["BTC-USDC-25", "BTC-USDC-50"] {
        market.pool(pool)["token_x"] = json!("ODD");
    }
    let quote = market.quote(json!({"token_in":"ODD","token_out":"USDC","amount_in":1})).expect("a quote");
    assert_eq!((quote.amount_in, quote.amount_out), (10_u128.pow(18), 99_900_000_000));
    assert!(matches!(&quote.warnings[..], [Warning::DecimalsAssumed { token }] if token.as_str() == "ODD"));
}
