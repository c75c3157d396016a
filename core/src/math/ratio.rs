//! The quotient of two human amounts, to a number of significant digits.

use super::Decimal;
use ruint::aliases::U512;

/// Divides `above` by `below`, each given as (units, decimals), and keeps `digits` significant digits.
///
/// `None` where `below` is zero.
///
/// # Rounding
/// Down.
#[must_use]
pub fn ratio_floor(above: (u128, u8), below: (u128, u8), digits: u32) -> Option<Decimal> {
    if below.0 == 0 {
        return None;
    }
    let divisor = U512::from(below.0);
    // Scale by the smallest power of ten that leaves at least `digits` digits in front of the point.
    let numerator = U512::from(above.0);
    if numerator.is_zero() {
        return Some(Decimal::from_units(0, 0));
    }
    let ten = U512::from(10_u8);
    let mut places: i32 = 0;
    let mut scaled = numerator;
    let mut quotient = scaled.checked_div(divisor)?;
    let least = ten.checked_pow(U512::from(digits.saturating_sub(1)))?;
    while quotient < least {
        scaled = scaled.checked_mul(ten)?;
        places += 1;
        quotient = scaled.checked_div(divisor)?;
    }
    // A large quotient needs no scaling but has more digits than asked for.
    let above_all = least.checked_mul(ten)?;
    let mut dropped: u32 = 0;
    while quotient >= above_all {
        quotient = quotient.checked_div(ten)?;
        dropped += 1;
    }
    let units = u128::try_from(quotient).ok()?;
    let shift = i64::from(dropped) - i64::from(places) + i64::from(below.1) - i64::from(above.1);
    Some(Decimal::from_units(units, 0).scaled(shift))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn ratio(above: (u128, u8), below: (u128, u8)) -> alloc::string::String {
        ratio_floor(above, below, 18).expect("not by zero").to_string()
    }

    #[test]
    fn keeps_eighteen_digits_and_rounds_down() {
        assert_eq!(ratio((99_900_000_000, 6), (100_000_000, 8)), "99900.0");
        assert_eq!(ratio((2, 0), (3, 0)), "0.666666666666666666");
        assert_eq!(ratio((1, 18), (3, 0)), "0.000000000000000000333333333333333333");
        assert_eq!(ratio((u128::MAX, 0), (1, 0)), "340282366920938463000000000000000000000.0");
        assert_eq!(
            ratio((1, 0), (u128::MAX, 0)),
            "0.00000000000000000000000000000000000000293873587705571876"
        );
        assert_eq!(ratio((0, 6), (5, 8)), "0.0");
        assert_eq!(ratio_floor((1, 0), (0, 0), 18), None);
    }
}
