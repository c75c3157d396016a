//! The stored values of pools and bins.

use super::field;
use super::stamp::parse_stamp;
use crate::bin::Bin;
use crate::decimals::MAX_DECIMALS;
use crate::fee::{Fees, SideFees};
use crate::graph::PoolRef;
use crate::math::{Decimal, Price, mul_div_floor};
use crate::pool::Claims;
use crate::state::Stamp;
use crate::units::{BinId, PoolId, Symbol};
use alloc::format;
use alloc::string::String;
use serde_json::value::RawValue;

/// Whether a pool trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It trades.
    Active,
    /// It does not trade.
    Inactive,
    /// It does not trade for now.
    Paused,
}

impl Status {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Paused => "paused",
        }
    }

    fn read(raw: &RawValue) -> Result<Self, String> {
        match &*field::text("status", raw)? {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            "paused" => Ok(Self::Paused),
            _ => Err(String::from("status is none of active, inactive, paused")),
        }
    }
}

/// Fields of a pool value that matter to a quote; all others are ignored.
struct PoolFields<'a> {
    pool_id: Option<&'a RawValue>,
    token_x: Option<&'a RawValue>,
    token_y: Option<&'a RawValue>,
    active_bin_id: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    token_x_decimals: Option<&'a RawValue>,
    token_y_decimals: Option<&'a RawValue>,
    x_protocol_fee: Option<&'a RawValue>,
    x_provider_fee: Option<&'a RawValue>,
    x_variable_fee: Option<&'a RawValue>,
    y_protocol_fee: Option<&'a RawValue>,
    y_provider_fee: Option<&'a RawValue>,
    y_variable_fee: Option<&'a RawValue>,
    last_updated: Option<&'a RawValue>,
}

/// Gives the status of a stored pool, or `None` where its value states none that is known.
///
/// For listings; a quote judges the whole value with [`PoolValue::parse`].
#[must_use]
pub fn pool_status(json: &str) -> Option<Status> {
    Status::read(parse_fields(json).ok()?.status?).ok()
}

/// What routing needs of a pool value, whether or not the rest of it can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRouting {
    /// Id and pair.
    pub pool: PoolRef,
    /// Stated decimals of X.
    pub decimals_x: Option<u8>,
    /// Stated decimals of Y.
    pub decimals_y: Option<u8>,
    /// The active bin, if it is one; only a hint where to read.
    pub active_bin: Option<BinId>,
}

/// A pool value that can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolValue {
    /// Id, pair, decimals and active bin.
    pub routing: PoolRouting,
    /// The active bin.
    pub active_bin: BinId,
    /// Whether it trades.
    pub status: Status,
    /// Effective fees: a side without any fee field has the default as provider fee.
    pub fees: Fees,
    /// When it was written.
    pub last_updated: Option<Stamp>,
}

fn parse_fields(json: &str) -> Result<PoolFields<'_>, String> {
    const NAMES: [&str; 14] = [
        "pool_id",
        "token_x",
        "token_y",
        "active_bin_id",
        "status",
        "token_x_decimals",
        "token_y_decimals",
        "x_protocol_fee",
        "x_provider_fee",
        "x_variable_fee",
        "y_protocol_fee",
        "y_provider_fee",
        "y_variable_fee",
        "last_updated",
    ];
    let found = field::pick(json, &NAMES).map_err(|e| format!("not a pool value: {e}"))?;
    let [
        pool_id,
        token_x,
        token_y,
        active_bin_id,
        status,
        token_x_decimals,
        token_y_decimals,
        x_protocol_fee,
        x_provider_fee,
        x_variable_fee,
        y_protocol_fee,
        y_provider_fee,
        y_variable_fee,
        last_updated,
    ] = found;
    Ok(PoolFields {
        pool_id,
        token_x,
        token_y,
        active_bin_id,
        status,
        token_x_decimals,
        token_y_decimals,
        x_protocol_fee,
        x_provider_fee,
        x_variable_fee,
        y_protocol_fee,
        y_provider_fee,
        y_variable_fee,
        last_updated,
    })
}

impl PoolRouting {
    /// Reads id, pair and decimals; decimals that cannot be are taken as not stated (a quote will say so).
    ///
    /// # Errors
    /// What is wrong, as a phrase.
    pub fn parse(json: &str) -> Result<Self, String> {
        Self::from_fields(&parse_fields(json)?)
    }

