//! A pool and its bins as values of Redis, written and read again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use chrono::DateTime;
use dlmm_core::math::Scaled;
use dlmm_core::pool::bin::Bin;
use dlmm_core::stored::write_stamp;
use dlmm_core::units::{BinId, PoolId};
use serde::Deserialize;

use super::pool::{FEES, Factors, Facts, Pool, Reserves, Touched, known_status};
use super::tokens::{Token, Tokens};
use crate::stored_value::total_liquidity;

/// Writes the value of `pool:{pool_id}`.
///
/// All texts in it are names, hashes and times, none of which JSON would escape.
pub(crate) fn pool_value(pool: &Pool) -> String {
    let Pool { id, token_x, token_y, bin_step, initial_active, active, status, touched, .. } = pool;
    let mut text = String::with_capacity(1_200);
    let _ = write!(
        text,
        r#"{{"pool_id":"{id}","token_x":"{}","token_y":"{}","bin_step":{bin_step},"initial_active_bin_id":{initial_active},"active_bin_id":{active}"#,
        token_x.symbol, token_y.symbol,
    );
    let (decimals_x, decimals_y) = pool.decimals();
    if let Some(price) = pool.price(*active) {
        let _ = write!(text, r#","active_bin_price":{}"#, price.to_human(decimals_x, decimals_y));
    }
    let worth = Scaled::from_units(pool.worth, decimals_y);
    let _ = write!(text, r#","status":"{status}","total_tvl":{worth}"#);
    if let Some(created_ms) = pool.created_ms {
        let _ = write!(text, r#","created_at":"{}""#, write_stamp(created_ms));
    }
    let _ = write!(
        text,
        r#","last_updated":"{}","token_x_decimals":{decimals_x},"token_y_decimals":{decimals_y}"#,
        write_stamp(touched.time_ms),
    );
    for (name, fee) in FEES.iter().zip(pool.fees) {
        let _ = write!(text, r#","{name}":{fee}"#);
    }
    let _ = write!(
        text,
        r#","block_height":{},"index_block_hash":"{}","pool_contract":"{id}","token_x_contract":"{}","token_y_contract":"{}""#,
        touched.height, touched.hash, token_x.contract, token_y.contract,
    );
    for (name, token) in [("token_x_asset", token_x), ("token_y_asset", token_y)] {
        if let Some(asset) = &token.asset {
            let _ = write!(text, r#","{name}":"{asset}""#);
        }
    }
    text.push_str(r#","fee_exempt":["#);
    for (at, address) in pool.exempt.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, r#"{comma}"{address}""#);
    }
    text.push_str("]}");
    text
}

/// Writes the value of `bin:{pool_id}:{bin_id}`.
pub(crate) fn bin_value(pool: &Pool, id: BinId, bin: Reserves) -> String {
    let Reserves { x, y, time_ms } = bin;
    let (decimals_x, decimals_y) = pool.decimals();
    let mut text = String::with_capacity(400);
    let _ = write!(
        text,
        r#"{{"pool_id":"{}","bin_id":{id},"x_amount":{},"y_amount":{}"#,
        pool.id,
        Scaled::from_units(x, decimals_x),
        Scaled::from_units(y, decimals_y),
    );
    if let Some(price) = pool.price(id) {
        let _ = write!(text, r#","price":{}"#, price.to_human(decimals_x, decimals_y));
        let bin = Bin { reserve_x: x, reserve_y: y, price };
        if let Some(total) = total_liquidity(&bin, (decimals_x, decimals_y)) {
            let _ = write!(text, r#","total_liquidity":{total}"#);
        }
    }
    let _ = write!(
        text,
        r#","is_active":{},"last_updated":"{}","reserve_x":"{x}","reserve_y":"{y}","price_e8":"{}"}}"#,
        id == pool.active,
        write_stamp(time_ms),
        pool.price_e8(id).unwrap_or(0),
    );
    text
}

#[derive(Deserialize)]
struct PoolText {
    bin_step: u32,
    initial_active_bin_id: u16,
    active_bin_id: u16,
    status: String,
    created_at: Option<String>,
    last_updated: String,
    block_height: u64,
    index_block_hash: String,
    token_x: String,
    token_y: String,
    token_x_decimals: u8,
    token_y_decimals: u8,
    token_x_contract: String,
    token_y_contract: String,
    token_x_asset: Option<String>,
    token_y_asset: Option<String>,
    #[serde(default)]
    fee_exempt: BTreeSet<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct BinText {
    reserve_x: String,
    reserve_y: String,
    last_updated: String,
}

/// Reads what [`pool_value`] wrote, without bins.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_pool(
    id: &PoolId,
    text: &str,
    facts: &Facts,
    tokens: &Tokens,
    factors: impl Fn(u32) -> Option<Factors>,
) -> Result<Pool, String> {
    let text: PoolText = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let number = |text: &str| text.parse::<u128>().map_err(|_| "its facts are no numbers".to_owned());
    let bin = |id: u16| BinId::new(id).ok_or_else(|| "a bin id is out of range".to_owned());
    let mut fees = [0_u16; 6];
    for (fee, name) in fees.iter_mut().zip(FEES) {
        let stored = text.rest.get(name).and_then(serde_json::Value::as_u64);
        *fee = stored.and_then(|fee| u16::try_from(fee).ok()).ok_or_else(|| format!("{name} is missing"))?;
    }
    let status = known_status(&text.status);
    let token = |contract: &str, symbol: &str, decimals: u8, asset: Option<String>| {
        // The file may have changed since; then the pool is what the file says now.
        match tokens.get(contract) {
            Some(token) => Ok::<_, String>(Arc::clone(token)),
            None => Ok(Arc::new(Token {
                contract: contract.to_owned(),
                symbol: dlmm_core::units::Symbol::new(symbol).map_err(|wrong| format!("token {wrong}"))?,
                decimals,
                asset,
            })),
        }
    };
    Ok(Pool {
        id: id.clone(),
        number: number(&facts.number)?,
        token_x: token(&text.token_x_contract, &text.token_x, text.token_x_decimals, text.token_x_asset)?,
        token_y: token(&text.token_y_contract, &text.token_y, text.token_y_decimals, text.token_y_asset)?,
        bin_step: text.bin_step,
        initial_price: number(&facts.initial_price)?,
        initial_active: bin(text.initial_active_bin_id)?,
        created_ms: text.created_at.as_deref().map(time_ms).transpose()?,
        factors: factors(text.bin_step).ok_or_else(|| format!("bin step {} is unknown", text.bin_step))?,
        active: bin(text.active_bin_id)?,
        status: status.ok_or_else(|| "its status is unknown".to_owned())?,
        fees,
        exempt: text.fee_exempt,
        touched: Touched {
            height: text.block_height,
            hash: text.index_block_hash.into(),
            time_ms: time_ms(&text.last_updated)?,
        },
        worth: 0,
        bins: BTreeMap::new(),
    })
}

/// Reads what [`bin_value`] wrote.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_bin(text: &str) -> Result<Reserves, String> {
    let text: BinText = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let reserve = |text: &str| text.parse().map_err(|_| "a reserve is not a number".to_owned());
    Ok(Reserves {
        x: reserve(&text.reserve_x)?,
        y: reserve(&text.reserve_y)?,
        time_ms: time_ms(&text.last_updated)?,
    })
}

fn time_ms(text: &str) -> Result<u64, String> {
    let time = DateTime::parse_from_rfc3339(text).ok();
    let ms = time.and_then(|time| u64::try_from(time.timestamp_millis()).ok());
    ms.ok_or_else(|| "a time is not RFC 3339".to_owned())
}
