//! Not all of an amount fits: whether more bins would help, or how much does fit.

use super::answer::Answer;
use super::beyond_bins::is_beyond_bins;
use super::effort::Effort;
use super::finish::{Found, finish};
use super::input::{Outcome, QuoteInput};
use super::most::Most;
use super::request::{DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, Mode, QuoteRequest};
use super::search::{Search, WALKS, WHOLE};
use super::walks::MAX_WALKS;
use crate::error::QuoteError;
use crate::gather::Gather;
use crate::narrowed::Narrowed;
use crate::units::{Amount, BinId};
use crate::warning::Warning;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Each of a refusal's questions has one part out of so many of the work of a quote.
const PART: u16 = 4;

/// What is to be done instead of a refusal.
pub(super) enum Instead<'a> {
    /// More bins must be read first.
    Read(Outcome),
    /// A second look found an answer under the limits of the request after all.
    Give(Box<Answer<'a>>),
}

/// Searches without the limit on bins, with a part of the work.
fn unlimited<'a>(input: &QuoteInput<'a>, amount: Amount) -> (Search<'a>, Option<Answer<'a>>) {
    let request = input.request;
    let mut search = Search::of(&QuoteInput { effort: input.effort.part(PART), ..*input });
    search.most_apart = false;
    let answer = search.run(request, amount, BinId::MAX.get() + 1);
    (search, answer)
}

/// Whether a search without the limit on bins finds something where one with it has found nothing.
pub(super) fn are_bins_too_few(input: &QuoteInput<'_>, amount: Amount) -> bool {
    is_limited(input.request) && unlimited(input, amount).1.is_some()
}

/// What fills, of what was found.
fn full<'a>(request: &QuoteRequest, amount: Amount, found: Option<Answer<'a>>) -> Option<Answer<'a>> {
    found.filter(|answer| answer.fills(request.mode, amount) && answer.amount_out() > 0)
}

/// What must be read of an amount that is beyond the limit on bins for certain. Else each round of reading would search all
/// there is under the limit, only to learn that a search without it wants more bins.
///
/// # Errors
/// `TOO_MANY_BINS` where nothing must be read, and more bins would do.
pub(super) fn read_before(input: &QuoteInput<'_>, amount: Amount) -> Result<Option<Outcome>, QuoteError> {
    let request = input.request;
    if !input.can_read_more || request.allow_partial || !is_limited(request) || !is_beyond_bins(input, amount)
    {
        return Ok(None);
    }
    let (search, answer) = unlimited(input, amount);
    let refusal = full(request, amount, answer).and_then(|answer| beyond_limit(request, &answer));
    match (search.read_more(), refusal) {
        (None, Some(needed)) => Err(too_many_bins(request, Some(needed), None)),
        (more, _) => Ok(more),
    }
}

fn is_limited(request: &QuoteRequest) -> bool {
    request.max_bins <= BinId::MAX.get()
}

/// Bins of one pool that an answer takes, if those are more than allowed.
fn beyond_limit(request: &QuoteRequest, answer: &Answer<'_>) -> Option<u16> {
    Some(answer.bins_visited()).filter(|needed| *needed > request.max_bins)
}

/// The refusal of a request that takes so many bins; it may fill within the limit where a limit on work ended the search.
fn too_many_bins(request: &QuoteRequest, needed: Option<u16>, limited: Option<&'static str>) -> QuoteError {
    QuoteError::TooManyBins { needed, allowed: request.max_bins, warnings: warnings(limited) }
}

fn warnings(limited: Option<&'static str>) -> Vec<Warning> {
    limited.map(|limit| Warning::SearchLimited { limit }).into_iter().gather()
}

