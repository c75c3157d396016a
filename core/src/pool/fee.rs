//! Fees in basis points and the parts they split into.

use crate::math::{checked_mul, div};
use crate::units::{Amount, BPS_SCALE};

/// The three fees of one input side, in bps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideFees {
    protocol: u16,
    provider: u16,
    variable: u16,
}

impl SideFees {
    /// Takes three fees; `None` unless their sum is below 10 000, as the contract demands.
    #[must_use]
    pub const fn new(protocol: u16, provider: u16, variable: u16) -> Option<Self> {
        let sum = protocol as u32 + provider as u32 + variable as u32;
        if sum < BPS_SCALE as u32 { Some(Self { protocol, provider, variable }) } else { None }
    }

    /// Fee that leaves the bin and goes to the protocol.
    #[must_use]
    pub const fn protocol(&self) -> u16 {
        self.protocol
    }

    /// Fee that stays in the bin for its providers.
    #[must_use]
    pub const fn provider(&self) -> u16 {
        self.provider
    }

    /// Fee that moves with volatility; stays in the bin.
    #[must_use]
    pub const fn variable(&self) -> u16 {
        self.variable
    }

    /// Sum of the three, at most 9 999.
    #[must_use]
    pub const fn total(&self) -> u16 {
        // Cannot wrap: `new` bounds the sum.
        self.protocol.wrapping_add(self.provider).wrapping_add(self.variable)
    }

    /// Splits the fee on `used`.
    ///
    /// # Rounding
    /// The total and the protocol and variable parts down, each alone; the provider takes the rest.
    ///
    /// # Source
    /// See "One bin" in `docs/math.md`; `None` where `used * total` exceeds 128 bits (the contract aborts).
    pub(crate) const fn split_checked(&self, used: Amount) -> Option<FeeParts> {
        match checked_mul(used, self.total() as u128) {
            None => None,
            Some(product) => {
                let total = div(product, BPS_SCALE);
                // Smaller factors than the one that fitted.
                let protocol = div(used * self.protocol as u128, BPS_SCALE);
                let variable = div(used * self.variable as u128, BPS_SCALE);
                // floor(a) + floor(b) <= floor(a + b), so this cannot go below zero.
                Some(FeeParts { protocol, provider: total - protocol - variable, variable })
            }
        }
    }

    /// As [`Self::split_checked`], with intermediates as wide as needed.
    pub(crate) fn split_wide(&self, used: Amount) -> FeeParts {
        let part = |bps: u16| {
            // Exact without a wide product: used = q * 10 000 + r, and bps < 10 000.
            let (q, r) = (used / BPS_SCALE, used % BPS_SCALE);
            q * u128::from(bps) + r * u128::from(bps) / BPS_SCALE
        };
        let (total, protocol, variable) = (part(self.total()), part(self.protocol), part(self.variable));
        FeeParts { protocol, provider: total - protocol - variable, variable }
    }
}

/// Fees of both sides of a pool: X in and Y in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// Charged when X goes in.
    pub x: SideFees,
    /// Charged when Y goes in.
    pub y: SideFees,
}

/// What one or more steps paid in fees, in smallest units of the input token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeParts {
    /// Left the bin.
    pub protocol: Amount,
    /// Stayed in the bin; holds the rounding rest.
    pub provider: Amount,
    /// Stayed in the bin.
    pub variable: Amount,
}

impl FeeParts {
    /// Sum of the three parts. Saturates, though parts of one input always fit.
    #[must_use]
    pub const fn total(&self) -> Amount {
        self.protocol.saturating_add(self.provider).saturating_add(self.variable)
    }

    /// Adds the parts of another step. Saturates, though parts of one input always fit.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            protocol: self.protocol.saturating_add(other.protocol),
            provider: self.provider.saturating_add(other.provider),
            variable: self.variable.saturating_add(other.variable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn provider_takes_the_rounding_rest() {
        // 0.06 % of 9 999 is 5.99: 5 in all, of which 0.99 and 1.99 round to 0 and 1.
        let fees = SideFees::new(1, 3, 2).expect("below 10 000");
        let parts = fees.split_checked(9_999).expect("fits");
        assert_eq!((parts.total(), parts.protocol, parts.variable, parts.provider), (5, 0, 1, 4));
    }

    #[test]
    fn sum_must_stay_below_all() {
        assert!(SideFees::new(9_999, 0, 0).is_some());
        assert!(SideFees::new(5_000, 5_000, 0).is_none());
        assert!(SideFees::new(u16::MAX, u16::MAX, u16::MAX).is_none());
    }

    proptest! {
        #[test]
        fn wide_split_equals_the_contract_where_it_fits(used in 0..u128::MAX / 10_000, a in 0_u16..3_000, b in 0_u16..3_000, c in 0_u16..3_000) {
            let fees = SideFees::new(a, b, c).expect("below 10 000");
            prop_assert_eq!(fees.split_checked(used), Some(fees.split_wide(used)));
        }

        #[test]
        fn wide_split_never_exceeds_the_amount(used: u128) {
            let fees = SideFees::new(4_000, 3_000, 2_999).expect("below 10 000");
            prop_assert!(fees.split_wide(used).total() < used.max(1));
        }
    }
}
