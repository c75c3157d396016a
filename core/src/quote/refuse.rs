//! Not all of an amount fits: whether more bins would help, or how much does fit.

use super::answer::Answer;
use super::finish::{Found, finish};
use super::input::{Outcome, QuoteInput};
use super::request::Mode;
use super::search::Search;
use super::walks::MAX_WALKS;
use crate::error::QuoteError;
use crate::units::{Amount, BinId};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// How far below each amount that did not fill the next one is at most, in halvings of it: where a search looked at
/// everything, and where work ended it.
const BELOW: [(u32, u32); 8] = [(127, 8), (127, 5), (40, 4), (30, 3), (20, 3), (16, 2), (10, 2), (6, 1)];
/// Work that they may take, in walks; behind it one more is tried.
const TRYING: usize = MAX_WALKS;
/// The question for more bins has one part out of so many of the work of a quote.
const PART: u16 = 4;

/// What is to be done instead of a refusal.
pub(super) enum Instead<'a> {
    /// More bins must be read first.
    Read(Outcome),
    /// A second look found an answer under the limits of the request after all.
    Give(Box<Answer<'a>>),
}

pub(super) fn refuse<'a>(
    input: &QuoteInput<'a>,
    search: &Search<'a>,
    amount: Amount,
    found: Option<&Answer<'a>>,
) -> Result<Instead<'a>, QuoteError> {
    let request = input.request;
    if request.max_bins <= BinId::MAX.get() {
        let mut unlimited = Search::of(&QuoteInput { effort: input.effort.part(PART), ..*input });
        let answer = unlimited.run(request, amount, BinId::MAX.get() + 1);
        if let Some(more) = unlimited.read_more() {
            return Ok(Instead::Read(more));
        }
        let answer = answer.filter(|answer| answer.fills(request.mode, amount));
        if let Some(mut answer) = answer {
            let needed = answer.bins_visited();
            if needed > request.max_bins {
                return Err(QuoteError::TooManyBins { needed: Some(needed), allowed: request.max_bins });
            }
            answer.goal.max_bins = request.max_bins;
            return Ok(Instead::Give(Box::new(answer)));
        }
        // Bins that were not read either way tell nothing about the limit.
        if unlimited.shortfall().iter().any(|side| !search.shortfall().contains(side)) {
            return Err(QuoteError::TooManyBins { needed: None, allowed: request.max_bins });
        }
    }
    let Some(answer) = found else {
        return Err(match search.finder.overflow {
            true => QuoteError::AmountOverflow { field: None },
            false => QuoteError::InsufficientLiquidity { requested: amount, fillable: 0 },
        });
    };
    match fillable(input, amount, answer) {
        Ok(fillable) => Err(QuoteError::InsufficientLiquidity { requested: amount, fillable }),
        Err(more) => Ok(Instead::Read(more)),
    }
}

/// How much of an amount fills when it is asked for alone, under the same limits; 0 where nothing does.
///
/// Asked for alone, a part may be shared otherwise and miss by a unit, or buy nothing; so it counts only once a
/// search of its own has filled it, with all the work that the next request will have.
///
/// # Errors
/// The bins to read first.
fn fillable<'a>(input: &QuoteInput<'a>, amount: Amount, answer: &Answer<'a>) -> Result<Amount, Outcome> {
    let request = input.request;
    let most = match request.mode {
        Mode::ExactIn => answer.amount_in(),
        Mode::ExactOut => answer.amount_out(),
    };
    let mut part = most.min(amount);
    let mut left = input.effort.out_of(TRYING);
    let mut last = false;
    for (little, much) in BELOW {
        if part == 0 || last {
            break;
        }
        last = left == 0;
        let mut search = Search::of(input);
        let (got, limited) = match fit(input, &mut search, part)? {
            Fit::All => return Ok(part),
            Fit::Part { got, limited } => (got, limited),
        };
        left = left.saturating_sub(search.done());
        // What it found instead may be just what fills; if that is far less, a little less is tried first. A search
        // that work ended needs room, and so does the last one.
        part = match limited || left == 0 {
            true => part.saturating_sub((part >> much).max(1)),
            false => got.min(part - 1).max(part.saturating_sub((part >> little).max(1))),
        };
    }
    // What one route passes it passes again, if it is not refused for what it touches.
    let mut search = Search::of(input);
    let most = search.most_of_one_route(amount, request);
    let refused = request.strict && most > 0 && !matches!(fit(input, &mut search, most)?, Fit::All);
    Ok(if refused { 0 } else { most })
}

