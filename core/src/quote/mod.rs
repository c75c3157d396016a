//! From a request and a state to a quote, or to the reason why there is none.

mod again;
mod age_warnings;
mod allot;
mod allot_within;
mod answer;
mod ask;
mod attempt;
mod behind;
mod best;
mod beyond_bins;
#[cfg(test)]
mod bounds_tests;
mod call;
mod choice;
mod effort;
mod exact_in;
mod exact_out;
mod executable;
mod explain;
mod finish;
mod fullest;
mod goal;
mod grow;
pub mod impact;
mod improve;
mod input;
mod leg;
mod less_within;
mod lost;
mod modes;
mod most;
mod most_within;
mod narrower;
mod parts;
mod plan;
mod polish;
mod reads;
mod reads_table;
mod refuse;
mod request;
mod result;
mod room;
mod search;
pub mod share;
mod shares;
mod sharing;
mod shortfall;
mod sinks;
mod spending;
mod split;
mod stands;
mod table;
mod thresholds;
mod walks;
mod ways;
mod within_reads;

pub use crate::warning::Warning;
pub use ask::{PlanAsk, PlanMode};
pub use choice::{Choice, Compared};
pub use effort::{Effort, MAX_BATCH};
pub use input::{Outcome, QuoteInput};
pub use lost::{LostCandidate, LostReason, LostRoute};
pub use reads::{MAX_READS, Visits, ends_amid};
pub use request::{
    AmountText, DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, DEFAULT_SLIPPAGE_BPS, Mode, QuoteRequest,
};
pub use result::{BinsLookedAt, HopQuote, PoolUse, Quote, RouteQuote};
pub use shortfall::MoreBins;

use crate::error::QuoteError;
use crate::narrowed::Narrowed;
use crate::network::route::{Candidates, no_route};
use crate::network::skipped::SkippedPool;
use crate::network::state::{PoolState, State};
use crate::units::Amount;
use alloc::vec::Vec;
use answer::Answer;
use explain::Explainer;
use finish::{Found, finish};
use most::Most;
use refuse::{Instead, are_bins_too_few, read_before, refuse, too_little};
use search::{Search, WALKS};
use shortfall::{Shortfall, more_bins};

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
    quote_after(None, input)
}

/// As [`quote`] for bins that are read in rounds: a round that can only ask for more bins does not search before it asks.
///
/// # Errors
/// As [`quote`].
pub fn quote_in_rounds(input: &QuoteInput<'_>) -> Result<Outcome, QuoteError> {
    quote_after(Some(read_before), input)
}

