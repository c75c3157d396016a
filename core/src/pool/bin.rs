//! One bin and one swap against it: the contract's core call.

use super::fee::{FeeParts, SideFees};
use crate::math::{Price, Rule, checked_mul, div, mul_div_floor};
use crate::units::{Amount, BPS_SCALE, Direction, PRICE_SCALE};

/// What one bin holds, and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Smallest units of X.
    pub reserve_x: Amount,
    /// Smallest units of Y.
    pub reserve_y: Amount,
    /// Smallest units of Y per smallest unit of X.
    pub price: Price,
}

/// A product or a sum that exceeds 128 bits, where the contract would abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// What one swap against one bin took and gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Input taken, fee included.
    pub taken: Amount,
    /// Output given.
    pub given: Amount,
    /// Fees inside `taken`.
    pub fees: FeeParts,
    /// Whether no output token is left in the bin, so that the active bin moves on.
    pub emptied: bool,
}

impl Fill {
    /// A visit that took nothing: the bin has no output token.
    pub(crate) const NOTHING: Self =
        Self { taken: 0, given: 0, fees: FeeParts { protocol: 0, provider: 0, variable: 0 }, emptied: true };

    /// Input that was traded: what was taken less all fees.
    #[must_use]
    pub const fn net(&self) -> Amount {
        self.taken.saturating_sub(self.fees.total())
    }
}

impl Bin {
    /// What the bin can give in a direction.
    #[must_use]
    #[inline]
    pub const fn output_reserve(&self, direction: Direction) -> Amount {
        match direction {
            Direction::XForY => self.reserve_y,
            Direction::YForX => self.reserve_x,
        }
    }

    /// What the bin holds of the token that comes in.
    #[must_use]
    #[inline]
    pub const fn input_reserve(&self, direction: Direction) -> Amount {
        match direction {
            Direction::XForY => self.reserve_x,
            Direction::YForX => self.reserve_y,
        }
    }

    /// Swaps at most `budget` against this bin and reports what it took and gave; changes nothing.
    ///
    /// A bin without the output token takes nothing and counts as emptied. A positive input may give
    /// zero output: the contract takes it all the same, and so does this.
    ///
    /// # Units
    /// `budget`, `taken`, fees: smallest units of the input token. `given`: of the output token.
    ///
    /// # Rounding
    /// Room in the bin: up. Room with the fee added back: down. Each fee part: down, the provider takes
    /// the rest. Output: down, then capped at the reserve. Order of steps equals the contract's.
    ///
    /// # Errors
    /// [`Overflow`] exactly where the contract's 128-bit arithmetic aborts ([`Rule::Contract`]); with
    /// [`Rule::Wide`] only where the bin could not hold its new balance.
    ///
    /// # Source
    /// See "One bin" in `docs/math.md`. Vectors: `tests/vectors/*.json`, kind `single_bin`.
    #[inline]
    pub fn fill_exact_in(
        &self,
        direction: Direction,
        fees: &SideFees,
        budget: Amount,
    ) -> Result<Fill, Overflow> {
        if self.output_reserve(direction) == 0 {
            return Ok(Fill::NOTHING);
        }
        match self.price.rule() {
            Rule::Contract => self.fill_by_contract(direction, fees, budget),
            Rule::Wide => self.fill_wide(direction, fees, budget),
        }
    }

    /// What a swap takes and gives that has input enough for all of the bin; `None` where no swap does, or where
    /// the arithmetic of such a swap does not fit.
    ///
    /// A swap with as much input or more does just this, so that it need not be computed again.
    pub(crate) fn fill_whole(&self, direction: Direction, fees: &SideFees) -> Option<Fill> {
        let room = self.room(direction, fees).ok()??;
        self.fill_exact_in(direction, fees, room).ok()
    }

    fn fill_by_contract(
        &self,
        direction: Direction,
        fees: &SideFees,
        budget: Amount,
    ) -> Result<Fill, Overflow> {
        let reserve = self.output_reserve(direction);
        let (up, down) = self.contract_ratio(direction);
        let (room, room_gross) = self.room_by_contract(direction, fees)?;
        let taken = budget.min(room_gross);
        let parts = fees.split_checked(taken).ok_or(Overflow)?;
        let net = taken - parts.total();
        let given = if net == room {
            // The whole room pays for the whole reserve; net * up fits because `scaled` did.
            reserve
        } else {
            div(checked_mul(net, up).ok_or(Overflow)?, down).min(reserve)
        };
        self.settle(direction, Fill { taken, given, fees: parts, emptied: given == reserve })
    }

