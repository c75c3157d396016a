//! Prices and reserves: exact, or as a person writes them.

use num_bigint::BigUint;

/// Smallest units of Y per smallest unit of X, as a fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    pub(crate) above: BigUint,
    pub(crate) below: BigUint,
    /// Whether every intermediate must fit into 128 bits, as in the contract.
    pub(crate) by_contract: bool,
}

impl Price {
    /// The contract's fixed-point price: `price_e8 / 10^8`.
    pub fn exact(price_e8: u128) -> Self {
        Self { above: BigUint::from(price_e8), below: BigUint::from(100_000_000_u32), by_contract: true }
    }

    /// The price `digits * 10^exponent` in whole Y per whole X.
    pub fn human(digits: u128, exponent: i32, decimals_x: u8, decimals_y: u8) -> Self {
        let (above, below) = shifted(digits, exponent + i32::from(decimals_y) - i32::from(decimals_x));
        Self { above, below, by_contract: false }
    }
}

/// Smallest units in `digits * 10^exponent` whole tokens, rounded down; `None` beyond 128 bits.
pub fn units_floor(digits: u128, exponent: i32, decimals: u8) -> Option<u128> {
    let (above, below) = shifted(digits, exponent + i32::from(decimals));
    u128::try_from(above / below).ok()
}

/// `digits * 10^exponent` as a fraction of whole numbers.
fn shifted(digits: u128, exponent: i32) -> (BigUint, BigUint) {
    let scale = BigUint::from(10_u32).pow(exponent.unsigned_abs());
    let digits = BigUint::from(digits);
    if exponent < 0 { (digits, scale) } else { (digits * scale, BigUint::from(1_u32)) }
}