/// How much of a part would be quoted.
enum Fit {
    All,
    /// Only for so much was room found, or something that it touches is refused.
    Part {
        got: Amount,
        limited: bool,
    },
}

/// Whether a part would be quoted: filled, and nothing that it touches refused.
fn fit<'a>(input: &QuoteInput<'a>, search: &mut Search<'a>, part: Amount) -> Result<Fit, Outcome> {
    let request = input.request;
    let answer = search.filling(input, part);
    if let Some(more) = search.read_more() {
        return Err(more);
    }
    let Some(answer) = answer.filter(|answer| answer.amount_out() > 0) else {
        return Ok(Fit::Part { got: 0, limited: search.is_spent() });
    };
    let got = match request.mode {
        Mode::ExactIn => answer.amount_in(),
        Mode::ExactOut => answer.amount_out(),
    };
    if !answer.fills(request.mode, part) {
        return Ok(Fit::Part { got, limited: answer.limited.is_some() });
    }
    search.finder.lift(usize::MAX);
    let replay = answer.attempt.carry_out(&mut search.finder.curves, &answer.goal);
    let found = Found { routes_wanted: answer.routes_wanted, limited: answer.limited, replay };
    match finish(input, &found, part, Vec::new(), None) {
        Ok(Outcome::Quote(_)) => Ok(Fit::All),
        Ok(more) => Err(more),
        Err(_) => Ok(Fit::Part { got: 0, limited: false }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::{Graph, PoolRef};
    use crate::network::route::find_candidates;
    use crate::network::state::{PoolState, State};
    use crate::pool::tests::pool;
    use crate::quote::{AmountText, Effort, QuoteRequest};
    use crate::units::{PRICE_SCALE, Symbol};

    /// What two pools take of a request that names no more than these bins.
    fn instead(max_bins: u16, amount: Amount) -> Result<(Amount, u16, u16), QuoteError> {
        let bins =
            &[(500, 0, 100, 3 * PRICE_SCALE), (499, 0, 100, 2 * PRICE_SCALE), (498, 0, 100, PRICE_SCALE)];
        let pools = ["P", "Q"].map(|id| pool(id, 500, bins));
        let refs = pools.each_ref().map(|pool| PoolRef {
            id: pool.id().clone(),
            token_x: pool.token_x().clone(),
            token_y: pool.token_y().clone(),
        });
        let ends = [pools[0].token_x().clone(), pools[0].token_y().clone()];
        let ready =
            |pool: crate::pool::Pool| (pool.id().clone(), PoolState::Ready { pool, last_updated: None });
        let state = State::new(alloc::sync::Arc::default(), pools.into_iter().map(ready));
        let [token_in, token_out]: [Symbol; 2] = ends;
        let mut request = QuoteRequest::new(token_in, token_out, Mode::ExactIn, AmountText::Atomic(amount));
        request.max_bins = max_bins;
        let candidates = find_candidates(
            &Graph::new(Vec::from(refs)),
            &request.token_in,
            &request.token_out,
            1,
            8,
            &request.filter,
        )?;
        let input = QuoteInput {
            request: &request,
            candidates: &candidates,
            state: &state,
            now_ms: 0,
            can_read_more: true,
            effort: Effort::WHOLE,
        };
        // As if the first look had found nothing.
        match refuse(&input, &Search::of(&input), amount, None)? {
            Instead::Give(answer) => Ok((answer.amount_in(), answer.bins_visited(), answer.goal.max_bins)),
            Instead::Read(more) => panic!("every bin is known: {more:?}"),
        }
    }

    #[test]
    fn what_a_second_look_finds_within_the_limits_is_given() {
        assert_eq!(instead(2, 150), Ok((150, 2, 2)));
        let refused = instead(2, 300);
        assert_eq!(refused, Err(QuoteError::TooManyBins { needed: Some(3), allowed: 2 }));
    }
}
