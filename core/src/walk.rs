//! A swap through one pool, bin by bin: the contract's "simple multi" router call.

use crate::bin::{Bin, Fill, Overflow};
use crate::fee::FeeParts;
use crate::pool::Pool;
use crate::units::{Amount, BinId, Direction};

/// One visited bin that took input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The bin.
    pub bin_id: BinId,
    /// The bin before the step.
    pub bin: Bin,
    /// What the step took and gave.
    pub fill: Fill,
}

/// Why a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All of the input was taken.
    Spent,
    /// The bin limit was reached with input left.
    Limit,
    /// The last bin in this direction (0 or 1000) is used up.
    Edge,
    /// The next bin was never read; what it holds is unknown.
    Unknown(BinId),
}

/// What a walk took and gave in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Input taken, fees included.
    pub taken: Amount,
    /// Output given.
    pub given: Amount,
    /// Fees inside `taken`.
    pub fees: FeeParts,
    /// Bins visited, empty and one-sided ones included.
    pub bins_visited: u16,
    /// The active bin after the swap.
    pub active_bin_after: BinId,
    /// Why it ended.
    pub stop: Stop,
}

/// Walks `amount` through the pool from its active bin and reports every step that took input.
///
/// Empty and one-sided bins take nothing and count as visits. What does not fit is left over: compare
/// `taken` with `amount`. Zero outputs are passed on as they are; refusing them is the quote's business.
///
/// # Units
/// `amount`, `taken`, fees: smallest units of the input token. `given`: of the output token.
///
/// # Rounding
/// Per bin, see [`Bin::fill_exact_in`]; never on the total.
///
/// # Errors
/// [`Overflow`] where the contract's arithmetic aborts in a visited bin; nothing is swapped then.
///
/// # Source
/// `contract-rules` section 5.1. Vectors: `tests/vectors/*.json`, router `simple`.
pub fn walk_exact_in(
    pool: &Pool,
    direction: Direction,
    amount: Amount,
    max_bins: u16,
    mut on_step: impl FnMut(Step),
) -> Result<Walk, Overflow> {
    let fees = pool.side_fees(direction);
    let mut left = amount;
    let mut walk = Walk {
        taken: 0,
        given: 0,
        fees: FeeParts::default(),
        bins_visited: 0,
        active_bin_after: pool.active_bin(),
        stop: Stop::Spent,
    };
    while left > 0 {
        let bin_id = walk.active_bin_after;
        if walk.bins_visited >= max_bins {
            walk.stop = Stop::Limit;
            break;
        }
        let emptied = match pool.bin(bin_id) {
            Some(bin) => {
                let fill = bin.fill_exact_in(direction, fees, left)?;
                if fill.taken > 0 {
                    left -= fill.taken;
                    // Bounded by `amount`; the outputs may in theory exceed 128 bits together.
                    walk.taken += fill.taken;
                    walk.given = walk.given.checked_add(fill.given).ok_or(Overflow)?;
                    walk.fees = walk.fees.plus(&fill.fees);
                    on_step(Step { bin_id, bin: *bin, fill });
                }
                fill.emptied
            }
            None if pool.knows(bin_id) => true,
            None => {
                walk.stop = Stop::Unknown(bin_id);
                break;
            }
        };
        walk.bins_visited += 1;
        if !emptied {
            // Only a bin that took all that was left keeps some of its output.
            break;
        }
        match bin_id.next(direction) {
            Some(next) => walk.active_bin_after = next,
            None if left > 0 => {
                walk.stop = Stop::Edge;
                break;
            }
            None => {}
        }
    }
    Ok(walk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::{parts, pool};
    use crate::units::PRICE_SCALE;
    use alloc::vec::Vec;

    const ONE: u128 = PRICE_SCALE;

    fn run(pool: &Pool, direction: Direction, amount: u128, max_bins: u16) -> (Walk, Vec<u16>) {
        let mut ids = Vec::new();
        let walk = walk_exact_in(pool, direction, amount, max_bins, |step| ids.push(step.bin_id.get()));
        (walk.expect("fits"), ids)
    }

    #[test]
    fn drains_the_active_bin_then_moves_down() {
        let pool = pool("P", 500, &[(500, 7, 10, ONE), (499, 0, 10, ONE), (498, 0, 10, ONE)]);
        let (walk, ids) = run(&pool, Direction::XForY, 15, 350);
        assert_eq!((walk.taken, walk.given, walk.stop), (15, 15, Stop::Spent));
        assert_eq!(ids, [500, 499]);
        assert_eq!(walk.active_bin_after.get(), 499);
    }

    #[test]
    fn an_exact_drain_moves_the_active_bin() {
        let pool = pool("P", 500, &[(500, 0, 10, ONE), (499, 0, 10, ONE)]);
        let (walk, _) = run(&pool, Direction::XForY, 10, 350);
        assert_eq!((walk.bins_visited, walk.active_bin_after.get(), walk.stop), (1, 499, Stop::Spent));
    }

    #[test]
    fn walks_up_for_x_and_counts_empty_bins() {
        let pool = pool("P", 500, &[(500, 0, 10, ONE), (503, 10, 0, ONE)]);
        let (walk, ids) = run(&pool, Direction::YForX, 4, 350);
        assert_eq!((walk.taken, walk.given, walk.bins_visited), (4, 4, 4));
        assert_eq!(ids, [503]);
        let (short, _) = run(&pool, Direction::YForX, 4, 3);
        assert_eq!((short.taken, short.stop, short.active_bin_after.get()), (0, Stop::Limit, 503));
    }

    #[test]
    fn stays_at_the_edge() {
        let pool = pool("P", 1, &[(0, 0, 5, ONE)]);
        let (walk, _) = run(&pool, Direction::XForY, 9, 350);
        assert_eq!((walk.taken, walk.stop, walk.active_bin_after.get()), (5, Stop::Edge, 0));
        let (all, _) = run(&pool, Direction::XForY, 5, 350);
        assert_eq!((all.taken, all.stop, all.active_bin_after.get()), (5, Stop::Spent, 0));
    }

    #[test]
    fn running_out_of_known_bins_is_not_the_end() {
        let mut parts = parts("P", 500, &[(500, 0, 10, ONE)]);
        parts.known = (BinId::new(500).expect("an id"), BinId::MAX);
        let pool = Pool::new(parts).expect("a sound pool");
        let (walk, _) = run(&pool, Direction::XForY, 11, 350);
        assert_eq!((walk.taken, walk.stop), (10, Stop::Unknown(BinId::new(499).expect("an id"))));
    }
}
