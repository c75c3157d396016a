//! Stored values, rewritten: every field keeps its form and its place.

use anyhow::Context;
use dlmm_core::math::{Decimal, Scaled};
use dlmm_core::pool::bin::Bin;
use dlmm_core::units::BinId;
use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A stored JSON object.
#[derive(Debug)]
pub(crate) struct StoredValue {
    fields: IndexMap<String, Box<RawValue>>,
}

impl StoredValue {
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(Self { fields: serde_json::from_str(text).context("a stored value is not a JSON object")? })
    }

    pub(crate) fn to_text(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(&self.fields)?)
    }

    /// Whether it has this field with anything but `null`.
    pub(crate) fn states(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// The text of a field, if it is one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.fields.get(name)?.get()).ok()
    }

    /// Sets a field to a text.
    pub(crate) fn set_text(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        self.set(name, serde_json::to_string(text)?)
    }

    fn set(&mut self, name: &str, json: String) -> anyhow::Result<()> {
        self.fields.insert(name.to_owned(), RawValue::from_string(json)?);
        Ok(())
    }

    /// Replaces a number where the field is there, as a number or as text, whichever it was.
    fn replace_number(&mut self, name: &str, number: &str) -> anyhow::Result<()> {
        match self.fields.get(name).map(|raw| raw.get().starts_with('"')) {
            Some(true) => self.set_text(name, number),
            Some(false) => self.set(name, number.to_owned()),
            None => Ok(()),
        }
    }

    /// Writes a bin's reserves in every form it has them in, and when that was.
    pub(crate) fn set_reserves(
        &mut self,
        bin: &Bin,
        (decimals_x, decimals_y): (u8, u8),
        now: &str,
    ) -> anyhow::Result<()> {
        self.replace_number("reserve_x", &bin.reserve_x.to_string())?;
        self.replace_number("reserve_y", &bin.reserve_y.to_string())?;
        self.replace_number("x_amount", &Decimal::from_units(bin.reserve_x, decimals_x).to_string())?;
        self.replace_number("y_amount", &Decimal::from_units(bin.reserve_y, decimals_y).to_string())?;
        if let Some(total) = total_liquidity(bin, (decimals_x, decimals_y)) {
            self.replace_number("total_liquidity", &total.to_string())?;
        }
        self.set_text("last_updated", now)
    }

    /// Writes whether the bin is the active one, where it says so.
    pub(crate) fn set_active_flag(&mut self, is_active: bool) -> anyhow::Result<()> {
        if self.fields.contains_key("is_active") {
            self.set("is_active", is_active.to_string())
        } else {
            Ok(())
        }
    }

    /// Writes a pool's active bin and when that was.
    pub(crate) fn set_active_bin(
        &mut self,
        id: BinId,
        price: Option<&Scaled>,
        now: &str,
    ) -> anyhow::Result<()> {
        self.replace_number("active_bin_id", &id.to_string())?;
        if let Some(price) = price {
            self.replace_number("active_bin_price", &price.to_string())?;
        }
        self.set_text("last_updated", now)
    }
}

/// The reference's sum of both amounts in whole tokens; `None` beyond 128 bits.
pub(crate) fn total_liquidity(bin: &Bin, (decimals_x, decimals_y): (u8, u8)) -> Option<Decimal> {
    let decimals = decimals_x.max(decimals_y);
    let scaled = |units: u128, from: u8| units.checked_mul(10_u128.checked_pow(u32::from(decimals - from))?);
    let sum = scaled(bin.reserve_x, decimals_x)?.checked_add(scaled(bin.reserve_y, decimals_y)?)?;
    Some(Decimal::from_units(sum, decimals))
}

#[cfg(test)]
mod tests {
    use dlmm_core::math::Price;

    use super::*;

    fn bin() -> Bin {
        Bin { reserve_x: 150_000_000, reserve_y: 2_500_000, price: Price::from_e8(1).unwrap() }
    }

    fn rewritten(text: &str) -> String {
        let mut value = StoredValue::parse(text).unwrap();
        value.set_reserves(&bin(), (8, 6), "now").unwrap();
        value.set_active_flag(true).unwrap();
        value.to_text().unwrap()
    }

    #[test]
    fn both_forms_follow_and_keep_their_spelling() {
        assert_eq!(
            rewritten(
                r#"{"note":1,"x_amount":9.0,"reserve_x":"5","y_amount":"1","reserve_y":7,"is_active":false,"price":3.10}"#
            ),
            r#"{"note":1,"x_amount":1.5,"reserve_x":"150000000","y_amount":"2.5","reserve_y":2500000,"is_active":true,"price":3.10,"last_updated":"now"}"#
        );
    }

    #[test]
    fn fields_that_were_not_there_are_not_made_up() {
        assert_eq!(
            rewritten(r#"{"x_amount":1,"y_amount":1,"total_liquidity":2.0,"last_updated":"then"}"#),
            r#"{"x_amount":1.5,"y_amount":2.5,"total_liquidity":4.0,"last_updated":"now"}"#
        );
    }

    #[test]
    fn a_pool_moves_its_active_bin() {
        let mut value = StoredValue::parse(r#"{"active_bin_id":500,"active_bin_price":"2.0"}"#).unwrap();
        let price = Scaled::from_units(175, 2);
        value.set_active_bin(BinId::new(498).unwrap(), Some(&price), "now").unwrap();
        assert_eq!(
            value.to_text().unwrap(),
            r#"{"active_bin_id":498,"active_bin_price":"1.75","last_updated":"now"}"#
        );
        assert!(StoredValue::parse("[]").is_err());
    }
}