pub(super) fn refuse<'a>(
    input: &QuoteInput<'a>,
    search: &Search<'a>,
    amount: Amount,
    found: Option<&Answer<'a>>,
    most: Option<&Most<'a>>,
) -> Result<Instead<'a>, QuoteError> {
    let request = input.request;
    let limited = found.and_then(|answer| answer.limited).or(most.and_then(Most::limited));
    let limited = limited
        .filter(|limit| *limit != WHOLE)
        .or((search.is_spent() || search.ended_in_batch()).then_some(WALKS));
    let mut too_few = Narrowed::default();
    if is_limited(request) {
        let (unlimited, answer) = unlimited(input, amount);
        if let Some(more) = unlimited.read_more() {
            return Ok(Instead::Read(more));
        }
        let passes_limit = answer.as_ref().is_some_and(|answer| answer.bins_visited() > request.max_bins);
        too_few = too_few.with(Narrowed::MAX_BINS, passes_limit);
        if let Some(mut answer) = full(request, amount, answer) {
            if let Some(needed) = beyond_limit(request, &answer) {
                return Err(too_many_bins(request, Some(needed), limited));
            }
            answer.goal.max_bins = request.max_bins;
            return Ok(Instead::Give(Box::new(answer)));
        }
        // Bins that were not read either way tell nothing about the limit, nor do those behind it where what was read of
        // them gives nothing.
        let of_most = most.map(|most| most.search.shortfall());
        let unread = |side| {
            search.shortfall().contains(side) || of_most.is_some_and(|shortfall| shortfall.contains(side))
        };
        if passes_limit && unlimited.shortfall().iter().any(|side| !unread(side)) {
            return Err(too_many_bins(request, None, limited));
        }
    }
    let Some(answer) = found else {
        return Err(match search.finder.overflow {
            true => QuoteError::AmountOverflow { field: None, warnings: Vec::new() },
            false => too_little(input, amount, 0, (too_few, limited)),
        });
    };
    let too_few_routes = (1..answer.routes_wanted).contains(&search.max_splits);
    let too_few = too_few.with(Narrowed::MAX_SPLITS, too_few_routes);
    match fillable(input, amount, answer, most) {
        Ok(fillable) => Err(too_little(input, amount, fillable, (too_few, limited))),
        Err(more) => Ok(Instead::Read(more)),
    }
}

