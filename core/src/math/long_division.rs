//! Division of wide numbers, in digits of 32 bits: the product of two of them, and the quotient of two by one, are what
//! every processor and WebAssembly compute at once.
//!
//! `ruint` divides too (`ruint::algorithms::div`, also one routine for every width), by reciprocals and products of
//! 128 bits, which WebAssembly does not have: in the place of this file it makes the package 7 162 bytes larger, 3 201
//! with gzip.

/// Digits of the widest number, 1 024 bits, and the one that shifting adds.
const ROOM: usize = 33;

/// Puts the quotient in the place of `numerator`, rounded down. Limbs come with the lowest first.
///
/// `None`, and no quotient, where the divisor is zero or a number is wider than 1 024 bits.
///
/// Algorithm D of Knuth's "The Art of Computer Programming", volume 2, section 4.3.1, but for its second guess.
#[inline(never)]
pub(super) fn divide(numerator: &mut [u64], divisor: &[u64]) -> Option<()> {
    let (mut rest, mut by) = ([0; ROOM], [0; ROOM]);
    let length = spread(numerator, &mut rest)?;
    let by_length = spread(divisor, &mut by)?;
    let by = by.get_mut(..by_length)?;
    // With its highest bit set, the divisor's first digit alone tells a digit of the quotient, or up to two more.
    let shift = by.last()?.leading_zeros();
    shift_left(by, shift);
    shift_left(rest.get_mut(..=length)?, shift);
    numerator.fill(0);
    let Some(highest) = length.checked_sub(by_length) else { return Some(()) };
    for place in (0..=highest).rev() {
        let digit = next_digit(rest.get_mut(place..=place + by_length)?, by);
        *numerator.get_mut(place / 2)? |= u64::from(digit) << (place % 2 * 32);
    }
    Some(())
}

/// Splits limbs into digits, the lowest first, and counts those up to the highest that is not zero.
fn spread(limbs: &[u64], digits: &mut [u32; ROOM]) -> Option<usize> {
    if limbs.len() * 2 >= ROOM {
        return None;
    }
    let halves = limbs.iter().flat_map(|limb| [*limb as u32, (*limb >> 32) as u32]);
    let mut length = 0;
    for (at, (slot, half)) in digits.iter_mut().zip(halves).enumerate() {
        *slot = half;
        if half > 0 {
            length = at + 1;
        }
    }
    Some(length)
}

/// Shifts by less than a digit.
fn shift_left(digits: &mut [u32], shift: u32) {
    let mut carry = 0;
    for digit in digits {
        let shifted = u64::from(*digit) << shift | carry;
        *digit = shifted as u32;
        carry = shifted >> 32;
    }
}

/// Takes the divisor out of the rest, which has one digit more and is below the divisor times 2^32, as often as it is in
/// it.
fn next_digit(rest: &mut [u32], by: &[u32]) -> u32 {
    let ([.., second, first], [.., top]) = (&*rest, by) else { return 0 };
    let upper = u64::from(*first) << 32 | u64::from(*second);
    let mut digit = (upper / u64::from(*top).max(1)).min(u64::from(u32::MAX));
    let mut missing = 0;
    for (left, by) in rest.iter_mut().zip(by.iter().chain([&0])) {
        let taken = digit * u64::from(*by) + missing;
        let (difference, below) = left.overflowing_sub(taken as u32);
        *left = difference;
        missing = (taken >> 32) + u64::from(below);
    }
    // The guess was too large where more was taken out than there was.
    while missing > 0 {
        digit -= 1;
        let mut carry = 0;
        for (left, by) in rest.iter_mut().zip(by.iter().chain([&0])) {
            let sum = u64::from(*left) + u64::from(*by) + carry;
            *left = sum as u32;
            carry = sum >> 32;
        }
        missing -= carry;
    }
    digit as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn big(limbs: &[u64]) -> BigUint {
        BigUint::from_slice(
            &limbs.iter().flat_map(|limb| [*limb as u32, (*limb >> 32) as u32]).collect::<Vec<_>>(),
        )
    }

    /// Limbs that are often all zeros or all ones, where guesses go wrong.
    fn limbs(most: usize) -> impl Strategy<Value = Vec<u64>> {
        let limb = prop_oneof![Just(0), Just(u64::MAX), Just(1 << 63), Just(u64::MAX >> 32), any::<u64>()];
        prop::collection::vec(limb, 1..=most)
    }

    proptest! {
        #[test]
        fn equals_big_integers(numerator in limbs(16), divisor in limbs(16)) {
            let (above, below) = (big(&numerator), big(&divisor));
            let mut quotient = numerator;
            let done = divide(&mut quotient, &divisor);
            prop_assert_eq!(done.is_some(), below > BigUint::ZERO);
            if done.is_some() {
                prop_assert_eq!(big(&quotient), above / below);
            }
        }
    }

    #[test]
    fn takes_a_guess_back_and_ends_where_the_divisor_is_larger() {
        for (above, below) in [
            ([0, 0x8000_0000_0000_0000], [u64::MAX, 0x8000_0000]),
            ([3, 0x8000_0000], [1, 0x2000_0000]),
            ([5, 0], [0, 1]),
            ([0, 0xffff_fffe_0000_0000], [0xffff_ffff_ffff_ffff, 0xffff_fffe]),
        ] {
            let mut quotient = above;
            assert_eq!(divide(&mut quotient, &below), Some(()));
            assert_eq!(big(&quotient), big(&above) / big(&below), "{above:x?} / {below:x?}");
        }
    }

    #[test]
    fn too_wide_numbers_are_not_divided() {
        assert_eq!(divide(&mut [1; 17], &[1]), None);
        assert_eq!(divide(&mut [1], &[0]), None);
    }
}
