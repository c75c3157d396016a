//! Integer arithmetic with the rounding in the name.

mod decimal;
mod digits;
mod grouped;
mod long_division;
mod mul_div;
mod price;
mod ratio;
mod scaled;

pub use decimal::{Decimal, DecimalError, Unfit};
pub use grouped::grouped;
pub(crate) use mul_div::{checked_mul, div, div_floor};
pub use mul_div::{mul_div_ceil, mul_div_floor};
pub use price::{Price, PriceError, Rule};
pub use ratio::ratio_floor;
pub use scaled::Scaled;

/// 10 to the power `exponent`, or `None` where it does not fit.
pub(crate) const fn pow10(exponent: u32) -> Option<u128> {
    10_u128.checked_pow(exponent)
}
