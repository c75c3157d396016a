//! Which mode executes a quote, and the order of its pools.

use super::fault::unavailable;
use super::side::Side;
use crate::error::{PlanFault, QuoteError};
use crate::gather::Gather;
use crate::quote::{PlanMode, ends_amid};
use alloc::string::String;
use alloc::vec::Vec;

/// The mode that executes a quote.
pub(super) fn resolve(asked: PlanMode, routes: &[&[Side<'_>]]) -> Result<PlanMode, QuoteError> {
    let obstacle = obstacle(routes);
    match (asked, obstacle) {
        (PlanMode::Explicit, _) | (PlanMode::Auto, Some(_)) => Ok(PlanMode::Explicit),
        (PlanMode::Auto, None) => Ok(PlanMode::Simple),
        (mode, None) => Ok(mode),
        (_, Some(what)) => Err(unavailable(PlanFault::ModeImpossible, String::from(what))),
    }
}

/// What keeps a quote from being one pass over the pools of one pair.
fn obstacle(routes: &[&[Side<'_>]]) -> Option<&'static str> {
    let mut sides = Vec::with_capacity(routes.len());
    for route in routes {
        let [side] = route else { return Some("a route has several hops") };
        sides.push(side);
    }
    let (first, others) = sides.split_first()?;
    if others.iter().any(|side| side.tokens() != first.tokens() || side.hop.direction != first.hop.direction)
    {
        return Some("the pools hold their tokens the other way round");
    }
    let again =
        |at: usize, side: &Side<'_>| sides.iter().take(at).any(|other| other.hop.pool_id == side.hop.pool_id);
    if sides.iter().enumerate().any(|(at, side)| again(at, side)) {
        return Some("a pool is used twice");
    }
    let amid = sides.iter().filter(|side| ends_amid(side.pool, side.hop)).count();
    (amid > 1).then_some("more than one pool ends amid a bin")
}

/// The pools in the order in which one call may pass them: each takes all that is left, so the one that does not
/// take all of its last bin comes last.
pub(super) fn last_amid<'a>(routes: &[&[Side<'a>]]) -> Vec<Side<'a>> {
    let sides = || routes.iter().copied().flatten();
    let amid = |side: &&Side<'_>| ends_amid(side.pool, side.hop);
    sides().filter(|side| !amid(side)).chain(sides().filter(amid)).copied().gather()
}
