//! How much each pool should take: a flow with gains, pushed along the best marginal path until a piece is spent.
//!
//! Every push goes along the path from the input to the output token with the highest product of marginal
//! outputs in the residual network. Its arcs are the pools at their current piece and, against the stream, the
//! last piece of a pool that already carries flow: pushing back over it gives up a unit of its output for the
//! input it cost. So an early choice is revised when a later one needs the room. Without gain cycles (nobody
//! trades in a circle at a profit) this reaches the optimum of the linear program; with them it still ends,
//! since steps are bounded and paths are simple.

use super::levels::{Levels, Way};
use super::pieces::{At, Pieces};
use crate::pool::Pool;
use crate::route::PathHop;
use crate::sorted::SortedSet;
use crate::units::Direction;
use alloc::vec::Vec;

/// Pushes of one solution at most.
const MAX_PUSHES: usize = 20_000;
/// Hops beyond the limit that a path may have while it undoes flow.
const UNDO_HOPS: usize = 2;

/// A pool in one direction, between two tokens.
#[derive(Debug)]
pub(crate) struct Arc<'a> {
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
    /// Unknown bins that cannot be read any more count as the end.
    closed: bool,
}

impl<'a> Arc<'a> {
    pub(crate) fn new(
        (at, pool, direction): (usize, &'a Pool, Direction),
        (from, to): (usize, usize),
        hop: &'a PathHop,
        max_bins: u16,
    ) -> Self {
        let pieces = Pieces::new(pool, direction, max_bins);
        Self { at, pool, direction, from, to, hop, pieces, index: 0, used: 0.0, closed: false }
    }

    /// Marginal output and room of the current piece.
    fn forward(&mut self) -> Option<Step> {
        match self.pieces.at(self.index) {
            At::Piece(piece) if piece.rate > 0.0 => {
                Some(Step { gain: piece.rate, room: piece.room - self.used, known: true })
            }
            At::Unknown { rate } if !self.closed => Some(Step { gain: rate, room: 0.0, known: false }),
            _ => None,
        }
    }

    /// What giving back a unit of output returns of the input, and how much output can be given back.
    fn backward(&self) -> Option<Step> {
        let (piece, used) = if self.used > 0.0 {
            (self.pieces.made(self.index)?, self.used)
        } else {
            let piece = self.pieces.made(self.index.checked_sub(1)?)?;
            (piece, piece.room)
        };
        Some(Step { gain: 1.0 / piece.rate, room: used * piece.rate, known: true })
    }

    fn push(&mut self, amount: f64, spends: bool) {
        if spends {
            self.index += 1;
            self.used = 0.0;
        } else {
            self.used += amount;
        }
    }

    fn pull(&mut self, amount: f64, spends: bool) {
        if self.used <= 0.0 {
            self.index = self.index.saturating_sub(1);
            self.used = self.pieces.made(self.index).map_or(0.0, |piece| piece.room);
        }
        let rate = self.pieces.made(self.index).map_or(1.0, |piece| piece.rate);
        self.used = if spends { 0.0 } else { (self.used - amount / rate).max(0.0) };
    }

    /// Whether it carries flow.
    fn carries(&self) -> bool {
        self.index > 0 || self.used > 0.0
    }

    /// Input it takes in all.
    pub(crate) fn total_in(&self) -> f64 {
        (0..self.index).filter_map(|n| self.pieces.made(n)).map(|piece| piece.room).sum::<f64>() + self.used
    }

    /// Output for `input` more after `before` was taken.
    pub(crate) fn output(&self, before: f64, input: f64) -> f64 {
        self.output_up_to(before + input) - self.output_up_to(before)
    }

    /// Input that gives `output` more after `before` was taken; at most what the arc carries.
    pub(crate) fn input_for(&self, before: f64, output: f64) -> f64 {
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

    fn reset(&mut self) {
        self.index = 0;
        self.used = 0.0;
    }
}

#[derive(Clone, Copy, Debug)]
struct Step {
    gain: f64,
    room: f64,
    known: bool,
}

/// What a flow is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Spend this much input.
    Input(f64),
    /// Reach this much output.
    Output(f64),
}

/// The network of one trade.
#[derive(Debug)]
pub(crate) struct Network<'a> {
    /// In order of pools, so that the two directions of one are neighbours.
    pub(crate) arcs: Vec<Arc<'a>>,
    pub(crate) nodes: usize,
    pub(crate) source: usize,
    pub(crate) sink: usize,
    pub(crate) max_hops: usize,
}

/// What a flow came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reached {
    pub(crate) input: f64,
    pub(crate) output: f64,
    /// Marginal output of the last push.
    pub(crate) slope: f64,
}

