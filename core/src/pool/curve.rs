//! What a pool takes and gives up to each of its bins, so that a long walk need not visit every one of them.
//!
//! A search tries hundreds of amounts on the same pools. Bins that a swap empties always take and give the same, so
//! their sums are kept, and a walk jumps to the bin in which it ends. Every number equals that of
//! [`walk_on`](crate::pool::walk::walk_on), of which this is a shortcut.

use super::Pool;
use super::bin::Overflow;
use super::walk::{Cursor, Least, Stop, least_input_from, walk_on};
use crate::math::Price;
use crate::units::{Amount, BinId, Direction};
use alloc::vec::Vec;

/// Walks of a curve that are remembered: routes that begin alike pass the same amounts, of which most want two, all that is
/// offered and what passes.
const LATEST: usize = 2;

/// A bin that can be emptied, with the sums up to its end.
#[derive(Clone, Copy, Debug)]
struct Emptied {
    bin: BinId,
    taken: Amount,
    given: Amount,
}

/// One pool in one direction, from its active bin on; bins are added up only as far as walks come.
#[derive(Clone, Debug)]
pub(crate) struct Curve<'a> {
    pool: &'a Pool,
    direction: Direction,
    emptied: Vec<Emptied>,
    /// The next bin to add; `None` once a bin was met that cannot be jumped over.
    next: Option<BinId>,
    /// That bin; between the last one added and this there is no output.
    end: Option<BinId>,
    /// Bins added up that nobody has counted yet.
    steps: usize,
    /// Bins that the latest walk looked at one by one.
    looked_at: usize,
    /// The latest walks, and which of them the next one replaces.
    latest: [Option<Latest>; LATEST],
    oldest: usize,
}

/// A walk as it was asked for, what it came to, and what it counted as.
#[derive(Clone, Copy, Debug)]
struct Latest {
    amount: Amount,
    max_bins: u16,
    before: Cursor,
    after: Cursor,
    walked: Walked,
    looked_at: usize,
}

/// What a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Walked {
    pub(crate) taken: Amount,
    pub(crate) given: Amount,
    pub(crate) stop: Stop,
    /// Price of the last bin that took input.
    pub(crate) last_price: Option<Price>,
}

impl<'a> Curve<'a> {
    pub(crate) const fn new(pool: &'a Pool, direction: Direction) -> Self {
        Self {
            pool,
            direction,
            emptied: Vec::new(),
            next: Some(pool.active_bin()),
            end: None,
            steps: 0,
            looked_at: 0,
            latest: [None; LATEST],
            oldest: 0,
        }
    }

    /// Bins looked at since they were last counted.
    pub(super) const fn take_looked_at(&mut self) -> usize {
        let looked_at = self.steps + self.looked_at;
        (self.steps, self.looked_at) = (0, 0);
        looked_at
    }

    /// As [`Self::walk`], where the same walk was made just before without walking anew: it counts as much all the same, so
    /// that a search ends where it did.
    pub(super) fn walk_or_remember(
        &mut self,
        cursor: &mut Cursor,
        amount: Amount,
        max_bins: u16,
    ) -> Result<Walked, Overflow> {
        let known = self.latest.iter().flatten();
        let mut known = known.filter(|known| known.amount == amount && known.max_bins == max_bins);
        if let Some(known) = known.find(|known| known.before == *cursor) {
            *cursor = known.after;
            self.looked_at = known.looked_at;
            return Ok(known.walked);
        }
        let before = *cursor;
        self.looked_at = 0;
        let walked = self.walk(cursor, amount, max_bins)?;
        if let Some(oldest) = self.latest.get_mut(self.oldest) {
            let looked_at = self.looked_at;
            *oldest = Some(Latest { amount, max_bins, before, after: *cursor, walked, looked_at });
            self.oldest = (self.oldest + 1) % LATEST;
        }
        Ok(walked)
    }

