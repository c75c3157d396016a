//! What the caller of an answer should know.

use crate::units::{Amount, PoolId, Symbol};
use alloc::string::String;

/// Something the caller should know about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A candidate pool was left out.
    PoolSkipped {
        /// The offending Redis key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// Values contradict each other; the quote went by `active_bin_id` and the bins as they are.
    StateSuspect {
        /// The offending Redis key.
        key: String,
        /// The contradiction.
        reason: String,
    },
    /// Nothing states the decimals of a token; 18 is assumed.
    DecimalsAssumed {
        /// The token.
        token: Symbol,
    },
    /// Neither a used pool nor the producer's heartbeat carries a time.
    AgeUnknown {
        /// The pool.
        pool_id: PoolId,
    },
    /// The state of a used pool says that it is from later than now: by a little, and its age counts as 0, or by more than
    /// clocks differ, and its age is unknown.
    TimeAhead {
        /// The pool.
        pool_id: PoolId,
        /// Milliseconds by which its time is ahead.
        ahead_ms: u64,
    },
    /// A used pool is older than the age from which answers warn.
    StateOld {
        /// The oldest of the used pools.
        pool_id: PoolId,
        /// Its age.
        age_ms: u64,
    },
    /// The producer's heartbeat is there but says nothing; ages count as if there were none.
    HeartbeatInvalid {
        /// Milliseconds by which it is too far ahead; `None` where it is no time at all.
        ahead_ms: Option<u64>,
    },
    /// The bound after slippage exceeds 128 bits, so it is capped there.
    MaximumSentCapped,
    /// The price impact could not be told: it is `None`, which is not 0.
    PriceImpactUnknown,
    /// More pools or paths connect the tokens than were looked at.
    CandidatesLimited {
        /// Pools looked at.
        pools: usize,
    },
    /// Less was filled than asked for.
    PartialFill {
        /// Input left over.
        unfilled: Amount,
    },
    /// The best answer takes more routes than allowed.
    SplitsLimited {
        /// Routes it would take.
        wanted: usize,
        /// Routes allowed.
        allowed: usize,
    },
    /// The bin limit kept a partial answer from filling more.
    BinsLimited {
        /// Bins allowed.
        allowed: u16,
    },
    /// The bound on the work of one quote ended the search, so there may be a better answer.
    SearchLimited {
        /// Which bound: `walks` (amounts tried), `pushes` (of the flow that shares a trade), or `merged_bins` (bins
        /// behind the first of each pool were shared by the group); `whole` where all of the input had to be taken
        /// and a part of it gives more.
        limit: &'static str,
    },
    /// A used pool takes no fees of the sender of the plan, and the quote has them: the plan may give more.
    FeeExempt {
        /// The pool.
        pool_id: PoolId,
    },
    /// A filter of the request names what is not there, so the name does nothing.
    FilterUnknown {
        /// The field of the request.
        field: String,
        /// The name.
        name: String,
    },
    /// The read budget ended before all bins were known that might have mattered.
    KeysLimited {
        /// Keys read.
        keys: usize,
    },
}

impl Warning {
    /// The stable code, upper snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PoolSkipped { .. } => "POOL_SKIPPED",
            Self::StateSuspect { .. } => "STATE_SUSPECT",
            Self::DecimalsAssumed { .. } => "DECIMALS_ASSUMED",
            Self::AgeUnknown { .. } => "AGE_UNKNOWN",
            Self::TimeAhead { .. } => "TIME_AHEAD",
            Self::StateOld { .. } => "STATE_OLD",
            Self::HeartbeatInvalid { .. } => "HEARTBEAT_INVALID",
            Self::MaximumSentCapped => "MAXIMUM_SENT_CAPPED",
            Self::PriceImpactUnknown => "PRICE_IMPACT_UNKNOWN",
            Self::CandidatesLimited { .. } => "CANDIDATES_LIMITED",
            Self::PartialFill { .. } => "PARTIAL_FILL",
            Self::FeeExempt { .. } => "FEE_EXEMPT",
            Self::FilterUnknown { .. } => "FILTER_UNKNOWN",
            Self::KeysLimited { .. } => "KEYS_LIMITED",
            Self::SearchLimited { .. } => "SEARCH_LIMITED",
            Self::SplitsLimited { .. } => "SPLITS_LIMITED",
            Self::BinsLimited { .. } => "BINS_LIMITED",
        }
    }
}
