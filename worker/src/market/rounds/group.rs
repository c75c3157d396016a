//! Which requests share a read, and how many keys a read may have.

use litemap::LiteMap;
use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::network::route::{CandidatePool, Candidates};
use dlmm_core::network::state::State;
use dlmm_core::quote::MoreBins;
use dlmm_core::units::{BinId, PoolId};

use super::pending::Pending;
use crate::market::listing::Topology;
use crate::market::reach::{
    Hints, LEAST_REACH, READ_BYTES, Range, Ranges, Windows, keys_of, keys_of_pool, reach_of,
};
use crate::market::read::bytes_of_read;
use crate::market::values::{READ_AGAIN_MS, Young};

/// How many times the keys of one quote all reads of a batch may have together.
const BATCH_QUOTES: usize = 10;

/// Requests that one MGET serves.
pub(super) struct Group<'r> {
    pub(super) pending: Vec<Pending<'r>>,
    /// The candidate pools of all of them.
    pub(super) pools: Rc<[CandidatePool]>,
    windows: Windows,
    /// What was read before of each pool, if anything was: a further read is no shorter.
    before: Option<Ranges>,
    pub(super) reads: u32,
    pub(super) listing_is_fresh: bool,
}

impl<'r> Group<'r> {
    /// Plans the first read of these requests.
    pub(super) fn plan(hints: &Hints, topology: &Topology, pending: Vec<Pending<'r>>) -> Self {
        let pools = joint_pools(&pending);
        let windows = Windows::plan(hints, topology, &pools, pending.iter().map(|one| &one.size));
        Self { pending, pools, windows, before: None, reads: 0, listing_is_fresh: false }
    }

    /// The age up to which a known heartbeat serves these requests: one that must be younger than usual is read anew, and
    /// so is the block where one is demanded.
    pub(super) fn young(&self) -> Young {
        if self.pending.iter().any(|one| one.request.min_block_height.is_some()) {
            return Young::Now;
        }
        let asked = self.pending.iter().filter_map(|one| one.request.max_age_ms);
        Young::UpTo(asked.min().unwrap_or(READ_AGAIN_MS).min(READ_AGAIN_MS))
    }

