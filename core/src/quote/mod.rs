//! From a request and a state to a quote, or to the reason why there is none.

mod age_warnings;
mod answer;
mod attempt;
mod best;
mod effort;
mod exact_out;
mod explain;
mod finish;
pub mod impact;
mod improve;
mod plan;
mod polish;
mod refuse;
mod request;
mod search;
pub mod share;
mod sharing;
mod split;
mod warning;
mod ways;

pub use answer::{BinsLookedAt, HopQuote, PoolUse, Quote, RouteQuote};
pub use effort::Effort;
pub use explain::{LostCandidate, LostReason, LostRoute};
pub use request::{
    AmountText, DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, DEFAULT_SLIPPAGE_BPS, Mode, QuoteRequest,
};
pub use warning::Warning;

use crate::error::QuoteError;
use crate::network::route::Candidates;
use crate::network::state::{PoolState, State};
use crate::units::{Amount, Direction, PoolId};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use best::Shortfall;
use explain::Explainer;
use finish::{Found, finish};
use refuse::refuse;
use search::{Answer, Search};

/// Everything a quote depends on.
#[derive(Clone, Copy, Debug)]
pub struct QuoteInput<'a> {
    /// What is asked.
    pub request: &'a QuoteRequest,
    /// Which pools and paths may serve it.
    pub candidates: &'a Candidates,
    /// What was read.
    pub state: &'a State,
    /// The time at which the state was read, milliseconds since 1970.
    pub now_ms: u64,
    /// Whether the caller can read more bins; if not, unknown bins count as out of reach.
    pub can_read_more: bool,
    /// How much work the quote may cost.
    pub effort: Effort,
}

/// The outcome of a quote that did not fail.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The quote.
    Quote(Box<Quote>),
    /// Known bins ran out before the answer was certain: read more of these and ask again.
    ReadMore(Vec<MoreBins>),
}

/// A pool of which more bins must be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreBins {
    /// The pool.
    pub pool_id: PoolId,
    /// Which side: X for Y needs lower ids, Y for X higher ones.
    pub direction: Direction,
}

/// Quotes a request: a split over routes, or the best single route where that gives more.
///
/// A pure function of its input: no clock, no randomness, no I/O. How a trade is shared is found with floats;
/// every amount of the answer comes from a replay in whole units.
///
/// # Units
/// Smallest units throughout.
///
/// # Errors
/// [`QuoteError`] with a stable code. What the contract would do silently (a partial fill, an input taken
/// for nothing) is refused here and not in the swap itself.
pub fn quote(input: &QuoteInput<'_>) -> Result<Outcome, QuoteError> {
    let QuoteInput { request, candidates, state, .. } = *input;
    let amount = request.amount_units(&state.decimals)?;
    let skipped = skipped_pools(candidates, state);
    let mut search = Search::of(input);
    let open = search.finder.any_open();
    if let Some((key, reason)) = skipped.first().filter(|_| request.strict || !open) {
        return Err(QuoteError::StateInvalid { key: key.clone(), reason: reason.clone() });
    }
    if !open {
        return Err(QuoteError::NoRoute {
            token_in: request.token_in.clone(),
            token_out: request.token_out.clone(),
            max_hops: request.max_hops,
        });
    }
    let found = run(&mut search, request, amount, request.max_bins);
    if let Some(more) = read_more(input, &search) {
        return Ok(more);
    }
    let full = found.as_ref().filter(|answer| fills(answer, request.mode, amount));
    if full.is_none() && !request.allow_partial {
        return refuse(input, &search, amount, found.as_ref());
    }
    match found {
        Some(answer) if answer.amount_out() == 0 => Err(QuoteError::AmountTooSmall),
        Some(answer) => {
            let explained = match explain(input, &mut search, &answer, amount) {
                Ok(explained) => explained,
                Err(shortfall) => return Ok(Outcome::ReadMore(more_bins(input, &shortfall))),
            };
            let replay = answer.attempt.carry_out(&mut search.finder.curves, &answer.goal);
            let found = Found { routes_wanted: answer.routes_wanted, limited: answer.limited, replay };
            finish(input, &found, amount, skipped, explained)
        }
        None if search.finder.overflow => Err(QuoteError::AmountOverflow { field: None }),
        None => Err(QuoteError::InsufficientLiquidity { requested: amount, fillable: 0 }),
    }
}

fn run<'a>(
    search: &mut Search<'a>,
    request: &QuoteRequest,
    amount: Amount,
    max_bins: u16,
) -> Option<Answer<'a>> {
    match request.mode {
        Mode::ExactIn => search.exact_in(amount, max_bins, request.allow_partial),
        Mode::ExactOut => search.exact_out(amount, max_bins),
    }
}

/// The candidates that lost, where the request asks for them; else the pools to read more of first.
fn explain<'a>(
    input: &QuoteInput<'a>,
    search: &mut Search<'a>,
    answer: &Answer<'a>,
    amount: Amount,
) -> Result<Option<Vec<LostCandidate>>, Shortfall> {
    if !input.request.explain {
        return Ok(None);
    }
    Explainer::new(input, answer, amount).explain(search, answer.routes_wanted).map(Some)
}

fn fills(answer: &Answer<'_>, mode: Mode, amount: Amount) -> bool {
    match mode {
        Mode::ExactIn => answer.amount_in() == amount,
        Mode::ExactOut => answer.amount_out() >= amount,
    }
}

/// Candidate pools that are left out, with the key and the reason.
fn skipped_pools(candidates: &Candidates, state: &State) -> Vec<(String, String)> {
    let skipped = candidates.pools.iter().filter_map(|candidate| match state.pools.get(&candidate.pool.id) {
        Some(PoolState::Skipped { key, reason }) => Some((key.clone(), reason.clone())),
        _ => None,
    });
    skipped.collect()
}

/// Asks for more bins, if there are any to ask for and the caller can.
fn read_more(input: &QuoteInput<'_>, search: &Search<'_>) -> Option<Outcome> {
    if search.shortfall().is_empty() || !input.can_read_more {
        return None;
    }
    Some(Outcome::ReadMore(more_bins(input, search.shortfall())))
}

fn more_bins(input: &QuoteInput<'_>, shortfall: &Shortfall) -> Vec<MoreBins> {
    let more = shortfall.iter().filter_map(|&(at, direction)| {
        let pool_id = input.candidates.pools.get(at)?.pool.id.clone();
        Some(MoreBins { pool_id, direction })
    });
    more.collect()
}
