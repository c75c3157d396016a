//! The quotient of two human amounts, to a number of significant digits.

use super::{Scaled, div, mul_div_floor, pow10};

/// Divides `above` by `below`, each given as (units, decimals), and keeps `digits` significant digits.
///
/// `None` where `below` is zero.
///
/// # Rounding
/// Down.
#[must_use]
pub fn ratio_floor(above: (u128, u8), below: (u128, u8), digits: u32) -> Option<Scaled> {
    let (above, divisor, shift) = (above.0, below.0, i64::from(below.1) - i64::from(above.1));
    if above == 0 {
        return (divisor > 0).then(|| Scaled::from_units(0, 0));
    }
    let least = pow10(digits.checked_sub(1)?)?;
    if divisor == 0 {
        return None;
    }
    let mut quotient = div(above, divisor);
    let mut rest = above - quotient * divisor;
    // Long division: digit after digit until there are enough.
    let mut places: u32 = 0;
    while quotient < least {
        let digit = mul_div_floor(rest, 10, divisor)?;
        // Below the divisor, so that only the lowest 128 bits matter.
        rest = rest.wrapping_mul(10).wrapping_sub(digit.wrapping_mul(divisor));
        quotient = quotient.checked_mul(10)?.checked_add(digit)?;
        places += 1;
    }
    // A large quotient has more digits than asked for.
    let mut dropped: u32 = 0;
    while quotient / 10 >= least {
        quotient /= 10;
        dropped += 1;
    }
    Some(Scaled::from_units(quotient, 0).scaled(shift + i64::from(dropped) - i64::from(places)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use num_bigint::BigUint;
    use proptest::prelude::*;

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
        assert!(ratio_floor((1, 0), (0, 0), 18).is_none());
        assert!(ratio_floor((0, 0), (0, 0), 18).is_none());
    }

    proptest! {
        #[test]
        fn equals_big_integers(above in 1_u128.., below in 1_u128..) {
            let (mut scaled, below_big, mut places) = (BigUint::from(above), BigUint::from(below), 0);
            let least = BigUint::from(10_u8).pow(17);
            while &scaled / &below_big < least {
                (scaled, places) = (scaled * 10_u8, places + 1);
            }
            let mut kept = scaled / below_big;
            while kept >= BigUint::from(10_u8).pow(18) {
                (kept, places) = (kept / 10_u8, places - 1);
            }
            let expected = Scaled::from_units(u128::try_from(kept).expect("18 digits"), 0).scaled(-places);
            let ratio = ratio_floor((above, 0), (below, 0), 18).expect("not by zero");
            prop_assert_eq!(ratio.to_string(), expected.to_string());
        }
    }
}