    /// Plans first reads of requests: one for all of them if that leaves each at least [`LEAST_REACH`] bins a direction,
    /// else several. Requests whose pools another one reads anyway stay with it, so that each further read brings
    /// other keys.
    pub(super) fn plan_all(
        hints: &Hints,
        topology: &Topology,
        pending: Vec<Pending<'r>>,
        max_keys: usize,
    ) -> Vec<Self> {
        let all = Self::plan(hints, topology, pending);
        let least = all.windows.ranges(&all.pools, LEAST_REACH);
        if all.pending.len() < 2 || keys_of(&least) <= max_keys && all.windows.fits(&least) {
            return Vec::from([all]);
        }
        // A key counts for several where it brings more than its part of a reply.
        let keys = least.iter().zip(all.windows.bytes(&least));
        let keys: Vec<usize> = keys
            .map(|(range, bytes)| keys_of_pool(*range).max(bytes.saturating_mul(max_keys) / READ_BYTES))
            .collect();
        let mut parts: Vec<Part<'r>> = Vec::new();
        for one in all.pending {
            let pools =
                one.candidates.pools.iter().filter_map(|candidate| at(&all.pools, &candidate.pool.id));
            let pools: Vec<usize> = pools.collect();
            let has_room = |part: &&mut Part<'r>| match part.further_keys(&keys, &pools) {
                0 => true,
                further => part.keys + further <= max_keys,
            };
            match parts.iter_mut().find(has_room) {
                Some(part) => part.take(one, &keys, &pools),
                None => {
                    let mut part = Part { pending: Vec::new(), reads: vec![false; keys.len()], keys: 0 };
                    part.take(one, &keys, &pools);
                    parts.push(part);
                }
            }
        }
        parts.into_iter().map(|part| Self::plan(hints, topology, part.pending)).collect()
    }

    /// Takes over what a read has told of how long bins are.
    pub(super) fn weigh_anew(&mut self, hints: &Hints) {
        self.windows.weigh_anew(hints, &self.pools);
    }

    /// What to read next, within the bounds.
    pub(super) fn ranges(&self, allowance: &Allowance) -> Ranges {
        let quotes = self.quotes();
        let is_within =
            |ranges: &[Range]| self.windows.fits(ranges) && allowance.admits(&self.pools, &quotes, ranges);
        self.windows.narrowed(&self.pools, self.before.as_deref(), is_within)
    }

    /// What the next read may be expected to take in memory.
    pub(super) fn bytes(&self, allowance: &Allowance, keeps_texts: bool) -> usize {
        let ranges = self.ranges(allowance);
        bytes_of_read(keys_of(&ranges), self.windows.bytes(&ranges).sum(), keeps_texts)
    }

    /// Counts a read of these ranges; gives its keys.
    pub(super) fn count(&mut self, ranges: &[(BinId, BinId)]) -> usize {
        self.reads += 1;
        let mut last: Option<(Arc<Candidates>, usize)> = None;
        for one in &mut self.pending {
            let own = match &last {
                Some((candidates, keys)) if Arc::ptr_eq(candidates, &one.candidates) => *keys,
                _ => own_keys(&self.pools, &one.candidates, ranges),
            };
            one.keys_read += own;
            last = Some((Arc::clone(&one.candidates), own));
        }
        keys_of(ranges)
    }

    /// Plans to read these requests again: wider where bins ran out, as it was where none did. `None` where the bounds
    /// leave no read that brings more.
    pub(super) fn again(
        &self,
        short: &[Pending<'r>],
        more: &[MoreBins],
        (state, before): (&State, &[(BinId, BinId)]),
        allowance: &Allowance,
    ) -> Option<Self> {
        let pools = joint_pools(short);
        let mut again = Self {
            windows: self.windows.restricted(&self.pools, &pools),
            pending: short.to_vec(),
            before: None,
            pools,
            ..*self
        };
        let quotes = again.quotes();
        let before = again.pools.iter().filter_map(|one| before.get(at(&self.pools, &one.pool.id)?).copied());
        let before: Ranges = before.collect();
        // The same lengths of bins, while the windows change.
        let lengths = self.windows.restricted(&self.pools, &again.pools);
        let is_within =
            |ranges: &[Range]| lengths.fits(ranges) && allowance.admits(&again.pools, &quotes, ranges);
        if !more.is_empty() {
            again.windows.widen(&again.pools, (state, &before), more, &is_within);
        }
        // What the bounds made narrower than it was would trade one gap for another.
        again.before = Some(before.clone());
        let mut ranges = again.ranges(allowance);
        if !more.is_empty() && !allowance.leaves_another(&again.pools, &quotes, &ranges) {
            // It is the last one, so it takes what there is to take.
            again.windows.widen_to_the_end(&again.pools, more);
            ranges = again.ranges(allowance);
        }
        if !is_within(&ranges) {
            return None;
        }
        let mut brings_more = more.is_empty();
        for ((candidate, range), before) in again.pools.iter().zip(&ranges).zip(&before) {
            let Some((pool, _)) = state.ready(&candidate.pool.id) else { continue };
            let reach = |range: &(BinId, BinId), direction| reach_of(*range, pool.active_bin(), direction);
            let longer = |direction| reach(range, direction) > reach(before, direction);
            let asked = more.iter().filter(|more| more.pool_id == candidate.pool.id);
            brings_more |= asked.map(|more| more.direction).any(longer);
        }
        brings_more.then_some(again)
    }

    /// The candidates of each request, and the keys that were read for it; equal ones once, with the most.
    fn quotes(&self) -> Vec<(Arc<Candidates>, usize)> {
        let mut quotes: Vec<(Arc<Candidates>, usize)> = Vec::new();
        for one in &self.pending {
            match quotes.iter_mut().find(|(candidates, _)| Arc::ptr_eq(candidates, &one.candidates)) {
                Some((_, keys)) => *keys = one.keys_read.max(*keys),
                None => quotes.push((Arc::clone(&one.candidates), one.keys_read)),
            }
        }
        quotes
    }
}

/// A read while it is put together.
struct Part<'r> {
    pending: Vec<Pending<'r>>,
    /// Whether it reads a pool, by the pool's place among all.
    reads: Vec<bool>,
    keys: usize,
}

