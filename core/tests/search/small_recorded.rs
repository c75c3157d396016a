//! Requests over small networks whose answer a smaller amount once beat (`tests/vectors/search/small.json`).

use crate::market::Market;
use serde_json::{Value, json};

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/search/small.json");
    let text = std::fs::read_to_string(path).expect("the recorded cases");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    file["cases"].as_array().expect("a list").clone()
}

/// What a request gives, and whether it says that it might give more.
fn given(market: &Market, request: &Value) -> (u128, bool) {
    let Ok(quote) = market.quote(request.clone()) else { return (0, false) };
    (quote.amount_out, quote.warnings.iter().any(|warning| warning.code() == "SEARCH_LIMITED"))
}

#[test]
fn more_gives_no_less() {
    let mut less_beat = 0;
    for case in cases() {
        let (market, request) = (Market(case["snapshot"].clone()), &case["request"]);
        let (got, limited) = given(&market, request);
        let with = |field: &str, value: Value| {
            let mut changed = request.clone();
            changed[field] = value;
            given(&market, &changed).0
        };
        let better = match case["kind"].as_str().expect("text") {
            "monotone partial" | "monotone full split0" => {
                less_beat += 1;
                with("amount_in_atomic", case["less_in"].clone())
            }
            "partial<full" => {
                let part = with("allow_partial", json!(true));
                assert!(part >= got, "{}: {part} of a part, {got} of the whole", case["kind"]);
                continue;
            }
            other => panic!("{other}: no test for this kind"),
        };
        assert!(limited || got >= better, "{}: {got} for {request}, {better} for less", case["kind"]);
    }
    assert_eq!(less_beat, 4);
}
