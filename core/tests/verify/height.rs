//! Heights verify: they follow from the stored texts and from what the producer says, and no other ones do.

use crate::market::NOW;
use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::stored::sample_snapshot;
use dlmm_core::verify::{Own, Verification, verify_quote, verify_quote_against};
use serde_json::{Value, json};

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
const ASKED: &str = r#"{"token_in":"BTC","token_out":"SOL","amount_in":1,"include_state":true,
    "pools":["BTC-USDC-25","SOL-USDC-25"],"min_block_height":80}"#;

/// The sample with these heights in its two pools, under a producer of this height.
fn market(producer: Option<u64>, heights: [Option<u64>; 2]) -> Market {
    let mut snapshot: Value = serde_json::from_str(&sample_snapshot(NOW)).expect("JSON");
    for pool in snapshot["pools"].as_array_mut().expect("a list") {
        match pool["pool_id"].as_str() {
            Some("BTC-USDC-25") => pool["block_height"] = json!(heights[0]),
            Some("SOL-USDC-25") => pool["block_height"] = json!(heights[1]),
            _ => {}
        }
    }
    let mut market = Market::from_snapshot(&snapshot.to_string(), SETTINGS).expect("a snapshot");
    market.set_block_height(producer.map(|height| height.to_string()).as_deref());
    market
}

fn answer(producer: Option<u64>, heights: [Option<u64>; 2]) -> String {
    let request = request_from_json(ASKED).expect("sound");
    market(producer, heights).answer(&request, NumberStyle::Json).expect("a quote")
}

fn paths(found: &Verification) -> Vec<&str> {
    found.differences.iter().map(|one| one.path.as_str()).collect()
}

#[test]
fn every_height_verifies_and_the_producers_is_not_in_the_digest() {
    let own = [Some(100), Some(90)];
    let answers = [None, Some(80), Some(95), Some(100), Some(120)].map(|producer| answer(producer, own));
    let mut digests = Vec::new();
    for text in answers {
        let found = verify_quote(&text).expect("a quote with its input");
        assert!(found.is_equal(), "{found:?}");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        digests.push(answer["digest"].clone());
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "a block in which nothing happened makes no other state");
    let text = answer(Some(120), [None, None]);
    assert!(verify_quote(&text).expect("a quote with its input").is_equal());
}

#[test]
fn a_changed_height_is_a_difference() {
    let whole = |height: u64| format!(r#""warn_age_ms":60000,"block_height":{height},"#);
    let whole = |height: u64| whole(height).replace("60000", "null");
    let pool = |height: u64| format!(r#""age_ms":0,"block_height":{height}}}"#);
    let stored = |height: u64| format!(r#"\"block_height\":{height}"#);
    for (producer, least, shown) in [(None, 90, 100), (Some(95), 95, 100), (Some(120), 120, 120)] {
        let text = answer(producer, [Some(100), Some(90)]);
        for forged in [
            text.replacen(&whole(least), &whole(least + 1), 1),
            text.replacen(&whole(least), &whole(least - 1), 1),
            text.replacen(&whole(least), &whole(0).replace('0', "null"), 1),
            text.replacen(&pool(shown), &pool(shown + 1), 1),
            text.replacen(&pool(shown), &pool(shown - 1), 1),
        ] {
            assert_ne!(forged, text, "{text}");
            let found = verify_quote(&forged).expect("a quote");
            assert!(paths(&found).iter().all(|path| path.contains("block_height")), "{found:?}");
            assert!(!found.differences.is_empty(), "{forged}");
        }
        // In the stored text it is part of the input.
        let forged = text.replacen(&stored(100), &stored(130), 1);
        assert_ne!(forged, text, "{text}");
        let found = verify_quote(&forged).expect("a quote");
        assert!(!found.digest_matches && paths(&found) == ["state.pools[0].block_height"], "{found:?}");
    }
}

#[test]
fn a_height_below_the_one_asked_for_is_noticed() {
    let text = answer(Some(120), [Some(100), Some(90)]);
    let asks = text.replace(r#""min_block_height":80"#, r#""min_block_height":121"#);
    assert_ne!(asks, text);
    let found = verify_quote(&asks).expect("a quote");
    assert_eq!(paths(&found), ["success"], "{found:?}");
    assert!(found.differences[0].computed.as_ref().is_some_and(|text| text.contains("STALE_STATE")));
}

#[test]
fn ones_own_state_tells_the_height_of_a_pool() {
    let request = request_from_json(ASKED).expect("sound");
    let text = answer(Some(120), [Some(100), Some(90)]);
    let against = |producer, heights| {
        let mut own = market(producer, heights);
        own.set_read_at_ms(NOW + 60_000);
        let known =
            Own { request: Some(&request), market: Some(&mut own), default_fee_bps: None, ..Own::default() };
        verify_quote_against(&text, known).expect("a quote with its input")
    };
    // The producer's moves on by itself, and never back.
    for (producer, is_equal) in [(Some(120), true), (Some(300), true), (Some(7), false), (None, false)] {
        let found = against(producer, [Some(100), Some(90)]);
        assert_eq!(found.is_equal(), is_equal, "{producer:?}: {found:?}");
    }
    let found = against(Some(120), [Some(101), Some(90)]);
    assert_eq!(paths(&found), ["pool:BTC-USDC-25"], "{found:?}");
}
