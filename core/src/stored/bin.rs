//! The stored value of a bin, in its exact form and in its human form.

use super::pool::bin_id;
use crate::json::JsonText;
use crate::json::field::{self, picked};
use crate::math::{Decimal, Price, mul_div_floor};
use crate::pool::Claims;
use crate::pool::bin::Bin;
use crate::units::{BinId, check_name};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

picked! {
    /// Fields of a bin value that matter to a quote; all others are ignored.
    struct BinFields {
        pool_id,
        bin_id,
        reserve_x,
        reserve_y,
        price_e8,
        x_amount,
        y_amount,
        price,
        is_active,
    }
}

/// A bin value that can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinValue<'a> {
    /// The pool it says it belongs to.
    pub pool_id: Option<Cow<'a, str>>,
    /// Its id.
    pub id: BinId,
    /// Reserves and price.
    pub bin: Bin,
    /// What else it claims.
    pub claims: Claims,
}

impl<'a> BinValue<'a> {
    /// Reads a bin value; an exact field wins over its human twin, and the forms may be mixed.
    ///
    /// # Rounding
    /// Human reserves down to the token's smallest unit. Prices exactly.
    ///
    /// # Errors
    /// What is wrong, as a phrase that names the field.
    pub fn parse(json: &'a str, decimals_x: u8, decimals_y: u8) -> Result<Self, String> {
        let fields = BinFields::pick(json).map_err(|e| format!("not a bin value: {e}"))?;
        let id = bin_id("bin_id", field::required("bin_id", fields.bin_id)?)?;
        let mut forms_differ = false;
        let mut reserve =
            |exact: (&str, Option<JsonText<'_>>), human: (&str, Option<JsonText<'_>>), decimals| {
                let written = human.1.map(|raw| human_units(human.0, raw, decimals)).transpose();
                match (exact.1, written) {
                    (Some(raw), written) => {
                        let units = field::units(exact.0, raw)?;
                        forms_differ |= written.ok().flatten().is_some_and(|twin| apart(units, twin));
                        Ok(units)
                    }
                    (None, Ok(Some(units))) => Ok(units),
                    (None, Ok(None)) => Err(format!("neither {} nor {} is given", exact.0, human.0)),
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
            (None, None) => return Err(String::from("neither price_e8 nor price is given")),
        };
        Ok(Self {
            pool_id: fields.pool_id.map(owner).transpose()?,
            id,
            bin: Bin { reserve_x, reserve_y, price },
            claims: Claims {
                is_active: fields.is_active.map(|raw| field::boolean("is_active", raw)).transpose()?,
                forms_differ,
            },
        })
    }
}

/// Checks the name of a pool without keeping it: the pool that a bin is read for has one of its own.
fn owner(raw: JsonText<'_>) -> Result<Cow<'_, str>, String> {
    let text = field::text("pool_id", raw)?;
    check_name(&text).map(|()| text).map_err(|e| format!("pool_id {e}"))
}

fn human_units(name: &str, raw: JsonText<'_>, decimals: u8) -> Result<u128, String> {
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

/// The id that a bin value carries.
pub(super) fn bin_id_of(json: &str) -> Result<BinId, String> {
    let [raw] = field::pick(json, &["bin_id"])?;
    bin_id("bin_id", field::required("bin_id", raw)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(json: &str) -> Result<BinValue<'_>, String> {
        BinValue::parse(json, 8, 6)
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
        assert_eq!(with("\"x_amount\":1.0,", ""), "neither reserve_x nor x_amount is given");
        assert_eq!(with("\"price\":1.0", "\"price\":\"NaN\""), "price is not a decimal number");
        assert_eq!(with("\"y_amount\":1.0", "\"y_amount\":[1]"), "y_amount is not a number");
        assert_eq!(
            with("\"x_amount\":1.0", "\"reserve_x\":1.5"),
            "reserve_x is not a whole number of 128 bits"
        );
        assert_eq!(with("\"bin_id\":500,", ""), "bin_id is missing");
    }
}
