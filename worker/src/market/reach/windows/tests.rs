use super::*;
use crate::market::reach::Needed;
use dlmm_core::api::request_from_json;
use dlmm_core::network::route::{RouteFilter, find_candidates};
use dlmm_core::network::state::PoolState;
use dlmm_core::stored::{PoolRouting, StoredPool};
use dlmm_core::units::Symbol;

fn topology(pools: usize) -> Topology {
    let pools = (0..pools).map(|n| {
        let json = format!(r#"{{"pool_id":"P{n}","token_x":"A","token_y":"B","active_bin_id":500}}"#);
        PoolRouting::parse(&json).unwrap()
    });
    Topology::new(pools.collect(), true)
}

fn candidates(topology: &Topology) -> Vec<CandidatePool> {
    let name = |text| Symbol::new(text).unwrap();
    find_candidates(&topology.graph, &name("A"), &name("B"), 1, 64, &RouteFilter::default()).unwrap().pools
}

fn state(topology: &Topology, active: u16) -> State {
    let json = format!(
        r#"{{"pool_id":"P0","token_x":"A","token_y":"B","active_bin_id":{active},"status":"active"}}"#
    );
    let pool = &topology.graph.pools()[0];
    let stored = StoredPool::new(Some(&json), (BinId::MIN, BinId::MAX), []);
    let mut state = State::default();
    let ready = stored.state(pool, &state.decimals, 10);
    assert!(matches!(ready, PoolState::Ready { .. }));
    state.pools.insert(pool.id.clone(), ready);
    state
}

fn plan(topology: &Topology, candidates: &[CandidatePool]) -> Windows {
    Windows::plan(&Hints::default(), topology, candidates, &[size(1)])
}

fn size(amount: u128) -> TradeSize {
    let json = r#"{"token_in":"A","token_out":"B","amount_in_atomic":"1"}"#;
    TradeSize::of(&request_from_json(json).unwrap(), amount)
}

/// What the first read brought: around 500, 8 bins and a margin of 2 down, the margin up.
const READ: [(BinId, BinId); 1] = [(BinId::new(490).unwrap(), BinId::new(502).unwrap())];

fn always(_: &[(BinId, BinId)]) -> bool {
    true
}

fn ids(windows: &Windows, candidates: &[CandidatePool]) -> (u16, u16) {
    let ranges = windows.ranges(candidates, ALL);
    (ranges[0].0.get(), ranges[0].1.get())
}

#[test]
fn reads_towards_the_trade_and_a_little_behind() {
    let topology = topology(1);
    let candidates = candidates(&topology);
    let windows = plan(&topology, &candidates);
    assert_eq!(ids(&windows, &candidates), (490, 502));
}

#[test]
fn widens_where_it_fell_short_and_recentres_where_the_active_bin_moved() {
    let topology = topology(1);
    let candidates = candidates(&topology);
    let more = [MoreBins { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY }];
    let mut windows = plan(&topology, &candidates);
    windows.widen(&candidates, (&state(&topology, 501), &READ), &more, &always);
    assert_eq!(ids(&windows, &candidates), (501 - 4 * 11 - 2, 503), "11 bins were known");
    let mut moved = plan(&topology, &candidates);
    moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
    assert_eq!(
        ids(&moved, &candidates),
        (890, 902),
        "a read around the wrong place says nothing of the reach"
    );
    moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
    assert_eq!(ids(&moved, &candidates), (900 - 8 * 8 - 2, 902));
    moved.widen(&candidates, (&state(&topology, 900), &READ), &more, &always);
    assert_eq!(ids(&moved, &candidates), (0, 902));
    let mut up = plan(&topology, &candidates);
    let both_ways = [(READ[0].0, BinId::new(564).unwrap())];
    up.widen(&candidates, (&state(&topology, 510), &both_ways), &more, &always);
    assert_eq!(ids(&up, &candidates).0, 510 - 4 * 20 - 2, "20 bins were read, and were too few");
    let mut fourth = plan(&topology, &candidates);
    (0..4).for_each(|_| fourth.widen(&candidates, (&state(&topology, 500), &READ), &[], &always));
    assert_eq!(ids(&fourth, &candidates), (0, 502), "whichever pools fell short");
}

#[test]
fn reads_as_deep_as_trades_of_this_size_needed() {
    let topology = topology(1);
    let candidates = candidates(&topology);
    let hints = Hints::default();
    let needed = Needed { pool_id: PoolId::new("P0").unwrap(), direction: Direction::XForY, bins: 200 };
    hints.saw(&topology, &state(&topology, 510), 0.0);
    hints.learn(&size(1_000_000), &[needed]);
    let low = |amounts: &[u128]| {
        let sizes: Vec<_> = amounts.iter().map(|amount| size(*amount)).collect();
        ids(&Windows::plan(&hints, &topology, &candidates, &sizes), &candidates).0
    };
    // It moved by 10 bins since it was listed: a margin of 15.
    assert_eq!((low(&[1]), low(&[1_000_000]), low(&[1, 2_000_000])), (487, 244, 244));
}

#[test]
fn all_pools_are_narrowed_alike_until_they_fit() {
    let topology = topology(10);
    let candidates = candidates(&topology);
    let windows = plan(&topology, &candidates);
    let ranges = |max| windows.narrowed(&candidates, None, |ranges| keys_of(ranges) <= max);
    let narrowed = ranges(100);
    assert!(keys_of(&narrowed) <= 100 && keys_of(&narrowed) > 80, "{narrowed:?}");
    assert!(narrowed.iter().all(|range| *range == narrowed[0]));
    assert_eq!(keys_of(&ranges(140)), 140, "as it was wanted");
    assert_eq!(keys_of(&ranges(1)), 20, "the active bins in any case");
}
