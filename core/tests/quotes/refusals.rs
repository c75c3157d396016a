//! One test for every refusal of the quote layer.

use crate::market::Market;
use dlmm_core::error::QuoteError;
use serde_json::json;

const ONE: u128 = 100_000_000;

fn small() -> Market {
    Market::plain(&[("P", "X", "Y", 500, &[(500, 0, 100, 2 * ONE), (499, 0, 100, ONE)])])
}

fn x_for_y(amount: &str) -> serde_json::Value {
    json!({"token_in":"X","token_out":"Y","amount_in_atomic":amount})
}

#[test]
fn same_token() {
    assert_eq!(small().code(json!({"token_in":"X","token_out":"X","amount_in":1})), "SAME_TOKEN");
}

#[test]
fn unknown_token() {
    assert_eq!(small().code(json!({"token_in":"X","token_out":"W","amount_in":1})), "UNKNOWN_TOKEN");
}

#[test]
fn unknown_pool() {
    assert_eq!(
        small().code(json!({"token_in":"X","token_out":"Y","amount_in":1,"pools":["Q"]})),
        "UNKNOWN_POOL"
    );
}

#[test]
fn no_route_between_unconnected_tokens_and_over_paused_pools() {
    let bins: &[(u16, u128, u128, u128)] = &[(500, 0, 100, ONE)];
    let mut market = Market::plain(&[("P", "X", "Y", 500, bins), ("Q", "V", "W", 500, bins)]);
    assert_eq!(market.code(json!({"token_in":"X","token_out":"W","amount_in":1})), "NO_ROUTE");
    market.pool("P")["status"] = json!("paused");
    assert_eq!(
        market.quote(x_for_y("1")).expect_err("refused"),
        QuoteError::NoRoute {
            token_in: dlmm_core::units::Symbol::new("X").expect("a name"),
            token_out: dlmm_core::units::Symbol::new("Y").expect("a name"),
            max_hops: 3
        }
    );
}

#[test]
fn insufficient_liquidity_names_what_fills() {
    let refused = small().quote(x_for_y("1000")).expect_err("refused");
    assert_eq!(
        refused,
        QuoteError::InsufficientLiquidity { requested: 1_000, fillable: 150, warnings: Vec::new() }
    );
    assert_eq!(small().quote(x_for_y("150")).expect("the fillable part fills").amount_out, 200);
    assert_eq!(small().code(x_for_y("151")), "INSUFFICIENT_LIQUIDITY");
}

#[test]
fn insufficient_liquidity_where_nothing_is_taken() {
    let empty = Market::plain(&[("P", "X", "Y", 500, &[(500, 5, 0, ONE)])]);
    let mut request = x_for_y("7");
    for partial in [false, true] {
        request["allow_partial"] = json!(partial);
        let refused = empty.quote(request.clone()).expect_err("refused");
        assert_eq!(
            refused,
            QuoteError::InsufficientLiquidity { requested: 7, fillable: 0, warnings: Vec::new() }
        );
    }
}

#[test]
fn too_many_bins_names_how_many() {
    let mut request = x_for_y("150");
    request["max_bins"] = json!(1);
    assert_eq!(
        small().quote(request.clone()).expect_err("refused"),
        QuoteError::TooManyBins { needed: Some(2), allowed: 1 }
    );
    request["allow_partial"] = json!(true);
    assert_eq!(small().quote(request).expect("a part").amount_out, 100);
    // Empty bins count: 271 bins are one too many.
    let far = |id| Market::plain(&[("P", "X", "Y", 500, &[(id, 0, 100, ONE)])]);
    assert_eq!(far(231).quote(x_for_y("5")).expect("a quote").amount_out, 5);
    assert_eq!(
        far(230).quote(x_for_y("5")).expect_err("refused"),
        QuoteError::TooManyBins { needed: Some(271), allowed: 270 }
    );
}

#[test]
fn amount_too_small_to_buy_one_unit() {
    let dear = Market::plain(&[("P", "X", "Y", 500, &[(500, 0, 100, ONE / 10)])]);
    let mut request = x_for_y("9");
    for partial in [false, true] {
        request["allow_partial"] = json!(partial);
        assert_eq!(dear.code(request.clone()), "AMOUNT_TOO_SMALL");
    }
    assert_eq!(dear.quote(x_for_y("10")).expect("a quote").amount_out, 1);
}

#[test]
fn amount_overflow_of_the_request_and_of_the_contract() {
    assert_eq!(small().code(json!({"token_in":"X","token_out":"Y","amount_in":1e39})), "AMOUNT_OVERFLOW");
    let huge = Market::plain(&[("P", "X", "Y", 500, &[(500, 0, u128::MAX, ONE)])]);
    assert_eq!(huge.quote(x_for_y("5")).expect_err("refused"), QuoteError::AmountOverflow { field: None });
}

#[test]
fn a_bin_in_which_the_contract_aborts_ends_its_pool() {
    let bins = &[(500, 0, 100, ONE), (499, 0, 50, ONE), (498, 0, u128::MAX, ONE)];
    let market = Market::plain(&[("P", "X", "Y", 500, bins)]);
    assert_eq!(market.quote(x_for_y("150")).expect("bins before it").amount_out, 150);
    assert_eq!(
        market.quote(x_for_y("151")).expect_err("refused"),
        QuoteError::InsufficientLiquidity { requested: 151, fillable: 150, warnings: Vec::new() }
    );
    let mut request = x_for_y("1000");
    request["allow_partial"] = json!(true);
    let part = market.quote(request).expect("what lies before it");
    assert_eq!((part.amount_in, part.amount_out, part.unfilled), (150, 150, 850));
}

#[test]
fn stale_state_names_the_pool_and_its_age() {
    let mut request = x_for_y("5");
    request["max_age_ms"] = json!(0);
    assert_eq!(small().quote(request.clone()).expect("fresh").amount_out, 10);
    let mut old = small();
    old.pool("P")["last_updated"] = json!("2027-01-15T07:59:59Z");
    let refused = old.quote(request.clone()).expect_err("refused");
    assert!(matches!(refused, QuoteError::StaleState { age_ms: Some(1_000), max_age_ms: Some(0), .. }));
    old.pool("P")["last_updated"] = json!("some day");
    assert!(matches!(old.quote(request).expect_err("refused"), QuoteError::StaleState { age_ms: None, .. }));
}

#[test]
fn invalid_amounts() {
    for amount in ["0", "-1", "1.5", "NaN"] {
        assert_eq!(
            small().code(json!({"token_in":"X","token_out":"Y","amount_in":amount})),
            "INVALID_REQUEST"
        );
    }
}
