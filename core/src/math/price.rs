//! The exact price of a bin.

use super::{Decimal, Scaled, mul_div_ceil, mul_div_floor, pow10};
use crate::units::PRICE_SCALE;
use core::cmp::Ordering;
use core::fmt;
use ruint::aliases::U256;

/// Which arithmetic a price asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The contract's own: unsigned 128 bits throughout; what does not fit aborts the swap.
    Contract,
    /// The same formulas with intermediates as wide as needed, for prices the contract did not state.
    Wide,
}

/// Smallest units of Y per smallest unit of X, as an exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    num: u128,
    den: u128,
    rule: Rule,
}

/// Why a number is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceError {
    /// A price must be above zero.
    Zero,
    /// The fraction needs more than 128 bits on one side.
    OutOfRange,
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "is zero",
            Self::OutOfRange => "needs more than 128 bits in smallest units",
        })
    }
}

impl Price {
    /// Takes the contract's fixed-point price.
    ///
    /// # Units
    /// `price_e8`: smallest units of Y per smallest unit of X, times 10^8.
    ///
    /// # Errors
    /// [`PriceError::Zero`].
    pub const fn from_e8(price_e8: u128) -> Result<Self, PriceError> {
        if price_e8 == 0 {
            return Err(PriceError::Zero);
        }
        Ok(Self { num: price_e8, den: PRICE_SCALE, rule: Rule::Contract })
    }

    /// Takes a price a person would write: whole Y per whole X.
    ///
    /// # Errors
    /// [`PriceError`] if it is zero or its fraction does not fit.
    pub fn from_human(price: &Decimal, decimals_x: u8, decimals_y: u8) -> Result<Self, PriceError> {
        if price.is_zero() {
            return Err(PriceError::Zero);
        }
        let (digits, exponent) = price.parts().ok_or(PriceError::OutOfRange)?;
        let exponent = exponent.saturating_add(i64::from(decimals_y)).saturating_sub(i64::from(decimals_x));
        let scale =
            u32::try_from(exponent.unsigned_abs()).ok().and_then(pow10).ok_or(PriceError::OutOfRange)?;
        let (num, den) = if exponent < 0 {
            (digits, scale)
        } else {
            (digits.checked_mul(scale).ok_or(PriceError::OutOfRange)?, 1)
        };
        Ok(Self { num, den, rule: Rule::Wide })
    }

    /// Upper part of the fraction: smallest units of Y.
    #[must_use]
    pub const fn num(&self) -> u128 {
        self.num
    }

    /// Lower part of the fraction, always a power of ten: smallest units of X.
    #[must_use]
    pub const fn den(&self) -> u128 {
        self.den
    }

    /// Which arithmetic a swap at this price uses.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// Writes the price as whole Y per whole X; exact, since the denominator is a power of ten.
    #[must_use]
    pub fn to_human(&self, decimals_x: u8, decimals_y: u8) -> Scaled {
        let zeros = i64::from(self.den.ilog10());
        Scaled::from_units(self.num, 0).scaled(i64::from(decimals_x) - i64::from(decimals_y) - zeros)
    }

    /// Values `x` units of X in Y, rounded down; `None` where it does not fit.
    #[must_use]
    pub fn y_for_x_floor(&self, x: u128) -> Option<u128> {
        mul_div_floor(x, self.num, self.den)
    }

    /// Values `y` units of Y in X, rounded down; `None` where it does not fit.
    #[must_use]
    pub fn x_for_y_floor(&self, y: u128) -> Option<u128> {
        mul_div_floor(y, self.den, self.num)
    }

    /// Values `x` units of X in Y, rounded up; `None` where it does not fit.
    #[must_use]
    pub fn y_for_x_ceil(&self, x: u128) -> Option<u128> {
        mul_div_ceil(x, self.num, self.den)
    }

    /// Values `y` units of Y in X, rounded up; `None` where it does not fit.
    #[must_use]
    pub fn x_for_y_ceil(&self, y: u128) -> Option<u128> {
        mul_div_ceil(y, self.den, self.num)
    }

    /// Compares two prices by value.
    #[must_use]
    pub fn cmp_value(&self, other: &Self) -> Ordering {
        // Prices of one pool mostly have one denominator.
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        let product = |a: u128, b: u128| U256::from(a).wrapping_mul(U256::from(b));
        product(self.num, other.den).cmp(&product(other.num, self.den))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn human(text: &str, dx: u8, dy: u8) -> Result<Price, PriceError> {
        Price::from_human(&Decimal::parse(text).expect("a number"), dx, dy)
    }

    #[test]
    fn both_forms_mean_the_same() {
        // 100 000 USDC (6 decimals) per BTC (8 decimals): 1 000 smallest units per smallest unit.
        let exact = Price::from_e8(1_000 * PRICE_SCALE).expect("above zero");
        let written = human("100000.0", 8, 6).expect("fits");
        assert_eq!((written.num(), written.den()), (100_000 * 1_000_000 / 100_000_000, 1));
        assert_eq!(exact.cmp_value(&written), Ordering::Equal);
        assert_eq!(exact.to_human(8, 6).to_string(), "100000.0");
        assert_eq!(written.to_human(8, 6).to_string(), "100000.0");
    }

    #[test]
    fn keeps_every_digit_of_a_small_price() {
        let price = human("0.00001234567890123456", 18, 6).expect("fits");
        assert_eq!(price.to_human(18, 6).to_string(), "0.00001234567890123456");
    }

    #[test]
    fn refuses_zero_and_what_does_not_fit() {
        assert_eq!(Price::from_e8(0), Err(PriceError::Zero));
        assert_eq!(human("0.0", 8, 6), Err(PriceError::Zero));
        assert_eq!(human("1e50", 8, 6), Err(PriceError::OutOfRange));
        assert_eq!(human("1e-50", 8, 6), Err(PriceError::OutOfRange));
        assert_eq!(human("1e999999999", 8, 6), Err(PriceError::OutOfRange));
    }

    #[test]
    fn compares_across_denominators() {
        let low = human("0.999999999999999999", 8, 8).expect("fits");
        let one = Price::from_e8(PRICE_SCALE).expect("above zero");
        assert_eq!(low.cmp_value(&one), Ordering::Less);
        let huge = Price::from_e8(u128::MAX).expect("above zero");
        assert_eq!(huge.cmp_value(&one), Ordering::Greater);
    }
}
