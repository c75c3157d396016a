//! Which requests share a read, and how many keys a read may have.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::network::route::CandidatePool;
use dlmm_core::network::state::State;
use dlmm_core::quote::MoreBins;

use super::pending::{Pending, Short};
use crate::market::listing::Topology;
use crate::market::reach::{
    ALL, Hints, LEAST_REACH, READ_BYTES, Range, Ranges, Windows, keys_of, keys_of_pool, reach_of,
};
use crate::market::read::bytes_of_read;
use crate::market::values::{READ_AGAIN_MS, Young};

mod allowance;
mod joint;
mod parts;

pub(super) use allowance::{APART, Allowance};
use joint::{at, joint_pools};
use parts::{FirstPart, Parts};

/// Requests that one MGET serves.
pub(super) struct Group<'r> {
    pub(super) pending: Vec<Pending<'r>>,
    /// The candidate pools of all of them.
    pub(super) pools: Rc<[CandidatePool]>,
    windows: Windows,
    /// What a further read brings.
    next: Option<Ranges>,
    pub(super) reads: u32,
    pub(super) listing_is_fresh: bool,
}

impl<'r> Group<'r> {
    /// Plans the first read of these requests.
    pub(super) fn plan(hints: &Hints, topology: &Topology, pending: Vec<Pending<'r>>) -> Self {
        let mut planned: Vec<Pending<'r>> = Vec::with_capacity(pending.len());
        for mut one in pending {
            let is_like = |other: &&Pending<'r>| {
                Arc::ptr_eq(&other.candidates, &one.candidates) && other.size == one.size
            };
            let pools = &one.candidates.pools;
            one.windows = match planned.iter().rev().find(is_like) {
                Some(like) => like.windows.clone(),
                None => Windows::plan(hints, topology, pools, [&one.size]),
            };
            one.own = one.windows.ranges(pools, ALL);
            planned.push(one);
        }
        Self::of(planned)
    }

    /// One read for requests whose own reads are planned.
    fn of(pending: Vec<Pending<'r>>) -> Self {
        let pools = joint_pools(&pending);
        let each = pending.iter().map(|one| (&*one.candidates.pools, &one.windows));
        let windows = Windows::joint(&pools, each);
        Self { pending, pools, windows, next: None, reads: 0, listing_is_fresh: false }
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
        let mut parts: Vec<FirstPart<'r>> = Vec::new();
        for one in all.pending {
            let pools =
                one.candidates.pools.iter().filter_map(|candidate| at(&all.pools, &candidate.pool.id));
            let pools: Vec<usize> = pools.collect();
            let has_room = |part: &&mut FirstPart<'r>| match part.further_keys(&keys, &pools) {
                0 => true,
                further => part.keys + further <= max_keys,
            };
            match parts.iter_mut().find(has_room) {
                Some(part) => part.take(one, &keys, &pools),
                None => {
                    let mut part = FirstPart { pending: Vec::new(), reads: vec![false; keys.len()], keys: 0 };
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
        let is_within = |ranges: &[Range]| self.windows.fits(ranges) && allowance.admits(keys_of(ranges), 0);
        match &self.next {
            Some(next) if is_within(next) => next.clone(),
            _ => self.windows.narrowed(&self.pools, None, is_within),
        }
    }

    /// Keys of a further read that is planned.
    pub(super) fn planned_keys(&self) -> usize {
        self.next.as_deref().map_or(0, keys_of)
    }

    /// What the next read may be expected to take in memory.
    pub(super) fn bytes(&self, allowance: &Allowance, keeps_texts: bool) -> usize {
        let ranges = self.ranges(allowance);
        bytes_of_read(keys_of(&ranges), self.windows.bytes(&ranges).sum(), keeps_texts)
    }

    /// Counts a read of these ranges; gives its keys. Each request is charged what it would have read alone.
    pub(super) fn count(&mut self, ranges: &[Range]) -> usize {
        self.reads += 1;
        for one in &mut self.pending {
            for (own, candidate) in one.own.iter_mut().zip(&one.candidates.pools) {
                let Some(read) = at(&self.pools, &candidate.pool.id).and_then(|at| ranges.get(at)) else {
                    continue;
                };
                *own = (own.0.max(read.0), own.1.min(read.1));
            }
            one.keys_read += keys_of(&one.own);
        }
        keys_of(ranges)
    }

    /// Plans to read these requests again, each at least as it would be alone, and no pool shorter than it was where that fits.
    /// They share a read if what they want together fits into one; else those that want the least are read in up to `apart` reads
    /// of their own, and the others in one that is narrowed. Those for which the bounds leave no read that brings more are handed
    /// back.
    pub(super) fn again(
        &self,
        short: Vec<Short<'r>>,
        (state, before): (&State, &[Range]),
        allowance: &Allowance,
        apart: usize,
    ) -> (Vec<Self>, Vec<Short<'r>>) {
        let (mut planned, mut ended) = (Vec::with_capacity(short.len()), Vec::new());
        for (one, more) in short {
            match self.further(&one, &more, (state, before), allowance) {
                Some(wider) => planned.push((wider, (one, more))),
                None => ended.push((one, more)),
            }
        }
        planned.sort_by_key(|(wider, _)| keys_of(&wider.own));
        let mut parts = Parts::new(&self.pools, &self.windows, allowance, apart.max(1));
        let mut crowd = Vec::new();
        for (wider, short) in &planned {
            if !parts.take(wider) {
                crowd.push((wider.clone(), short.clone()));
            }
        }
        if apart == 0 && !crowd.is_empty() {
            (parts, crowd) = (Parts::new(&self.pools, &self.windows, allowance, 0), planned);
        }
        let floor = |(candidate, range): (&CandidatePool, &Range)| {
            let active = state.ready(&candidate.pool.id)?.0.active_bin();
            (range.0..=range.1).contains(&active).then_some((*range, active))
        };
        let floors: Vec<_> = self.pools.iter().zip(before).map(floor).collect();
        let parts = parts.into_groups(&floors).into_iter();
        let mut groups: Vec<Self> =
            parts.map(|(pending, next)| Self { next: Some(next), ..self.like(pending) }).collect();
        if !crowd.is_empty() {
            let mut left = *allowance;
            groups.iter().for_each(|group| left.spend(group.planned_keys()));
            let (group, rest) = self.narrowed(crowd, (state, before), &left);
            groups.extend(group);
            ended.extend(rest);
        }
        (groups, ended)
    }

    /// Another read of some of the same pools.
    fn like(&self, pending: Vec<Pending<'r>>) -> Self {
        let mut group = Self::of(pending);
        group.windows.weigh_as(&group.pools, &self.windows, &self.pools);
        Self { reads: self.reads, listing_is_fresh: self.listing_is_fresh, ..group }
    }

    /// One read for requests that want more together than fits: what is further than before is narrowed alike.
    fn narrowed(
        &self,
        crowd: Vec<(Pending<'r>, Short<'r>)>,
        (state, before): (&State, &[Range]),
        left: &Allowance,
    ) -> (Option<Self>, Vec<Short<'r>>) {
        let mut group = self.like(crowd.iter().map(|(wider, _)| wider.clone()).collect());
        let before = self.own_part(&group.pools, before);
        let is_within = |ranges: &[Range]| group.windows.fits(ranges) && left.admits(keys_of(ranges), 0);
        let ranges = group.windows.narrowed(&group.pools, Some(&before), is_within);
        let (mut pending, mut ended) = (Vec::new(), Vec::new());
        let fits = is_within(&ranges);
        for (wider, (one, more)) in crowd {
            match fits && brings_more(&group.pools, state, &more, (&before, &ranges)) {
                true => pending.push(wider),
                false => ended.push((one, more)),
            }
        }
        (group.pending, group.next) = (pending, Some(ranges));
        (Some(group).filter(|group| !group.pending.is_empty()), ended)
    }

    /// What was read of these pools.
    fn own_part(&self, pools: &[CandidatePool], before: &[Range]) -> Ranges {
        pools.iter().filter_map(|one| before.get(at(&self.pools, &one.pool.id)?).copied()).collect()
    }

    /// A request with its next read planned: wider where bins ran out, as it was where none did.
    fn further(
        &self,
        one: &Pending<'r>,
        more: &[MoreBins],
        (state, before): (&State, &[Range]),
        allowance: &Allowance,
    ) -> Option<Pending<'r>> {
        let mut one = one.clone();
        let candidates = Arc::clone(&one.candidates);
        let pools = &*candidates.pools;
        let before = self.own_part(pools, before);
        one.windows.weigh_as(pools, &self.windows, &self.pools);
        let lengths = one.windows.clone();
        let is_within =
            |ranges: &[Range]| lengths.fits(ranges) && allowance.admits(keys_of(ranges), one.keys_read);
        let mut windows = one.windows;
        if !more.is_empty() {
            windows.widen(pools, (state, &before), more, &is_within);
        }
        // What the bounds made narrower than it was would trade one gap for another.
        let plan = |windows: &Windows| {
            let ranges = windows.narrowed(pools, Some(&one.own), is_within);
            let is_further = is_within(&ranges) && brings_more(pools, state, more, (&before, &ranges));
            is_further.then_some(ranges)
        };
        let mut own = plan(&windows)?;
        if !more.is_empty() && !allowance.leaves_another(keys_of(&own), one.keys_read) {
            // It is the last one, so it takes what there is to take.
            windows.widen_to_the_end(pools, more);
            own = plan(&windows)?;
        }
        Some(Pending { windows, own, ..one })
    }
}

/// Whether a read goes further than one `before` where bins are asked for, if any are.
fn brings_more(
    pools: &[CandidatePool],
    state: &State,
    more: &[MoreBins],
    (before, ranges): (&[Range], &[Range]),
) -> bool {
    let is_longer = |more: &MoreBins| {
        let place = at(pools, &more.pool_id)?;
        let (pool, _) = state.ready(&more.pool_id)?;
        let reach = |ranges: &[Range]| Some(reach_of(*ranges.get(place)?, pool.active_bin(), more.direction));
        Some(reach(ranges)? > reach(before)?)
    };
    more.is_empty() || more.iter().any(|more| is_longer(more) == Some(true))
}

#[cfg(test)]
mod tests;
