//! What others write into Redis: pool values, bin values, lists of pools, keys.

use std::collections::BTreeMap;

use dlmm_core::api::{NumberStyle, PoolAnswer, PoolListing, Source};
use dlmm_core::json::JsonText;
use dlmm_core::math::{Decimal, Price};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::PoolRef;
use dlmm_core::network::state::PoolState;
use dlmm_core::stored::keys::{StateKey, shown};
use dlmm_core::stored::{
    BinValue, ListEntry, PoolRouting, PoolValue, StoredPool, UnfitId, normalise_pool, parse_stamp,
    pool_status, read_pool_list, write_stamp,
};
use dlmm_core::units::{BinId, Direction, PoolId, Symbol};
use serde_json::value::RawValue;

use crate::text::{assert_json, text_of, with_settings};

const DEFAULT_FEE_BPS: u16 = 10;

/// A value under `pool:{pool_id}`.
pub fn pool_value(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    let routing = PoolRouting::parse(text);
    let value = PoolValue::parse(text, DEFAULT_FEE_BPS);
    let decimals = DecimalTable::default();
    for style in [NumberStyle::Json, NumberStyle::Text] {
        if let Ok(listing) = PoolListing::parse(text, &decimals, DEFAULT_FEE_BPS) {
            let pool = listing.written_as(style);
            assert_json(&PoolAnswer { pool, source: Source::Redis, request_id: None }.to_json());
        }
    }
    let Ok(value) = value else { return };
    assert_eq!(pool_status(text), Some(value.status));
    assert_eq!(Ok(&value.routing), routing.as_ref(), "a value that can be quoted can be listed");
    for fees in [value.fees.x, value.fees.y] {
        assert!(fees.total() < 10_000);
    }
    let pool = &value.routing.pool;
    assert_eq!(PoolId::new(pool.id.as_str()).as_ref(), Ok(&pool.id));
    let rewritten = normalise_pool(text, &[], &decimals, DEFAULT_FEE_BPS).expect("what reads is written");
    let again = PoolValue::parse(&rewritten, 0).expect("what is written reads");
    assert_eq!((again.fees, again.status, again.active_bin), (value.fees, value.status, value.active_bin));
    let whole = StoredPool::new(Some(text), (BinId::MIN, BinId::MAX), []);
    let own = stated(&value.routing);
    assert!(!matches!(whole.state(pool, &own, DEFAULT_FEE_BPS), PoolState::Absent));
}

fn stated(routing: &PoolRouting) -> DecimalTable {
    let mut table = DecimalTable::default();
    for (token, decimals) in
        [(&routing.pool.token_x, routing.decimals_x), (&routing.pool.token_y, routing.decimals_y)]
    {
        if let Some(decimals) = decimals {
            table.state(token, decimals, "pool");
        }
    }
    table
}

/// A value under `bin:{pool_id}:{bin_id}`; the first byte sets the decimals of both tokens.
pub fn bin_value(bytes: &[u8]) {
    let Some((settings, text)) = with_settings(bytes) else { return };
    let (decimals_x, decimals_y) = (settings % 39, settings.wrapping_mul(7) % 39);
    let Ok(value) = BinValue::parse(text, decimals_x, decimals_y) else { return };
    assert!(value.bin.price.num() > 0 && value.bin.price.den() > 0);
    // A price that fits as a person writes it is the same price read back.
    let written = value.bin.price.to_human(decimals_x, decimals_y).to_string();
    let written = Decimal::parse(&written).expect("a price is written as a number");
    if let Ok(price) = Price::from_human(&written, decimals_x, decimals_y) {
        assert!(price.cmp_value(&value.bin.price).is_eq());
    }
    let fees = dlmm_core::pool::fee::SideFees::new(3, 20, 7).expect("below 10 000");
    for direction in [Direction::XForY, Direction::YForX] {
        for budget in [1, 1_000_000, u128::MAX] {
            let Ok(fill) = value.bin.fill_exact_in(direction, &fees, budget) else { continue };
            assert!(fill.taken <= budget && fill.given <= value.bin.output_reserve(direction));
            assert_eq!(fill.emptied, fill.given == value.bin.output_reserve(direction));
        }
        let reserve = value.bin.output_reserve(direction);
        for wanted in [1, reserve / 2, reserve] {
            let Ok(Some(least)) = value.bin.least_input_for(direction, &fees, wanted) else { continue };
            if let Ok(fill) = value.bin.fill_exact_in(direction, &fees, least) {
                assert!(fill.given >= wanted);
            }
        }
    }
    // Through a pool, under its own key.
    let symbol = |text| Symbol::new(text).expect("a symbol");
    let id = PoolId::new(value.pool_id.as_deref().unwrap_or("P")).expect("a pool id");
    let pool = PoolRef { id, token_x: symbol("A"), token_y: symbol("B") };
    let mut decimals = DecimalTable::default();
    decimals.state(&pool.token_x, decimals_x, "pool");
    decimals.state(&pool.token_y, decimals_y, "pool");
    let pool_text = format!(
        r#"{{"pool_id":"{}","token_x":"A","token_y":"B","active_bin_id":{},"status":"active"}}"#,
        pool.id, value.id
    );
    let read = |bin: &str, table: &DecimalTable| {
        let stored = StoredPool::new(Some(&pool_text), (BinId::MIN, BinId::MAX), [(value.id, bin)]);
        match stored.state(&pool, table, DEFAULT_FEE_BPS) {
            PoolState::Ready { pool, .. } => *pool.bin(value.id).expect("the bin"),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read(text, &decimals), value.bin);
    // As a snapshot carries it, the bin is the same.
    let entry = normalise_pool(&pool_text, &[text], &decimals, DEFAULT_FEE_BPS).expect("sound");
    let entry: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&entry).expect("an object");
    let bins: Vec<Box<RawValue>> = serde_json::from_str(entry["bins"].get()).expect("a list");
    let rewritten = bins.first().expect("the bin").get().to_owned();
    assert_eq!(read(&rewritten, &decimals), value.bin);
}

/// A value under `tokens:{token}` or `pairs:{token}:{token}`; also a key, and a time.
pub fn list(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    for ListEntry { json, id } in read_pool_list(text).into_iter().flatten() {
        assert!(json.starts_with('"') && json.ends_with('"') && JsonText::parse(json).is_ok(), "{json}");
        match id {
            Ok(id) => assert_eq!(PoolId::new(id.as_str()), Ok(id)),
            Err(UnfitId { name, .. }) => {
                assert!(PoolId::new(&name).is_err(), "{name}");
                let shown = shown(&name);
                assert!(
                    shown.len() < 220 && shown.bytes().all(|byte| matches!(byte, b' '..=b'~')),
                    "{shown}"
                );
            }
        }
    }
    if let Some(key) = StateKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    let theirs = serde_json::from_str::<&RawValue>(text).ok().map(RawValue::get);
    let json = JsonText::parse(text);
    match &json {
        Ok(json) => assert_eq!(Some(json.get()), theirs),
        Err(reason) => assert!(theirs.is_none() || reason.ends_with(" levels"), "{reason}: {text}"),
    }
    if let Ok(json) = json {
        let stamp = parse_stamp(json);
        if let Some(at_ms) = stamp.at_ms {
            let written = format!("\"{}\"", write_stamp(at_ms));
            assert_eq!(parse_stamp(JsonText::parse(&written).expect("JSON")).at_ms, stamp.at_ms, "{written}");
        }
    }
}
