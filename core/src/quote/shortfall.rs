//! Where knowledge of a pool's bins ran out.

use crate::gather::Gather;
use crate::network::route::Candidates;
use crate::sorted::SortedSet;
use crate::units::{Direction, PoolId};
use alloc::vec::Vec;

/// Candidate pools whose known bins ran out, and on which side.
pub(super) type Shortfall = SortedSet<(usize, Direction)>;

/// A pool of which more bins must be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreBins {
    /// The pool.
    pub pool_id: PoolId,
    /// Which side: X for Y needs lower ids, Y for X higher ones.
    pub direction: Direction,
}

/// What must be read where knowledge ran out.
pub(super) fn more_bins(candidates: &Candidates, shortfall: &Shortfall) -> Vec<MoreBins> {
    let more = shortfall.iter().filter_map(|&(at, direction)| {
        let pool_id = candidates.pools.get(at)?.pool.id.clone();
        Some(MoreBins { pool_id, direction })
    });
    more.gather()
}