/// The refusal of a request of which so much fills; more may fill where a limit on work ended the search, or one of those that are
/// known to be too few. Of the other limits nobody knows whether they did: those that are narrower than without a word are named.
#[cold]
pub(super) fn too_little(
    input: &QuoteInput<'_>,
    requested: Amount,
    fillable: Amount,
    (too_few, limited): (Narrowed, Option<&'static str>),
) -> QuoteError {
    let request = input.request;
    let narrowed_by = request
        .filter
        .narrowed(&input.candidates.unknown)
        .with(Narrowed::MAX_HOPS, request.max_hops < DEFAULT_MAX_HOPS)
        .with(Narrowed::MAX_SPLITS, (1..DEFAULT_MAX_SPLITS).contains(&request.max_splits))
        .with(too_few, true)
        .with(Narrowed::MAX_READS, request.max_reads.is_some());
    let is_out = request.mode == Mode::ExactOut;
    let token = if is_out { &request.token_out } else { &request.token_in }.clone();
    QuoteError::InsufficientLiquidity {
        requested,
        fillable,
        token,
        decimals: None,
        is_out,
        narrowed_by,
        warnings: warnings(limited),
    }
}

/// How much of an amount fills when it is asked for alone, under the same limits; 0 where nothing does.
///
/// Asked for alone, a part may be shared otherwise and miss by a unit, or buy nothing; so it counts only once a
/// search of its own has filled it. That one has a part of the work of a quote: the next request, which has all of it,
/// finds no less but in rare networks.
///
/// # Errors
/// The bins to read first.
fn fillable<'a>(
    input: &QuoteInput<'a>,
    amount: Amount,
    answer: &Answer<'a>,
    all: Option<&Most<'a>>,
) -> Result<Amount, Outcome> {
    let request = input.request;
    let mut most = answer.amount(request.mode).min(amount);
    let mut filled = 0;
    if request.max_reads.is_some() {
        let part;
        (part, filled) = Search::of(input).part_within_reads(amount, request);
        most = part.min(most);
    }
    let less = [0, 1, 2, 4].into_iter().chain([40, 30, 20, 10].map(|bits| most >> bits));
    let all = all.and_then(|all| all.filling(request));
    let known = match all.filter(|all| all.amount(request.mode) < amount) {
        Some(all) if sound(input, &mut Search::of(input), &all, all.amount(request.mode))? => {
            all.amount(request.mode)
        }
        _ => 0,
    };
    // Where work ended the search and something is known to fill, little more work is worth what may be found.
    let is_told = known > 0 && answer.limited.is_some_and(|limit| limit != WHOLE);
    // What gives most may leave units that buy nothing.
    let mut search = Search::of(&QuoteInput { effort: input.effort.part(2), ..*input });
    let coarse = search.is_coarse(&answer.attempt, answer.amount_in());
    if coarse && request.mode == Mode::ExactIn && request.max_reads.is_none() {
        let allotted = search.allotted_for(amount, request.max_bins, 0);
        filled = allotted.map_or(0, |attempt| attempt.tally.amount_in);
    }
    // Where every amount can be tried, what fills is found only by a search that looks as far. The quotes of a large batch
    // have too little for that.
    let thorough = coarse && input.effort == Effort::WHOLE && known == 0;
    let part = if is_told { 2 * PART } else { PART };
    let effort = if thorough { input.effort } else { input.effort.part(part) };
    let input = &QuoteInput { effort, ..*input };
    let most_walks = effort.out_of(MAX_WALKS);
    let mut left = if thorough { 2 * most_walks } else { most_walks };
    // What one route passes it passes again, if it is not refused for what it touches. What gives most may take less.
    let mut search = Search::of(input);
    let single = search.most_of_one_route(amount, request);
    let refused = request.strict && single > known && !fit(input, &mut search, single)?;
    let known = if refused { known } else { single.max(known) };
    let mut fits = |part: Amount, known: Amount| -> Result<bool, Outcome> {
        if part <= known || left == 0 {
            return Ok(false);
        }
        let mut search = Search::of(input);
        search.finder.end_at(left.min(most_walks));
        let fits = fit(input, &mut search, part)?;
        left = left.saturating_sub(search.done());
        Ok(fits)
    };
    let parts = (filled > most).then_some(filled).into_iter();
    let mut named = known;
    for part in parts.chain(less.map(|less| most.saturating_sub(less))) {
        if fits(part, known)? {
            named = part;
            break;
        }
    }
    // Routes that take much may take more together than those that give most.
    if !search.one_route && request.mode == Mode::ExactIn && request.max_reads.is_none() {
        let all = search.fullest(amount, request.max_bins);
        for part in [all, named.saturating_add(all.saturating_sub(named) / 2)] {
            if part < amount && fits(part, named)? {
                return Ok(part);
            }
        }
    }
    Ok(named)
}

/// Whether a part would be quoted: filled, and nothing that it touches refused.
fn fit<'a>(input: &QuoteInput<'a>, search: &mut Search<'a>, part: Amount) -> Result<bool, Outcome> {
    let request = input.request;
    let answer = search.run(request, part, request.max_bins);
    if let Some(more) = search.read_more() {
        return Err(more);
    }
    let Some(answer) = answer.filter(|answer| answer.fills(request.mode, part) && answer.amount_out() > 0)
    else {
        return Ok(false);
    };
    let answer = search.within_reads(request, part, answer);
    if let Some(more) = search.read_more() {
        return Err(more);
    }
    let Some(answer) = answer.ok().filter(|answer| answer.fills(request.mode, part)) else {
        return Ok(false);
    };
    sound(input, search, &answer, part)
}

/// Whether nothing that an answer touches is refused.
fn sound<'a>(
    input: &QuoteInput<'a>,
    search: &mut Search<'a>,
    answer: &Answer<'a>,
    part: Amount,
) -> Result<bool, Outcome> {
    search.finder.lift(usize::MAX);
    let replay = answer.attempt.carry_out(&mut search.finder.curves, &answer.goal);
    let found = Found { routes_wanted: answer.routes_wanted, limited: answer.limited, replay };
    match finish(input, &found, part, Vec::new(), (None, None)) {
        Ok(Outcome::Quote(..)) => Ok(true),
        Ok(more) => Err(more),
        Err(_) => Ok(false),
    }
}
