//! Candidates that were not chosen, as a quote names them.

use crate::units::{Amount, PoolId, Symbol};
use alloc::vec::Vec;

/// A candidate that was not chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostCandidate {
    /// Its routes: one, unless it is a split.
    pub routes: Vec<LostRoute>,
    /// What it would take; `None` where it cannot be used at all.
    pub amount_in: Option<Amount>,
    /// What it would give; `None` where it cannot be used at all.
    pub amount_out: Option<Amount>,
    /// Why it lost.
    pub reason: LostReason,
}

/// One route of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LostRoute {
    /// The tokens it passes, both ends included.
    pub tokens: Vec<Symbol>,
    /// The pool of each hop.
    pub pools: Vec<PoolId>,
}

/// Why a candidate was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostReason {
    /// It gives less.
    LowerOutput,
    /// It needs more input for the output asked for.
    HigherInput,
    /// It does as well; fewer hops, then lower pool ids, win.
    SameResult,
    /// It passes only a part of what was asked for.
    PartialFill,
    /// It would pass everything, through more bins of one pool than allowed.
    TooManyBins,
    /// It takes more routes than allowed.
    SplitsLimited,
    /// The contract's arithmetic does not fit in 128 bits.
    Overflow,
    /// Not all bins it might use could be read.
    BinsUnread,
    /// The pool's status is not active.
    PoolInactive,
    /// The pool has no value any more.
    PoolAbsent,
    /// A value of the pool cannot be used; a warning names the key.
    PoolInvalid,
}

impl LostReason {
    /// The stable code, upper snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LowerOutput => "LOWER_OUTPUT",
            Self::HigherInput => "HIGHER_INPUT",
            Self::SameResult => "SAME_RESULT",
            Self::PartialFill => "PARTIAL_FILL",
            Self::TooManyBins => "TOO_MANY_BINS",
            Self::SplitsLimited => "SPLITS_LIMITED",
            Self::Overflow => "OVERFLOW",
            Self::BinsUnread => "BINS_UNREAD",
            Self::PoolInactive => "POOL_INACTIVE",
            Self::PoolAbsent => "POOL_ABSENT",
            Self::PoolInvalid => "POOL_INVALID",
        }
    }
}
