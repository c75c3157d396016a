//! Why there is no quote.

pub use crate::plan_fault::PlanFault;

use crate::math::{Scaled, grouped};
use crate::narrowed::Narrowed;
use crate::units::{Amount, PoolId, Symbol};
use crate::warning::Warning;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Why a request cannot be answered with a quote. The codes are API; messages may change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuoteError {
    /// A field is missing, malformed or out of its range.
    InvalidRequest {
        /// The field's name.
        field: String,
        /// What is wrong with it, as the end of a sentence that begins with the field.
        reason: String,
    },
    /// Token in and token out are the same.
    SameToken {
        /// The token.
        token: Symbol,
    },
    /// No pool holds the token.
    UnknownToken {
        /// The token.
        token: Symbol,
        /// Tokens that were perhaps meant, the likeliest first.
        similar: Vec<String>,
        /// Whether there are no pools at all, so that it is not the token that is wrong.
        no_pools: bool,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// The pool does not exist.
    UnknownPool {
        /// The pool.
        pool_id: PoolId,
        /// Pools that were perhaps meant, the likeliest first.
        similar: Vec<String>,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// No active pools connect the tokens within the hop limit.
    NoRoute {
        /// What was to go in.
        token_in: Symbol,
        /// What was to come out.
        token_out: Symbol,
        /// The hop limit.
        max_hops: u8,
        /// Fields of the request that rule out pools or tokens.
        narrowed_by: Narrowed,
        /// Why there may be one all the same.
        warnings: Vec<Warning>,
    },
    /// A route exists but holds too little.
    InsufficientLiquidity {
        /// What was asked to go in, smallest units.
        requested: Amount,
        /// The largest input found that fills, smallest units.
        fillable: Amount,
        /// The token of both.
        token: Symbol,
        /// Its decimals, where they are known.
        decimals: Option<u8>,
        /// Whether it is what comes out.
        is_out: bool,
        /// Fields of the request that may have kept it from filling more.
        narrowed_by: Narrowed,
        /// Why not all that the pools hold was looked at; empty where it was.
        warnings: Vec<Warning>,
    },
    /// The trade would fill, but through more bins of one pool than allowed.
    TooManyBins {
        /// Bins it takes; `None` if that was not established within the read budget.
        needed: Option<u16>,
        /// The limit.
        allowed: u16,
        /// Why it may fill within the limit all the same; empty where everything was tried.
        warnings: Vec<Warning>,
    },
    /// The input buys less than one smallest unit.
    AmountTooSmall {
        /// The token that comes out.
        token: Symbol,
        /// Its decimals, where they are known.
        decimals: Option<u8>,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// The amount, or arithmetic that the contract does with it, exceeds 128 bits.
    AmountOverflow {
        /// The request's field, where the amount itself is too large.
        field: Option<String>,
        /// Names in filters that are not there; none where the amount itself is too large, whatever there is.
        warnings: Vec<Warning>,
    },
    /// Stored state cannot be quoted and no other route remains, or strictness forbids to go on.
    StateInvalid {
        /// The offending Redis key.
        key: String,
        /// What is wrong with its value.
        reason: String,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// The state of a pool is older, or of an earlier block, than the caller accepts.
    StaleState {
        /// The pool.
        pool_id: PoolId,
        /// Its age; `None` where nobody knows it.
        age_ms: Option<u64>,
        /// The largest age that is accepted; `None` where any is.
        max_age_ms: Option<u64>,
        /// The block that it is known to be at least as new as; `None` where nobody knows it.
        block_height: Option<u64>,
        /// The oldest block that is accepted; `None` where any is.
        min_block_height: Option<u64>,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// There is a quote, but no call that executes it as was asked.
    PlanUnavailable {
        /// Why.
        reason: PlanFault,
        /// What it was found in.
        what: String,
        /// Names in filters that are not there.
        warnings: Vec<Warning>,
    },
    /// The call that executes the quote is more than a block bears, or than the caller allows.
    PlanTooLarge {
        /// Reads it takes.
        reads: u32,
        /// Reads allowed.
        limit: u32,
        /// Bins of it that fit.
        bins_that_fit: u32,
        /// Why a call within the limit may exist all the same; empty where everything was tried.
        warnings: Vec<Warning>,
    },
    /// There is a quote, but its answer would be larger than any is given.
    AnswerTooLarge {
        /// Bytes of an answer at most.
        limit: usize,
    },
}

/// The refusals that carry warnings.
macro_rules! warned {
    ($warnings:ident) => {
        Self::UnknownToken { $warnings, .. }
            | Self::UnknownPool { $warnings, .. }
            | Self::NoRoute { $warnings, .. }
            | Self::InsufficientLiquidity { $warnings, .. }
            | Self::TooManyBins { $warnings, .. }
            | Self::AmountTooSmall { $warnings, .. }
            | Self::AmountOverflow { field: None, $warnings }
            | Self::StateInvalid { $warnings, .. }
            | Self::StaleState { $warnings, .. }
            | Self::PlanUnavailable { $warnings, .. }
            | Self::PlanTooLarge { $warnings, .. }
    };
}

impl QuoteError {
    /// The stable code, upper snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest { .. } => "INVALID_REQUEST",
            Self::SameToken { .. } => "SAME_TOKEN",
            Self::UnknownToken { .. } => "UNKNOWN_TOKEN",
            Self::UnknownPool { .. } => "UNKNOWN_POOL",
            Self::NoRoute { .. } => "NO_ROUTE",
            Self::InsufficientLiquidity { .. } => "INSUFFICIENT_LIQUIDITY",
            Self::TooManyBins { .. } => "TOO_MANY_BINS",
            Self::AmountTooSmall { .. } => "AMOUNT_TOO_SMALL",
            Self::AmountOverflow { .. } => "AMOUNT_OVERFLOW",
            Self::StateInvalid { .. } => "STATE_INVALID",
            Self::StaleState { .. } => "STALE_STATE",
            Self::PlanUnavailable { .. } => "PLAN_UNAVAILABLE",
            Self::PlanTooLarge { .. } => "PLAN_TOO_LARGE",
            Self::AnswerTooLarge { .. } => "ANSWER_TOO_LARGE",
        }
    }

    /// What the caller should know beside it.
    pub(crate) fn warnings(&self) -> &[Warning] {
        if let warned!(warnings) = self { warnings } else { &[] }
    }

    /// The same, to add to it; `None` where the request is refused for itself, whatever there is.
    pub(crate) const fn warnings_mut(&mut self) -> Option<&mut Vec<Warning>> {
        if let warned!(warnings) = self { Some(warnings) } else { None }
    }
}

/// Names in filters that a message says; the warnings have all of them.
const MAX_NAMES: usize = 3;

/// Says behind a refusal that there may be more than was looked at, and why; nothing where all was.
fn write_unseen(f: &mut fmt::Formatter<'_>, warnings: &[Warning]) -> fmt::Result {
    let mut lead = "; there may be more that was not looked at: ";
    for warning in warnings {
        if !matches!(warning, Warning::FilterUnknown { .. }) {
            f.write_str(lead)?;
            f.write_str(warning.code())?;
            lead = ", ";
        }
    }
    Ok(())
}

/// Says which names in filters are not there.
fn write_names(f: &mut fmt::Formatter<'_>, warnings: &[Warning]) -> fmt::Result {
    let mut names = 0_usize;
    for warning in warnings {
        if let Warning::FilterUnknown { field, name } = warning {
            names += 1;
            if names <= MAX_NAMES {
                write!(f, "; {field} names {name}, which is not there")?;
            }
        }
    }
    match names.saturating_sub(MAX_NAMES) {
        0 => Ok(()),
        more => write!(f, "; {more} more names are not there"),
    }
}

/// Says which fields of the request narrowed what was looked at.
fn write_narrowed(f: &mut fmt::Formatter<'_>, narrowed_by: Narrowed) -> fmt::Result {
    let mut text = String::new();
    narrowed_by.each(&mut |field| {
        text.push_str(if text.is_empty() { ", narrowed by " } else { ", " });
        text.push_str(field);
    });
    f.write_str(&text)
}

/// Asks whether one of those names was meant.
#[cold]
pub(crate) fn did_you_mean(similar: &[String]) -> String {
    match similar {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}

/// Says that a name is not there, and asks whether one of those was meant that are.
#[cold]
fn write_unknown(f: &mut fmt::Formatter<'_>, what: &str, name: &str, similar: &[String]) -> fmt::Result {
    f.write_str(what)?;
    f.write_str(name)?;
    f.write_str(&did_you_mean(similar))
}

/// Writes an amount as people read it, `73,119.5 BTC`; in smallest units where nobody knows how many make a whole token.
#[cold]
fn write_amount(
    f: &mut fmt::Formatter<'_>,
    units: Amount,
    token: &Symbol,
    decimals: Option<u8>,
) -> fmt::Result {
    let mut number = String::new();
    Scaled::from_units(units, decimals.unwrap_or(0)).write(&mut number)?;
    let number = grouped(&number);
    f.write_str(number.strip_suffix(".0").unwrap_or(&number))?;
    f.write_str(if decimals.is_some() { " " } else { " smallest units of " })?;
    f.write_str(token.as_str())
}

impl fmt::Display for QuoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_why(f)?;
        write_names(f, self.warnings())
    }
}

impl QuoteError {
    fn write_why(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest { field, reason } => write!(f, "{field} {reason}"),
            Self::SameToken { token } => write!(f, "token_in and token_out are both {token}"),
            Self::UnknownToken { token, similar, no_pools, .. } => {
                write_unknown(f, "no pool holds the token ", token.as_str(), similar)?;
                f.write_str(if *no_pools { ": there are no pools at all" } else { "" })
            }
            Self::UnknownPool { pool_id, similar, .. } => {
                write_unknown(f, "there is no pool ", pool_id.as_str(), similar)
            }
            Self::NoRoute { token_in, token_out, max_hops, narrowed_by, warnings } => {
                write!(f, "no active pools connect {token_in} to {token_out} (max_hops: {max_hops}")?;
                write_narrowed(f, *narrowed_by)?;
                f.write_str(")")?;
                write_unseen(f, warnings)
            }
            Self::InsufficientLiquidity {
                requested,
                fillable,
                token,
                decimals,
                is_out,
                narrowed_by,
                warnings,
            } => {
                f.write_str(if *is_out { "the pools give " } else { "the pools take " })?;
                write_amount(f, *fillable, token, *decimals)?;
                f.write_str(" of ")?;
                write_amount(f, *requested, token, *decimals)?;
                write_narrowed(f, *narrowed_by)?;
                write_unseen(f, warnings)
            }
            Self::TooManyBins { needed: Some(needed), allowed, .. } => {
                write!(f, "the trade visits {needed} bins of one pool; the limit is {allowed}")
            }
            Self::TooManyBins { needed: None, allowed, .. } => {
                write!(f, "the trade visits more than {allowed} bins of one pool, or more than can be read")
            }
            Self::AmountTooSmall { token, decimals, .. } => {
                f.write_str("the amount buys less than ")?;
                write_amount(f, 1, token, *decimals)?;
                f.write_str(", the smallest unit")
            }
            Self::AmountOverflow { field: Some(field), .. } => {
                write!(f, "{field} exceeds 128 bits of smallest units")
            }
            Self::AmountOverflow { field: None, .. } => {
                f.write_str("the swap exceeds the 128-bit arithmetic of the contract")
            }
            Self::StateInvalid { key, reason, .. } => {
                write!(f, "the stored value {key} cannot be used: {reason}")
            }
            Self::StaleState { pool_id, age_ms, max_age_ms: Some(max_age_ms), .. }
                if age_ms.is_none_or(|age_ms| age_ms > *max_age_ms) =>
            {
                match age_ms {
                    Some(age_ms) => write!(f, "the state of {pool_id} is {age_ms} ms old")?,
                    None => write!(f, "the age of the state of {pool_id} is unknown")?,
                }
                write!(f, "; the limit is {max_age_ms} ms")
            }
            Self::StaleState { pool_id, block_height, min_block_height, .. } => {
                match block_height {
                    Some(height) => write!(f, "the state of {pool_id} is of block {height}")?,
                    None => write!(f, "the block of the state of {pool_id} is unknown")?,
                }
                write!(f, "; the request wants block {} or a later one", min_block_height.unwrap_or(0))
            }
            Self::PlanUnavailable { reason, what, .. } => {
                write!(f, "the quote has no plan: {} ({what})", reason.as_str())
            }
            Self::PlanTooLarge { reads, limit, bins_that_fit, .. } => write!(
                f,
                "the call takes {reads} reads; {limit} are allowed, which the first {bins_that_fit} of its bins fit in"
            ),
            Self::AnswerTooLarge { .. } => f.write_str(
                "the answer would be larger than any is given: leave out include_state, or the steps with include_steps \
                 false, or name fewer pools",
            ),
        }
    }
}

impl core::error::Error for QuoteError {}
