//! Requests whose answer another request under the same limits once beat (`tests/vectors/search/cases.json`).

use crate::market::Market;
use dlmm_core::error::QuoteError;
use dlmm_core::quote::Quote;
use serde_json::{Value, json};

fn cases(file: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/search/");
    let text = std::fs::read_to_string(format!("{folder}{file}")).expect("the recorded cases");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    file["cases"].as_array().expect("a list").clone()
}

struct Case {
    name: String,
    market: Market,
    request: Value,
    case: Value,
}

impl Case {
    fn of(case: Value) -> Self {
        let name = format!("{} ({})", case["name"], case["kind"]);
        Self { name, market: Market(case["snapshot"].clone()), request: case["request"].clone(), case }
    }

    fn quote(&self, change: &[(&str, Value)]) -> Result<Quote, QuoteError> {
        self.quote_of(&self.request, change)
    }

    fn quote_of(&self, request: &Value, change: &[(&str, Value)]) -> Result<Quote, QuoteError> {
        let mut request = request.clone();
        for (field, value) in change {
            match value {
                Value::Null => drop(request.as_object_mut().expect("an object").remove(*field)),
                _ => request[*field] = value.clone(),
            }
        }
        self.market.quote(request)
    }

    fn seen(&self, field: &str) -> u128 {
        self.case["seen"][field].as_str().expect("a number").parse().expect("a number")
    }
}

#[test]
fn what_beat_an_answer_does_so_no_more() {
    let mut kinds = std::collections::BTreeMap::new();
    for case in cases("cases.json").into_iter().map(Case::of) {
        let kind = case.case["kind"].as_str().expect("text").to_owned();
        let kind = kind.split(':').next().expect("a word").to_owned();
        match kind.as_str() {
            "fillable-refused" => fillable_fills(&case),
            "not-monotone" => more_in_gives_no_less(&case),
            "4-worse-than-2" | "any-worse-than-2" => more_splits_are_no_worse(&case),
            "partial-less-than-one" => a_part_is_no_less_than_one_route(&case),
            "exout-not-least" | "exout-not-least-by-0.1%" => an_exact_output_is_the_least(&case),
            other => panic!("{other}: no test for this kind"),
        }
        *kinds.entry(kind).or_insert(0) += 1;
    }
    assert_eq!(kinds.values().sum::<i32>(), 25, "{kinds:?}");
}

/// Where a token has few units, or a fee leaves few, only amounts that buy one more matter
/// (`tests/vectors/search/thresholds.json`).
#[test]
fn an_input_gives_what_an_output_costs() {
    for case in cases("thresholds.json") {
        let market = Market(case["snapshot"].clone());
        let given = market.quote(case["request"].clone()).expect("a quote").amount_out;
        let output: u128 = case["output"].as_str().expect("a number").parse().expect("a number");
        assert!(given >= output, "{}: {given} below {output}", case["name"]);
    }
}

fn fillable_fills(case: &Case) {
    match case.quote(&[]) {
        // Where nothing fills, no part gives anything either.
        Err(QuoteError::InsufficientLiquidity { fillable: 0, .. }) => {
            let part = case.quote(&[("allow_partial", json!(true))]);
            assert!(part.is_err(), "{}: {part:?}", case.name);
        }
        Err(QuoteError::InsufficientLiquidity { fillable, .. }) => {
            let filled = case.quote(&[("amount_in_atomic", json!(fillable.to_string()))]);
            assert!(filled.is_ok_and(|quote| quote.unfilled == 0), "{}: {fillable} does not fill", case.name);
        }
        other => panic!("{}: {other:?}", case.name),
    }
}

fn more_in_gives_no_less(case: &Case) {
    let less = case.quote(&[]).expect("a quote").amount_out;
    let more = case.quote_of(&case.case["more"], &[]).expect("a quote").amount_out;
    let known =
        case.case["seen"]["better_by_fewer_pools"].as_str().map_or(0, |t| t.parse().expect("a number"));
    assert!(more >= less && more >= known, "{}: {more} for more, {less} for less, {known} known", case.name);
}

fn more_splits_are_no_worse(case: &Case) {
    let few = case.quote(&[]).expect("a quote").amount_out;
    let more = case.quote_of(&case.case["more_splits"], &[]).expect("a quote").amount_out;
    assert!(more >= few && few >= case.seen("out"), "{}: {more} with more, {few} with fewer", case.name);
}

fn a_part_is_no_less_than_one_route(case: &Case) {
    let part = case.quote(&[]).expect("a quote").amount_out;
    let one = case.quote_of(&case.case["one_route"], &[]).expect("a quote").amount_out;
    assert!(part >= one && part >= case.seen("out"), "{}: {part}, {one} by one route", case.name);
}

fn an_exact_output_is_the_least(case: &Case) {
    let wanted: u128 =
        case.request["amount_out_atomic"].as_str().expect("a number").parse().expect("a number");
    let quote = case.quote(&[]).expect("a quote");
    let spent = quote.amount_in;
    let known =
        case.case["seen"]["less_in"].as_str().map_or(u128::MAX, |text| text.parse().expect("a number"));
    assert!(spent <= known, "{}: {spent}, {known} is known to do", case.name);
    if quote.warnings.iter().any(|warning| warning.code() == "SEARCH_LIMITED") {
        return;
    }
    // A thousand amounts below, in steps of every size.
    let mut less = spent - 1;
    let mut step = 1;
    while less > spent / 2 {
        let exact_in = [
            ("amount_out_atomic", Value::Null),
            ("amount_in_atomic", json!(less.to_string())),
            ("allow_partial", json!(true)),
        ];
        let given = case.quote(&exact_in).map_or(0, |quote| quote.amount_out);
        assert!(given < wanted, "{}: {less} gives {given}, {spent} asked for {wanted}", case.name);
        less = less.saturating_sub(step);
        step += step.div_ceil(20);
    }
}
