//! One test for every refusal of the quote layer.

use crate::market::{Market, too_little};
use dlmm_core::api::{NumberStyle, Source, error_details, request_from_json};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Market as CoreMarket, MarketSettings};
use dlmm_core::units::PoolId;
use serde_json::json;

const ONE: u128 = 100_000_000;
const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };

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
            max_hops: 3,
            narrowed_by: Default::default(),
            warnings: Vec::new(),
        }
    );
}

/// What a refusal says of limits: the fields it names, its warnings, and its words.
fn limits(market: &Market, request: serde_json::Value) -> (serde_json::Value, serde_json::Value, String) {
    let request = request_from_json(&request.to_string()).expect("sound");
    let mut market = CoreMarket::from_snapshot(&market.0.to_string(), SETTINGS).expect("a snapshot");
    let refusal = market.quote(&request).expect_err("refused");
    let details: serde_json::Value = serde_json::from_str(&error_details(&refusal)).expect("JSON");
    (details["narrowed_by"].clone(), details["warnings"].clone(), refusal.to_string())
}

fn with(mut request: serde_json::Value, fields: serde_json::Value) -> serde_json::Value {
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

#[test]
fn no_route_names_the_filters_that_may_be_why() {
    let bins: &[(u16, u128, u128, u128)] = &[(500, 0, 100, ONE)];
    let mut market = Market::plain(&[("P", "X", "Z", 500, bins), ("Q", "Z", "Y", 500, bins)]);
    let connect = "no active pools connect X to Y (max_hops: ";
    for (fields, narrowed_by, warnings, words) in [
        (json!({"max_hops":1}), json!(null), json!(null), "1)"),
        (
            json!({"exclude_pools":["Q"]}),
            json!(["exclude_pools"]),
            json!(null),
            "3, narrowed by exclude_pools)",
        ),
        (
            json!({"pools":["P"],"via":["z"]}),
            json!(["pools", "via"]),
            json!([{"code":"FILTER_UNKNOWN","field":"via","name":"z"}]),
            "3, narrowed by pools, via); via names z, which is not there",
        ),
    ] {
        let expected = (narrowed_by, warnings, format!("{connect}{words}"));
        assert_eq!(limits(&market, with(x_for_y("1"), fields)), expected);
    }
    // The same where the pools are there and paused.
    market.pool("P")["status"] = json!("paused");
    let paused = limits(&market, with(x_for_y("1"), json!({"exclude_pools":["R"]})));
    let warning = json!([{"code":"FILTER_UNKNOWN","field":"exclude_pools","name":"R"}]);
    let words = "3); exclude_pools names R, which is not there";
    assert_eq!(paused, (json!(null), warning, format!("{connect}{words}")), "nothing is ruled out by it");
}

#[test]
fn insufficient_liquidity_names_the_limits_that_may_be_why() {
    for (fields, narrowed_by, words) in [
        (json!({}), json!(null), "the pools take 150 X of 1,000 X"),
        (
            json!({"max_hops":1,"max_splits":1,"max_reads":10_000,"pools":["P"]}),
            json!(["pools", "max_hops", "max_splits", "max_reads"]),
            "the pools take 150 X of 1,000 X, narrowed by pools, max_hops, max_splits, max_reads",
        ),
        // More bins would do more, and with as many as there are the limit is not why.
        (json!({"max_bins":1}), json!(["max_bins"]), "the pools take 50 X of 1,000 X, narrowed by max_bins"),
        (json!({"max_bins":2}), json!(null), "the pools take 150 X of 1,000 X"),
    ] {
        let expected = (narrowed_by, json!(null), words.to_owned());
        assert_eq!(limits(&small(), with(x_for_y("1000"), fields)), expected);
    }
    // Six pools side by side, of which four are taken where nothing is said of routes.
    let bins: &[(u16, u128, u128, u128)] = &[(500, 0, 100, ONE)];
    let six = ["P", "Q", "R", "S", "T", "U"].map(|id| (id, "X", "Y", 500, bins));
    let six = Market::plain(&six);
    for amount in ["500", "600", "9000000"] {
        let refused = limits(&six, x_for_y(amount));
        assert_eq!(refused.0, json!(["max_splits"]), "{amount}: {}", refused.2);
        let out = json!({"token_in":"X","token_out":"Y","amount_out_atomic":amount});
        assert_eq!(limits(&six, out).0, json!(["max_splits"]), "{amount} out");
    }
    assert_eq!(limits(&six, with(x_for_y("601"), json!({"max_splits":0}))).0, json!(null));
    assert!(six.quote(with(x_for_y("600"), json!({"max_splits":0}))).is_ok());
    // Of a part as well: what holds anything is 300 bins away, or nothing does.
    let part = |max_bins| with(x_for_y("7"), json!({"allow_partial":true,"max_bins":max_bins}));
    let far = Market::plain(&[("P", "X", "Y", 500, &[(200, 0, 100, ONE)])]);
    assert_eq!(limits(&far, part(300)).0, json!(["max_bins"]));
    assert!(far.quote(part(301)).is_ok());
    let empty = Market::plain(&[("P", "X", "Y", 500, &[(500, 5, 0, ONE)])]);
    assert_eq!(limits(&empty, part(5)).0, json!(null));
}

#[test]
fn names_of_a_filter_that_are_not_there_are_told_by_answers_and_refusals() {
    let unknown = with(x_for_y("100"), json!({"exclude_pools":["Q","PP"],"via":["W","X"]}));
    let told = json!([
        {"code":"FILTER_UNKNOWN","field":"exclude_pools","name":"PP"},
        {"code":"FILTER_UNKNOWN","field":"exclude_pools","name":"Q"},
        {"code":"FILTER_UNKNOWN","field":"via","name":"W"},
    ]);
    assert_eq!(small().answer(unknown.clone()).expect("a quote").1["warnings"], told);
    let (narrowed_by, warnings, words) =
        limits(&small(), with(unknown.clone(), json!({"amount_in_atomic":"1000"})));
    assert_eq!((narrowed_by, warnings), (json!(["via"]), told.clone()));
    let end = "; exclude_pools names Q, which is not there; via names W, which is not there";
    assert!(words.ends_with(end) && !words.contains("looked at"), "{words}");
    let (_, warnings, words) =
        limits(&small(), with(unknown, json!({"amount_in_atomic":"150","max_bins":1})));
    assert!(words.starts_with("the trade visits 2 bins") && words.ends_with(end), "{words}");
    assert_eq!(warnings, told);
    // Whatever else it is that is refused.
    let mut state = small();
    state.pool("P")["last_updated"] = json!(1);
    state.bin("P", 500)["is_active"] = json!(false);
    let beside = json!([{"code":"FILTER_UNKNOWN","field":"exclude_pools","name":"PP"}]);
    for (fields, words) in [
        (json!({"token_out":"Z"}), "no pool holds the token Z; "),
        (json!({"pools":["Q"]}), "there is no pool Q; "),
        (json!({"max_age_ms":1}), "the state of P is "),
        (json!({"strict":true}), "the stored value bin:P:500 cannot be used: "),
    ] {
        let request = with(with(x_for_y("7"), fields), json!({"exclude_pools":["PP"]}));
        let (_, warnings, told) = limits(&state, request);
        assert!(told.starts_with(words), "{told}");
        assert!(told.ends_with("exclude_pools names PP, which is not there"), "{told}");
        assert_eq!(warnings, beside, "{told}");
    }
    // A message is no longer for more of them.
    let many: Vec<String> = (0..100).map(|n| format!("G{n:0127}")).collect();
    let (_, warnings, words) =
        limits(&small(), with(x_for_y("1000"), json!({"exclude_pools":many,"via":["X"]})));
    assert_eq!(warnings.as_array().map(Vec::len), Some(100));
    assert!(words.ends_with("; 97 more names are not there") && words.len() < 700, "{words}");
    // One that is there is known, and so is one whose tokens nobody can tell.
    let known = with(x_for_y("1"), json!({"exclude_pools":["BROKEN"],"via":["Y"]}));
    let known = request_from_json(&known.to_string()).expect("sound");
    let mut market = CoreMarket::from_snapshot(&small().0.to_string(), SETTINGS).expect("a snapshot");
    market.apply([("pool:BROKEN", Some("{"))]).expect("a key of a pool");
    assert_eq!(market.quote(&known).expect("a quote").warnings, []);
    let via = with(x_for_y("1"), json!({"exclude_pools":["Q"],"via":["W","Y"]}));
    let via = request_from_json(&via.to_string()).expect("sound");
    let warnings = market.quote(&via).expect("a quote").warnings;
    let names: Vec<_> = warnings.iter().map(|warning| format!("{warning:?}")).collect();
    assert!(
        names.len() == 2 && names[0].contains("PoolSkipped") && names[1].contains("\"Q\""),
        "BROKEN may hold W: {names:?}"
    );
}

#[test]
fn insufficient_liquidity_names_what_fills() {
    let refused = small().quote(x_for_y("1000")).expect_err("refused");
    assert_eq!(refused, too_little(1_000, 150));
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
        assert_eq!(refused, too_little(7, 0));
    }
}

