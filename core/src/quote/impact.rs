//! Price impact: the one definition, used everywhere.

use crate::math::{Price, div_floor};
use crate::units::{Amount, Direction};
use ruint::Uint;

/// One part in a million is the unit of impact and of shares.
pub const PPM: u32 = 1_000_000;

/// Bits behind the point while the losses of routes are added up.
const FRACTION: usize = 256;

/// Holds the product of four hops (512 bits) times an amount (128), 10^6 (20) and the fraction (256).
type Wide = Uint<960, 15>;

/// What one hop gave, and what it would have given at the price of its first useful bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HopLoss {
    /// Output given.
    pub real: Amount,
    /// Net input at the price of the first bin that gave output, rounded down.
    pub ideal: Amount,
}

impl HopLoss {
    /// Values a hop's net input at its first useful price; `None` where nothing was given or it does not fit.
    ///
    /// # Rounding
    /// The ideal output down, once, on the sum of the net input.
    #[must_use]
    pub fn new(direction: Direction, first_price: &Price, net_in: Amount, real: Amount) -> Option<Self> {
        let ideal = match direction {
            Direction::XForY => first_price.y_for_x_floor(net_in),
            Direction::YForX => first_price.x_for_y_floor(net_in),
        }?;
        (ideal > 0).then_some(Self { real, ideal })
    }
}

/// Gives the loss of a trade against its first prices, in parts per million: the sum over its routes of
/// `(1 - product(real / ideal)) * route input / input`.
///
/// Each route is its input and the losses of its hops. A gain in all (possible where prices descend by id)
/// counts as 0.
///
/// # Rounding
/// Exact fractions, one floor at the end: routes are added up with 256 bits behind the point, and a sum closer
/// to a whole number than those bits can tell is that number.
#[must_use]
pub fn impact_ppm<'h>(routes: impl IntoIterator<Item = (Amount, &'h [HopLoss])>) -> Option<u32> {
    let (mut lost, mut won, mut input, mut terms) = (Wide::ZERO, Wide::ZERO, Wide::ZERO, 0_u64);
    for (amount, hops) in routes {
        let product = |pick: fn(&HopLoss) -> Amount| {
            hops.iter().try_fold(Wide::from(1_u8), |all, hop| all.checked_mul(Wide::from(pick(hop))))
        };
        let (real, ideal) = (product(|hop| hop.real)?, product(|hop| hop.ideal)?);
        let (difference, sum) =
            if ideal >= real { (ideal - real, &mut lost) } else { (real - ideal, &mut won) };
        let scaled = difference.checked_mul(Wide::from(amount))?.checked_mul(Wide::from(PPM))?;
        *sum = sum.checked_add(div_floor(scaled.checked_shl(FRACTION)?, ideal)?)?;
        input = input.checked_add(Wide::from(amount))?;
        terms += 1;
    }
    let whole = input.checked_shl(FRACTION)?;
    if whole.is_zero() {
        return None;
    }
    // Each quotient was floored, so the true sum is less than one unit of the last place a term above this.
    let ppm = div_floor(lost.saturating_sub(won).checked_add(Wide::from(terms.saturating_sub(1)))?, whole)?;
    Some(u32::try_from(ppm).unwrap_or(PPM).min(PPM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(real: u128, ideal: u128) -> HopLoss {
        HopLoss { real, ideal }
    }

    fn one(hops: &[HopLoss]) -> Option<u32> {
        impact_ppm([(1_000, hops)])
    }

    #[test]
    fn multiplies_over_hops_and_floors_once() {
        assert_eq!(one(&[loss(99, 100)]), Some(10_000));
        assert_eq!(one(&[loss(9, 10), loss(9, 10)]), Some(190_000));
        // 1 - (2/3)^2 = 5/9
        assert_eq!(one(&[loss(2, 3), loss(2, 3)]), Some(555_555));
        assert_eq!(one(&[loss(0, 3)]), Some(PPM));
    }

    #[test]
    fn weighs_routes_by_their_input_and_floors_only_the_sum() {
        let (third, two_thirds) = ([loss(2, 3)], [loss(1, 3)]);
        // 1/3 * 1/2 + 2/3 * 1/2 is exactly a half, though neither term is a whole number of ppm.
        assert_eq!(impact_ppm([(5, &third[..]), (5, &two_thirds[..])]), Some(500_000));
        assert_eq!(impact_ppm([(1, &third[..]), (2, &two_thirds[..])]), Some(555_555));
        assert_eq!(impact_ppm([(3, &third[..]), (0, &two_thirds[..])]), Some(333_333));
    }

    #[test]
    fn a_gain_is_no_impact() {
        assert_eq!(one(&[loss(11, 10)]), Some(0));
        assert_eq!(one(&[loss(11, 10), loss(1, 2)]), Some(450_000));
        let (gain, lost) = ([loss(11, 10)], [loss(8, 10)]);
        assert_eq!(impact_ppm([(1, &gain[..]), (1, &lost[..])]), Some(50_000));
    }

    #[test]
    fn four_hops_of_full_width_fit() {
        assert_eq!(impact_ppm([(u128::MAX, &[loss(u128::MAX - 1, u128::MAX); 4][..])]), Some(0));
        assert_eq!(impact_ppm([(u128::MAX, &[loss(1, u128::MAX); 4][..])]), Some(999_999));
    }

    #[test]
    fn unknown_is_none() {
        let price = Price::from_e8(1).expect("above zero");
        assert_eq!(HopLoss::new(Direction::XForY, &price, 5, 0), None);
        assert_eq!(impact_ppm([]), None);
    }
}