    /// Output = net * up / down under the contract's rule.
    const fn contract_ratio(&self, direction: Direction) -> (u128, u128) {
        match direction {
            Direction::XForY => (self.price.num(), PRICE_SCALE),
            Direction::YForX => (PRICE_SCALE, self.price.num()),
        }
    }

    /// Largest useful input without and with the fee: the reserve * down / up rounded up, the fee added back.
    #[inline]
    fn room_by_contract(&self, direction: Direction, fees: &SideFees) -> Result<(Amount, Amount), Overflow> {
        let (up, down) = self.contract_ratio(direction);
        let reserve = self.output_reserve(direction);
        let scaled = checked_mul(reserve, down).and_then(|p| p.checked_add(up - 1)).ok_or(Overflow)?;
        let room = div(scaled, up);
        let fee_bps = u128::from(fees.total());
        if fee_bps == 0 {
            return Ok((room, room));
        }
        Ok((room, div(checked_mul(room, BPS_SCALE).ok_or(Overflow)?, BPS_SCALE - fee_bps)))
    }

    /// As [`Self::room_by_contract`], with the fee, for any price; `None` beyond 128 bits.
    fn room_wide(&self, direction: Direction, fees: &SideFees) -> Option<Amount> {
        let room = match direction {
            Direction::XForY => self.price.x_for_y_ceil(self.reserve_y),
            Direction::YForX => self.price.y_for_x_ceil(self.reserve_x),
        };
        mul_div_floor(room?, BPS_SCALE, BPS_SCALE - u128::from(fees.total()))
    }

    /// The most this bin takes, fee included; `None` where that exceeds 128 bits, so that no amount fills it.
    ///
    /// # Rounding
    /// Room up, then room with the fee added back down, as the contract does.
    ///
    /// # Errors
    /// [`Overflow`] where the contract's arithmetic aborts.
    pub fn room(&self, direction: Direction, fees: &SideFees) -> Result<Option<Amount>, Overflow> {
        match self.price.rule() {
            Rule::Contract => self.room_by_contract(direction, fees).map(|(_, gross)| Some(gross)),
            Rule::Wide => Ok(self.room_wide(direction, fees)),
        }
    }

    /// The least input, fee included, for which the bin gives at least `wanted`; `None` if it holds less.
    ///
    /// # Rounding
    /// Net input up, then the fee added back to the least amount that leaves that net.
    ///
    /// # Errors
    /// [`Overflow`] where the arithmetic of this amount does not fit.
    pub fn least_input_for(
        &self,
        direction: Direction,
        fees: &SideFees,
        wanted: Amount,
    ) -> Result<Option<Amount>, Overflow> {
        if wanted > self.output_reserve(direction) {
            return Ok(None);
        }
        if wanted == 0 {
            return Ok(Some(0));
        }
        let net = match direction {
            Direction::XForY => self.price.x_for_y_ceil(wanted),
            Direction::YForX => self.price.y_for_x_ceil(wanted),
        };
        let net = net.ok_or(Overflow)?;
        // `used - floor(used * fee)` first reaches `net` one unit above floor((net - 1) / (1 - fee)).
        let below =
            mul_div_floor(net - 1, BPS_SCALE, BPS_SCALE - u128::from(fees.total())).ok_or(Overflow)?;
        below.checked_add(1).map(Some).ok_or(Overflow)
    }

    fn fill_wide(&self, direction: Direction, fees: &SideFees, budget: Amount) -> Result<Fill, Overflow> {
        let reserve = self.output_reserve(direction);
        // Room beyond 128 bits cannot be filled by any budget, so it bounds nothing.
        let taken = self.room_wide(direction, fees).map_or(budget, |gross| budget.min(gross));
        let parts = fees.split_wide(taken);
        let net = taken - parts.total();
        let output = match direction {
            Direction::XForY => self.price.y_for_x_floor(net),
            Direction::YForX => self.price.x_for_y_floor(net),
        };
        // An output beyond 128 bits is beyond the reserve too.
        let given = output.map_or(reserve, |given| given.min(reserve));
        self.settle(direction, Fill { taken, given, fees: parts, emptied: given == reserve })
    }

