//! Reads that several streams look at. A change wakes all streams of a market at once; what one of them has read since, the
//! others take as it is, decoded, instead of asking Redis for the same again.
//!
//! Nobody waits for another's read: it is there, or one reads oneself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use dlmm_core::network::route::CandidatePool;
use dlmm_core::network::state::State;
use dlmm_core::units::BinId;

use crate::market::listing::Topology;

/// How old a read may be, in milliseconds. It is as new as what the stream was told, and what nobody tells of may come later by so
/// much.
const MAX_AGE_MS: u64 = 250;
/// Keys of all reads that are kept, some 100 bytes each.
const MAX_KEYS: usize = 20_000;

/// What was read.
#[derive(Debug, Clone)]
pub(crate) struct SharedRead {
    pub(crate) state: Rc<State>,
    /// The clock after the reply arrived.
    pub(crate) read_at_ms: u64,
    /// The producer's count of changes that all of it is at least as new as.
    pub(crate) seq: u64,
}

/// What a read was for: only the same pools, as the same list has them, and the same bins are the same read.
#[derive(Debug)]
struct Kept {
    topology: Rc<Topology>,
    pools: Rc<[CandidatePool]>,
    ranges: Vec<(BinId, BinId)>,
    keys: usize,
    read: SharedRead,
}

/// The latest reads of one isolate, the oldest first.
#[derive(Debug, Default)]
pub struct SharedReads {
    kept: RefCell<VecDeque<Kept>>,
}

/// What is to be read.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) topology: &'w Rc<Topology>,
    pub(crate) pools: &'w Rc<[CandidatePool]>,
    pub(crate) ranges: &'w [(BinId, BinId)],
}

impl SharedReads {
    /// What was read of the same within the last `young_ms`, and is as new as this count.
    pub(crate) fn find(
        &self,
        wanted: Wanted<'_>,
        least_seq: u64,
        young_ms: u64,
        now_ms: u64,
    ) -> Option<SharedRead> {
        let is_it = |one: &&Kept| {
            // A clock that was set back tells no age.
            let age_ms = now_ms.checked_sub(one.read.read_at_ms);
            age_ms.is_some_and(|age_ms| age_ms <= young_ms.min(MAX_AGE_MS))
                && one.read.seq >= least_seq
                && Rc::ptr_eq(&one.topology, wanted.topology)
                && one.ranges == wanted.ranges
                && one.pools.iter().map(|one| &one.pool).eq(wanted.pools.iter().map(|one| &one.pool))
        };
        self.kept.borrow().iter().rev().find(is_it).map(|one| one.read.clone())
    }

    /// Keeps a read of so many keys for a moment.
    pub(crate) fn keep(&self, wanted: Wanted<'_>, keys: usize, read: SharedRead) {
        let now_ms = read.read_at_ms;
        let mut kept = self.kept.borrow_mut();
        kept.retain(|one| now_ms.abs_diff(one.read.read_at_ms) <= MAX_AGE_MS);
        let (topology, pools) = (Rc::clone(wanted.topology), Rc::clone(wanted.pools));
        kept.push_back(Kept { topology, pools, ranges: wanted.ranges.to_vec(), keys, read });
        let mut all: usize = kept.iter().map(|one| one.keys).sum();
        while all > MAX_KEYS {
            let Some(oldest) = kept.pop_front() else { break };
            all = all.saturating_sub(oldest.keys);
        }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.kept.borrow_mut().clear();
    }
}