    fn from_fields(fields: &PoolFields<'_>) -> Result<Self, String> {
        let symbol =
            |name: &str, raw| field::required(name, raw).and_then(|raw| field::name(name, raw, Symbol::new));
        let id = field::required("pool_id", fields.pool_id)?;
        Ok(Self {
            pool: PoolRef {
                id: field::name("pool_id", id, PoolId::new)?,
                token_x: symbol("token_x", fields.token_x)?,
                token_y: symbol("token_y", fields.token_y)?,
            },
            decimals_x: fields.token_x_decimals.and_then(|raw| decimals("", raw).ok()),
            decimals_y: fields.token_y_decimals.and_then(|raw| decimals("", raw).ok()),
            active_bin: fields.active_bin_id.and_then(|raw| bin_id("", raw).ok()),
        })
    }
}

impl PoolValue {
    /// Reads a pool value.
    ///
    /// # Errors
    /// What is wrong, as a phrase that names the field.
    pub fn parse(json: &str, default_fee_bps: u16) -> Result<Self, String> {
        let fields = parse_fields(json)?;
        let routing = PoolRouting::from_fields(&fields)?;
        if routing.pool.token_x == routing.pool.token_y {
            return Err(String::from("token_x and token_y are the same"));
        }
        for (name, raw) in
            [("token_x_decimals", fields.token_x_decimals), ("token_y_decimals", fields.token_y_decimals)]
        {
            raw.map_or(Ok(0), |raw| decimals(name, raw))?;
        }
        let status = Status::read(field::required("status", fields.status)?)?;
        let x = [
            ("x_protocol_fee", fields.x_protocol_fee),
            ("x_provider_fee", fields.x_provider_fee),
            ("x_variable_fee", fields.x_variable_fee),
        ];
        let y = [
            ("y_protocol_fee", fields.y_protocol_fee),
            ("y_provider_fee", fields.y_provider_fee),
            ("y_variable_fee", fields.y_variable_fee),
        ];
        Ok(Self {
            active_bin: bin_id("active_bin_id", field::required("active_bin_id", fields.active_bin_id)?)?,
            status,
            fees: Fees { x: side_fees('x', x, default_fee_bps)?, y: side_fees('y', y, default_fee_bps)? },
            last_updated: fields.last_updated.map(parse_stamp),
            routing,
        })
    }
}

fn decimals(name: &str, raw: &RawValue) -> Result<u8, String> {
    let value = field::whole(name, raw, u128::from(MAX_DECIMALS))?;
    Ok(u8::try_from(value).unwrap_or(MAX_DECIMALS))
}

fn bin_id(name: &str, raw: &RawValue) -> Result<BinId, String> {
    let value = field::whole(name, raw, u128::from(BinId::MAX.get()))?;
    u16::try_from(value).ok().and_then(BinId::new).ok_or_else(|| format!("{name} is no bin id"))
}

fn side_fees(
    side: char,
    fields: [(&str, Option<&RawValue>); 3],
    default_bps: u16,
) -> Result<SideFees, String> {
    let too_large = || format!("the {side} fees add up to 10000 bps or more");
    if fields.iter().all(|(_, raw)| raw.is_none()) {
        return SideFees::new(0, default_bps, 0).ok_or_else(too_large);
    }
    let mut bps = [0_u16; 3];
    for (slot, (name, raw)) in bps.iter_mut().zip(fields) {
        if let Some(raw) = raw {
            *slot = u16::try_from(field::whole(name, raw, 10_000)?).unwrap_or(u16::MAX);
        }
    }
    let [protocol, provider, variable] = bps;
    SideFees::new(protocol, provider, variable).ok_or_else(too_large)
}

/// Fields of a bin value that matter to a quote; all others are ignored.
struct BinFields<'a> {
    pool_id: Option<&'a RawValue>,
    bin_id: Option<&'a RawValue>,
    reserve_x: Option<&'a RawValue>,
    reserve_y: Option<&'a RawValue>,
    price_e8: Option<&'a RawValue>,
    x_amount: Option<&'a RawValue>,
    y_amount: Option<&'a RawValue>,
    price: Option<&'a RawValue>,
    is_active: Option<&'a RawValue>,
}

