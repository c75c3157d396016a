//! What a plan says.

use super::conditions::PostCondition;
use super::drift::Drift;
use crate::clarity::{Principal, Value};
use crate::quote::PlanMode;
use crate::units::Amount;
use alloc::string::String;
use alloc::vec::Vec;

/// What a plan holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// For any state in which the call gives the minimum.
    WithinMinimum,
    /// For the state of the quote.
    UnchangedState,
}

impl Holds {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WithinMinimum => "within_minimum",
            Self::UnchangedState => "unchanged_state",
        }
    }
}

/// A call of the router, and what must hold of the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The router.
    pub contract: String,
    /// The function that is called.
    pub function: String,
    /// Its arguments, in order.
    pub args: Vec<Value>,
    /// What must hold of the transaction; what else is sent makes it fail.
    pub post_conditions: Vec<PostCondition>,
    /// How it executes the quote; never [`PlanMode::Auto`].
    pub mode: PlanMode,
    /// The least that comes out, smallest units.
    pub minimum: Amount,
    /// Bins that trade.
    pub bins: u32,
    /// Reads that the call takes on the state of the quote.
    pub reads: u32,
    /// What it holds for.
    pub holds: Holds,
    /// Whether calls of this router were run.
    pub proven: bool,
    /// What the call would come to where the active bins have moved against the trade.
    pub drift: Vec<Drift>,
    /// Principals of the arguments with their texts, so that none is written twice.
    pub(crate) names: Vec<(Principal, String)>,
}
