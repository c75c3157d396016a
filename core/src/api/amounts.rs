//! Amounts of an answer: each twice, exact in whole tokens and in smallest units.

use super::number::{NumberStyle, Scale, Scales, Units};
use crate::json::Object;
use crate::units::{Amount, Symbol};

pub(super) fn amount(f: &mut Object<'_>, names: (&'static str, &'static str), units: Amount, scale: Scale) {
    if scale.style != NumberStyle::Omitted {
        f.member(names.0, scale.number(units));
    }
    f.member(names.1, Units(units));
}

pub(super) const AMOUNT_IN: (&str, &str) = ("amount_in", "amount_in_atomic");
pub(super) const AMOUNT_OUT: (&str, &str) = ("amount_out", "amount_out_atomic");

/// A part of the answer together with what it needs to write amounts.
pub(super) struct With<'a, T> {
    pub(super) item: T,
    pub(super) scales: Scales<'a>,
}

impl<T> With<'_, T> {
    pub(super) fn of(&self, token: &Symbol) -> Scale {
        self.scales.of(token)
    }
}
