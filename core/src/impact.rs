//! Price impact: the one definition, used everywhere.

use crate::math::Price;
use crate::units::{Amount, Direction};
use ruint::Uint;

/// One part in a million is the unit of impact and of shares.
pub const PPM: u32 = 1_000_000;

/// Wide enough for the product of four hops (4 * 128 bits) times 10^6.
type Wide = Uint<576, 9>;

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

/// Gives the loss of one route against its first prices: `1 - product(real / ideal)`, in parts per million.
///
/// A gain (possible where prices descend by id) counts as 0.
///
/// # Rounding
/// Exact fractions throughout, one floor at the end.
#[must_use]
pub fn route_impact_ppm(hops: &[HopLoss]) -> Option<u32> {
    let product = |pick: fn(&HopLoss) -> Amount| {
        hops.iter().try_fold(Wide::from(1_u8), |all, hop| all.checked_mul(Wide::from(pick(hop))))
    };
    let (real, ideal) = (product(|hop| hop.real)?, product(|hop| hop.ideal)?);
    let lost = ideal.saturating_sub(real).checked_mul(Wide::from(PPM))?;
    u32::try_from(lost.checked_div(ideal)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(real: u128, ideal: u128) -> HopLoss {
        HopLoss { real, ideal }
    }

    #[test]
    fn multiplies_over_hops_and_floors_once() {
        assert_eq!(route_impact_ppm(&[loss(99, 100)]), Some(10_000));
        assert_eq!(route_impact_ppm(&[loss(9, 10), loss(9, 10)]), Some(190_000));
        // 1 - (2/3)^2 = 5/9
        assert_eq!(route_impact_ppm(&[loss(2, 3), loss(2, 3)]), Some(555_555));
        assert_eq!(route_impact_ppm(&[loss(0, 3)]), Some(PPM));
    }

    #[test]
    fn a_gain_is_no_impact() {
        assert_eq!(route_impact_ppm(&[loss(11, 10)]), Some(0));
        assert_eq!(route_impact_ppm(&[loss(11, 10), loss(1, 2)]), Some(450_000));
    }

    #[test]
    fn four_hops_of_full_width_fit() {
        assert_eq!(route_impact_ppm(&[loss(u128::MAX - 1, u128::MAX); 4]), Some(0));
        assert_eq!(route_impact_ppm(&[loss(1, u128::MAX); 4]), Some(999_999));
    }

    #[test]
    fn unknown_is_none() {
        let price = Price::from_e8(1).expect("above zero");
        assert_eq!(HopLoss::new(Direction::XForY, &price, 5, 0), None);
    }
}
