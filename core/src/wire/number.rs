//! Amounts in whole tokens and prices, written digit by digit.

use crate::decimals::DecimalTable;
use crate::math::Decimal;
use crate::units::{Amount, Symbol};
use alloc::string::ToString;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// How amounts in whole tokens and prices are written. Either way every digit is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberStyle {
    /// As JSON numbers, as HTTP answers.
    #[default]
    Json,
    /// As text, for readers whose numbers are floats.
    Text,
}

/// A number with exactly this text.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) decimal: Decimal,
    pub(super) style: NumberStyle,
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.style {
            NumberStyle::Json => RawValue::from_string(self.decimal.to_string())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            NumberStyle::Text => serializer.collect_str(&self.decimal),
        }
    }
}

/// How to write amounts of one token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) decimals: u8,
    pub(super) style: NumberStyle,
}

impl Scale {
    pub(super) fn number(self, units: Amount) -> Number {
        Number { decimal: Decimal::from_units(units, self.decimals), style: self.style }
    }
}

/// How to write amounts of every token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales<'a> {
    pub(super) table: &'a DecimalTable,
    pub(super) style: NumberStyle,
}

impl Scales<'_> {
    pub(super) fn of(self, token: &Symbol) -> Scale {
        Scale { decimals: self.table.of(token).0, style: self.style }
    }
}
