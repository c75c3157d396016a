//! Parts of an amount that are worth moving from one route to another.

use crate::gather::Gather;
use crate::units::Amount;
use alloc::vec::Vec;

/// Halvings of an amount that are tried.
pub(super) const HALVINGS: u32 = 26;

/// Parts worth moving, and whether to new routes as well: what nobody misses goes first, anywhere; of the others every
/// second one goes to new routes, all of it first.
pub(super) fn moves(amount: Amount, idle: Amount, few: Amount) -> Vec<(Amount, bool)> {
    let mut moves = Vec::new();
    if 0 < idle && idle < amount {
        moves.push((idle, true));
    }
    for (nth, part) in parts(amount, few).into_iter().enumerate() {
        moves.push((part, nth % 2 == 0 || part <= few));
    }
    moves
}

/// Parts of an amount worth moving: all of it, then less and less down to a unit; each number where it is small.
fn parts(amount: Amount, few: Amount) -> Vec<Amount> {
    if amount <= few {
        return (1..=amount).rev().gather();
    }
    let halvings = [0, 1, 2].into_iter().chain((4..=HALVINGS).step_by(2));
    let each = few / 4;
    let halved = halvings.map(|halvings| amount >> halvings).take_while(|part| *part > each);
    halved.chain((1..=each).rev()).gather()
}
