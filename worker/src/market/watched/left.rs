//! What clients knew whose streams ended: whoever comes back with the id of the last event goes on from there.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::held::{Held, HeldPool};
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
    id: u64,
    held: Held,
    bytes: usize,
}

impl Left {
    /// Keeps what a client knows whose last event had this id.
    pub(crate) fn keep(&self, watched: Watched, id: u64, held: Held) {
        let bytes = held.values().map(HeldPool::bytes).sum();
        let mut ends = self.ends.borrow_mut();
        ends.push_back(End { watched, id, held, bytes });
        let mut kept: usize = ends.iter().map(|end| end.bytes).sum();
        while kept > MAX_BYTES || ends.len() > MAX_STREAMS {
            let Some(oldest) = ends.pop_front() else { break };
            kept = kept.saturating_sub(oldest.bytes);
        }
    }

    /// What the client knows that saw this event last.
    pub(crate) fn find(&self, watched: &Watched, id: u64) -> Option<Held> {
        let ends = self.ends.borrow();
        ends.iter().rev().find(|end| end.id == id && end.watched == *watched).map(|end| end.held.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::units::PoolId;

    #[test]
    fn the_latest_ends_are_kept_within_a_bound() {
        let left = Left::default();
        let watched = |name: &str| Watched::Pools([PoolId::new(name).unwrap()].into());
        let held = || -> Held { [(PoolId::new("P").unwrap(), HeldPool::default())].into() };
        for id in 0..2_000 {
            left.keep(watched("P"), id, held());
        }
        assert!(left.find(&watched("P"), 999).is_none() && left.find(&watched("P"), 1_999).is_some());
        assert!(left.find(&watched("Q"), 1_999).is_none());
        assert_eq!(left.ends.borrow().len(), MAX_STREAMS);
    }
}
