//! What a snapshot leaves out, a market names wherever a quote would have passed it.

use super::*;
use crate::api::request_from_json;
use crate::stored::{SnapshotContents, StoredPool};
use crate::units::BinId;
use crate::verify::verify_quote;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use serde_json::Value;

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 7 };

/// What every quote says of a pool value that tells no tokens.
const ODD: &str = r#"{"code":"POOL_SKIPPED","key":"pool:ODD","reason":"not a pool value: expected a string, but the text ends"}"#;

fn copied(id: &str, pair: (&str, &str), price: &str) -> (PoolId, StoredPool<'static>) {
    let (x, y) = pair;
    let value = format!(
        r#"{{"pool_id":"{id}","token_x":"{x}","token_y":"{y}","token_x_decimals":18,"token_y_decimals":18,
            "active_bin_id":5,"status":"active","last_updated":0}}"#
    );
    let bin = format!(r#"{{"bin_id":5,"x_amount":"9","y_amount":"9","price":"{price}"}}"#);
    let (id, five) = (PoolId::new(id).expect("a name"), BinId::new(5).expect("an id"));
    (id, StoredPool::new(Some(&value), (BinId::MIN, BinId::MAX), [(five, &*bin)]).into_owned())
}

/// Two pools of one pair, one of them with a price of 0, one of another pair that is broken too, and one without a pair.
fn market() -> Market {
    let (odd, _) = copied("ODD", ("A", "B"), "1");
    let odd = (odd, StoredPool { value: Some("{".into()), ..StoredPool::default() });
    let pools: BTreeMap<_, _> = [
        copied("BAD", ("A", "B"), "0"),
        copied("GOOD", ("A", "B"), "2"),
        copied("LONE", ("A", "C"), "0"),
        odd,
    ]
    .into();
    let contents = SnapshotContents::of(pools, [], 10);
    assert_eq!((contents.pool_count(), contents.skipped().len()), (1, 3));
    let text = contents.into_document(1_000, Source::Redis).expect("sound");
    Market::from_snapshot(&text, SETTINGS).expect("its own format")
}

fn answer(market: &mut Market, more: &str) -> Result<Value, QuoteError> {
    let body = format!(r#"{{"token_in":"A","token_out":"B","amount_in":1{more}}}"#);
    let text = market.answer(&request_from_json(&body)?, NumberStyle::Json)?;
    if more.contains("include_state") {
        let verification = verify_quote(&text)?;
        assert!(verification.is_equal(), "{verification:?}");
    }
    Ok(serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn a_quote_names_the_pools_that_it_would_have_passed() {
    let mut market = market();
    for more in ["", r#","include_state":true"#] {
        let answer = answer(&mut market, more).expect("a quote");
        let expected: Value = serde_json::from_str(&format!(
            r#"[{{"code":"POOL_SKIPPED","key":"bin:BAD:5","reason":"price is zero"}},{ODD}]"#
        ))
        .expect("JSON");
        assert_eq!(answer["warnings"], expected);
        assert_eq!(answer["amount_out"].as_f64(), Some(1.998));
    }
    let strict = answer(&mut market, r#","strict":true"#).expect_err("refused");
    assert_eq!(
        strict,
        QuoteError::StateInvalid {
            key: "bin:BAD:5".to_owned(),
            reason: "price is zero".to_owned(),
            warnings: Vec::new()
        }
    );
    let request = request_from_json(r#"{"token_in":"A","token_out":"C","amount_in":1}"#).expect("sound");
    assert_eq!(market.quote(&request).expect_err("refused").code(), "STATE_INVALID", "as on the edge");
}

#[test]
fn lists_name_all_of_them() {
    let market = market();
    let listed = market.pools(NumberStyle::Json);
    let keys: Vec<_> = listed.skipped.iter().map(|skipped| skipped.key.as_str()).collect();
    assert_eq!((keys, listed.total), (vec!["bin:BAD:5", "bin:LONE:5", "pool:ODD"], 4));
    let bad = PoolId::new("BAD").expect("a name");
    assert_eq!(market.pool(&bad, NumberStyle::Json).expect_err("refused").code(), "STATE_INVALID");
}

#[test]
fn it_stays_out_until_it_is_written_as_a_whole() {
    let mut market = market();
    let (_, whole) = copied("BAD", ("A", "B"), "3");
    let (value, bin) = (whole.value.expect("a value"), &whole.bins[0].1);
    let skipped =
        |market: &mut Market| answer(market, "").expect("a quote")["warnings"].as_array().map(Vec::len);
    market.apply([("pool:BAD", Some(&*value)), ("bin:BAD:5", Some(bin))]).expect("keys");
    assert_eq!(skipped(&mut market), Some(2), "its other bins are not known");
    market.apply([("pool:BAD", None)]).expect("a key");
    assert_eq!(skipped(&mut market), Some(1));
    market.apply([("pool:BAD", Some(&*value)), ("bin:BAD:5", Some(bin))]).expect("keys");
    assert_eq!(answer(&mut market, "").expect("a quote")["amount_out"].as_f64(), Some(2.997));
}

#[test]
fn a_list_of_left_out_pools_that_cannot_be_read_is_refused() {
    for (skipped, reason) in [
        (r#"{"key":"pool:P"}"#, "skipped: "),
        (r#"[{"key":"pool:P"}]"#, "skipped[0]: reason is missing"),
        (r#"[{"key":"k","reason":"r"},7]"#, "skipped[1]: "),
    ] {
        let text = format!(
            r#"{{"format":"dlmm-snapshot/1","taken_at":0,"tokens":{{}},"pools":[],"skipped":{skipped}}}"#
        );
        let refusal = Market::from_snapshot(&text, SETTINGS).expect_err("refused").to_string();
        assert!(refusal.contains(reason), "{refusal}");
    }
}
