//! Amounts of an answer as people read them.

use dlmm_core::math::Scaled;
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::units::{Amount, Symbol};

use crate::grouping::grouped;

/// Smallest units in whole tokens, with the decimals that an answer was computed with.
#[derive(Clone, Copy)]
pub(crate) struct Amounts<'a>(pub(crate) &'a DecimalTable);

impl Amounts<'_> {
    /// The decimals of a token.
    pub(crate) fn decimals(self, token: &Symbol) -> u8 {
        self.0.of(token).0
    }

    /// The number alone: `73,119.5`, `2,500.0`.
    pub(crate) fn number(self, units: Amount, token: &Symbol) -> String {
        grouped(&Scaled::from_units(units, self.decimals(token)).to_string())
    }

    /// With its token: `73,119.5 BTC`.
    pub(crate) fn with_token(self, units: Amount, token: &Symbol) -> String {
        format!("{} {token}", self.number(units, token))
    }

    /// As in a sentence, where a whole number has no point: `99,999,999 BTC`.
    pub(crate) fn in_sentence(self, units: Amount, token: &Symbol) -> String {
        let number = self.number(units, token);
        format!("{} {token}", number.strip_suffix(".0").unwrap_or(&number))
    }
}
