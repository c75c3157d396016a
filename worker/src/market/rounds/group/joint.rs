//! The candidate pools of several requests together.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::network::route::{CandidatePool, Candidates};
use dlmm_core::units::PoolId;
use litemap::LiteMap;

use crate::market::rounds::pending::Pending;

/// The place of a pool among some that are in id order.
pub(super) fn at(pools: &[CandidatePool], id: &PoolId) -> Option<usize> {
    pools.binary_search_by(|candidate| candidate.pool.id.cmp(id)).ok()
}

/// The candidate pools of several requests, each once and with every direction that is needed, in id order.
pub(super) fn joint_pools(pending: &[Pending<'_>]) -> Rc<[CandidatePool]> {
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
