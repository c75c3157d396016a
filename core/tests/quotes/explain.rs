//! The candidates that lost.

use crate::market::Market;
use serde_json::{Value, json};

const ONE: u128 = 100_000_000;

type Bins = &'static [(u16, u128, u128, u128)];
/// Y at 1, at 1.01 and at 1.02 per X.
const AT_1: Bins = &[(500, 0, 1_000, ONE)];
const AT_101: Bins = &[(500, 0, 1_010, ONE + 1_000_000)];
const AT_102: Bins = &[(500, 0, 1_020, ONE + 2_000_000)];

fn explained(market: &Market, request: &Value) -> Vec<Value> {
    let mut request = request.clone();
    request["explain"] = json!(true);
    let (_, answer) = market.answer(request).expect("a quote");
    answer["explain"].as_array().expect("a list").clone()
}

/// Reason, input, output, and the pools of every route.
fn facts(lost: &[Value]) -> Vec<(String, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    lost.iter()
        .map(|one| {
            let pools: Vec<_> =
                one["routes"].as_array().expect("a list").iter().map(|r| r["pools"].to_string()).collect();
            (
                text(&one["reason"]),
                text(&one["amount_in_atomic"]),
                text(&one["amount_out_atomic"]),
                pools.join(" + "),
            )
        })
        .collect()
}

fn fact(reason: &str, taken: &str, given: &str, pools: &str) -> (String, String, String, String) {
    (reason.into(), taken.into(), given.into(), pools.into())
}

#[test]
fn nothing_is_explained_unless_asked_for() {
    let request = json!({"token_in":"BTC","token_out":"USDC","amount_in":1.0});
    let (quote, answer) = Market::sample().answer(request).expect("a quote");
    assert_eq!((quote.explained, answer.get("explain")), (None, None));
}

#[test]
fn names_what_each_other_route_would_have_given() {
    let market = Market::plain(&[
        ("A", "X", "Y", 500, AT_1),
        ("B", "X", "Y", 500, AT_101),
        ("C", "X", "Z", 500, AT_102),
        ("D", "Z", "Y", 500, AT_1),
        ("E", "X", "Y", 500, AT_1),
    ]);
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"500"});
    let lost = explained(&market, &request);
    assert_eq!(
        facts(&lost),
        [
            fact("LOWER_OUTPUT", "500", "505", r#"["B"]"#),
            fact("LOWER_OUTPUT", "500", "500", r#"["A"]"#),
            fact("LOWER_OUTPUT", "500", "500", r#"["E"]"#),
        ],
        "500 X give 510 Y through C and D; equals go by id"
    );
    assert_eq!(lost[0]["routes"][0]["tokens"], json!(["X", "Y"]));
    assert_eq!(lost[0]["amount_out"].to_string(), "505.0");
}

#[test]
fn tells_a_tie_from_a_loss() {
    let market = Market::plain(&[("A", "X", "Y", 500, AT_1), ("B", "X", "Y", 500, AT_1)]);
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"5"});
    assert_eq!(facts(&explained(&market, &request)), [fact("SAME_RESULT", "5", "5", r#"["B"]"#)]);
}

#[test]
fn a_split_is_explained_by_its_parts_and_a_limit_by_what_it_cost() {
    let market = Market::plain(&[
        ("A", "X", "Y", 500, AT_1),
        ("B", "X", "Y", 500, AT_101),
        ("C", "X", "Y", 500, AT_102),
    ]);
    let mut request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"2500"});
    assert_eq!(
        facts(&explained(&market, &request)),
        [
            fact("PARTIAL_FILL", "1000", "1020", r#"["C"]"#),
            fact("PARTIAL_FILL", "1000", "1010", r#"["B"]"#),
            fact("PARTIAL_FILL", "1000", "1000", r#"["A"]"#),
        ]
    );
    request["amount_in_atomic"] = json!("1900");
    request["max_splits"] = json!(1);
    request["allow_partial"] = json!(true);
    let lost = facts(&explained(&market, &request));
    assert_eq!(lost[0].3, r#"["B"]"#, "one route was asked for, so splits are no candidates: {lost:?}");
    request["max_splits"] = json!(2);
    request["amount_in_atomic"] = json!("2500");
    let lost = facts(&explained(&market, &request));
    assert_eq!(lost[0], fact("SPLITS_LIMITED", "2500", "2530", r#"["B"] + ["C"] + ["A"]"#), "{lost:?}");
}

#[test]
fn tells_the_bin_limit_from_too_little_liquidity() {
    let deep: Bins = &[(500, 0, 10, ONE), (499, 0, 10, ONE), (498, 0, 10, ONE)];
    let market = Market::plain(&[("A", "X", "Y", 500, AT_1), ("B", "X", "Y", 500, deep)]);
    let mut request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"25","max_bins":2});
    assert_eq!(facts(&explained(&market, &request)), [fact("TOO_MANY_BINS", "20", "20", r#"["B"]"#)]);
    request["amount_in_atomic"] = json!("35");
    assert_eq!(facts(&explained(&market, &request)), [fact("PARTIAL_FILL", "20", "20", r#"["B"]"#)]);
}

#[test]
fn an_exact_output_is_judged_by_what_it_costs() {
    let market = Market::plain(&[
        ("A", "X", "Y", 500, AT_1),
        ("B", "X", "Y", 500, AT_101),
        ("C", "X", "Y", 500, &[(500, 0, 100, 2 * ONE)]),
    ]);
    let request = json!({"token_in":"X","token_out":"Y","amount_out_atomic":"505","max_splits":1});
    assert_eq!(
        facts(&explained(&market, &request)),
        [fact("HIGHER_INPUT", "505", "505", r#"["A"]"#), fact("PARTIAL_FILL", "50", "100", r#"["C"]"#)]
    );
}

#[test]
fn pools_that_cannot_be_used_are_named_last() {
    let mut market =
        Market::plain(&[("A", "X", "Y", 500, AT_1), ("B", "Y", "X", 500, AT_1), ("C", "X", "Y", 500, AT_1)]);
    market.pool("B")["status"] = json!("paused");
    market.bin("C", 500)["price_e8"] = json!("0");
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"5"});
    let lost = explained(&market, &request);
    assert_eq!(
        facts(&lost),
        [fact("POOL_INACTIVE", "null", "null", r#"["B"]"#), fact("POOL_INVALID", "null", "null", r#"["C"]"#)]
    );
    assert_eq!(lost[0]["routes"][0]["tokens"], json!(["X", "Y"]), "in the direction of the trade");
    assert!(lost[0]["amount_out"].is_null());
}

#[test]
fn a_market_of_many_pools_stays_bounded() {
    let names: Vec<String> = (0..60).map(|n| format!("P{n:02}")).collect();
    let pools: Vec<_> = names.iter().map(|name| (name.as_str(), "X", "Y", 500, AT_1)).collect();
    let request = json!({"token_in":"X","token_out":"Y","amount_in_atomic":"5"});
    let lost = explained(&Market::plain(&pools), &request);
    assert_eq!(lost.len(), 10);
    assert_eq!(lost[0]["routes"][0]["pools"], json!(["P01"]));
}
