//! The pools that are known, as quotes route over them.

use dlmm_core::sorted::SortedSet;
use litemap::LiteMap;
use std::sync::Arc;

use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::Graph;
use dlmm_core::stored::{PoolRouting, SkippedPool, keys, stated_decimals};
use dlmm_core::units::{BinId, PoolId};

/// All pools known, of every status, and what they say about decimals.
#[derive(Debug)]
pub struct Topology {
    /// Which pools trade which pairs.
    pub graph: Graph,
    /// Decimals by token, with disagreements.
    pub decimals: Arc<DecimalTable>,
    /// In id order.
    pools: Vec<PoolRouting>,
    /// Whether every pool is in it; one found by walking from tokens may lack unconnected ones.
    pub whole: bool,
}

impl Topology {
    /// Builds the graph from pools in any order.
    pub fn new(mut pools: Vec<PoolRouting>, whole: bool) -> Self {
        pools.sort_by(|a, b| a.pool.id.cmp(&b.pool.id));
        pools.dedup_by(|a, b| a.pool.id == b.pool.id);
        Self {
            graph: Graph::new(pools.iter().map(|routing| routing.pool.clone())).of_a_part(!whole),
            decimals: Arc::new(stated_decimals(&pools)),
            pools,
            whole,
        }
    }

    /// With these pools besides, whose value could never be read, and why: nothing routes through them, and every quote
    /// names them.
    #[must_use]
    pub fn with_unreadable(self, pools: LiteMap<PoolId, SkippedPool>) -> Self {
        Self { graph: self.graph.with_unplaced(pools.into_iter().map(|(_, pool)| pool).collect()), ..self }
    }

    /// Every pool known, whether or not its value could be read, in id order.
    pub fn ids(&self) -> SortedSet<PoolId> {
        let readable = self.pools.iter().map(|routing| &routing.pool.id);
        let unreadable = self.graph.unplaced().iter().filter_map(|pool| keys::pool_in(&pool.key));
        readable.cloned().chain(unreadable).collect()
    }

    /// What is known of the pools, in id order.
    pub fn routings(&self) -> &[PoolRouting] {
        &self.pools
    }

    /// What is known of one pool.
    pub fn routing(&self, id: &PoolId) -> Option<&PoolRouting> {
        self.pools.binary_search_by(|routing| routing.pool.id.cmp(id)).ok().and_then(|at| self.pools.get(at))
    }

    /// The active bin as it was when the pools were listed: a hint where to read, never a fact to quote by.
    pub fn active_bin_hint(&self, id: &PoolId) -> Option<BinId> {
        self.routing(id)?.active_bin
    }

    /// Whether both know the same: ids, pairs and decimals, and why some are left out. Active bins may differ.
    pub fn routes_like(&self, other: &Self) -> bool {
        self.whole == other.whole
            && self.graph.unplaced() == other.graph.unplaced()
            && self.pools.len() == other.pools.len()
            && self.pools.iter().zip(&other.pools).all(|(a, b)| route_like(a, b))
    }
}

/// Whether both say the same of what routes are built from: id, pair and decimals. Active bins may differ.
pub(super) fn route_like(one: &PoolRouting, other: &PoolRouting) -> bool {
    let facts = |routing: &PoolRouting| (routing.decimals_x, routing.decimals_y);
    one.pool == other.pool && facts(one) == facts(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(id: &str, active: u16, decimals: u8) -> PoolRouting {
        let json = format!(
            r#"{{"pool_id":"{id}","token_x":"A","token_y":"B","active_bin_id":{active},"token_x_decimals":{decimals}}}"#
        );
        PoolRouting::parse(&json).unwrap()
    }

    #[test]
    fn a_moved_active_bin_is_no_other_topology() {
        let before = Topology::new(vec![pool("P", 500, 8), pool("Q", 500, 8)], true);
        let moved = Topology::new(vec![pool("Q", 500, 8), pool("P", 501, 8)], true);
        assert!(before.routes_like(&moved));
        assert!(!before.routes_like(&Topology::new(vec![pool("P", 500, 8)], true)));
        assert!(!before.routes_like(&Topology::new(vec![pool("P", 500, 8), pool("Q", 500, 9)], true)));
    }

    #[test]
    fn a_pool_that_cannot_be_read_is_known_by_its_id() {
        let topology = || Topology::new(vec![pool("P", 500, 8)], true);
        let id = |text| PoolId::new(text).unwrap();
        let why =
            |id: &str, reason: &str| SkippedPool { key: format!("pool:{id}"), reason: reason.to_owned() };
        let with = topology()
            .with_unreadable([(id("Z"), why("Z", "x")), (id("A"), why("A", "y"))].into_iter().collect());
        assert_eq!(with.ids(), [id("A"), id("P"), id("Z")].into());
        assert!(with.routing(&id("A")).is_none());
        assert!(!with.routes_like(&topology()), "one more broken pool is a change");
        let otherwise = topology()
            .with_unreadable([(id("Z"), why("Z", "z")), (id("A"), why("A", "y"))].into_iter().collect());
        assert!(!with.routes_like(&otherwise), "so is another reason, which answers tell");
    }
}
