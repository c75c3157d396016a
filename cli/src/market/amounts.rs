//! Amounts of an answer as people read them.

use dlmm_core::math::{Scaled, ratio_floor};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::quote::Quote;
use dlmm_core::units::{Amount, Symbol};

use crate::grouping::grouped;

/// Significant digits of an effective price, as HTTP writes it.
const PRICE_DIGITS: u32 = 18;

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

    /// Whole tokens out for one token in.
    pub(crate) fn effective_price(self, quote: &Quote) -> Option<String> {
        let above = (quote.amount_out, self.decimals(&quote.token_out));
        let below = (quote.amount_in, self.decimals(&quote.token_in));
        Some(grouped(&ratio_floor(above, below, PRICE_DIGITS)?.to_string()))
    }
}

/// Parts of a million as a percentage, exactly.
pub(crate) fn percent(ppm: u32) -> String {
    format!("{}.{:04} %", ppm / 10_000, ppm % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact() {
        let told = [0, 1, 12_345, 1_000_000].map(percent);
        assert_eq!(told, ["0.0000 %", "0.0001 %", "1.2345 %", "100.0000 %"]);
    }
}
