//! One hop of a planned route.

use crate::network::route::PathHop;
use crate::pool::Pool;
use crate::units::Direction;

/// One hop of a planned route: a pool and where it leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg<'a> {
    /// Index of the candidate pool.
    pub(super) at: usize,
    pub(super) pool: &'a Pool,
    pub(super) direction: Direction,
    pub(super) hop: &'a PathHop,
}

impl<'a> Leg<'a> {
    /// The pool and the direction in it.
    pub(super) const fn side(&self) -> (usize, &'a Pool, Direction) {
        (self.at, self.pool, self.direction)
    }
}
