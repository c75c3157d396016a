//! How one amount is shared, in parts per million that sum up.

use super::impact::PPM;
use crate::gather::Gather;
use crate::math::mul_div_floor;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::vec::Vec;

/// Gives each part's share of their sum in ppm; the shares add up to 1 000 000 (or are all 0 where the sum is).
///
/// The parts are those of one amount, so that their sum fits 128 bits.
///
/// # Rounding
/// Down, then the rest goes to the largest remainders, the earlier part first among equals.
#[must_use]
pub fn shares_ppm(parts: &[Amount]) -> Vec<u32> {
    let sum = parts.iter().fold(0_u128, |sum, part| sum.saturating_add(*part));
    if sum == 0 {
        return parts.iter().map(|_| 0).gather();
    }
    let mut shares = Vec::with_capacity(parts.len());
    let mut remainders = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let share = mul_div_floor(*part, u128::from(PPM), sum).unwrap_or(0);
        // Below the sum, so that only the lowest 128 bits matter.
        let remainder = part.wrapping_mul(u128::from(PPM)).wrapping_sub(share.wrapping_mul(sum));
        shares.push(u32::try_from(share).unwrap_or(PPM));
        remainders.push((remainder, index));
    }
    sort_by(&mut remainders, |(a, _), (b, _)| b.cmp(a));
    let missing = PPM.saturating_sub(shares.iter().sum());
    for (_, index) in remainders.into_iter().take(missing as usize) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn the_rest_goes_to_the_largest_remainder() {
        assert_eq!(shares_ppm(&[1, 1, 1]), vec![333_334, 333_333, 333_333]);
        assert_eq!(shares_ppm(&[5]), vec![PPM]);
        assert_eq!(shares_ppm(&[0, 7]), vec![0, PPM]);
        assert_eq!(shares_ppm(&[0]), vec![0]);
    }

    proptest! {
        #[test]
        fn always_a_million(parts in proptest::collection::vec(1..u128::MAX / 8, 1..9)) {
            prop_assert_eq!(shares_ppm(&parts).iter().sum::<u32>(), PPM);
        }
    }
}