impl Network<'_> {
    /// Pushes until the target is reached or no path is left.
    ///
    /// `Err` names the arcs whose known bins ran out where they were the best; close them with
    /// [`Self::close`] if no more can be read.
    pub(crate) fn solve(&mut self, target: Target) -> Result<Reached, SortedSet<usize>> {
        self.run(target, |network| network.best_path())
    }

    /// As [`Self::solve`], but only along these paths and never back.
    pub(crate) fn solve_along(
        &mut self,
        target: Target,
        paths: &[Vec<usize>],
    ) -> Result<Reached, SortedSet<usize>> {
        self.run(target, |network| network.best_of(paths))
    }

    fn run(
        &mut self,
        target: Target,
        next: impl Fn(&mut Self) -> Option<Vec<Way>>,
    ) -> Result<Reached, SortedSet<usize>> {
        self.arcs.iter_mut().for_each(Arc::reset);
        let mut reached = Reached { input: 0.0, output: 0.0, slope: 1.0 };
        for _ in 0..MAX_PUSHES {
            let Some(path) = next(self) else { break };
            let mut gain = 1.0;
            // How much of the source's token the path takes, and which arc bounds it.
            let (mut amount, mut bound) = (f64::INFINITY, None);
            let mut unknown = SortedSet::new();
            for &(arc, back) in &path {
                let Some(step) = self.step(arc, back) else { break };
                if !step.known {
                    unknown.insert(arc);
                }
                if step.room / gain < amount {
                    (amount, bound) = (step.room / gain, Some(arc));
                }
                gain *= step.gain;
            }
            if !unknown.is_empty() {
                return Err(unknown);
            }
            let left = match target {
                Target::Input(input) => input - reached.input,
                Target::Output(output) => (output - reached.output) / gain,
            };
            let last = left <= amount;
            if last {
                (amount, bound) = (left, None);
            }
            self.push(&path, amount, bound);
            reached = Reached {
                input: reached.input + amount,
                output: reached.output + amount * gain,
                slope: gain,
            };
            if last {
                break;
            }
        }
        Ok(reached)
    }

    /// Lets unknown bins of an arc count as its end.
    pub(crate) fn close(&mut self, arcs: &SortedSet<usize>) {
        for &arc in arcs {
            if let Some(arc) = self.arcs.get_mut(arc) {
                arc.closed = true;
            }
        }
    }

    fn step(&mut self, arc: usize, back: bool) -> Option<Step> {
        let arc = self.arcs.get_mut(arc)?;
        if back { arc.backward() } else { arc.forward() }
    }

    fn push(&mut self, path: &[Way], amount: f64, bound: Option<usize>) {
        let mut amount = amount;
        for &(index, back) in path {
            let Some(step) = self.step(index, back) else { return };
            let Some(arc) = self.arcs.get_mut(index) else { return };
            // The bounding piece is spent exactly, whatever the rounding.
            if back {
                arc.pull(amount, bound == Some(index))
            } else {
                arc.push(amount, bound == Some(index))
            }
            amount *= step.gain;
        }
    }

    /// The path with the highest product of marginal outputs; of equals the shorter, then the lower pool ids.
    fn best_path(&mut self) -> Option<Vec<Way>> {
        let longest = self.max_hops + UNDO_HOPS;
        let steps: Vec<[Option<Step>; 2]> = (0..self.arcs.len())
            .map(|arc| {
                let forward = if self.opposite_carries(arc) { None } else { self.step(arc, false) };
                [forward, self.step(arc, true)]
            })
            .collect();
        let mut levels = Levels::new(self.nodes, self.source, longest);
        for hops in 0..longest {
            levels.beyond(hops);
            for (index, (arc, steps)) in self.arcs.iter().zip(&steps).enumerate() {
                for (back, step) in [(false, steps[0]), (true, steps[1])] {
                    let (from, to) = if back { (arc.to, arc.from) } else { (arc.from, arc.to) };
                    if let Some(step) = step
                        && from != self.sink
                    {
                        levels.reach(from, to, step.gain, (index, back));
                    }
                }
            }
        }
        let mut best: Option<(f64, Vec<Way>)> = None;
        for hops in 0..=longest {
            let Some(label) = levels.label(hops, self.sink) else { continue };
            if best.as_ref().is_none_or(|(gain, _)| label.gain > *gain) {
                let path = levels.path(hops, self.sink);
                let too_long = hops > self.max_hops && path.iter().all(|(_, back)| !back);
                best = if too_long { best } else { Some((label.gain, path)) };
            }
        }
        best.map(|(_, path)| path)
    }

    /// A pool that carries flow in one direction is not used in the other.
    fn opposite_carries(&self, index: usize) -> bool {
        let Some(arc) = self.arcs.get(index) else { return false };
        let neighbours = [index.wrapping_sub(1), index.saturating_add(1)];
        let mut neighbours = neighbours.into_iter().filter_map(|at| self.arcs.get(at));
        neighbours.any(|other| other.at == arc.at && other.carries())
    }

    /// The best of these paths that still has room on every arc.
    fn best_of(&mut self, paths: &[Vec<usize>]) -> Option<Vec<Way>> {
        let mut best: Option<(f64, &Vec<usize>)> = None;
        for path in paths {
            let gain = path.iter().try_fold(1.0, |gain, &arc| Some(gain * self.step(arc, false)?.gain));
            if let Some(gain) = gain.filter(|&gain| best.is_none_or(|(kept, _)| gain > kept)) {
                best = Some((gain, path));
            }
        }
        best.map(|(_, path)| path.iter().map(|&arc| (arc, false)).collect())
    }
}
