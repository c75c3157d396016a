//! The one step of every quote: state in, request in, answer or "read more" out.

use super::planned::{as_sender, planned};
use crate::api::{Answer, Basis, ReadAt};
use crate::error::QuoteError;
use crate::network::decimals::Origin;
use crate::network::keys;
use crate::network::route::told_beside;
use crate::network::state::State;
use crate::plan;
use crate::quote::{MoreBins, Outcome, QuoteInput, Warning, quote, quote_in_rounds, unseen};
use crate::stored::BinTexts;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What one look at a state leads to.
#[derive(Clone, Debug)]
pub enum Step<B = BinTexts<'static>> {
    /// The answer.
    Answer(Box<Answer<B>>),
    /// Known bins ran out before the answer was certain: read more of these pools and ask again.
    ReadMore(Vec<MoreBins>),
}

/// Quotes on what was read, or says what to read first.
///
/// # Errors
/// As [`quote`].
pub fn step<B>(basis: Basis<B>, state: &State, read_at: ReadAt) -> Result<Step<B>, QuoteError> {
    look(basis, state, read_at, (quote_in_rounds, true))
}

/// Quotes on what was read where there is no more: bins that were not read count as out of reach.
///
/// # Errors
/// As [`quote`].
pub fn answer<B>(basis: Basis<B>, state: &State, read_at: ReadAt) -> Result<Answer<B>, QuoteError> {
    match look(basis, state, read_at, (quote, false))? {
        Step::Answer(answer) => Ok(*answer),
        // Core was told that there is nothing to read, so it does not ask.
        Step::ReadMore(more) => Err(QuoteError::StateInvalid {
            key: more.first().map(|more| keys::pool(&more.pool_id)).unwrap_or_default(),
            reason: "bins are needed that were not read".to_owned(),
            warnings: Vec::new(),
        }),
    }
}

/// A refusal of what may be possible says why there may be more than was looked at, and one that names a token knows the
/// decimals that are no guess.
fn with_limits<B>(mut refusal: QuoteError, input: &QuoteInput<'_>, basis: &Basis<B>) -> QuoteError {
    if let QuoteError::InsufficientLiquidity { warnings, .. }
    | QuoteError::TooManyBins { warnings, .. }
    | QuoteError::AmountTooSmall { warnings, .. } = &mut refusal
    {
        warnings.extend(unseen(input.candidates, input.state));
        warnings.extend(basis.keys_limited.map(|keys| Warning::KeysLimited { keys }));
    }
    if let QuoteError::InsufficientLiquidity { token, decimals, .. }
    | QuoteError::AmountTooSmall { token, decimals, .. } = &mut refusal
    {
        let (known, origin) = basis.decimals.of(token);
        *decimals = (origin != Origin::Assumed).then_some(known);
    }
    told_beside(refusal, &input.candidates.unknown)
}

type Ask = fn(&QuoteInput<'_>) -> Result<Outcome, QuoteError>;

fn look<B>(
    basis: Basis<B>,
    state: &State,
    read_at: ReadAt,
    (ask, can_read_more): (Ask, bool),
) -> Result<Step<B>, QuoteError> {
    let Basis { request, candidates, effort, keys_limited, .. } = &basis;
    let now_ms = read_at.ms;
    if let Some(plan) = &request.plan {
        plan::check(plan, basis.router.as_deref())?;
    }
    let exempt = as_sender(&basis, state);
    let state = exempt.as_ref().unwrap_or(state);
    let input = QuoteInput { request, candidates, state, now_ms, can_read_more, effort: *effort };
    match ask(&input).map_err(|refusal| with_limits(refusal, &input, &basis))? {
        Outcome::Quote(mut quote, looked_at) => {
            quote.warnings.extend(keys_limited.map(|keys| Warning::KeysLimited { keys }));
            let planned = planned(&basis, state, &mut quote, can_read_more);
            match planned.map_err(|refusal| told_beside(refusal, &candidates.unknown))? {
                Ok(plan) => Ok(Step::Answer(Box::new(Answer { quote, plan, basis, read_at, looked_at }))),
                Err(more) => Ok(Step::ReadMore(more)),
            }
        }
        Outcome::ReadMore(more) => Ok(Step::ReadMore(more)),
    }
}
