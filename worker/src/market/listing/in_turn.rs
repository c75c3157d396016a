//! Listed pools that a check looks at, all of them in turn: a value that is written anew in its place moves no counter.
//!
//! A quote compares the pools it reads with what is known of them, but reads none whose tokens are known to be others.

use std::cell::RefCell;

use dlmm_core::stored::PoolRouting;
use dlmm_core::units::PoolId;

use super::topology::{Topology, route_like};

/// Pools looked at with every check: few, since their bytes are billed however little is quoted.
const MOST: usize = 8;

/// Where the next check begins: behind this pool.
#[derive(Debug, Default)]
pub(super) struct InTurn(RefCell<Option<PoolId>>);

impl InTurn {
    /// The next pools in id order, and the first ones after the last.
    pub(super) fn next(&self, topology: &Topology) -> Vec<PoolId> {
        let pools = topology.routings();
        let begin = (self.0.borrow().as_ref())
            .map_or(0, |last| pools.partition_point(|routing| routing.pool.id <= *last));
        let in_turn = pools.iter().cycle().skip(begin).take(MOST.min(pools.len()));
        let next: Vec<PoolId> = in_turn.map(|routing| routing.pool.id.clone()).collect();
        *self.0.borrow_mut() = next.last().cloned();
        next
    }
}

/// Whether a pool's value says other tokens or decimals than those known. One that cannot be read says nothing: what is
/// known stays until it can be.
pub(super) fn is_otherwise(topology: &Topology, id: &PoolId, json: &str) -> bool {
    let stored = PoolRouting::of(id, json).ok();
    stored.is_some_and(|stored| topology.routing(id).is_some_and(|known| !route_like(known, &stored)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(id: &str, token_x: &str, decimals: u8) -> String {
        format!(r#"{{"pool_id":"{id}","token_x":"{token_x}","token_y":"B","token_x_decimals":{decimals}}}"#)
    }

    fn of(ids: impl IntoIterator<Item = String>) -> Topology {
        Topology::new(
            ids.into_iter().map(|id| PoolRouting::parse(&pool(&id, "A", 8)).unwrap()).collect(),
            true,
        )
    }

    fn next(turn: &InTurn, topology: &Topology) -> Vec<String> {
        turn.next(topology).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_pools_have_their_turn_though_some_come_and_go() {
        let (turn, id) = (InTurn::default(), |n: usize| format!("P{n:02}"));
        let topology = of((0..20).map(id));
        let all = |from: usize| (from..from + 8).map(|n| id(n % 20)).collect::<Vec<_>>();
        assert_eq!(next(&turn, &topology), all(0));
        assert_eq!(next(&turn, &topology), all(8));
        assert_eq!(next(&turn, &topology), all(16));
        // The last one looked at is gone, and so is the next.
        let fewer = of((0..20).filter(|n| ![3, 4].contains(n)).map(id));
        assert_eq!(next(&turn, &fewer).first(), Some(&id(5)));
        assert_eq!(next(&turn, &of([id(3), id(1)])), [id(1), id(3)]);
        assert_eq!(next(&turn, &of([])), [""; 0]);
    }

    #[test]
    fn only_other_tokens_or_decimals_count() {
        let (topology, id) = (of(["P".to_owned()]), PoolId::new("P").unwrap());
        let otherwise = |json: &str| is_otherwise(&topology, &id, json);
        assert!(otherwise(&pool("P", "C", 8)) && otherwise(&pool("P", "A", 9)));
        assert!(!otherwise(&pool("P", "A", 8).replace('{', r#"{"active_bin_id":7,"#)));
        assert!(!otherwise("{") && !otherwise(&pool("Q", "C", 8)));
    }
}
