//! One core call: a swap against one bin.

use num_bigint::BigUint;

use crate::{Abort, Price};

/// Which token goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// X goes in, Y comes out.
    XForY,
    /// Y goes in, X comes out.
    YForX,
}

/// Fees of one input side, bps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// Leaves the bin.
    pub protocol: u16,
    /// Stays in the bin.
    pub provider: u16,
    /// Stays in the bin.
    pub variable: u16,
}

/// Fees paid, smallest units of the input token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeParts {
    /// Left the bin.
    pub protocol: u128,
    /// Stayed in the bin; holds the rounding rest.
    pub provider: u128,
    /// Stayed in the bin.
    pub variable: u128,
}

/// What a bin holds, and its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Smallest units of X.
    pub x: u128,
    /// Smallest units of Y.
    pub y: u128,
    /// Its price.
    pub price: Price,
}

/// What one core call took and gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) taken: u128,
    pub(crate) given: u128,
    pub(crate) fees: FeeParts,
    /// The bin afterwards.
    pub(crate) x: u128,
    pub(crate) y: u128,
    /// Whether the active bin moves on.
    pub(crate) moves: bool,
}

/// The rules of a core call, line by line. `p` is `above / below`; for an exact price `below` is 10^8.
pub(crate) fn core_call(
    bin: &Bin,
    direction: Direction,
    fees: Fees,
    amount: &BigUint,
) -> Result<Call, Abort> {
    let Price { above, below, by_contract } = &bin.price;
    let largest = BigUint::from(u128::MAX);
    let one = BigUint::from(1_u32);
    let fee_scale = BigUint::from(10_000_u32);
    // Every product and sum of the contract must fit; a human price knows no such limit.
    let fit = |number: BigUint| if *by_contract && number > largest { Err(Abort) } else { Ok(number) };

    let (x, y) = (BigUint::from(bin.x), BigUint::from(bin.y));
    let zero = BigUint::default();
    let empty = x == zero && y == zero;
    let fee = BigUint::from(u32::from(fees.protocol) + u32::from(fees.provider) + u32::from(fees.variable));

    let m = match direction {
        Direction::XForY => fit(fit(&y * below)? + (above - &one))? / above,
        Direction::YForX => fit(fit(&x * above)? + (below - &one))? / below,
    };
    let umax = if fee > zero { fit(m * &fee_scale)? / (&fee_scale - &fee) } else { m };
    let used = amount.clone().min(umax);

    let fee_total = fit(&used * &fee)? / &fee_scale;
    let fee_protocol = fit(&used * fees.protocol)? / &fee_scale;
    let fee_variable = fit(&used * fees.variable)? / &fee_scale;
    let fee_provider = &fee_total - &fee_protocol - &fee_variable;
    let net = &used - &fee_total;
    let comes_in = &net + &fee_provider + &fee_variable;

    let (out, x_after, y_after, drained) = match direction {
        Direction::XForY => {
            let out = (fit(&net * above)? / below).min(y.clone());
            let left = y - &out;
            let drained = left == zero;
            (out, x + comes_in, left, drained)
        }
        Direction::YForX => {
            let out = (fit(&net * below)? / above).min(x.clone());
            let left = x - &out;
            let drained = left == zero;
            (out, left, y + comes_in, drained)
        }
    };
    // Balances are stored in 128 bits whatever the price's form.
    let stored = |number: BigUint| u128::try_from(number).map_err(|_| Abort);
    Ok(Call {
        taken: stored(used)?,
        given: stored(out)?,
        fees: FeeParts {
            protocol: stored(fee_protocol)?,
            provider: stored(fee_provider)?,
            variable: stored(fee_variable)?,
        },
        x: stored(x_after)?,
        y: stored(y_after)?,
        moves: drained || empty,
    })
}