/// What is asked before the search. Handed in so that whoever has all bins at hand, the package, has no code for it.
type Before = fn(&QuoteInput<'_>, Amount) -> Result<Option<Outcome>, QuoteError>;

fn quote_after(before: Option<Before>, input: &QuoteInput<'_>) -> Result<Outcome, QuoteError> {
    let QuoteInput { request, candidates, state, .. } = *input;
    let amount = request.amount_units(&state.decimals)?;
    let skipped = skipped_pools(candidates, state);
    let mut search = Search::of(input);
    let open = search.finder.any_open();
    if let Some(SkippedPool { key, reason }) = skipped.first().filter(|_| request.strict || !open) {
        let (key, reason, warnings) = (key.clone(), reason.clone(), Vec::new());
        return Err(QuoteError::StateInvalid { key, reason, warnings });
    }
    if !open {
        let pair = (&request.token_in, &request.token_out, request.max_hops);
        return Err(no_route(pair, &request.filter, &candidates.unknown));
    }
    if let Some(before) = before
        && let Some(more) = before(input, amount)?
    {
        return Ok(more);
    }
    let mut found = search.run(request, amount, request.max_bins);
    if let Some(more) = search.read_more() {
        return Ok(more);
    }
    let fills =
        |found: &Option<Answer<'_>>| found.as_ref().is_some_and(|found| found.fills(request.mode, amount));
    let gives = found.as_ref().is_some_and(|found| found.amount_out() > 0);
    // A part of more than there is, for which all work was done, is not to cost half as much again.
    let is_part = request.allow_partial && found.as_ref().is_some_and(|found| found.limited.is_some());
    let is_done = gives && (fills(&found) || is_part && search.is_beyond(request, amount));
    let mut most = if is_done { None } else { Most::of(input) };
    if let Some(most) = &mut most {
        let other = most.of_amount(amount, request);
        search.finder.walks.tables_cut_short |= most.search.finder.walks.tables_cut_short;
        if let Some(more) = most.search.read_more() {
            return Ok(more);
        }
        let worth = |answer: &Answer<'_>| answer.attempt.worth(&answer.goal);
        // What ended the first search is told whichever of the two is given.
        let limited = found.as_ref().and_then(|found| found.limited);
        let other = other.map(|other| Answer { limited: other.limited.or(limited), ..other });
        found =
            other.filter(|other| found.as_ref().is_none_or(|found| worth(other) > worth(found))).or(found);
        // What is beyond all that pools hold is not looked for, so that is all there is to tell of.
        if found.is_none() && !request.allow_partial && !search.finder.overflow {
            found = most.filling(request).filter(|most| most.amount(request.mode) < amount);
        }
    }
    if !fills(&found) && !request.allow_partial {
        match refuse(input, &search, amount, found.as_ref(), most.as_ref())? {
            Instead::Read(more) => return Ok(more),
            Instead::Give(answer) => found = Some(*answer),
        }
    }
    match found {
        Some(answer) if answer.amount_out() == 0 => {
            let token = request.token_out.clone();
            Err(QuoteError::AmountTooSmall { token, decimals: None, warnings: Vec::new() })
        }
        Some(answer) => {
            let within = search.within_reads(request, amount, answer);
            if let Some(more) = search.read_more() {
                return Ok(more);
            }
            let answer = within?;
            let (answer, choice) = search.executable(request, amount, answer);
            if let Some(more) = search.read_more() {
                return Ok(more);
            }
            let explained = match explain(input, &mut search, &answer, amount) {
                Ok(explained) => explained,
                Err(shortfall) => return Ok(Outcome::ReadMore(more_bins(candidates, &shortfall))),
            };
            search.finder.lift(usize::MAX);
            let replay = answer.attempt.carry_out(&mut search.finder.curves, &answer.goal);
            let limited = answer.limited.or(search.ended_in_batch().then_some(WALKS));
            let found = Found { routes_wanted: answer.routes_wanted, limited, replay };
            finish(input, &found, amount, skipped, (explained, choice))
        }
        None if search.finder.overflow => {
            Err(QuoteError::AmountOverflow { field: None, warnings: Vec::new() })
        }
        None => {
            let too_few = Narrowed::default().with(Narrowed::MAX_BINS, are_bins_too_few(input, amount));
            Err(too_little(input, amount, 0, (too_few, None)))
        }
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

/// What an answer over these candidates does not see: pools that are left out, and those that were too many.
pub fn unseen(candidates: &Candidates, state: &State) -> impl Iterator<Item = Warning> {
    let skipped = skipped_pools(candidates, state).into_iter();
    let skipped = skipped.map(|SkippedPool { key, reason }| Warning::PoolSkipped { key, reason });
    let pools = candidates.pools.len();
    skipped.chain(candidates.limited.then_some(Warning::CandidatesLimited { pools }))
}

/// Candidate pools that are left out, and pools that might have been candidates, with the key and the reason.
fn skipped_pools(candidates: &Candidates, state: &State) -> Vec<SkippedPool> {
    let mut skipped = Vec::new();
    for candidate in &candidates.pools {
        if let Some(PoolState::Skipped { key, reason }) = state.pools.get(&candidate.pool.id) {
            skipped.push(SkippedPool { key: key.clone(), reason: reason.clone() });
        }
    }
    skipped.extend_from_slice(&candidates.unplaced);
    skipped
}
