//! Answers whose ages count from a heartbeat verify like any other, and their digest does not go by it.

use crate::market::NOW;
use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::network::age::AgeLimit;
use dlmm_core::stored::sample_snapshot;
use dlmm_core::verify::{Own, verify_quote, verify_quote_against};
use serde_json::Value;

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
const HOUR: u64 = 3_600_000;

/// The answer read an hour after the sample was written, by a market with this heartbeat.
fn answer(heartbeat: Option<&str>, warn: Option<AgeLimit>) -> (String, Value) {
    let mut market = Market::from_snapshot(&sample_snapshot(NOW), SETTINGS).expect("a snapshot");
    market.set_read_at_ms(NOW + HOUR);
    market.set_heartbeat(heartbeat);
    market.set_warn_age(warn);
    let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1,"include_state":true}"#;
    let text = market.answer(&request_from_json(body).expect("sound"), NumberStyle::Json).expect("a quote");
    let value = serde_json::from_str(&text).expect("JSON");
    (text, value)
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().expect("a list").iter().map(|w| w["code"].as_str().expect("text")).collect()
}

#[test]
fn every_age_verifies_and_all_have_one_digest() {
    let minute = AgeLimit::named(60_000);
    let (alive, dead, ahead) = (NOW + HOUR - 300, NOW + 300, NOW + 9 * HOUR);
    let [alive, dead, ahead] = [alive, dead, ahead].map(|at| at.to_string());
    let mut digests = Vec::new();
    for (heartbeat, warn, expected) in [
        (None, None, vec![]),
        (None, Some(minute), vec!["STATE_OLD"]),
        (None, Some(AgeLimit::by_heartbeat(60_000)), vec![]),
        (Some(alive.as_str()), Some(minute), vec![]),
        (Some(&dead), Some(minute), vec!["STATE_OLD"]),
        (Some(&dead), Some(AgeLimit::by_heartbeat(60_000)), vec!["STATE_OLD"]),
        (Some(&dead), None, vec![]),
        (Some(&ahead), Some(minute), vec!["STATE_OLD", "HEARTBEAT_INVALID"]),
        (Some("soon"), None, vec!["HEARTBEAT_INVALID"]),
        (Some("1800000000000.00000000000000000000000000000000"), None, vec!["HEARTBEAT_INVALID"]),
    ] {
        let (text, answer) = answer(heartbeat, warn);
        assert_eq!(codes(&answer), expected, "{heartbeat:?}");
        let verification = verify_quote(&text).expect("a quote with its input");
        assert!(verification.is_equal(), "{heartbeat:?}: {verification:?}");
        digests.push(answer["digest"].clone());
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn a_younger_heartbeat_or_a_missing_warning_is_a_difference() {
    let dead = (NOW + 300).to_string();
    let (text, _) = answer(Some(&dead), Some(AgeLimit::named(60_000)));
    let younger = text.replace(&dead, &(NOW + HOUR).to_string());
    let hushed = text.replace(r#"{"code":"STATE_OLD","pool_id":"BTC-USDC-25","age_ms":3599700}"#, "");
    assert!(younger != text && hushed != text, "{text}");
    let beat = format!(r#""heartbeat_ms":"{dead}""#);
    let retyped = [(beat.as_str(), r#""heartbeat_ms":5"#), (r#""warn_age_ms":60000"#, r#""warn_age_ms":-1"#)];
    let retyped = retyped.map(|(field, other)| text.replace(field, other));
    for forged in retyped.into_iter().chain([younger, hushed]) {
        assert_ne!(forged, text);
        assert!(!verify_quote(&forged).expect("a quote").differences.is_empty(), "{forged}");
    }
}

#[test]
fn a_heartbeat_moves_on_without_making_the_state_another_one() {
    let body =
        r#"{"token_in":"BTC","token_out":"USDC","amount_in":1,"include_state":true,"max_age_ms":5000}"#;
    let request = request_from_json(body).expect("sound");
    let mut market = Market::from_snapshot(&sample_snapshot(NOW), SETTINGS).expect("a snapshot");
    market.set_read_at_ms(NOW + HOUR);
    market.set_heartbeat(Some(&(NOW + HOUR - 300).to_string()));
    let text = market.answer(&request, NumberStyle::Json).expect("young by its heartbeat");
    // Read later; by a heartbeat from after the answer, by the same one, by one from before, and by none.
    for (own, is_equal) in
        [(Some(NOW + HOUR + 60_000), true), (Some(NOW + HOUR - 300), true), (Some(NOW), false), (None, false)]
    {
        let mut own_market = Market::from_snapshot(&sample_snapshot(NOW), SETTINGS).expect("a snapshot");
        own_market.set_read_at_ms(NOW + HOUR + 61_000);
        let own = own.map(|at: u64| at.to_string());
        own_market.set_heartbeat(own.as_deref());
        let known = Own {
            request: Some(&request),
            market: Some(&mut own_market),
            default_fee_bps: None,
            ..Own::default()
        };
        let found = verify_quote_against(&text, known).expect("a quote with its input");
        assert_eq!(found.is_equal(), is_equal, "{own:?}: {found:?}");
        assert_eq!(own_market.read_at_ms(), NOW + HOUR + 61_000, "left as it was");
    }
}