impl<'a> BinFields<'a> {
    fn parse(json: &'a str) -> Result<Self, String> {
        const NAMES: [&str; 9] = [
            "pool_id",
            "bin_id",
            "reserve_x",
            "reserve_y",
            "price_e8",
            "x_amount",
            "y_amount",
            "price",
            "is_active",
        ];
        let found = field::pick(json, &NAMES).map_err(|e| format!("not a bin value: {e}"))?;
        let [pool_id, bin_id, reserve_x, reserve_y, price_e8, x_amount, y_amount, price, is_active] = found;
        Ok(Self { pool_id, bin_id, reserve_x, reserve_y, price_e8, x_amount, y_amount, price, is_active })
    }
}

/// A bin value that can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinValue {
    /// The pool it says it belongs to.
    pub pool_id: Option<PoolId>,
    /// Its id.
    pub id: BinId,
    /// Reserves and price.
    pub bin: Bin,
    /// What else it claims.
    pub claims: Claims,
}

impl BinValue {
    /// Reads a bin value; an exact field wins over its human twin, and the forms may be mixed.
    ///
    /// # Rounding
    /// Human reserves down to the token's smallest unit. Prices exactly.
    ///
    /// # Errors
    /// What is wrong, as a phrase that names the field.
    pub fn parse(json: &str, decimals_x: u8, decimals_y: u8) -> Result<Self, String> {
        let fields = BinFields::parse(json)?;
        let id = bin_id("bin_id", field::required("bin_id", fields.bin_id)?)?;
        let mut forms_differ = false;
        let mut reserve = |exact: (&str, Option<&RawValue>), human: (&str, Option<&RawValue>), decimals| {
            let written = human.1.map(|raw| human_units(human.0, raw, decimals)).transpose();
            match (exact.1, written) {
                (Some(raw), written) => {
                    let units = field::units(exact.0, raw)?;
                    forms_differ |= written.ok().flatten().is_some_and(|twin| apart(units, twin));
                    Ok(units)
                }
                (None, Ok(Some(units))) => Ok(units),
                (None, Ok(None)) => Err(format!("neither {} nor {} is there", exact.0, human.0)),
                (None, Err(reason)) => Err(reason),
            }
        };
        let reserve_x = reserve(("reserve_x", fields.reserve_x), ("x_amount", fields.x_amount), decimals_x)?;
        let reserve_y = reserve(("reserve_y", fields.reserve_y), ("y_amount", fields.y_amount), decimals_y)?;
        let human_price = fields.price.map(|raw| {
            let price = Price::from_human(&field::decimal("price", raw)?, decimals_x, decimals_y);
            price.map_err(|e| format!("price {e}"))
        });
        let price = match (fields.price_e8, human_price) {
            (Some(raw), twin) => {
                let price =
                    Price::from_e8(field::units("price_e8", raw)?).map_err(|e| format!("price_e8 {e}"))?;
                forms_differ |= twin.and_then(Result::ok).is_some_and(|twin| prices_apart(&price, &twin));
                price
            }
            (None, Some(price)) => price?,
            (None, None) => return Err(String::from("neither price_e8 nor price is there")),
        };
        Ok(Self {
            pool_id: fields.pool_id.map(|raw| field::name("pool_id", raw, PoolId::new)).transpose()?,
            id,
            bin: Bin { reserve_x, reserve_y, price },
            claims: Claims {
                is_active: fields.is_active.map(|raw| field::boolean("is_active", raw)).transpose()?,
                forms_differ,
            },
        })
    }
}

fn human_units(name: &str, raw: &RawValue, decimals: u8) -> Result<u128, String> {
    let number: Decimal = field::decimal(name, raw)?;
    number.to_units_floor(decimals).ok_or_else(|| format!("{name} exceeds 128 bits of smallest units"))
}

/// Tells whether two forms of a reserve differ by more than one unit and more than a double's rounding.
fn apart(exact: u128, written: u128) -> bool {
    exact.abs_diff(written) > (exact >> 50).max(1)
}

