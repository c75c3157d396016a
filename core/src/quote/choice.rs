//! What was compared to find a split that one call executes.

use super::ask::PlanMode;
use crate::units::Amount;

/// What `auto` compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The best split that one call over the pair can execute.
    pub simple: Compared,
    /// The best split of all, bin by bin.
    pub explicit: Compared,
    /// Which one the quote is.
    pub chosen: PlanMode,
}

/// What one way of execution comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Input taken.
    pub amount_in: Amount,
    /// Output given.
    pub amount_out: Amount,
    /// Reads of its call.
    pub reads: u32,
}
