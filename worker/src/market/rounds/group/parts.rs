//! Which requests share a read.

use dlmm_core::network::route::CandidatePool;
use dlmm_core::units::BinId;

use super::allowance::Allowance;
use super::joint::{at, joint_pools};
use crate::market::reach::{READ_BYTES, Range, Ranges, Windows, keys_of_pool};
use crate::market::rounds::pending::Pending;

/// A first read while it is put together.
pub(super) struct FirstPart<'r> {
    pub(super) pending: Vec<Pending<'r>>,
    /// Whether it reads a pool, by the pool's place among all.
    pub(super) reads: Vec<bool>,
    pub(super) keys: usize,
}

impl<'r> FirstPart<'r> {
    /// Keys that these pools would add; `keys` are those of each pool.
    pub(super) fn further_keys(&self, keys: &[usize], pools: &[usize]) -> usize {
        let new = pools.iter().filter(|at| self.reads.get(**at) == Some(&false));
        new.filter_map(|at| keys.get(*at)).sum()
    }

    pub(super) fn take(&mut self, one: Pending<'r>, keys: &[usize], pools: &[usize]) {
        self.keys += self.further_keys(keys, pools);
        for at in pools {
            if let Some(reads) = self.reads.get_mut(*at) {
                *reads = true;
            }
        }
        self.pending.push(one);
    }
}

/// Further reads while they are put together.
pub(super) struct Parts<'a, 'r> {
    pools: &'a [CandidatePool],
    /// How long the bins of these pools are taken to be.
    lengths: &'a Windows,
    allowance: &'a Allowance,
    /// Reads at most.
    most: usize,
    parts: Vec<(Vec<Pending<'r>>, Vec<Option<Range>>)>,
}

impl<'a, 'r> Parts<'a, 'r> {
    pub(super) fn new(
        pools: &'a [CandidatePool],
        lengths: &'a Windows,
        allowance: &'a Allowance,
        most: usize,
    ) -> Self {
        Self { pools, lengths, allowance, most, parts: Vec::new() }
    }

    /// Puts a request where what it wants fits, or into a read of its own; not if the bounds leave none.
    pub(super) fn take(&mut self, one: &Pending<'r>) -> bool {
        let left = self.parts.iter().map(|(_, ranges)| keys(ranges)).sum::<usize>();
        for at in 0..self.parts.len() {
            let Some((_, ranges)) = self.parts.get(at) else { continue };
            let (before, wider) = (keys(ranges), self.with(ranges, one));
            if self.is_within(&wider, left - before)
                && let Some((pending, ranges)) = self.parts.get_mut(at)
            {
                pending.push(one.clone());
                *ranges = wider;
                return true;
            }
        }
        let ranges = self.with(&vec![None; self.pools.len()], one);
        let has_room = self.parts.len() < self.most && self.is_within(&ranges, left);
        if has_room {
            self.parts.push((vec![one.clone()], ranges));
        }
        has_room
    }

    /// The reads, each with its requests; no pool is shorter than it was `before` (with the active bin), where that fits too.
    pub(super) fn into_groups(
        mut self,
        before: &[Option<(Range, BinId)>],
    ) -> Vec<(Vec<Pending<'r>>, Ranges)> {
        let mut all = self.parts.iter().map(|(_, ranges)| keys(ranges)).sum::<usize>();
        let mut groups = Vec::with_capacity(self.parts.len());
        for (pending, ranges) in std::mem::take(&mut self.parts) {
            let mut longer = ranges.clone();
            for candidate in &*joint_pools(&pending) {
                let Some(place) = at(self.pools, &candidate.pool.id) else { continue };
                let Some(Some((before, active))) = before.get(place) else { continue };
                if let Some(Some(range)) = longer.get_mut(place) {
                    let low = if candidate.x_for_y { before.0 } else { *active };
                    let high = if candidate.y_for_x { before.1 } else { *active };
                    *range = spanning(*range, (low, high));
                }
            }
            let others = all - keys(&ranges);
            let ranges = if self.is_within(&longer, others) { longer } else { ranges };
            all = others + keys(&ranges);
            groups.push((pending, ranges.into_iter().flatten().collect()));
        }
        groups
    }

    /// Ranges that bring a request what it wants, too.
    fn with(&self, ranges: &[Option<Range>], one: &Pending<'r>) -> Vec<Option<Range>> {
        let mut wider = ranges.to_vec();
        for (own, candidate) in one.own.iter().zip(&one.candidates.pools) {
            if let Some(range) = at(self.pools, &candidate.pool.id).and_then(|at| wider.get_mut(at)) {
                *range = Some(range.map_or(*own, |range| spanning(range, *own)));
            }
        }
        wider
    }

    /// Whether that fits into one reply, beside so many keys of other reads.
    fn is_within(&self, ranges: &[Option<Range>], others: usize) -> bool {
        let mut left = *self.allowance;
        left.spend(others);
        // A pool that is not read brings nothing.
        let bytes = self.lengths.bytes_of(ranges);
        bytes <= READ_BYTES && left.admits(keys(ranges), 0)
    }
}

/// The range that holds two.
fn spanning(one: Range, other: Range) -> Range {
    (one.0.min(other.0), one.1.max(other.1))
}

fn keys(ranges: &[Option<Range>]) -> usize {
    ranges.iter().flatten().map(|range| keys_of_pool(*range)).sum()
}
