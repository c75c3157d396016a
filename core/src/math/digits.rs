//! Significant digits of a decimal number.

use alloc::string::String;

/// Digits as a number where they fit, which spares a text for nearly every number there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    Number(u128),
    /// Too many for 128 bits.
    Text(String),
}

impl Digits {
    /// Reads digits without zeros in front or behind.
    pub(super) fn of(digits: impl Iterator<Item = u8> + Clone) -> Self {
        match number_of(digits.clone()) {
            Some(number) => Self::Number(number),
            None => Self::Text(digits.map(char::from).collect()),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> i64 {
        match self {
            Self::Number(number) => number.checked_ilog10().map_or(0, |power| i64::from(power) + 1),
            Self::Text(text) => i64::try_from(text.len()).unwrap_or(i64::MAX),
        }
    }

    /// Hands the digits over as text.
    pub(super) fn with_text<T>(&self, use_text: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Number(number) => use_text(itoa::Buffer::new().format(*number)),
            Self::Text(text) => use_text(text),
        }
    }
}

/// Digits in one go that always fit 64 bits.
const CHUNK: u32 = 18;

/// The number that digits make; `None` beyond 128 bits.
pub(super) fn number_of(digits: impl Iterator<Item = u8>) -> Option<u128> {
    let (mut number, mut chunk, mut scale, mut length) = (0_u128, 0_u64, 1_u64, 0);
    for digit in digits {
        chunk = chunk * 10 + u64::from(digit.wrapping_sub(b'0'));
        (scale, length) = (scale * 10, length + 1);
        if length == CHUNK {
            number = number.checked_mul(u128::from(scale))?.checked_add(u128::from(chunk))?;
            (chunk, scale, length) = (0, 1, 0);
        }
    }
    number.checked_mul(u128::from(scale))?.checked_add(u128::from(chunk))
}
