//! How much each pool should take: a flow with gains, pushed along the best marginal path until a piece is spent.
//!
//! Every push goes along the path from the input to the output token with the highest product of marginal
//! outputs in the residual network. Its arcs are the pools at their current piece and, against the stream, the
//! last piece of a pool that already carries flow: pushing back over it gives up a unit of its output for the
//! input it cost. So an early choice is revised when a later one needs the room. Without gain cycles (nobody
//! trades in a circle at a profit) this reaches the optimum of the linear program; with them it still ends,
//! since paths are simple and the work is bounded.

use super::arc::{PoolArc, Stretch};
use super::levels::{Levels, Way};
use crate::gather::Gather;
use crate::sorted::SortedSet;
use alloc::vec::Vec;

/// Hops beyond the limit that a path may have while it undoes flow.
const UNDO_HOPS: usize = 2;
/// Looks that one flow may take, of some nanoseconds each: a push looks at each pair of tokens once a hop.
pub(crate) const MAX_LOOKS: usize = 300_000;
/// Looks that a push takes beside those, and that looking at a pool of a pair takes.
const LOOKS_OF_A_PUSH: usize = 40;
const LOOKS_OF_A_POOL: usize = 1;
/// Bins that count one by one in each arc at least, however many arcs there are.
const FEWEST_FINE: usize = 8;

/// What a flow is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Spend this much input.
    Input(f64),
    /// Reach this much output.
    Output(f64),
}

/// All arcs from one token to another; of those only the best counts at any moment.
#[derive(Debug)]
pub(super) struct Pair {
    from: usize,
    to: usize,
    arcs: Vec<usize>,
    /// The best arc along the stream and against it.
    best: [Option<(usize, Stretch)>; 2],
}

/// The network of one trade.
#[derive(Debug)]
pub(crate) struct Network<'a> {
    /// In order of pools, so that the two directions of one are neighbours.
    pub(crate) arcs: Vec<PoolArc<'a>>,
    pub(crate) nodes: usize,
    pub(crate) source: usize,
    pub(crate) sink: usize,
    pub(crate) max_hops: usize,
    pub(super) pairs: Vec<Pair>,
    /// The pair of each arc.
    pair_of: Vec<usize>,
    /// What each arc offers along the stream and against it.
    pub(super) offers: Vec<[Option<Stretch>; 2]>,
    /// Looks that one flow may take, those that this one may, and those that are left of them.
    looks: usize,
    allowed: usize,
    looks_left: usize,
}

/// What a flow came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reached {
    pub(crate) input: f64,
    pub(crate) output: f64,
    /// Marginal output of the last push.
    pub(crate) slope: f64,
    /// The bound on work that ended it before the target was reached, or made it merge bins.
    pub(crate) limited: Option<&'static str>,
    /// Whether something may be worth more whose fees are rounded down to none.
    pub(crate) leaves_unpaid_fees: bool,
}

impl<'a> Network<'a> {
    pub(crate) fn new(
        mut arcs: Vec<PoolArc<'a>>,
        nodes: usize,
        (source, sink): (usize, usize),
        max_hops: usize,
        looks: usize,
    ) -> Self {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut pair_of = Vec::with_capacity(arcs.len());
        for (index, arc) in arcs.iter().enumerate() {
            let known = pairs.iter().position(|pair| pair.from == arc.from && pair.to == arc.to);
            let at = known.unwrap_or(pairs.len());
            if known.is_none() {
                pairs.push(Pair { from: arc.from, to: arc.to, arcs: Vec::new(), best: [None; 2] });
            }
            if let Some(pair) = pairs.get_mut(at) {
                pair.arcs.push(index);
            }
            pair_of.push(at);
        }
        // As many pushes as can be afforded are shared by the arcs, half of them for bins one by one.
        let widest = pairs.iter().map(|pair| pair.arcs.len()).max().unwrap_or(0);
        let of_a_push = LOOKS_OF_A_PUSH
            + pairs.len() * (max_hops + UNDO_HOPS)
            + pairs.len().min(max_hops) * widest * LOOKS_OF_A_POOL;
        let pushes = looks / of_a_push;
        let fine = (pushes / arcs.len().max(1) / 2).max(FEWEST_FINE);
        arcs.iter_mut().for_each(|arc| arc.coarsen(fine));
        Self {
            arcs,
            nodes,
            source,
            sink,
            max_hops,
            pairs,
            pair_of,
            offers: Vec::new(),
            looks,
            allowed: looks,
            looks_left: looks,
        }
    }

    /// Pushes until the target is reached or no path is left.
    ///
    /// `Err` names the arcs whose known bins ran out where they were the best; see [`Self::close`] if no more can
    /// be read.
    pub(crate) fn solve(&mut self, target: Target) -> Result<Reached, SortedSet<usize>> {
        self.run(target, false, |network| network.best_path().map(|(_, path)| path))
    }

    /// As [`Self::solve`], but only along these paths and never back.
    pub(crate) fn solve_along(
        &mut self,
        target: Target,
        paths: &[Vec<usize>],
    ) -> Result<Reached, SortedSet<usize>> {
        self.run(target, true, |network| network.best_of(paths))
    }

