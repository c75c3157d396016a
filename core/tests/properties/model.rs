//! The core call once more, in big integers and as plainly as the rules are written.

use dlmm_core::math::Rule;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{FeeParts, SideFees};
use dlmm_core::units::Direction;
use num_bigint::BigUint;

#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) taken: u128,
    pub(crate) given: u128,
    pub(crate) fees: FeeParts,
    pub(crate) reserves: (u128, u128),
}

/// `None` where the contract's 128-bit arithmetic aborts, or a balance would not fit.
pub(crate) fn fill(bin: &Bin, direction: Direction, fees: &SideFees, budget: u128) -> Option<Filled> {
    let big = |n: u128| BigUint::from(n);
    let (num, den) = (big(bin.price.num()), big(bin.price.den()));
    let (x, y) = (big(bin.reserve_x), big(bin.reserve_y));
    let contract = bin.price.rule() == Rule::Contract;
    let limit = BigUint::from(u128::MAX);
    // Under the contract's rule every intermediate must fit.
    let fits = |n: BigUint| if contract && n > limit { None } else { Some(n) };
    let scale = big(10_000);
    let bps = big(u128::from(fees.total()));

    let room = match direction {
        Direction::XForY => fits(fits(&y * &den)? + (&num - 1_u8))? / &num,
        Direction::YForX => fits(fits(&x * &num)? + (&den - 1_u8))? / &den,
    };
    let most = if bps == big(0) { room } else { fits(room * &scale)? / (&scale - &bps) };
    let used = big(budget).min(most);
    let part = |bps: u16| Some(fits(&used * big(u128::from(bps)))? / &scale);
    let total = part(fees.total())?;
    let (protocol, variable) = (part(fees.protocol())?, part(fees.variable())?);
    let provider = &total - &protocol - &variable;
    let net = &used - &total;
    let (given, x_after, y_after) = match direction {
        Direction::XForY => {
            let given = (fits(&net * &num)? / &den).min(y.clone());
            (given.clone(), x + &net + &provider + &variable, y - given)
        }
        Direction::YForX => {
            let given = (fits(&net * &den)? / &num).min(x.clone());
            (given.clone(), x - given, y + &net + &provider + &variable)
        }
    };
    let small = |n: &BigUint| u128::try_from(n).ok();
    Some(Filled {
        taken: small(&used)?,
        given: small(&given)?,
        fees: FeeParts {
            protocol: small(&protocol)?,
            provider: small(&provider)?,
            variable: small(&variable)?,
        },
        reserves: (small(&x_after)?, small(&y_after)?),
    })
}
