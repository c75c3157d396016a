//! What clients knew whose streams ended: whoever comes back with the id of the last event goes on from there.
//!
//! A count alone does not tell what a client knows: it stands still where values are changed by hand, and two clients of one
//! count may have merged differently. So the hash of all they know is part of the id.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::held::{Held, bytes_of, state_of};
use super::pools::Watched;

/// Bytes that are kept for them together.
const MAX_BYTES: usize = 4_000_000;
const MAX_STREAMS: usize = 1_000;

/// The ends of streams in one isolate, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Left {
    ends: RefCell<VecDeque<End>>,
}

#[derive(Debug)]
struct End {
    watched: Watched,
    seq: u64,
    state: u64,
    held: Held,
    bytes: usize,
}

impl Left {
    /// Keeps what a client knows whose last event had this count.
    pub(crate) fn keep(&self, watched: Watched, seq: u64, held: Held) {
        let bytes = bytes_of(&held);
        let mut ends = self.ends.borrow_mut();
        ends.push_back(End { watched, seq, state: state_of(&held), held, bytes });
        let mut kept: usize = ends.iter().map(|end| end.bytes).sum();
        while kept > MAX_BYTES || ends.len() > MAX_STREAMS {
            let Some(oldest) = ends.pop_front() else { break };
            kept = kept.saturating_sub(oldest.bytes);
        }
    }

    /// What the client knows that had this state at this count.
    pub(crate) fn find(&self, watched: &Watched, seq: u64, state: u64) -> Option<Held> {
        let ends = self.ends.borrow();
        let is_it = |end: &&End| (end.seq, end.state) == (seq, state) && end.watched == *watched;
        ends.iter().rev().find(is_it).map(|end| end.held.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::held::HeldPool;
    use super::*;
    use dlmm_core::units::PoolId;

    #[test]
    fn the_latest_ends_are_kept_within_a_bound() {
        let left = Left::default();
        let watched = |name: &str| Watched::Pools([PoolId::new(name).unwrap()].into());
        let held = || -> Held { [(PoolId::new("P").unwrap(), HeldPool::default())].into_iter().collect() };
        for seq in 0..2_000 {
            left.keep(watched("P"), seq, held());
        }
        let find = |name: &str, seq| left.find(&watched(name), seq, state_of(&held())).is_some();
        assert!(!find("P", 999) && find("P", 1_999) && !find("Q", 1_999));
        assert_eq!(left.ends.borrow().len(), MAX_STREAMS);
    }

    #[test]
    fn of_two_clients_of_one_count_each_finds_what_it_knows_itself() {
        let left = Left::default();
        let id = PoolId::new("P").unwrap();
        let watched = Watched::Pools([id.clone()].into());
        let held = |value: &str| -> Held {
            let mut pool = HeldPool::default();
            pool.set_value(Some(value));
            [(id.clone(), pool)].into_iter().collect()
        };
        for value in ["one", "two"] {
            left.keep(watched.clone(), 7, held(value));
        }
        for value in ["one", "two"] {
            let state = state_of(&held(value));
            assert_eq!(left.find(&watched, 7, state).map(|held| state_of(&held)), Some(state));
        }
        assert!(left.find(&watched, 7, state_of(&held("three"))).is_none());
    }
}
