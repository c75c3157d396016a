//! A swap through one pool, bin by bin: the contract's "simple multi" router call.

use super::Pool;
use super::bin::{Bin, Fill, Overflow};
use super::fee::FeeParts;
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

/// Where a pool stands after swaps in one direction: what the next swap of the same answer meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    active_bin: BinId,
    /// The active bin with its reserves as an earlier swap left them.
    touched: Option<Bin>,
    bins_visited: u16,
}

impl Cursor {
    /// The pool as it was read.
    #[must_use]
    pub const fn at_start(pool: &Pool) -> Self {
        Self { active_bin: pool.active_bin(), touched: None, bins_visited: 0 }
    }

    /// The bin the next swap starts in.
    #[must_use]
    pub const fn active_bin(&self) -> BinId {
        self.active_bin
    }

    /// Bins visited by all swaps so far, empty ones counted.
    #[must_use]
    pub const fn bins_visited(&self) -> u16 {
        self.bins_visited
    }

    /// The bin it stands in, if an earlier swap left something behind there.
    pub(crate) const fn touched(&self) -> Option<&Bin> {
        self.touched.as_ref()
    }

    /// Goes on to a bin; those in between were emptied.
    pub(crate) const fn jump(&mut self, to: BinId) {
        self.bins_visited += self.active_bin.get().abs_diff(to.get());
        self.active_bin = to;
    }

    /// The bin it stands in, and what takes the whole of it where that is known already.
    #[inline]
    fn bin<'a>(&'a self, pool: &'a Pool, direction: Direction) -> Option<(&'a Bin, Option<&'a Fill>)> {
        match &self.touched {
            Some(bin) => Some((bin, None)),
            None => pool.slot(self.active_bin).map(|slot| (&slot.bin, slot.whole(direction))),
        }
    }
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
/// See "The walk" in `docs/math.md`. Vectors: `tests/vectors/*.json`, router `simple`.
pub fn walk_exact_in(
    pool: &Pool,
    direction: Direction,
    amount: Amount,
    max_bins: u16,
    on_step: impl FnMut(Step),
) -> Result<Walk, Overflow> {
    walk_on(pool, &mut Cursor::at_start(pool), direction, amount, max_bins, on_step)
}

/// As [`walk_exact_in`], from where earlier swaps of the same direction left the pool; moves the cursor on.
///
/// `max_bins` bounds the visits of all swaps together, as one router call does.
///
/// # Errors
/// [`Overflow`] as above; the cursor is then of no further use.
pub fn walk_on(
    pool: &Pool,
    cursor: &mut Cursor,
    direction: Direction,
    amount: Amount,
    max_bins: u16,
    mut on_step: impl FnMut(Step),
) -> Result<Walk, Overflow> {
    let fees = pool.side_fees(direction);
    let visited_before = cursor.bins_visited;
    let mut left = amount;
    let mut walk = Walk {
        taken: 0,
        given: 0,
        fees: FeeParts::default(),
        bins_visited: 0,
        active_bin_after: cursor.active_bin,
        stop: Stop::Spent,
    };
    while left > 0 {
        let bin_id = cursor.active_bin;
        if cursor.bins_visited >= max_bins {
            walk.stop = Stop::Limit;
            break;
        }
        let (emptied, rest) = match cursor.bin(pool, direction) {
            Some((bin, whole)) => {
                let fill = match whole {
                    Some(whole) if whole.taken <= left => *whole,
                    _ => bin.fill_exact_in(direction, fees, left)?,
                };
                let mut rest = None;
                if fill.taken > 0 {
                    left -= fill.taken;
                    // Bounded by `amount`; the outputs may in theory exceed 128 bits together.
                    walk.taken += fill.taken;
                    walk.given = walk.given.checked_add(fill.given).ok_or(Overflow)?;
                    walk.fees = walk.fees.plus(&fill.fees);
                    on_step(Step { bin_id, bin: *bin, fill });
                    // A bin that gave everything away is left behind, unless there is none after it.
                    if !fill.emptied || bin_id.next(direction).is_none() {
                        let (reserve_x, reserve_y) = bin.reserves_after(direction, &fill);
                        rest = Some(Bin { reserve_x, reserve_y, price: bin.price });
                    }
                }
                (fill.emptied, rest)
            }
            None if pool.knows(bin_id) => (true, None),
            None => {
                walk.stop = Stop::Unknown(bin_id);
                break;
            }
        };
        cursor.bins_visited += 1;
        if rest.is_some() {
            cursor.touched = rest;
        }
        if !emptied {
            // Only a bin that took all that was left keeps some of its output.
            break;
        }
        match bin_id.next(direction) {
            Some(next) => {
                cursor.active_bin = next;
                cursor.touched = None;
            }
            None if left > 0 => {
                walk.stop = Stop::Edge;
                break;
            }
            None => {}
        }
    }
    walk.bins_visited = cursor.bins_visited - visited_before;
    walk.active_bin_after = cursor.active_bin;
    Ok(walk)
}

