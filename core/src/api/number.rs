//! Amounts in whole tokens and prices, written digit by digit.

use crate::json::{Plain, ToJson};
use crate::math::Scaled;
use crate::network::decimals::DecimalTable;
use crate::units::{Amount, Symbol};
use alloc::string::String;

/// How amounts in whole tokens and prices are written. Either way every digit is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberStyle {
    /// As JSON numbers, as HTTP answers.
    #[default]
    Json,
    /// As text, for readers whose numbers are floats.
    Text,
    /// Not at all, where only what a digest covers is wanted: prices are `null`.
    Omitted,
}

/// A number with exactly this text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) value: Scaled,
    pub(super) style: NumberStyle,
}

impl ToJson for Number {
    fn write(&self, out: &mut String) {
        let quote = match self.style {
            NumberStyle::Json => "",
            NumberStyle::Text => "\"",
            NumberStyle::Omitted => return out.push_str("null"),
        };
        out.push_str(quote);
        // Writing to memory does not fail.
        let _ = self.value.write(out);
        out.push_str(quote);
    }
}

/// An amount in smallest units, as text.
pub(crate) struct Units(pub(crate) Amount);

impl ToJson for Units {
    fn write(&self, out: &mut String) {
        Plain(itoa::Buffer::new().format(self.0)).write(out);
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
        Number { value: Scaled::from_units(units, self.decimals), style: self.style }
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