/// Tells whether two forms of a price differ by more than the exact form's last digit and a double's rounding.
fn prices_apart(exact: &Price, written: &Price) -> bool {
    let in_e8 = mul_div_floor(written.num(), exact.den(), written.den());
    in_e8.is_none_or(|in_e8| apart(exact.num(), in_e8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = r#"{"pool_id":"BTC-USDC-25","token_x":"BTC","token_y":"USDC","bin_step":25,
        "active_bin_id":500,"active_bin_price":100000.0,"status":"active","total_tvl":1e6}"#;

    fn bin(json: &str) -> Result<BinValue, String> {
        BinValue::parse(json, 8, 6)
    }

    #[test]
    fn a_pool_without_fees_has_the_default_on_both_sides() {
        let pool = PoolValue::parse(POOL, 10).expect("sound");
        assert_eq!((pool.fees.x.provider(), pool.fees.y.total()), (10, 10));
        let one_side = POOL.replacen('{', r#"{"x_protocol_fee":1,"#, 1);
        let pool = PoolValue::parse(&one_side, 10).expect("sound");
        assert_eq!((pool.fees.x.total(), pool.fees.y.total()), (1, 10));
    }

    #[test]
    fn names_what_is_wrong_with_a_pool() {
        let with = |from: &str, to: &str| PoolValue::parse(&POOL.replace(from, to), 10).expect_err("unsound");
        assert_eq!(with("\"active\"", "\"closed\""), "status is none of active, inactive, paused");
        assert_eq!(with(":500", ":1001"), "active_bin_id is not a whole number from 0 to 1000");
        assert_eq!(with(":500", ":-1"), "active_bin_id is negative");
        assert_eq!(with("\"status\":\"active\",", ""), "status is missing");
        assert_eq!(with("USDC\",", "BTC\","), "token_x and token_y are the same");
        assert_eq!(
            with("\"bin_step\"", "\"y_protocol_fee\":9999,\"y_variable_fee\":1,\"bin_step\""),
            "the y fees add up to 10000 bps or more"
        );
        assert!(with("}", "").starts_with("not a pool value: EOF"));
        assert!(PoolValue::parse("[]", 10).is_err() && PoolValue::parse("", 10).is_err());
    }

    #[test]
    fn reads_both_forms_of_a_bin() {
        let human =
            bin(r#"{"bin_id":500,"x_amount":1000.0,"y_amount":1e8,"price":100000.0}"#).expect("sound");
        let exact =
            bin(r#"{"bin_id":500,"reserve_x":"100000000000","reserve_y":"100000000000000","price_e8":"100000000000"}"#)
                .expect("sound");
        assert_eq!((human.bin.reserve_x, human.bin.reserve_y), (exact.bin.reserve_x, exact.bin.reserve_y));
        assert_eq!(human.bin.price.cmp_value(&exact.bin.price), core::cmp::Ordering::Equal);
    }

    #[test]
    fn the_exact_form_wins_and_a_contradiction_is_noted() {
        let mixed = r#"{"bin_id":1,"reserve_x":"5","x_amount":9.0,"y_amount":"0.0000019","price":"1"}"#;
        let mixed = bin(mixed).expect("sound");
        assert_eq!((mixed.bin.reserve_x, mixed.bin.reserve_y, mixed.claims.forms_differ), (5, 1, true));
        let rounded = r#"{"bin_id":1,"reserve_x":"900000001","x_amount":9.0,"reserve_y":"0","price":1.5,"price_e8":1500000}"#;
        assert!(!bin(rounded).expect("sound").claims.forms_differ);
    }

    #[test]
    fn names_what_is_wrong_with_a_bin() {
        let sound = r#"{"bin_id":500,"x_amount":1.0,"y_amount":1.0,"price":1.0}"#;
        let with = |from: &str, to: &str| bin(&sound.replace(from, to)).expect_err("unsound");
        assert_eq!(with("\"x_amount\":1.0", "\"x_amount\":-1.0"), "x_amount is negative");
        assert_eq!(with("\"price\":1.0", "\"price\":0"), "price is zero");
        assert_eq!(with("\"x_amount\":1.0,", ""), "neither reserve_x nor x_amount is there");
        assert_eq!(with("\"price\":1.0", "\"price\":\"NaN\""), "price is not a decimal number");
        assert_eq!(with("\"y_amount\":1.0", "\"y_amount\":[1]"), "y_amount is not a number");
        assert_eq!(
            with("\"x_amount\":1.0", "\"reserve_x\":1.5"),
            "reserve_x is not a whole number of 128 bits"
        );
        assert_eq!(with("\"bin_id\":500,", ""), "bin_id is missing");
    }
}
