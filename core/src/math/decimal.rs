//! Decimal text, read exactly and never through a float.

use super::digits::{Digits, number_of};
use super::scaled::write_point;
use super::{div, pow10};
use core::cmp::Ordering;
use core::fmt;

/// Digits that always fit 128 bits.
const SAFE_DIGITS: usize = 38;

/// A non-negative decimal number exactly as it was written: `digits * 10^exponent`.
///
/// The digits carry no leading and no trailing zeros; zero has no digits at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Significant digits: none of them a zero in front or behind.
    digits: Digits,
    exponent: i64,
}

/// Why a text is not a non-negative decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a decimal number at all: empty, `NaN`, `Infinity`, `0x10`, two points, ...
    NotANumber,
    /// Below zero.
    Negative,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "is not a decimal number",
            Self::Negative => "is negative",
        })
    }
}

/// Why a decimal number is not a whole number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has digits below the smallest unit.
    TooPrecise,
    /// It is above 2^128 - 1 units.
    TooLarge,
}

impl Decimal {
    /// Reads digits and nothing else, as nearly every amount is stored, without a decimal number in between.
    ///
    /// `None` for any other text and beyond 38 digits; [`Self::parse`] may know what it says.
    #[must_use]
    pub fn plain_units(text: &str) -> Option<u128> {
        let plain = (1..=SAFE_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { number_of(text.bytes()) } else { None }
    }

    /// Reads `123`, `0.5`, `.5`, `5.`, `1e-7`, `1E+30`; a leading `+` is accepted.
    ///
    /// Nothing is expanded here, so `1e999999999` costs no memory; an exponent beyond `i64` is capped there,
    /// which changes no outcome because such a number is zero, too large or too precise either way.
    ///
    /// # Errors
    /// [`DecimalError`] if the text is no decimal number or is below zero. `-0` is zero.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if let Some(plain) = Self::parse_plain(text) {
            return Ok(plain);
        }
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or_default()),
            Some(b'+') => (false, text.get(1..).unwrap_or_default()),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::NotANumber);
        }
        let digits = || whole.bytes().chain(fraction.bytes());
        let Some(first) = digits().position(|digit| digit != b'0') else {
            return Ok(Self { digits: Digits::Number(0), exponent: 0 });
        };
        if negative {
            return Err(DecimalError::Negative);
        }
        let dropped = digits().rev().take_while(|digit| *digit == b'0').count();
        let kept = whole.len() + fraction.len() - first - dropped;
        let shift =
            i64::try_from(dropped).unwrap_or(i64::MAX) - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let digits = Digits::of(digits().skip(first).take(kept));
        Ok(Self { digits, exponent: exponent.saturating_add(shift) })
    }

    /// Reads the numbers that most are: digits and perhaps a point, so few that they fit 64 bits.
    fn parse_plain(text: &str) -> Option<Self> {
        const MOST: usize = 19;
        if text.len() > MOST {
            return None;
        }
        let (mut number, mut exponent, mut step, mut digits) = (0_u64, 0_i64, 0, 0_u8);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    number = number * 10 + u64::from(byte - b'0');
                    (exponent, digits) = (exponent + step, digits + 1);
                }
                b'.' if step == 0 => step = -1,
                _ => return None,
            }
        }
        if digits == 0 {
            return None;
        }
        if number == 0 {
            return Some(Self { digits: Digits::Number(0), exponent: 0 });
        }
        while number % 10 == 0 {
            (number, exponent) = (number / 10, exponent + 1);
        }
        Some(Self { digits: Digits::Number(u128::from(number)), exponent })
    }

    /// Gives the number written as `units / 10^decimals`.
    #[must_use]
    pub fn from_units(units: u128, decimals: u8) -> Self {
        let (mut digits, mut exponent) = (units, -i64::from(decimals));
        if digits == 0 {
            return Self { digits: Digits::Number(0), exponent: 0 };
        }
        while digits % 10 == 0 {
            (digits, exponent) = (digits / 10, exponent + 1);
        }
        Self { digits: Digits::Number(digits), exponent }
    }

    /// Gives the number times `10^places`.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn scaled(mut self, places: i64) -> Self {
        if !self.is_zero() {
            self.exponent = self.exponent.saturating_add(places);
        }
        self
    }

    /// Tells whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits == Digits::Number(0)
    }

    /// Significant digits as a number, and the power of ten they are multiplied with.
    ///
    /// `None` if the digits alone exceed `u128`.
    pub(crate) fn parts(&self) -> Option<(u128, i64)> {
        match self.digits {
            Digits::Number(number) => Some((number, self.exponent)),
            Digits::Text(_) => None,
        }
    }

    /// Gives the whole number of units of `10^-decimals`.
    ///
    /// # Errors
    /// [`Unfit`] if digits would be lost or the result exceeds `u128`. Trailing zeros are not digits.
    pub fn to_units(&self, decimals: u8) -> Result<u128, Unfit> {
        if self.is_zero() {
            return Ok(0);
        }
        let exponent = self.exponent.saturating_add(i64::from(decimals));
        if exponent < 0 {
            // Also too precise where it is huge: the caller hears first of what it can fix.
            return if self.whole_digits(decimals) > 39 {
                Err(Unfit::TooLarge)
            } else {
                Err(Unfit::TooPrecise)
            };
        }
        let scale = u32::try_from(exponent).ok().and_then(pow10).ok_or(Unfit::TooLarge)?;
        let (digits, _) = self.parts().ok_or(Unfit::TooLarge)?;
        digits.checked_mul(scale).ok_or(Unfit::TooLarge)
    }

    /// Gives the whole number of units of `10^-decimals`, rounded down.
    ///
    /// `None` if the result exceeds `u128`.
    #[must_use]
    pub fn to_units_floor(&self, decimals: u8) -> Option<u128> {
        match self.to_units(decimals) {
            Ok(units) => Some(units),
            Err(Unfit::TooLarge) => None,
            Err(Unfit::TooPrecise) => {
                let kept = usize::try_from(self.whole_digits(decimals)).unwrap_or(0);
                match &self.digits {
                    Digits::Number(number) => {
                        let lost = self.digits.count() - i64::try_from(kept).unwrap_or(i64::MAX);
                        let scale = u32::try_from(lost).ok().and_then(pow10);
                        Some(scale.map_or(0, |scale| div(*number, scale)))
                    }
                    Digits::Text(text) => number_of(text.bytes().take(kept)),
                }
            }
        }
    }

    /// Digits in front of the point once counted in units of `10^-decimals`.
    fn whole_digits(&self, decimals: u8) -> i64 {
        self.digits.count().saturating_add(self.exponent).saturating_add(i64::from(decimals))
    }
}