/// What a pool needs for an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Least {
    /// The least input that gives at least the output.
    Input(Amount),
    /// The pool, or the part of it within the bin limit, does not hold that much.
    TooLittle,
    /// Known bins ran out first.
    Unknown,
}

/// Finds the least input for which [`walk_exact_in`] gives at least `wanted`.
///
/// # Rounding
/// Bins before the last one are taken in full, fee included; in the last one see [`Bin::least_input_for`].
///
/// # Errors
/// [`Overflow`] where the contract's arithmetic aborts in a bin on the way.
pub fn least_input_for(
    pool: &Pool,
    direction: Direction,
    wanted: Amount,
    max_bins: u16,
) -> Result<Least, Overflow> {
    least_input_from(pool, direction, Some(pool.active_bin()), wanted, max_bins)
}

/// As [`least_input_for`], beginning at an untouched bin.
pub(crate) fn least_input_from(
    pool: &Pool,
    direction: Direction,
    first: Option<BinId>,
    wanted: Amount,
    max_bins: u16,
) -> Result<Least, Overflow> {
    let fees = pool.side_fees(direction);
    let (mut left, mut input) = (wanted, 0_u128);
    let mut next = first;
    for _ in 0..max_bins {
        let Some(id) = next else { return Ok(Least::TooLittle) };
        match pool.slot(id) {
            Some(slot) => {
                let bin = &slot.bin;
                if let Some(last) = bin.least_input_for(direction, fees, left)? {
                    return input.checked_add(last).map(Least::Input).ok_or(Overflow);
                }
                if bin.output_reserve(direction) > 0 {
                    let Some(room) = slot.room(direction, fees)? else { return Ok(Least::TooLittle) };
                    input = input.checked_add(room).ok_or(Overflow)?;
                    left -= bin.output_reserve(direction);
                }
            }
            None if pool.knows(id) => {}
            None => return Ok(Least::Unknown),
        }
        next = id.next(direction);
    }
    Ok(Least::TooLittle)
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

    #[test]
    fn a_second_swap_goes_on_where_the_first_ended() {
        let pool = pool("P", 500, &[(500, 7, 10, ONE), (499, 0, 10, ONE), (498, 0, 10, ONE)]);
        let mut cursor = Cursor::at_start(&pool);
        let mut swap =
            |amount| walk_on(&pool, &mut cursor, Direction::XForY, amount, 3, |_| ()).expect("fits");
        assert_eq!((swap(4).given, swap(9).given), (4, 9));
        // 500 was visited twice and 499 once, so the limit of three is used up.
        assert_eq!((swap(9).taken, swap(9).stop), (0, Stop::Limit));
        assert_eq!((cursor.active_bin().get(), cursor.bins_visited()), (499, 3));
    }
}
