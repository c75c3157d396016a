//! Amounts in whole tokens and prices, written digit by digit.

use crate::decimals::DecimalTable;
use crate::math::Scaled;
use crate::units::{Amount, Symbol};
use alloc::string::ToString;
use arrayvec::ArrayString;
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
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) value: Scaled,
    pub(super) style: NumberStyle,
}

/// Room for the text of any amount: 39 digits and as many zeros. Prices may have more zeros; few have.
const ROOM: usize = 96;

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut near, far);
        near = ArrayString::<ROOM>::new();
        let text = match self.value.write(&mut near) {
            Ok(()) => near.as_str(),
            Err(_) => {
                far = self.value.to_string();
                far.as_str()
            }
        };
        match self.style {
            NumberStyle::Json => {
                let raw: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
                raw.serialize(serializer)
            }
            NumberStyle::Text => serializer.serialize_str(text),
        }
    }
}

/// An amount in smallest units, as text.
pub(super) struct Units(pub(super) Amount);

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(itoa::Buffer::new().format(self.0))
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
