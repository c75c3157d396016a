//! Whether an amount is for certain more than its pools take within the limit on bins.

use super::input::QuoteInput;
use super::request::Mode;
use super::search::Search;
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
        let (room, are_known) = room_within(pool, direction, request.mode, request.max_bins);
        if !are_known {
            return false;
        }
        (all, most) = (all.saturating_add(room), most.max(room));
    }
    passed_at_most(all, most, request.max_splits.into()) < amount
}

/// What passes at most where pools take so much in all and each; a route leads through one pool a hop.
fn passed_at_most(all: Amount, most: Amount, max_splits: usize) -> Amount {
    let routes = if max_splits == 0 { Amount::MAX } else { max_splits as Amount };
    all.min(most.saturating_mul(routes))
}

impl Search<'_> {
    /// Whether the pools that take the input cannot take so much for certain, whatever may still be read.
    pub(super) fn is_beyond(&self, amount: Amount, max_bins: u16) -> bool {
        let (mut all, mut most): (Amount, Amount) = (0, 0);
        for pool in self.finder.pools() {
            let Some(direction) = pool.direction_of(self.token_in) else { continue };
            let (room, are_known) = room_within(pool, direction, Mode::ExactIn, max_bins);
            // What is not known and cannot be read any more is out of reach.
            if !are_known && self.can_read_more {
                return false;
            }
            (all, most) = (all.saturating_add(room), most.max(room));
        }
        passed_at_most(all, most, self.max_splits) < amount
    }
}

/// The most that the first bins of a pool take, or give, empty ones counted, and whether those are all known; a bin of which the
/// contract cannot say what it takes is not, and takes anything.
fn room_within(pool: &Pool, direction: Direction, mode: Mode, max_bins: u16) -> (Amount, bool) {
    let fees = pool.side_fees(direction);
    let mut room = 0;
    for away in 0..max_bins {
        let id = match direction {
            Direction::XForY => pool.active_bin().get().checked_sub(away),
            Direction::YForX => Some(pool.active_bin().get() + away),
        };
        let Some(id) = id.and_then(BinId::new) else { break };
        if !pool.knows(id) {
            return (room, false);
        }
        let Some(slot) = pool.slot(id) else { continue };
        let of_bin = match mode {
            Mode::ExactIn => slot.room(direction, fees).ok().flatten(),
            Mode::ExactOut => Some(slot.bin.output_reserve(direction)),
        };
        let Some(of_bin) = of_bin else { return (Amount::MAX, false) };
        room = Amount::saturating_add(room, of_bin);
    }
    (room, true)
}
