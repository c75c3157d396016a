//! Whether an amount is for certain more than its pools take within the limit on bins.

use super::input::QuoteInput;
use super::request::Mode;
use crate::pool::Pool;
use crate::sorted::{SortedSet, sort_by};
use crate::units::{Amount, BinId, Direction};
use alloc::vec::Vec;

/// Whether the pools that all of an amount has to pass, those of the first hops or, of an exact output, those of the last,
/// cannot take it in as many bins as are allowed. `false` where that is not certain, as where those bins are not known.
pub(super) fn is_beyond_bins(input: &QuoteInput<'_>, amount: Amount) -> bool {
    let QuoteInput { request, candidates, state, .. } = *input;
    let mut sides: SortedSet<(usize, Direction)> = SortedSet::new();
    for path in &candidates.paths {
        let hop = match request.mode {
            Mode::ExactIn => path.hops.first(),
            Mode::ExactOut => path.hops.last(),
        };
        sides.extend(hop.into_iter().flat_map(|hop| &hop.pools).copied());
    }
    let mut rooms = Vec::with_capacity(sides.len());
    let mut all: Amount = 0;
    for &(at, direction) in sides.iter() {
        let pool = candidates.pools.get(at).and_then(|candidate| state.ready(&candidate.pool.id));
        let Some((pool, _)) = pool else { continue };
        let Some(room) = room_within(pool, direction, request.mode, request.max_bins) else { return false };
        all = all.saturating_add(room);
        // Usually the first pool says it.
        if all >= amount && request.max_splits == 0 || room >= amount {
            return false;
        }
        rooms.push(room);
    }
    // A route leads through one pool a hop.
    if request.max_splits > 0 {
        sort_by(&mut rooms, |a, b| b.cmp(a));
        rooms.truncate(usize::from(request.max_splits));
    }
    rooms.into_iter().fold(0, Amount::saturating_add) < amount
}

/// The most that the first bins of a pool with reserves take, or give; `None` where they are not all known.
fn room_within(pool: &Pool, direction: Direction, mode: Mode, max_bins: u16) -> Option<Amount> {
    let fees = pool.side_fees(direction);
    let (mut room, mut left) = (0, max_bins);
    let mut id = pool.active_bin();
    while left > 0 {
        if !pool.knows(id) {
            return None;
        }
        if let Some(slot) = pool.slot(id) {
            let of_bin = match mode {
                Mode::ExactIn => slot.room(direction, fees).ok()??,
                Mode::ExactOut => slot.bin.output_reserve(direction),
            };
            room = Amount::saturating_add(room, of_bin);
            left -= u16::from(slot.bin.output_reserve(direction) > 0);
        }
        let Some(next) = next(id, direction) else { break };
        id = next;
    }
    Some(room)
}

fn next(id: BinId, direction: Direction) -> Option<BinId> {
    match direction {
        Direction::XForY => id.get().checked_sub(1).and_then(BinId::new),
        Direction::YForX => BinId::new(id.get() + 1),
    }
}
