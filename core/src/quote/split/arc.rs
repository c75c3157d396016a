//! A pool in one direction as part of a flow: its current piece, and the way back over what it carries.

use super::pieces::{At, Pieces};
use crate::network::route::PathHop;
use crate::pool::Pool;
use crate::units::Direction;

/// A pool in one direction, between two tokens.
#[derive(Debug)]
pub(crate) struct PoolArc<'a> {
    /// Index of the candidate pool.
    pub(crate) at: usize,
    pub(crate) pool: &'a Pool,
    pub(crate) direction: Direction,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// A path's hop that this arc serves.
    pub(crate) hop: &'a PathHop,
    pieces: Pieces<'a>,
    /// The current piece, and how much of it is taken.
    index: usize,
    used: f64,
}

/// A stretch of an arc that a push may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) gain: f64,
    pub(super) room: f64,
    pub(super) known: bool,
}

impl<'a> PoolArc<'a> {
    pub(crate) fn new(
        (at, pool, direction): (usize, &'a Pool, Direction),
        (from, to): (usize, usize),
        hop: &'a PathHop,
        max_bins: u16,
    ) -> Self {
        let pieces = Pieces::new(pool, direction, max_bins);
        Self { at, pool, direction, from, to, hop, pieces, index: 0, used: 0.0 }
    }

    /// Merges bins behind the first so many pieces, more and more of them.
    pub(super) const fn coarsen(&mut self, fine: usize) {
        self.pieces.coarsen(fine);
    }

    /// Lets unknown bins count as the end.
    pub(super) fn close(&mut self) {
        self.pieces.close();
    }

    /// Marginal output and room of the current piece.
    pub(super) fn forward(&mut self) -> Option<Stretch> {
        match self.pieces.at(self.index) {
            At::Piece(piece) if piece.rate > 0.0 => {
                Some(Stretch { gain: piece.rate, room: piece.room - self.used, known: true })
            }
            At::Unknown { rate } => Some(Stretch { gain: rate, room: 0.0, known: false }),
            _ => None,
        }
    }

    /// What giving back a unit of output returns of the input, and how much output can be given back.
    pub(super) fn backward(&self) -> Option<Stretch> {
        let (piece, used) = if self.used > 0.0 {
            (self.pieces.made(self.index)?, self.used)
        } else {
            let piece = self.pieces.made(self.index.checked_sub(1)?)?;
            (piece, piece.room)
        };
        Some(Stretch { gain: 1.0 / piece.rate, room: used * piece.rate, known: true })
    }

    pub(super) fn push(&mut self, amount: f64, spends: bool) {
        if spends {
            self.index += 1;
            self.used = 0.0;
        } else {
            self.used += amount;
        }
    }

    pub(super) fn pull(&mut self, amount: f64, spends: bool) {
        if self.used <= 0.0 {
            self.index = self.index.saturating_sub(1);
            self.used = self.pieces.made(self.index).map_or(0.0, |piece| piece.room);
        }
        let rate = self.pieces.made(self.index).map_or(1.0, |piece| piece.rate);
        self.used = if spends { 0.0 } else { (self.used - amount / rate).max(0.0) };
    }

    /// Whether it carries flow in bins that were merged to save work.
    pub(super) fn is_coarse(&self) -> bool {
        self.index > self.pieces.fine()
    }

    /// Whether it carries flow.
    pub(super) fn carries(&self) -> bool {
        self.index > 0 || self.used > 0.0
    }

    /// Input it takes in all.
    pub(super) fn total_in(&self) -> f64 {
        (0..self.index).filter_map(|n| self.pieces.made(n)).map(|piece| piece.room).sum::<f64>() + self.used
    }

    /// Output for `input` more after `before` was taken.
    pub(super) fn output(&self, before: f64, input: f64) -> f64 {
        self.output_up_to(before + input) - self.output_up_to(before)
    }

    /// Input that gives `output` more after `before` was taken; at most what the arc carries.
    pub(super) fn input_for(&self, before: f64, output: f64) -> f64 {
        let target = self.output_up_to(before) + output;
        let (mut input, mut given) = (0.0, 0.0);
        for n in 0..=self.index {
            let Some(piece) = self.pieces.made(n) else { break };
            let gives = piece.room * piece.rate;
            if given + gives >= target {
                return input + (target - given) / piece.rate - before;
            }
            (input, given) = (input + piece.room, given + gives);
        }
        input - before
    }

    fn output_up_to(&self, input: f64) -> f64 {
        let (mut left, mut given) = (input, 0.0);
        for n in 0..=self.index {
            let Some(piece) = self.pieces.made(n).filter(|_| left > 0.0) else { break };
            let taken = left.min(piece.room);
            given += taken * piece.rate;
            left -= taken;
        }
        given
    }

    pub(super) const fn reset(&mut self) {
        self.index = 0;
        self.used = 0.0;
    }
}
