//! A pool, and the router call that walks it bin by bin.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::call::core_call;
use crate::{Abort, Bin, Direction, FeeParts, Fees};

/// The last bin id.
const LAST_BIN: u16 = 1_000;

/// A pool whose every bin is known; a bin that is not listed is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// The active bin.
    pub active: u16,
    /// Fees when X goes in.
    pub fees_x: Fees,
    /// Fees when Y goes in.
    pub fees_y: Fees,
    /// Bins by id.
    pub bins: BTreeMap<u16, Bin>,
}

/// One core call that took input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The bin.
    pub bin_id: u16,
    /// Input taken, fees included.
    pub taken: u128,
    /// Output given.
    pub given: u128,
    /// Fees inside `taken`.
    pub fees: FeeParts,
    /// Reserves of the bin after the step.
    pub x_after: u128,
    /// Reserves of the bin after the step.
    pub y_after: u128,
}

/// What a router call took and gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swap {
    /// Input taken, fees included.
    pub taken: u128,
    /// Output given.
    pub given: u128,
    /// Core calls made, those that took nothing included.
    pub rounds: u16,
    /// Those of them made in vain, after the last bin in this direction was used up.
    pub rounds_at_edge: u16,
    /// The calls that took input.
    pub steps: Vec<Step>,
}

impl Pool {
    /// Swaps `amount` through at most `max_bins` core calls, and leaves the pool as they leave it.
    ///
    /// # Errors
    /// [`Abort`]; the pool is then as it was.
    pub fn swap(&mut self, direction: Direction, amount: u128, max_bins: u16) -> Result<Swap, Abort> {
        let fees = match direction {
            Direction::XForY => self.fees_x,
            Direction::YForX => self.fees_y,
        };
        let mut after = BTreeMap::new();
        let mut active = self.active;
        let mut left = amount;
        let mut swap = Swap::default();
        let mut at_edge = false;
        for _ in 0..max_bins {
            if left == 0 {
                break;
            }
            swap.rounds += 1;
            swap.rounds_at_edge += u16::from(at_edge);
            let moves = match after.get(&active).or_else(|| self.bins.get(&active)) {
                // Nothing is in it, so nothing is taken and the active bin moves.
                None => true,
                Some(bin) => {
                    let call = core_call(bin, direction, fees, &BigUint::from(left))?;
                    left -= call.taken;
                    swap.taken += call.taken;
                    swap.given = swap.given.checked_add(call.given).ok_or(Abort)?;
                    let price = bin.price.clone();
                    if call.taken > 0 {
                        after.insert(active, Bin { x: call.x, y: call.y, price });
                        swap.steps.push(Step {
                            bin_id: active,
                            taken: call.taken,
                            given: call.given,
                            fees: call.fees,
                            x_after: call.x,
                            y_after: call.y,
                        });
                    }
                    call.moves
                }
            };
            let stays = match direction {
                Direction::XForY => active == 0,
                Direction::YForX => active == LAST_BIN,
            };
            at_edge = moves && stays;
            active = match direction {
                Direction::XForY if moves && !stays => active - 1,
                Direction::YForX if moves && !stays => active + 1,
                _ => active,
            };
        }
        self.active = active;
        self.bins.extend(after);
        Ok(swap)
    }
}
