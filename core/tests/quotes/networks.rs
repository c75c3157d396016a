//! The recorded pool networks: the best single route never beats the linear program, and replays exactly.

use crate::market::Market;
use dlmm_core::quote::{HopQuote, Quote};
use serde_json::{Value, json};

#[test]
fn the_best_single_route_stays_below_the_optimum() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/routing/networks.json");
    let text = std::fs::read_to_string(path).expect("the recorded networks");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let mut quoted = 0;
    for case in file["cases"].as_array().expect("a list") {
        let market = Market(case["snapshot"].clone());
        for query in case["queries"].as_array().expect("a list") {
            let request = json!({"token_in": query["token_in"], "token_out": query["token_out"],
                "amount_in_atomic": query["amount_in"], "max_hops": query["max_hops"], "allow_partial": true});
            let quote = market.quote(request).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
            let optimum: f64 =
                query["lp_amount_out"].as_str().and_then(|t| t.parse().ok()).expect("a number");
            // The program has no rounding. In whole units a fee of less than one unit is not paid, so every
            // step may give up to the worth of one unit of its own input token more than the program allows.
            let worth_in_out = |hop: &HopQuote, quote: &Quote| {
                let of_route = quote.amount_out as f64 / hop.amount_in as f64;
                (hop.steps.len() + 1) as f64 * (of_route + 1.0)
            };
            let rounding: f64 = quote.routes[0].hops.iter().map(|hop| worth_in_out(hop, &quote)).sum();
            let bound = optimum * (1.0 + 1e-12) + rounding;
            assert!(quote.amount_out as f64 <= bound, "{}: {} > {bound}", case["name"], quote.amount_out);
            quoted += 1;
        }
    }
    assert_eq!(quoted, 120);
}