    /// Adds bins until one was added; `false` where the sums end.
    fn extend(&mut self) -> bool {
        let sums = self.emptied.last().map_or((0, 0), |last| (last.taken, last.given));
        while let Some(bin) = self.next.take() {
            self.steps += 1;
            // The last bin of all is never left, so nothing jumps over it.
            self.end = Some(bin);
            let Some(after) = bin.next(self.direction) else { return false };
            match self.pool.slot(bin) {
                Some(slot) if slot.bin.output_reserve(self.direction) > 0 => {
                    let Some(whole) = slot.whole(self.direction) else { return false };
                    let (taken, given) = (sums.0.checked_add(whole.taken), sums.1.checked_add(whole.given));
                    let (Some(taken), Some(given)) = (taken, given) else { return false };
                    self.emptied.push(Emptied { bin, taken, given });
                    self.next = Some(after);
                    return true;
                }
                None if !self.pool.knows(bin) => return false,
                _ => self.next = Some(after),
            }
        }
        false
    }

    /// The first bin that may give output behind so many of those added.
    fn beyond(&self, added: usize) -> Option<BinId> {
        match self.emptied.get(added) {
            Some(next) => Some(next.bin),
            None if self.next.is_none() => self.end,
            None => None,
        }
    }

    /// As [`walk_on`](crate::pool::walk::walk_on), without the steps; a bin in which the contract's arithmetic aborts
    /// ends the pool.
    ///
    /// # Errors
    /// [`Overflow`] where that is the first bin that would take anything.
    pub(crate) fn walk(
        &mut self,
        cursor: &mut Cursor,
        amount: Amount,
        max_bins: u16,
    ) -> Result<Walked, Overflow> {
        let mut walked = Walked { taken: 0, given: 0, stop: Stop::Spent, last_price: None };
        if cursor.touched().is_some() {
            let only_this = max_bins.min(cursor.bins_visited().saturating_add(1));
            self.plain(cursor, &mut walked, amount, only_this)?;
            if cursor.touched().is_some() || walked.taken == amount || only_this == max_bins {
                return Ok(walked);
            }
        }
        self.jump(cursor, &mut walked, amount, max_bins)?;
        let before = (*cursor, walked);
        if self.plain(cursor, &mut walked, amount, max_bins).is_err() {
            (*cursor, walked) = before;
            self.up_to_overflow(cursor, &mut walked, amount, max_bins)?;
        }
        Ok(walked)
    }

    /// Walks bin by bin up to the one in which the contract's arithmetic aborts.
    fn up_to_overflow(
        &mut self,
        cursor: &mut Cursor,
        walked: &mut Walked,
        amount: Amount,
        max_bins: u16,
    ) -> Result<(), Overflow> {
        for bins in cursor.bins_visited().saturating_add(1)..=max_bins {
            let before = (*cursor, *walked);
            if self.plain(cursor, walked, amount, bins).is_err() {
                (*cursor, *walked) = before;
                walked.stop = Stop::Edge;
                break;
            }
        }
        if walked.taken == 0 { Err(Overflow) } else { Ok(()) }
    }

