//! What a plan comes to where the market has moved against the trade.
//!
//! The rule: somebody has traded the same way before. The bins that the active bin has left have given all of the
//! token that comes out; the bin that it has come to, and all behind it, are as they were read. Every pool of the
//! plan has moved by as many bins.

use super::call::Call;
use super::conditions::{Condition, PostCondition};
use super::run::{Ran, run};
use crate::quote::MoreBins;
use crate::units::Amount;
use alloc::vec::Vec;

/// Bins by which the active bins are moved.
const MOVES: [u16; 3] = [1, 2, 5];

/// What a plan comes to after a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Bins by which every active bin has moved against the trade.
    pub bins: u16,
    /// What the call would give if nothing refused it.
    pub amount_out: Amount,
    /// Whether router and post-conditions let it pass.
    pub passes: bool,
}

/// The plan after each move, and the bins that were not read and are needed for that.
pub(super) fn of(
    call: &Call<'_>,
    conditions: &[PostCondition],
    minimum: Amount,
) -> (Vec<Drift>, Vec<MoreBins>) {
    let mut more = Vec::new();
    let drift = MOVES.map(|bins| {
        let ran = run(call, bins);
        let passes = !ran.refused && ran.amount_out >= minimum && hold(call, conditions, &ran);
        let Ran { amount_out, more: needed, .. } = ran;
        for needed in needed {
            if !more.contains(&needed) {
                more.push(needed);
            }
        }
        Drift { bins, amount_out, passes }
    });
    (Vec::from(drift), more)
}

/// Whether the conditions on what pools send hold. Nobody sends more than the entries say, and an entry never takes
/// more than on the state of the quote but for the single units of bins passed over.
fn hold(call: &Call<'_>, conditions: &[PostCondition], ran: &Ran<'_>) -> bool {
    let sides = call.sides();
    let holds = |condition: &PostCondition| {
        let sent = ran.pools.iter().filter_map(|(id, taken, given)| {
            let side = sides.iter().find(|side| side.hop.pool_id == **id)?;
            let (token_in, token_out) = side.tokens();
            match condition.condition {
                Condition::SentAtMost => (token_in.asset == condition.asset).then_some(*taken),
                Condition::SentAtLeast => {
                    let is_it =
                        side.facts.text() == condition.principal && token_out.asset == condition.asset;
                    is_it.then_some(*given)
                }
            }
        });
        let sent = sent.fold(0, Amount::saturating_add);
        match condition.condition {
            Condition::SentAtMost => sent <= condition.amount,
            Condition::SentAtLeast => sent >= condition.amount,
        }
    };
    conditions.iter().all(holds)
}
