//! What a call comes to on a state that is not the quote's: the router, with the core's one bin at a time.

use super::call::{Call, Entry};
use super::side::Side;
use crate::gather::Gather;
use crate::pool::bin::{Bin, Fill};
use crate::quote::MoreBins;
use crate::units::{Amount, BinId, Direction, PoolId};
use alloc::vec::Vec;

/// Bins that `simple-multi` visits at most.
const ROUNDS: usize = 350;

/// Where a pool stands while a call runs.
struct Place<'a> {
    side: Side<'a>,
    active: BinId,
    /// The active bin, once the call has touched it.
    touched: Option<Bin>,
    taken: Amount,
    given: Amount,
}

/// What a call came to.
#[derive(Debug, Default)]
pub(super) struct Ran<'a> {
    /// What each pool took and gave.
    pub(super) pools: Vec<(&'a PoolId, Amount, Amount)>,
    /// What came out of the pools that give what the sender wants.
    pub(super) amount_out: Amount,
    /// Whether the router itself refuses: a minimum, bins that are not as expected, arithmetic.
    pub(super) refused: bool,
    /// Bins that are needed and were not read.
    pub(super) more: Vec<MoreBins>,
}

/// Runs a call on a state in which every active bin has moved by so many bins against the trade.
pub(super) fn run<'a>(call: &Call<'a>, moved: u16) -> Ran<'a> {
    let mut running = Running { places: Vec::new(), moved, refused: false, more: Vec::new() };
    match call {
        Call::Simple { side, amount, minimum } => {
            let (mut left, mut out) = (*amount, 0_u128);
            for _ in 0..ROUNDS {
                if left == 0 {
                    break;
                }
                let (taken, given) = running.swap(side, left);
                left = left.saturating_sub(taken);
                out = out.saturating_add(given);
            }
            running.refused |= out < *minimum;
        }
        Call::Same { entries, amount, minimum, unfavourable } => {
            let (mut left, mut out, mut against) = (*amount, 0_u128, 0);
            for entry in entries {
                if left == 0 {
                    break;
                }
                let (taken, given) = running.entry(entry, left, &mut against);
                left = left.saturating_sub(taken);
                out = out.saturating_add(given);
            }
            running.refused |= out < *minimum || against > *unfavourable;
        }
        Call::Swap { entries } => {
            let mut against = 0;
            for entry in entries {
                running.entry(entry, entry.amount, &mut against);
            }
            running.refused |= against > 0;
        }
    }
    let Running { places, refused, more, .. } = running;
    let last = places.iter().filter(|place| place.side.is_last);
    Ran {
        amount_out: last.map(|place| place.given).fold(0, Amount::saturating_add),
        pools: places.iter().map(|place| (&place.side.hop.pool_id, place.taken, place.given)).gather(),
        refused,
        more,
    }
}

struct Running<'a> {
    places: Vec<Place<'a>>,
    moved: u16,
    refused: bool,
    more: Vec<MoreBins>,
}

impl<'a> Running<'a> {
    fn place(&mut self, side: &Side<'a>) -> Option<&mut Place<'a>> {
        let known = self.places.iter().position(|place| place.side.hop.pool_id == side.hop.pool_id);
        let at = known.unwrap_or_else(|| {
            let delta = i32::from(self.moved);
            let delta = if side.hop.direction == Direction::XForY { -delta } else { delta };
            let active = side.pool.active_bin().saturating_offset(delta);
            self.places.push(Place { side: *side, active, touched: None, taken: 0, given: 0 });
            self.places.len().saturating_sub(1)
        });
        self.places.get_mut(at)
    }

    /// One entry of a list: the call of the core, then its minimum and how far the bin is from the expected one.
    fn entry(&mut self, entry: &Entry<'a>, amount: Amount, against: &mut u128) -> (Amount, Amount) {
        let active = self.place(&entry.side).map_or(entry.bin, |place| place.active);
        let worse = match entry.side.hop.direction {
            Direction::XForY => entry.bin.get().saturating_sub(active.get()),
            Direction::YForX => active.get().saturating_sub(entry.bin.get()),
        };
        *against = against.saturating_add(worse.into());
        let (taken, given) = self.swap(&entry.side, amount);
        self.refused |= given < entry.minimum;
        (taken, given)
    }

    /// One call of the core: what the active bin takes of an amount, and gives.
    fn swap(&mut self, side: &Side<'a>, amount: Amount) -> (Amount, Amount) {
        let direction = side.hop.direction;
        let Some(place) = self.place(side) else { return (0, 0) };
        let active = place.active;
        let bin = place.touched.or_else(|| side.pool.bin(active).copied());
        let filled = match &bin {
            Some(bin) => bin.fill_exact_in(direction, side.pool.side_fees(direction), amount),
            None => Ok(Fill::NOTHING),
        };
        let Ok(fill) = filled else {
            self.refused = true;
            return (0, 0);
        };
        match active.next(direction).filter(|_| fill.emptied) {
            Some(next) => (place.active, place.touched) = (next, None),
            None => {
                place.touched = bin.map(|bin| {
                    let (reserve_x, reserve_y) = bin.reserves_after(direction, &fill);
                    Bin { reserve_x, reserve_y, ..bin }
                });
            }
        }
        place.taken = place.taken.saturating_add(fill.taken);
        place.given = place.given.saturating_add(fill.given);
        if bin.is_none() && !side.pool.knows(active) {
            let pool_id = side.hop.pool_id.clone();
            if !self.more.iter().any(|more| more.pool_id == pool_id) {
                self.more.push(MoreBins { pool_id, direction });
            }
        }
        (fill.taken, fill.given)
    }
}
