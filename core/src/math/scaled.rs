//! Numbers to be written: whole units and where the point stands.

use core::fmt;

/// Zeros to copy from.
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// `units * 10^exponent`. Displays without an exponent and with at least one fractional digit: `99900.0`.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    units: u128,
    exponent: i64,
}

impl Scaled {
    /// Makes it of smallest units of a token.
    #[must_use]
    pub const fn from_units(units: u128, decimals: u8) -> Self {
        Self { units, exponent: -(decimals as i64) }
    }

    /// Moves the point to the right, or to the left for negative places.
    #[must_use]
    pub(crate) const fn scaled(self, places: i64) -> Self {
        Self { units: self.units, exponent: self.exponent.saturating_add(places) }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        if self.units == 0 {
            return out.write_str("0.0");
        }
        let mut buffer = itoa::Buffer::new();
        let all = buffer.format(self.units);
        let digits = all.trim_end_matches('0');
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        write_point(out, digits, self.exponent.saturating_add(length(all) - length(digits)))
    }
}

/// Writes `digits * 10^exponent`, where the digits have no zeros in front or behind.
pub(super) fn write_point(out: &mut impl fmt::Write, digits: &str, exponent: i64) -> fmt::Result {
    let whole = exponent.saturating_add(i64::try_from(digits.len()).unwrap_or(i64::MAX));
    if whole <= 0 {
        out.write_str("0.")?;
        zeros(out, whole.unsigned_abs())?;
        return out.write_str(digits);
    }
    match digits.split_at_checked(usize::try_from(whole).unwrap_or(usize::MAX)) {
        Some((front, back)) if !back.is_empty() => {
            out.write_str(front)?;
            out.write_str(".")?;
            out.write_str(back)
        }
        _ => {
            out.write_str(digits)?;
            zeros(out, exponent.unsigned_abs())?;
            out.write_str(".0")
        }
    }
}

fn zeros(out: &mut impl fmt::Write, mut count: u64) -> fmt::Result {
    while count > 0 {
        let some = ZEROS.get(..usize::try_from(count).unwrap_or(usize::MAX)).unwrap_or(ZEROS);
        out.write_str(some)?;
        count = count.saturating_sub(some.len() as u64);
    }
    Ok(())
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Decimal;
    use alloc::string::ToString;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn writes_what_a_decimal_writes(units: u128, shift in 0_u32..128, decimals in 0_u8..=38, places in -60_i64..60) {
            let units = units >> shift;
            let decimal = Decimal::from_units(units, decimals).scaled(places).to_string();
            prop_assert_eq!(Scaled::from_units(units, decimals).scaled(places).to_string(), decimal);
        }
    }
}
