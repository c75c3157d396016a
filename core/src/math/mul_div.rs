//! `a * b / divisor` without losing the product.

use super::long_division::divide;
use ruint::Uint;
use ruint::aliases::U256;

/// `a * b`, or `None` beyond 128 bits. Numbers of 64 bits, which most are, skip the check.
#[inline]
pub(crate) const fn checked_mul(a: u128, b: u128) -> Option<u128> {
    if (a | b) >> 64 == 0 { Some(a * b) } else { a.checked_mul(b) }
}

/// `a / b` for `b` above zero, rounded down. Processors divide 64 bits several times as fast as 128.
#[inline]
pub(crate) const fn div(a: u128, b: u128) -> u128 {
    if (a | b) >> 64 == 0 { (a as u64 / b as u64) as u128 } else { a / b }
}

/// Computes `a * b / divisor`, rounded down; the product may be 256 bits wide.
///
/// `None` where the divisor is zero or the result does not fit.
#[must_use]
#[inline]
pub fn mul_div_floor(a: u128, b: u128, divisor: u128) -> Option<u128> {
    match checked_mul(a, b) {
        Some(product) if divisor > 0 => Some(div(product, divisor)),
        Some(_) => None,
        None => wide(a, b, divisor, 0),
    }
}

/// Computes `a * b / divisor`, rounded up; the product may be 256 bits wide.
///
/// `None` where the divisor is zero or the result does not fit.
#[must_use]
#[inline]
pub fn mul_div_ceil(a: u128, b: u128, divisor: u128) -> Option<u128> {
    let rest = divisor.checked_sub(1)?;
    match checked_mul(a, b).and_then(|product| product.checked_add(rest)) {
        Some(sum) => Some(div(sum, divisor)),
        None => wide(a, b, divisor, rest),
    }
}

/// The slow path. (2^128 - 1)^2 + 2^128 stays below 2^256, so nothing here can wrap.
#[cold]
fn wide(a: u128, b: u128, divisor: u128, rest: u128) -> Option<u128> {
    let sum = U256::from(a).checked_mul(U256::from(b))?.checked_add(U256::from(rest))?;
    u128::try_from(div_floor(sum, U256::from(divisor))?).ok()
}

/// Divides numbers of up to 1 024 bits, rounded down; `None` by zero.
///
/// One division serves every width: the methods of the numbers themselves are compiled anew for each, 8 kB apiece.
pub(crate) fn div_floor<const BITS: usize, const LIMBS: usize>(
    numerator: Uint<BITS, LIMBS>,
    divisor: Uint<BITS, LIMBS>,
) -> Option<Uint<BITS, LIMBS>> {
    let mut quotient = numerator.into_limbs();
    divide(&mut quotient, divisor.as_limbs())?;
    Some(Uint::from_limbs(quotient))
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    #[test]
    fn rounds_as_named() {
        assert_eq!(mul_div_floor(7, 10, 4), Some(17));
        assert_eq!(mul_div_ceil(7, 10, 4), Some(18));
        assert_eq!(mul_div_ceil(8, 10, 4), Some(20));
        assert_eq!(mul_div_floor(1, 1, 0), None);
        assert_eq!(mul_div_ceil(1, 1, 0), None);
        assert_eq!(mul_div_floor(u128::MAX, u128::MAX, 1), None);
        assert_eq!(mul_div_ceil(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
    }

    proptest! {
        #[test]
        fn equals_big_integers(a: u128, b: u128, d in 1_u128..) {
            let product = BigUint::from(a) * b;
            prop_assert_eq!(mul_div_floor(a, b, d), u128::try_from(&product / d).ok());
            prop_assert_eq!(mul_div_ceil(a, b, d), u128::try_from((product + (d - 1)) / d).ok());
        }
    }
}
