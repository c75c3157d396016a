//! Whether an amount is for certain more than its pools take within the limit on bins.

use super::input::QuoteInput;
use super::request::Mode;
use crate::pool::Pool;
use crate::units::{Amount, BinId, Direction};

/// Whether the pools that all of an amount has to pass, those of its token, cannot take it, or give it, in as many bins as
/// are allowed. `false` where that is not certain, as where those bins are not known.
pub(super) fn is_beyond_bins(input: &QuoteInput<'_>, amount: Amount) -> bool {
    let QuoteInput { request, candidates, state, .. } = *input;
    let (mut all, mut most): (Amount, Amount) = (0, 0);
    for candidate in &candidates.pools {
        let Some((pool, _)) = state.ready(&candidate.pool.id) else { continue };
        let side = match request.mode {
            Mode::ExactIn => pool.direction_of(&request.token_in),
            Mode::ExactOut => pool.direction_of(&request.token_out).map(|direction| match direction {
                Direction::XForY => Direction::YForX,
                Direction::YForX => Direction::XForY,
            }),
        };
        let Some(direction) = side else { continue };
        let Some(room) = room_within(pool, direction, request.mode, request.max_bins) else { return false };
        (all, most) = (all.saturating_add(room), most.max(room));
    }
    // A route leads through one pool a hop.
    let routes = match request.max_splits {
        0 => Amount::MAX,
        routes => routes.into(),
    };
    all.min(most.saturating_mul(routes)) < amount
}

/// The most that the first bins of a pool take, or give, empty ones counted; `None` where they are not all known.
fn room_within(pool: &Pool, direction: Direction, mode: Mode, max_bins: u16) -> Option<Amount> {
    let fees = pool.side_fees(direction);
    let mut room = 0;
    for away in 0..max_bins {
        let id = match direction {
            Direction::XForY => pool.active_bin().get().checked_sub(away),
            Direction::YForX => Some(pool.active_bin().get() + away),
        };
        let Some(id) = id.and_then(BinId::new) else { break };
        if !pool.knows(id) {
            return None;
        }
        let Some(slot) = pool.slot(id) else { continue };
        let of_bin = match mode {
            Mode::ExactIn => slot.room(direction, fees).ok()??,
            Mode::ExactOut => slot.bin.output_reserve(direction),
        };
        room = Amount::saturating_add(room, of_bin);
    }
    Some(room)
}