    /// Passes the bins that are emptied whole.
    fn jump(
        &mut self,
        cursor: &mut Cursor,
        walked: &mut Walked,
        amount: Amount,
        max_bins: u16,
    ) -> Result<(), Overflow> {
        let start = cursor.active_bin();
        let passed = |emptied: &Emptied| match self.direction {
            Direction::XForY => emptied.bin > start,
            Direction::YForX => emptied.bin < start,
        };
        // Bins behind the start were added when the cursor went over them, but for those without output.
        let at_start = start == self.pool.active_bin();
        let before = if at_start { 0 } else { self.emptied.partition_point(passed) };
        let base = before.checked_sub(1).and_then(|at| self.emptied.get(at));
        let (taken, given) = base.map_or((0, 0), |base| (base.taken, base.given));
        let last_id = start.saturating_offset(match self.direction {
            Direction::XForY => 1 - i32::from(max_bins.saturating_sub(cursor.bins_visited())),
            Direction::YForX => i32::from(max_bins.saturating_sub(cursor.bins_visited())) - 1,
        });
        if max_bins <= cursor.bins_visited() {
            return Ok(());
        }
        let direction = self.direction;
        let within = |emptied: &Emptied| match direction {
            Direction::XForY => emptied.bin >= last_id,
            Direction::YForX => emptied.bin <= last_id,
        };
        let left = amount.saturating_sub(walked.taken);
        let fits = |emptied: &Emptied| emptied.taken.saturating_sub(taken) <= left && within(emptied);
        while self.emptied.last().is_none_or(fits) && self.extend() {}
        let ends = self.emptied.partition_point(fits);
        if let Some(last) = ends.checked_sub(1).filter(|_| ends > before).and_then(|at| self.emptied.get(at))
        {
            let Some(after) = last.bin.next(self.direction) else { return Ok(()) };
            cursor.jump(after);
            walked.taken += last.taken - taken;
            walked.given = walked.given.checked_add(last.given - given).ok_or(Overflow)?;
            walked.last_price = self.pool.bin(last.bin).map(|bin| bin.price);
        }
        if walked.taken < amount
            && let Some(next) = self.beyond(ends)
        {
            // Over the empty bins in front of the one in which the walk ends, or in front of the last one allowed.
            let (next, at) = (next.get(), cursor.active_bin().get());
            let end = match self.direction {
                Direction::XForY => next.max(last_id.get()).min(at),
                Direction::YForX => next.min(last_id.get()).max(at),
            };
            cursor.jump(BinId::new(end).unwrap_or(start));
        }
        Ok(())
    }

    fn plain(
        &mut self,
        cursor: &mut Cursor,
        walked: &mut Walked,
        amount: Amount,
        max_bins: u16,
    ) -> Result<(), Overflow> {
        let left = amount.saturating_sub(walked.taken);
        let last_price = &mut walked.last_price;
        let walk = walk_on(self.pool, cursor, self.direction, left, max_bins, |step| {
            *last_price = Some(step.bin.price);
        })?;
        self.looked_at += usize::from(walk.bins_visited);
        walked.taken += walk.taken;
        walked.given = walked.given.checked_add(walk.given).ok_or(Overflow)?;
        walked.stop = walk.stop;
        Ok(())
    }