    /// Checks that the bin can hold what comes in.
    fn settle(&self, direction: Direction, fill: Fill) -> Result<Fill, Overflow> {
        let stays = fill.taken - fill.fees.protocol;
        self.input_reserve(direction).checked_add(stays).ok_or(Overflow)?;
        Ok(fill)
    }

    /// Gives the reserves (X, Y) after a fill of this bin.
    #[must_use]
    pub const fn reserves_after(&self, direction: Direction, fill: &Fill) -> (Amount, Amount) {
        // Saturation is never reached: `fill_exact_in` checked the sum and capped the output.
        let stays = fill.taken.saturating_sub(fill.fees.protocol);
        match direction {
            Direction::XForY => {
                (self.reserve_x.saturating_add(stays), self.reserve_y.saturating_sub(fill.given))
            }
            Direction::YForX => {
                (self.reserve_x.saturating_sub(fill.given), self.reserve_y.saturating_add(stays))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Decimal;

    const NO_FEES: SideFees = match SideFees::new(0, 0, 0) {
        Some(fees) => fees,
        None => panic!("below 10 000"),
    };

    fn exact(reserve_x: u128, reserve_y: u128, price_e8: u128) -> Bin {
        Bin { reserve_x, reserve_y, price: Price::from_e8(price_e8).expect("above zero") }
    }

    #[test]
    fn takes_the_fee_from_the_input() {
        // 1 BTC at 100 000 USDC with 10 bps: 0.001 BTC of fee, 99 900 USDC out.
        let bin = exact(0, 100_000_000_000_000, 100_000_000_000);
        let fees = SideFees::new(0, 10, 0).expect("below 10 000");
        let fill = bin.fill_exact_in(Direction::XForY, &fees, 100_000_000).expect("fits");
        assert_eq!((fill.taken, fill.given, fill.fees.provider), (100_000_000, 99_900_000_000, 100_000));
        assert!(!fill.emptied);
        assert_eq!(bin.reserves_after(Direction::XForY, &fill), (100_000_000, 99_900_100_000_000));
    }

    #[test]
    fn pays_the_whole_dust_for_one_unit() {
        // One unit of X is worth 1 000 Y, but only 3 are left.
        let fill =
            exact(0, 3, 1_000 * PRICE_SCALE).fill_exact_in(Direction::XForY, &NO_FEES, 5).expect("fits");
        assert_eq!((fill.taken, fill.given, fill.emptied), (1, 3, true));
    }

    #[test]
    fn takes_input_for_nothing_when_too_small() {
        let fill = exact(0, 10, 1).fill_exact_in(Direction::XForY, &NO_FEES, 7).expect("fits");
        assert_eq!((fill.taken, fill.given, fill.emptied), (7, 0, false));
    }

    #[test]
    fn a_one_sided_bin_takes_nothing() {
        let fill = exact(5, 0, 1).fill_exact_in(Direction::XForY, &NO_FEES, 7).expect("fits");
        assert_eq!(fill, Fill::NOTHING);
    }

    #[test]
    fn the_contract_aborts_where_the_wide_rule_goes_on() {
        let reserve_y = u128::MAX / PRICE_SCALE + 1;
        let by_contract = exact(0, reserve_y, PRICE_SCALE);
        assert_eq!(by_contract.fill_exact_in(Direction::XForY, &NO_FEES, 5), Err(Overflow));
        let one = Price::from_human(&Decimal::parse("1").expect("a number"), 0, 0).expect("fits");
        let fill = Bin { price: one, ..by_contract }.fill_exact_in(Direction::XForY, &NO_FEES, 5);
        assert_eq!(fill.map(|fill| fill.given), Ok(5));
    }

    #[test]
    fn refuses_a_balance_beyond_128_bits() {
        let bin = exact(u128::MAX, 5, PRICE_SCALE);
        assert_eq!(bin.fill_exact_in(Direction::XForY, &NO_FEES, 5), Err(Overflow));
    }
}