#[test]
fn too_many_bins_names_how_many() {
    let mut request = x_for_y("150");
    request["max_bins"] = json!(1);
    assert_eq!(
        small().quote(request.clone()).expect_err("refused"),
        QuoteError::TooManyBins { needed: Some(2), allowed: 1, warnings: Vec::new() }
    );
    request["allow_partial"] = json!(true);
    assert_eq!(small().quote(request).expect("a part").amount_out, 100);
    // Empty bins count: 271 bins are one too many.
    let far = |id| Market::plain(&[("P", "X", "Y", 500, &[(id, 0, 100, ONE)])]);
    assert_eq!(far(231).quote(x_for_y("5")).expect("a quote").amount_out, 5);
    assert_eq!(
        far(230).quote(x_for_y("5")).expect_err("refused"),
        QuoteError::TooManyBins { needed: Some(271), allowed: 270, warnings: Vec::new() }
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
    let refused = QuoteError::AmountOverflow { field: None, warnings: Vec::new() };
    assert_eq!(huge.quote(x_for_y("5")).expect_err("refused"), refused);
    // What the pools lead to tells the names; where the amount itself is at fault they are not why.
    let told = json!([{"code":"FILTER_UNKNOWN","field":"exclude_pools","name":"PP"}]);
    let words =
        "the swap exceeds the 128-bit arithmetic of the contract; exclude_pools names PP, which is not there";
    let excluded = json!({"exclude_pools":["PP"]});
    let of_the_pools = limits(&huge, with(x_for_y("5"), excluded.clone()));
    assert_eq!(of_the_pools, (json!(null), told, words.to_owned()));
    let itself = json!({"token_in":"X","token_out":"Y","amount_in":1e39});
    let words = "amount_in exceeds 128 bits of smallest units";
    assert_eq!(limits(&huge, with(itself, excluded)), (json!(null), json!(null), words.to_owned()));
}

#[test]
fn a_bin_in_which_the_contract_aborts_ends_its_pool() {
    let bins = &[(500, 0, 100, ONE), (499, 0, 50, ONE), (498, 0, u128::MAX, ONE)];
    let market = Market::plain(&[("P", "X", "Y", 500, bins)]);
    assert_eq!(market.quote(x_for_y("150")).expect("bins before it").amount_out, 150);
    assert_eq!(market.quote(x_for_y("151")).expect_err("refused"), too_little(151, 150));
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

/// As a front end tells it.
fn told(market: &Market, request: &serde_json::Value) -> String {
    let mut market = CoreMarket::from_snapshot(&market.0.to_string(), SETTINGS).expect("a snapshot");
    let request = request_from_json(&request.to_string()).expect("a request");
    market.answered(&request).expect_err("refused").to_string()
}

#[test]
fn amounts_are_told_in_the_token_that_the_request_fixes() {
    let sample = Market::sample();
    let ask = |amount: &str, value: &str| json!({"token_in":"BTC","token_out":"USDC",amount:value});
    let taken = told(&sample, &ask("amount_in", "99999999"));
    assert_eq!(taken, "the pools take 73,119.54482445 BTC of 99,999,999 BTC");
    let given = told(&sample, &ask("amount_out", "9999999999.5"));
    assert_eq!(given, "the pools give 6,802,400,000 USDC of 9,999,999,999.5 USDC");
    let dust = json!({"token_in":"USDC","token_out":"BTC","amount_in_atomic":"1"});
    assert_eq!(told(&sample, &dust), "the amount buys less than 0.00000001 BTC, the smallest unit");
}

#[test]
fn decimals_that_are_a_guess_make_no_whole_tokens() {
    let mut market = Market::plain(&[("P", "X", "Y", 500, &[(500, 0, 1_200, 2 * ONE)])]);
    let much = x_for_y("1000");
    assert_eq!(told(&market, &much), "the pools take 600 X of 1,000 X");
    for side in ["token_x_decimals", "token_y_decimals"] {
        market.pool("P").as_object_mut().expect("an object").remove(side);
    }
    let all = "the pools take 600 smallest units of X of 1,000 smallest units of X";
    assert_eq!(told(&market, &much), all);
}

#[test]
fn names_that_are_not_there_are_met_with_those_that_are() {
    let sample = Market::sample();
    let mut request = json!({"token_in":"btc","token_out":"USDC","amount_in":"1"});
    assert_eq!(told(&sample, &request), "no pool holds the token btc; did you mean BTC?");
    request["token_in"] = json!("DOGE");
    assert_eq!(told(&sample, &request), "no pool holds the token DOGE");
    request["token_in"] = json!("BTC");
    request["pools"] = json!(["BTC-USDC"]);
    let pool = "there is no pool BTC-USDC; did you mean BTC-USDC-25 or BTC-USDC-50?";
    assert_eq!(told(&sample, &request), pool);
    let market = CoreMarket::from_snapshot(&sample.0.to_string(), SETTINGS).expect("a snapshot");
    let id = PoolId::new("sol-usdc-25").expect("a name");
    let refused = market.pool(&id, NumberStyle::Json).map(drop).expect_err("refused").to_string();
    assert_eq!(refused, "there is no pool sol-usdc-25; did you mean SOL-USDC-25?");
}

/// Nothing bounds what a pool takes at a price as high as this, and one unit more than all units there are is none.
#[test]
fn all_that_an_amount_can_be_has_no_unit_more() {
    let bins = json!([{"bin_id":6,"price":"1.104","reserve_x":"332322000000000","reserve_y":"0"},
        {"bin_id":7,"price_e8":"101206016","reserve_x":"674686000000000","reserve_y":"0"}]);
    let pool = |id, active_bin_id, bins| {
        json!({"pool_id":id,"token_x":"A","token_y":"B","status":"active","active_bin_id":active_bin_id,
            "bins":bins})
    };
    let market = Market(json!({"format":"dlmm-snapshot/1","taken_at":"2026-12-01T00:00:00Z",
        "tokens":{"A":{"decimals":8},"B":{"decimals":38}},
        "pools":[pool("P0", 1_000, json!([])), pool("P1", 1, bins)]}));
    assert_eq!(
        market.code(json!({"token_in":"B","token_out":"A","amount_in_atomic":"1"})),
        "AMOUNT_TOO_SMALL"
    );
}

#[test]
fn an_amount_that_is_too_small_tells_of_pools_that_were_skipped() {
    let bins: &[(u16, u128, u128, u128)] = &[(500, 0, 100, ONE / 2)];
    let mut market = Market::plain(&[("P", "X", "Y", 500, bins), ("Q", "X", "Y", 500, bins)]);
    assert_eq!(limits(&market, x_for_y("1")).1, json!(null));
    market.pool("Q")["status"] = json!(7);
    let warnings = limits(&market, x_for_y("1")).1;
    assert_eq!(
        warnings.as_array().map(|all| all.iter().map(|one| &one["code"]).collect::<Vec<_>>()),
        Some(vec![&json!("POOL_SKIPPED")])
    );
}