/// Reads the part behind `e`; what exceeds `i64` is capped a good way inside it.
fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    const CAP: i64 = i64::MAX / 4;
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, text.get(1..).unwrap_or_default()),
        Some(b'+') => (1, text.get(1..).unwrap_or_default()),
        _ => (1, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    Ok(sign * digits.parse::<i64>().unwrap_or(CAP).min(CAP))
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // Without leading and trailing zeros, digits of equal magnitude compare as text.
            (false, false) => self.whole_digits(0).cmp(&other.whole_digits(0)).then_with(|| {
                self.digits.with_text(|ours| other.digits.with_text(|theirs| ours.cmp(theirs)))
            }),
        }
    }
}

impl fmt::Display for Decimal {
    /// Writes it without an exponent and with at least one fractional digit: `99900.0`.
    ///
    /// Meant for amounts, whose exponent is small; one beyond four digits is written with `e`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0.0");
        }
        if self.exponent.unsigned_abs() > 9_999 {
            return self.digits.with_text(|digits| write!(f, "{digits}e{}", self.exponent));
        }
        self.digits.with_text(|digits| write_point(f, digits, self.exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn units(text: &str, decimals: u8) -> Result<u128, Unfit> {
        Decimal::parse(text).expect(text).to_units(decimals)
    }

    #[test]
    fn plain_units_are_digits_and_nothing_else() {
        for text in ["", "+1", "-0", "1.0", "1e3", " 1", "0x1", "\u{661}", &"9".repeat(39)] {
            assert_eq!(Decimal::plain_units(text), None, "{text}");
        }
        for text in ["0", "007", "12345678901234567890", &"9".repeat(38)] {
            assert_eq!(Decimal::plain_units(text), Some(text.parse().expect("a number")), "{text}");
            assert_eq!(Decimal::plain_units(text), units(text, 0).ok(), "{text}");
        }
    }

    #[test]
    fn reads_every_way_to_write_a_number() {
        for text in ["100000", "100000.0", "1e5", "1E+5", "0.1e6", "+100000.000", "1000000e-1", "0100000."] {
            assert_eq!(units(text, 2), Ok(10_000_000), "{text}");
        }
        assert_eq!(units("1e-7", 8), Ok(10));
        assert_eq!(units(".5", 1), Ok(5));
        assert_eq!(units("-0.0", 1), Ok(0));
        assert_eq!(units("0e999999999999999999999", 1), Ok(0));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in
            ["", ".", "e5", "1e", "1e+", "NaN", "Infinity", "0x10", "1.2.3", "1 0", "1,5", "--1", "１"]
        {
            assert_eq!(Decimal::parse(text), Err(DecimalError::NotANumber), "{text:?}");
        }
        assert_eq!(Decimal::parse("-0.1"), Err(DecimalError::Negative));
    }

    #[test]
    fn names_lost_digits_and_overflow() {
        assert_eq!(units("0.123456789", 8), Err(Unfit::TooPrecise));
        assert_eq!(units("0.123456780", 8), Ok(12_345_678));
        assert_eq!(units("1e400", 8), Err(Unfit::TooLarge));
        assert_eq!(units("1e99999999999999999999", 8), Err(Unfit::TooLarge));
        assert_eq!(units("1e-99999999999999999999", 8), Err(Unfit::TooPrecise));
        assert_eq!(units("340282366920938463463374607431768211455", 0), Ok(u128::MAX));
        assert_eq!(units("340282366920938463463374607431768211456", 0), Err(Unfit::TooLarge));
        assert_eq!(units(&("9".repeat(60) + ".5"), 0), Err(Unfit::TooLarge));
    }

    #[test]
    fn floors_to_the_unit() {
        let floor = |text, decimals| Decimal::parse(text).expect("a number").to_units_floor(decimals);
        assert_eq!(floor("1.23456789", 6), Some(1_234_567));
        assert_eq!(floor("0.0000009", 6), Some(0));
        assert_eq!(floor("1e-400", 6), Some(0));
        assert_eq!(floor("1e400", 6), None);
    }

    #[test]
    fn writes_at_least_one_fractional_digit() {
        for (units, decimals, text) in [
            (99_900_000_000_u128, 6, "99900.0"),
            (1, 8, "0.00000001"),
            (0, 8, "0.0"),
            (5, 0, "5.0"),
            (1_500, 3, "1.5"),
            (u128::MAX, 0, "340282366920938463463374607431768211455.0"),
        ] {
            assert_eq!(Decimal::from_units(units, decimals).to_string(), text);
        }
    }

    #[test]
    fn orders_by_value() {
        let d = |text: &str| Decimal::parse(text).expect("a number");
        assert!(d("9.9") < d("10"));
        assert!(d("0.1") > d("0.09"));
        assert!(d("1e3") == d("1000.0"));
        assert!(d("0") < d("1e-9"));
    }

    proptest! {
        #[test]
        fn comes_back_from_its_own_text(units: u128, decimals in 0_u8..40) {
            let text = Decimal::from_units(units, decimals).to_string();
            prop_assert_eq!(Decimal::parse(&text).expect("own text").to_units(decimals), Ok(units));
        }

        #[test]
        fn any_text_is_answered(text in "[-+0-9.eE]{0,24}") {
            if let Ok(decimal) = Decimal::parse(&text) {
                let _ = (decimal.to_units(18), decimal.to_units_floor(18), decimal.to_string());
            }
        }
    }
}
