//! The curves of all candidate pools, and the walks that a search makes through them: the measure of its work.

use super::Pool;
use super::bin::Overflow;
use super::curve::{Curve, Walked};
use super::walk::{Cursor, Least, Stop};
use crate::units::{Amount, Direction};
use alloc::vec::Vec;

/// Bins looked at one by one that take as long as a walk, which looks at one or two.
const STEPS_OF_A_WALK: usize = 16;

/// The curves of the candidate pools, made as they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Curves<'a> {
    of: Vec<[Option<Curve<'a>>; 2]>,
    /// Walks made so far: the measure of a search's work.
    pub(crate) walks: usize,
    /// How many there may be. Walks beyond take nothing, so that no loop of a search can go on for ever.
    pub(crate) end: usize,
}

impl<'a> Curves<'a> {
    /// None yet; so many walks may be made.
    pub(crate) const fn ending(end: usize) -> Self {
        Self { of: Vec::new(), walks: 0, end }
    }

    /// Whether no more walks may be made.
    pub(crate) const fn is_spent(&self) -> bool {
        self.walks >= self.end
    }

    /// The curve of a candidate pool in a direction; `None` never happens for an index that fits in memory.
    fn of(&mut self, at: usize, pool: &'a Pool, direction: Direction) -> Option<&mut Curve<'a>> {
        if at >= self.of.len() {
            self.of.resize_with(at + 1, || [None, None]);
        }
        let [x_in, y_in] = self.of.get_mut(at)?;
        let curve = match direction {
            Direction::XForY => x_in,
            Direction::YForX => y_in,
        };
        Some(curve.get_or_insert_with(|| Curve::new(pool, direction)))
    }

    /// Walks on in a candidate pool, see [`Curve::walk`].
    ///
    /// # Errors
    /// [`Overflow`] where the contract's arithmetic aborts in the first bin that would take anything.
    pub(crate) fn walk(
        &mut self,
        (at, pool, direction): (usize, &'a Pool, Direction),
        cursor: &mut Cursor,
        amount: Amount,
        max_bins: u16,
    ) -> Result<Walked, Overflow> {
        if self.is_spent() {
            return Ok(Walked { taken: 0, given: 0, stop: Stop::Limit, last_price: None });
        }
        let curve = self.of(at, pool, direction).ok_or(Overflow)?;
        let walked = curve.walk_or_remember(cursor, amount, max_bins);
        self.walks += 1 + curve.take_looked_at() / STEPS_OF_A_WALK;
        walked
    }

    /// The least input of a candidate pool for an output, see [`Curve::least_input`].
    ///
    /// # Errors
    /// [`Overflow`] where the contract's arithmetic aborts in a bin on the way.
    pub(crate) fn least_input(
        &mut self,
        (at, pool, direction): (usize, &'a Pool, Direction),
        cursor: &Cursor,
        wanted: Amount,
        max_bins: u16,
    ) -> Result<Least, Overflow> {
        if self.is_spent() {
            return Ok(Least::TooLittle);
        }
        self.walks += 1;
        self.of(at, pool, direction).ok_or(Overflow)?.least_input(cursor, wanted, max_bins)
    }
}
