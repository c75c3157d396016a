//! The recorded pool networks with their linear-program optimum.

use crate::market::Market;
use dlmm_core::quote::{HopQuote, Quote};
use serde_json::{Value, json};

/// Quotes every recorded query with these limits; gives output over optimum for each.
fn ratios(limits: &Value) -> Vec<f64> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/routing/networks.json");
    let text = std::fs::read_to_string(path).expect("the recorded networks");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let mut ratios = Vec::new();
    for case in file["cases"].as_array().expect("a list") {
        let market = Market(case["snapshot"].clone());
        for query in case["queries"].as_array().expect("a list") {
            let mut request = json!({"token_in": query["token_in"], "token_out": query["token_out"],
                "amount_in_atomic": query["amount_in"], "max_hops": query["max_hops"], "allow_partial": true});
            request
                .as_object_mut()
                .expect("an object")
                .extend(limits.as_object().expect("an object").clone());
            let quote = market.quote(request).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
            let optimum: f64 =
                query["lp_amount_out"].as_str().and_then(|t| t.parse().ok()).expect("a number");
            // The program has no rounding. In whole units a fee of less than one unit is not paid, so every
            // step may give up to the worth of one unit of its own input token more than the program allows.
            let worth_in_out = |hop: &HopQuote, quote: &Quote| {
                let of_route = quote.amount_out as f64 / hop.amount_in as f64;
                (hop.steps.len() + 1) as f64 * (of_route + 1.0)
            };
            let hops = quote.routes.iter().flat_map(|route| &route.hops);
            let rounding: f64 = hops.map(|hop| worth_in_out(hop, &quote)).sum();
            let bound = optimum * (1.0 + 1e-12) + rounding;
            assert!(quote.amount_out as f64 <= bound, "{}: {} > {bound}", case["name"], quote.amount_out);
            let fills = query["fills"].as_bool().expect("a flag");
            if fills && limits["max_splits"] == 0 {
                assert_eq!(quote.unfilled, 0, "{}: all of it fits", case["name"]);
            }
            ratios.push(quote.amount_out as f64 / optimum);
        }
    }
    assert_eq!(ratios.len(), 120);
    ratios
}

fn report(name: &str, ratios: &[f64]) -> (f64, f64) {
    let worst = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let average = ratios.iter().sum::<f64>() / ratios.len() as f64;
    println!("{name}: worst 1 - {:.3e}, average 1 - {:.3e}", 1.0 - worst, 1.0 - average);
    (worst, average)
}

#[test]
fn without_a_split_limit_every_answer_is_within_a_millionth_of_the_optimum() {
    let (worst, _) = report("no split limit", &ratios(&json!({"max_splits": 0})));
    assert!(worst >= 1.0 - 1e-6, "worst ratio {worst}");
}

#[test]
fn with_the_default_limits_answers_reach_99_9_percent_on_average() {
    let (_, average) = report("default limits", &ratios(&json!({})));
    assert!(average >= 0.999, "average ratio {average}");
}

#[test]
fn the_best_single_route_stays_below_the_optimum() {
    let (worst, _) = report("one route", &ratios(&json!({"max_splits": 1})));
    assert!(worst < 1.0 - 1e-3, "splitting would not matter here: {worst}");
}

/// Each amount is a thousand times, or a thousand million times, what was recorded for its network.
#[test]
fn beyond_all_liquidity_answers_stay_at_the_optimum() {
    let read = |name: &str| -> Value {
        let path = format!("{}/../tests/vectors/routing/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).expect("a recorded file")).expect("JSON")
    };
    let (networks, beyond) = (read("networks.json"), read("beyond.json"));
    let mut worst = 1.0_f64;
    for query in beyond["queries"].as_array().expect("a list") {
        let cases = networks["cases"].as_array().expect("a list");
        let case = cases.iter().find(|case| case["name"] == query["case"]).expect("the network");
        let market = Market(case["snapshot"].clone());
        let quote = market.quote(json!({"token_in": query["token_in"], "token_out": query["token_out"],
            "amount_in_atomic": query["amount_in"], "max_hops": query["max_hops"], "allow_partial": true,
            "max_splits": 0}));
        let quote = quote.unwrap_or_else(|e| panic!("{}: {e}", query["case"]));
        let optimum: f64 = query["lp_amount_out"].as_str().and_then(|t| t.parse().ok()).expect("a number");
        worst = worst.min(quote.amount_out as f64 / optimum);
    }
    assert!(worst >= 1.0 - 1e-6, "worst ratio 1 - {:e}", 1.0 - worst);
}