impl<'r> Part<'r> {
    /// Keys that these pools would add; `keys` are those of each pool.
    fn further_keys(&self, keys: &[usize], pools: &[usize]) -> usize {
        let new = pools.iter().filter(|at| self.reads.get(**at) == Some(&false));
        new.filter_map(|at| keys.get(*at)).sum()
    }

    fn take(&mut self, one: Pending<'r>, keys: &[usize], pools: &[usize]) {
        self.keys += self.further_keys(keys, pools);
        for at in pools {
            if let Some(reads) = self.reads.get_mut(*at) {
                *reads = true;
            }
        }
        self.pending.push(one);
    }
}

/// How many keys may be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// In all reads of one quote.
    quote: usize,
    /// In one read.
    read: usize,
    /// In all reads that are still to come.
    left: usize,
}

impl Allowance {
    pub(super) fn new(quote: usize, read: usize, requests: usize) -> Self {
        let quotes = requests.clamp(1, BATCH_QUOTES);
        Self { quote, read, left: quote.saturating_mul(quotes) }
    }

    /// Keys that one read may have.
    pub(super) const fn of_one_read(&self) -> usize {
        self.read
    }

    pub(super) fn spend(&mut self, keys: usize) {
        self.left = self.left.saturating_sub(keys);
    }

    /// Takes back what a read was charged that does not count.
    pub(super) fn refund(&mut self, keys: usize) {
        self.left = self.left.saturating_add(keys);
    }

    /// The part of it for one of `groups` that are still to be read.
    pub(super) fn share(&self, groups: usize) -> Self {
        Self { left: self.left.checked_div(groups).unwrap_or(self.left), ..*self }
    }

    /// Whether these ranges could be read once more after they were read.
    fn leaves_another(
        mut self,
        pools: &[CandidatePool],
        quotes: &[(Arc<Candidates>, usize)],
        ranges: &[(BinId, BinId)],
    ) -> bool {
        self.spend(keys_of(ranges));
        let after = quotes.iter().map(|(candidates, before)| {
            (Arc::clone(candidates), before + own_keys(pools, candidates, ranges))
        });
        self.admits(pools, &after.collect::<Vec<_>>(), ranges)
    }

    fn admits(
        &self,
        pools: &[CandidatePool],
        quotes: &[(Arc<Candidates>, usize)],
        ranges: &[(BinId, BinId)],
    ) -> bool {
        let keys = keys_of(ranges);
        let mut each = quotes.iter().map(|(candidates, before)| before + own_keys(pools, candidates, ranges));
        // What fits together fits for each; the sum over one's own pools is only needed where that is close.
        let before = quotes.iter().map(|(_, before)| *before).max().unwrap_or(0);
        keys <= self.read.min(self.left)
            && (before + keys <= self.quote || each.all(|keys| keys <= self.quote))
    }
}

/// Keys of a read that are of these candidates.
fn own_keys(pools: &[CandidatePool], candidates: &Candidates, ranges: &[(BinId, BinId)]) -> usize {
    let ranges = candidates.pools.iter().filter_map(|one| ranges.get(at(pools, &one.pool.id)?));
    ranges.map(|range| keys_of_pool(*range)).sum()
}

fn at(pools: &[CandidatePool], id: &PoolId) -> Option<usize> {
    pools.binary_search_by(|candidate| candidate.pool.id.cmp(id)).ok()
}

/// The candidate pools of several requests, each once and with every direction that is needed, in id order.
fn joint_pools(pending: &[Pending<'_>]) -> Rc<[CandidatePool]> {
    let mut joint: LiteMap<&PoolId, CandidatePool> = LiteMap::new();
    let mut seen: Vec<&Arc<Candidates>> = Vec::new();
    for one in pending {
        // Requests of one pair share their candidates.
        if seen.iter().any(|candidates| Arc::ptr_eq(candidates, &one.candidates)) {
            continue;
        }
        seen.push(&one.candidates);
        for candidate in &one.candidates.pools {
            let entry = joint.entry(&candidate.pool.id).or_insert_with(|| candidate.clone());
            entry.x_for_y |= candidate.x_for_y;
            entry.y_for_x |= candidate.y_for_x;
        }
    }
    joint.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests;
