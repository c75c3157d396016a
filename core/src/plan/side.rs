//! A hop with its pool and the contracts behind it.

use super::facts::{PoolFacts, TokenFacts};
use crate::math::mul_div_floor;
use crate::pool::Pool;
use crate::quote::HopQuote;
use crate::units::Amount;

/// A hop with all that a call needs of its pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) hop: &'a HopQuote,
    pub(super) pool: &'a Pool,
    pub(super) facts: &'a PoolFacts,
    /// Whether what it gives is what the sender wants.
    pub(super) is_last: bool,
}

impl<'a> Side<'a> {
    /// What goes into the pool, and what comes out of it.
    pub(super) const fn tokens(&self) -> (&'a TokenFacts, &'a TokenFacts) {
        self.facts.in_direction(self.hop.direction)
    }
}

/// A part of a whole, rounded down.
pub(super) fn share(whole: Amount, part: Amount, of: Amount) -> Amount {
    mul_div_floor(whole, part, of).unwrap_or(0)
}
