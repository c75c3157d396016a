//! A pool whose tokens nobody can tell concerns every quote.

use super::*;
use crate::api::request_from_json;
use crate::quote::Warning;

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 7 };

const GOOD: &str = r#"{"pool_id":"GOOD","token_x":"A","token_y":"B","active_bin_id":5,"status":"active","bins":[{"bin_id":5,"x_amount":"9","y_amount":"9","price":"2"}]}"#;

fn market(skipped: &str) -> Market {
    let text = format!(
        r#"{{"format":"dlmm-snapshot/1","taken_at":0,"tokens":{{}},"pools":[{GOOD}],"skipped":[{skipped}]}}"#
    );
    Market::from_snapshot(&text, SETTINGS).expect("sound")
}

/// What a quote of a pair says of pools that are left out: keys, or the code and the key of the refusal.
fn told(market: &mut Market, to: &str, more: &str) -> String {
    let body = format!(r#"{{"token_in":"A","token_out":"{to}","amount_in":1{more}}}"#);
    match market.quote(&request_from_json(&body).expect("sound")) {
        Ok(quote) => {
            let keys = quote.warnings.iter().filter_map(|warning| match warning {
                Warning::PoolSkipped { key, .. } => Some(key.clone()),
                _ => None,
            });
            keys.collect::<Vec<_>>().join(" ")
        }
        Err(QuoteError::StateInvalid { key, .. }) => format!("STATE_INVALID {key}"),
        Err(refusal) => refusal.code().to_owned(),
    }
}

#[test]
fn it_is_named_refused_under_strict_and_never_makes_a_token_unknown() {
    for skipped in [
        r#"{"key":"pool:ODD","reason":"x"}"#,
        r#"{"key":"bin:ODD:5","reason":"x"}"#,
        r#"{"key":"bin:ODD:?","reason":"x"}"#,
    ] {
        let mut market = market(skipped);
        let key = skipped.split('"').nth(3).expect("a key");
        assert_eq!(told(&mut market, "B", ""), key);
        for (to, more) in [("B", r#","strict":true"#), ("Z", ""), ("Z", r#","pools":["ODD"]"#)] {
            assert_eq!(told(&mut market, to, more), format!("STATE_INVALID {key}"), "{to} {more}");
        }
        assert_eq!(told(&mut market, "B", r#","pools":["ODD","GOOD"]"#), key, "as one whose pair is known");
    }
}

#[test]
fn a_filter_that_rules_it_out_is_heeded() {
    let mut market = market(r#"{"key":"pool:ODD","reason":"x"}"#);
    for filter in [r#","pools":["GOOD"]"#, r#","exclude_pools":["ODD"]"#] {
        assert_eq!(told(&mut market, "B", &format!(r#"{filter},"strict":true"#)), "");
        assert_eq!(told(&mut market, "Z", filter), "UNKNOWN_TOKEN");
    }
    assert_eq!(told(&mut market, "B", r#","pools":["NONE"]"#), "UNKNOWN_POOL");
}

#[test]
fn values_that_come_later_break_and_mend_it() {
    let mut market = market("");
    let placed = r#"{"pool_id":"ODD","token_x":"A","token_y":"C","active_bin_id":5,"status":"active"}"#;
    for broken in [
        "{",
        r#"{"pool_id":"ODD"}"#,
        &placed.replace("\"A\"", "7"),
        &placed.replace("ODD", "OTHER"),
        &placed.replace("\"C\"", "\"A\""),
    ] {
        market.apply([("pool:ODD", Some(broken))]).expect("a key");
        assert_eq!(told(&mut market, "B", ""), "pool:ODD", "{broken}");
        market.apply([("pool:ODD", Some(placed))]).expect("a key");
        assert_eq!(told(&mut market, "B", ""), "");
        market.apply([("pool:ODD", Some(broken))]).expect("a key");
        assert_eq!(told(&mut market, "B", ""), "", "its pair is known by now");
        assert_eq!(told(&mut market, "C", ""), "STATE_INVALID pool:ODD");
        market.apply([("pool:ODD", None)]).expect("a key");
        assert_eq!(told(&mut market, "B", ""), "");
        assert_eq!(told(&mut market, "C", ""), "UNKNOWN_TOKEN");
    }
}

#[test]
fn what_is_no_pool_or_is_gone_concerns_nobody() {
    let mut market = market(
        r#"{"key":"tokens:A","reason":"x"},{"key":"pool:a b","reason":"x"},{"key":"pool:GONE","reason":"there is no such pool"}"#,
    );
    assert_eq!(told(&mut market, "B", r#","strict":true"#), "");
    assert_eq!(market.pools(NumberStyle::Json).skipped.len(), 3);
}

#[test]
fn many_are_counted() {
    let all: Vec<_> = (100..300).map(|n| format!(r#"{{"key":"pool:P{n}","reason":"x"}}"#)).collect();
    let mut market = market(&all.join(","));
    let body = r#"{"token_in":"A","token_out":"B","amount_in":1}"#;
    let quote = market.quote(&request_from_json(body).expect("sound")).expect("a quote");
    let last = Warning::PoolSkipped {
        key: "pool:*".to_owned(),
        reason: "184 more pool values cannot be used".to_owned(),
    };
    let mut skipped = quote.warnings.iter().filter(|warning| matches!(warning, Warning::PoolSkipped { .. }));
    assert_eq!((skipped.clone().count(), skipped.next_back()), (17, Some(&last)));
}