    fn run(
        &mut self,
        target: Target,
        along: bool,
        next: impl Fn(&mut Self) -> Option<Vec<Way>>,
    ) -> Result<Reached, SortedSet<usize>> {
        self.arcs.iter_mut().for_each(PoolArc::reset);
        if !along {
            self.offers = (0..self.arcs.len()).map(|arc| self.offer(arc)).gather();
            (0..self.pairs.len()).for_each(|pair| self.look_at(pair));
        }
        let mut reached =
            Reached { input: 0.0, output: 0.0, slope: 1.0, limited: None, leaves_unpaid_fees: false };
        loop {
            self.looks_left = self.looks_left.saturating_sub(LOOKS_OF_A_PUSH);
            if self.looks_left == 0 {
                reached.limited = Some("pushes");
                break;
            }
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
            if !along {
                self.look_again(&path);
            }
            reached = Reached {
                input: reached.input + amount,
                output: reached.output + amount * gain,
                slope: gain,
                ..reached
            };
            if last {
                break;
            }
        }
        if reached.limited.is_none() && self.arcs.iter().any(PoolArc::is_coarse) {
            reached.limited = Some("merged_bins");
        }
        reached.leaves_unpaid_fees = !along && self.has_unpaid_fees(&reached);
        Ok(reached)
    }

    /// Allows a new flow its looks, if so many are left.
    pub(crate) fn refresh(&mut self, left: usize) {
        self.allowed = self.looks.min(left);
        self.looks_left = self.allowed;
    }

    /// Looks taken since then.
    pub(crate) const fn looks(&self) -> usize {
        self.allowed - self.looks_left
    }

    /// Lets unknown bins of all arcs count as their end.
    pub(crate) fn close(&mut self) {
        self.arcs.iter_mut().for_each(PoolArc::close);
    }

    fn step(&mut self, arc: usize, back: bool) -> Option<Stretch> {
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

    /// Looks at everything that a push along this path has changed.
    fn look_again(&mut self, path: &[Way]) {
        for &(index, _) in path {
            // What a pool carries in one direction closes the other, which is another pair.
            for arc in [Some(index), self.opposite(index)].into_iter().flatten() {
                let offer = self.offer(arc);
                if let Some(known) = self.offers.get_mut(arc) {
                    *known = offer;
                }
                if let Some(&pair) = self.pair_of.get(arc) {
                    self.look_at(pair);
                }
            }
        }
    }

    fn offer(&mut self, arc: usize) -> [Option<Stretch>; 2] {
        let forward = if self.opposite_carries(arc) { None } else { self.step(arc, false) };
        [forward, self.step(arc, true)]
    }

    /// Finds the best arcs of a pair anew; of equals the first, which is the lower pool id.
    pub(super) fn look_at(&mut self, pair: usize) {
        let Some(pair) = self.pairs.get_mut(pair) else { return };
        self.looks_left = self.looks_left.saturating_sub(pair.arcs.len() * LOOKS_OF_A_POOL);
        let mut best: [Option<(usize, Stretch)>; 2] = [None; 2];
        for &arc in &pair.arcs {
            let Some(offer) = self.offers.get(arc) else { continue };
            for (kept, step) in best.iter_mut().zip(offer) {
                if let Some(step) = step.filter(|step| kept.is_none_or(|(_, kept)| step.gain > kept.gain)) {
                    *kept = Some((arc, step));
                }
            }
        }
        pair.best = best;
    }

    /// The path with the highest product of marginal outputs; of equals the shorter, then the lower pool ids.
    pub(super) fn best_path(&mut self) -> Option<(f64, Vec<Way>)> {
        let levels = self.levels();
        let longest = self.max_hops + UNDO_HOPS;
        let mut best: Option<(f64, Vec<Way>)> = None;
        for hops in 0..=longest {
            let Some(label) = levels.label(hops, self.sink) else { continue };
            if best.as_ref().is_none_or(|(gain, _)| label.gain > *gain) {
                let path = levels.path(hops, self.sink);
                let too_long = hops > self.max_hops && path.iter().all(|(_, back)| !back);
                best = if too_long { best } else { Some((label.gain, path)) };
            }
        }
        best
    }

    /// The best ways to every token, as things are.
    pub(super) fn levels(&mut self) -> Levels {
        let longest = self.max_hops + UNDO_HOPS;
        let mut levels = Levels::new(self.nodes, self.source, longest);
        for hops in 0..longest {
            levels.beyond(hops);
            let mut reached_any = false;
            for pair in &self.pairs {
                let [forward, backward] = pair.best;
                for (step, back, from, to) in
                    [(forward, false, pair.from, pair.to), (backward, true, pair.to, pair.from)]
                {
                    if let Some((arc, step)) = step
                        && from != self.sink
                    {
                        reached_any |= levels.reach(from, to, step.gain, (arc, back));
                    }
                }
            }
            self.looks_left = self.looks_left.saturating_sub(self.pairs.len());
            if !reached_any {
                break;
            }
        }
        levels
    }

    /// The other direction of an arc's pool.
    fn opposite(&self, index: usize) -> Option<usize> {
        let at = self.arcs.get(index)?.at;
        let neighbours = [index.wrapping_sub(1), index.saturating_add(1)];
        neighbours.into_iter().find(|&other| self.arcs.get(other).is_some_and(|arc| arc.at == at))
    }

    /// A pool that carries flow in one direction is not used in the other.
    fn opposite_carries(&self, index: usize) -> bool {
        self.opposite(index).and_then(|other| self.arcs.get(other)).is_some_and(PoolArc::carries)
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
        let arcs = paths.iter().map(Vec::len).sum();
        self.looks_left = self.looks_left.saturating_sub(arcs);
        best.map(|(_, path)| path.iter().map(|&arc| (arc, false)).gather())
    }
}