    /// As [`least_input_for`](crate::pool::walk::least_input_for), from where earlier swaps left the pool.
    ///
    /// # Errors
    /// [`Overflow`] where the contract's arithmetic aborts in a bin on the way.
    pub(crate) fn least_input(
        &mut self,
        cursor: &Cursor,
        wanted: Amount,
        max_bins: u16,
    ) -> Result<Least, Overflow> {
        let (mut spent, mut left) = (0, wanted);
        let (mut visited, mut start) = (cursor.bins_visited(), cursor.active_bin());
        if let Some(bin) = cursor.touched() {
            if visited >= max_bins {
                return Ok(Least::TooLittle);
            }
            let fees = self.pool.side_fees(self.direction);
            if let Some(input) = bin.least_input_for(self.direction, fees, left)? {
                return Ok(Least::Input(input));
            }
            let Some(room) = bin.room(self.direction, fees)? else { return Ok(Least::TooLittle) };
            (spent, left) = (room, left - bin.output_reserve(self.direction));
            visited += 1;
            let Some(next) = start.next(self.direction) else { return Ok(Least::TooLittle) };
            start = next;
        }
        let direction = self.direction;
        let is_behind = |emptied: &Emptied| match direction {
            Direction::XForY => emptied.bin > start,
            Direction::YForX => emptied.bin < start,
        };
        let behind = self.emptied.partition_point(is_behind);
        let base = behind.checked_sub(1).and_then(|at| self.emptied.get(at));
        let (taken, given) = base.map_or((0, 0), |base| (base.taken, base.given));
        let visits = |bin: BinId| bin.get().abs_diff(start.get()).saturating_add(visited).saturating_add(1);
        // The bin that gives the last unit is looked at itself, so only bins that do not reach it are passed.
        let short = |emptied: &Emptied| {
            is_behind(emptied) || (emptied.given - given < left && visits(emptied.bin) < max_bins)
        };
        while self.emptied.last().is_none_or(short) && self.extend() {}
        let passed = self.emptied.partition_point(short);
        let last = passed.checked_sub(1).filter(|_| passed > behind).and_then(|at| self.emptied.get(at));
        if let Some((last, next)) = last.and_then(|last| Some((last, last.bin.next(direction)?))) {
            visited = visits(last.bin);
            start = next;
            spent = last.taken.checked_sub(taken).and_then(|sum| sum.checked_add(spent)).ok_or(Overflow)?;
            left -= last.given - given;
        }
        if let Some(next) = self.beyond(passed) {
            let ahead = match direction {
                Direction::XForY => start.get().saturating_sub(next.get()),
                Direction::YForX => next.get().saturating_sub(start.get()),
            };
            if ahead > 0 {
                (visited, start) = (visited.saturating_add(ahead), next);
            }
        }
        let bins_left = max_bins.saturating_sub(visited);
        match least_input_from(self.pool, direction, Some(start), left, bins_left)? {
            Least::Input(more) => spent.checked_add(more).map(Least::Input).ok_or(Overflow),
            other => Ok(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::pool;
    use crate::pool::walk::least_input_for;
    use crate::units::PRICE_SCALE;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// Up to thirty bins around 500 or at an edge, some missing, some empty, prices of any order.
    fn pools() -> impl Strategy<Value = Pool> {
        let bin = proptest::option::weighted(
            0.8,
            (0_u128..2_000, prop_oneof![Just(0), 0_u128..2_000], 1..3 * PRICE_SCALE),
        );
        let first = prop_oneof![Just(0_u16), Just(480), Just(975)];
        (proptest::collection::vec(bin, 1..26), first, 0_u16..26).prop_map(|(bins, first, active)| {
            let bins: Vec<_> = (first..)
                .zip(bins)
                .filter_map(|(id, bin)| bin.map(|(x, y, price)| (id, x, y, price)))
                .collect();
            pool("P", (first + active).min(1000), &bins)
        })
    }

    proptest! {
        #[test]
        fn every_walk_equals_the_plain_one(
            pool in pools(), x_for_y: bool, amounts in proptest::collection::vec(0_u128..9_000, 1..5),
            max_bins in prop_oneof![1_u16..30, Just(1001)], wanted in 1_u128..9_000,
        ) {
            let direction = if x_for_y { Direction::XForY } else { Direction::YForX };
            let mut curve = Curve::new(&pool, direction);
            let (mut ours, mut plain) = (Cursor::at_start(&pool), Cursor::at_start(&pool));
            for amount in amounts {
                let mut again = ours;
                let walked = curve.walk_or_remember(&mut ours, amount, max_bins).expect("fits");
                // The same from where the pool stood is remembered; with fewer bins it is another walk.
                let fewer = curve.walk_or_remember(&mut again.clone(), amount, max_bins / 2).expect("fits");
                let few = walk_on(&pool, &mut plain.clone(), direction, amount, max_bins / 2, |_| ()).expect("fits");
                prop_assert_eq!((fewer.taken, fewer.given), (few.taken, few.given));
                prop_assert_eq!(curve.walk_or_remember(&mut again, amount, max_bins).expect("fits"), walked);
                prop_assert_eq!(again, ours);
                let walk = walk_on(&pool, &mut plain, direction, amount, max_bins, |_| ()).expect("fits");
                prop_assert_eq!((walked.taken, walked.given), (walk.taken, walk.given));
                prop_assert_eq!(ours, plain);
                prop_assert!(walked.stop == walk.stop || walked.taken == amount);
            }
            let least = least_input_for(&pool, direction, wanted, max_bins);
            prop_assert_eq!(curve.least_input(&Cursor::at_start(&pool), wanted, max_bins), least);
            let further = |amount| {
                let mut cursor = plain;
                walk_on(&pool, &mut cursor, direction, amount, max_bins, |_| ()).expect("fits").given
            };
            match curve.least_input(&plain, wanted, max_bins).expect("fits") {
                Least::Input(input) => prop_assert!(further(input) >= wanted && further(input - 1) < wanted),
                other => prop_assert!(other == Least::TooLittle && further(1_000_000) < wanted),
            }
        }
    }
}
