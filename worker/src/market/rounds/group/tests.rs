use super::*;
use dlmm_core::api::request_from_json;
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::PoolState;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::stored::{PoolRouting, StoredPool};
use dlmm_core::units::{BinId, Direction, PoolId};

use crate::market::reach::{Needed, TradeSize};

/// `pairs` pairs of tokens that nothing connects, with `pools` pools each.
fn topology(pairs: usize, pools: usize) -> Topology {
    let pools = (0..pairs).flat_map(|pair| {
        (0..pools).map(move |n| {
            let json = format!(
                r#"{{"pool_id":"P{pair}-{n:03}","token_x":"A{pair}","token_y":"B{pair}","active_bin_id":500}}"#
            );
            PoolRouting::parse(&json).unwrap()
        })
    });
    Topology::new(pools.collect(), true)
}

fn request(pair: usize) -> QuoteRequest {
    request_from_json(&format!(r#"{{"token_in":"A{pair}","token_out":"B{pair}","amount_in_atomic":"1"}}"#))
        .unwrap()
}

fn pending<'r>(topology: &Topology, requests: &'r [QuoteRequest]) -> Vec<Pending<'r>> {
    let found = requests.iter().enumerate().map(|(index, request)| {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let candidates =
            find_candidates(&topology.graph, token_in, token_out, *max_hops, 64, filter).unwrap();
        Pending::new(index, request, Arc::new(candidates), TradeSize::of(request, 1))
    });
    found.collect()
}

fn plan_all<'r>(topology: &Topology, requests: &'r [QuoteRequest], max_keys: usize) -> Vec<Group<'r>> {
    Group::plan_all(&Hints::default(), topology, pending(topology, requests), max_keys)
}

#[test]
fn requests_over_the_same_pools_share_one_read_within_the_bound() {
    let topology = topology(1, 20);
    let requests = vec![request(0); 100];
    for max_keys in [10_000, 400, 100] {
        let groups = plan_all(&topology, &requests, max_keys);
        let [group] = groups.as_slice() else { panic!("{} reads", groups.len()) };
        let keys = keys_of(&group.ranges(&Allowance::new(max_keys, max_keys, 100)));
        // One bin more of every pool would not fit.
        assert!(keys <= max_keys && keys + 40 > max_keys.min(280), "{keys} of {max_keys}");
    }
}

#[test]
fn only_what_has_other_pools_is_read_apart_and_only_if_it_must_be() {
    let topology = topology(10, 20);
    // The first and the sixth ask for the same, and so on.
    let requests: Vec<_> = (0..100).map(|n| request(n % 10)).collect();
    // 20 pools with their value, 10 bins to the trade, the active one and two behind: 280 keys a pair.
    assert_eq!(plan_all(&topology, &requests, 4_000).len(), 1);
    let groups = plan_all(&topology, &requests, 700);
    assert_eq!(groups.len(), 5);
    for group in &groups {
        let keys = keys_of(&group.ranges(&Allowance::new(700, 700, 100)));
        assert!(keys <= 700 && keys > 500, "{keys}");
    }
    let pools = groups.iter().flat_map(|group| group.pools.iter().map(|one| &one.pool.id));
    let pools: std::collections::BTreeSet<_> = pools.collect();
    assert_eq!(
        pools.len(),
        groups.iter().map(|group| group.pools.len()).sum::<usize>(),
        "no pool is read twice"
    );
    assert_eq!(groups.iter().map(|group| group.pending.len()).sum::<usize>(), 100);
    assert_eq!(plan_all(&topology, &requests, 10).len(), 10, "what cannot be split is narrowed further");
}

fn state(group: &Group<'_>, active: u16) -> State {
    let json = |id: &PoolId| {
        format!(
            r#"{{"pool_id":"{id}","token_x":"A0","token_y":"B0","active_bin_id":{active},"status":"active"}}"#
        )
    };
    let mut state = State::default();
    for candidate in &*group.pools {
        let value = json(&candidate.pool.id);
        let stored = StoredPool::new(Some(&value), (BinId::MIN, BinId::MAX), []);
        let ready = stored.state(&candidate.pool, &state.decimals, 10);
        assert!(matches!(ready, PoolState::Ready { .. }));
        state.pools.insert(candidate.pool.id.clone(), ready);
    }
    state
}

/// Keys of the reads of one quote whose pools all run out of bins each time.
fn reads(pools: usize, max_keys: usize, active: u16) -> Vec<usize> {
    let topology = topology(1, pools);
    let requests = [request(0)];
    let mut allowance = Allowance::new(max_keys, max_keys, 1);
    let mut groups = plan_all(&topology, &requests, max_keys);
    let mut group = groups.pop().unwrap();
    let mut reads = Vec::new();
    loop {
        let ranges = group.ranges(&allowance);
        let keys = group.count(&ranges);
        allowance.spend(keys);
        reads.push(keys);
        let more = group
            .pools
            .iter()
            .map(|one| MoreBins { pool_id: one.pool.id.clone(), direction: Direction::XForY });
        let more: Vec<_> = more.collect();
        let state = state(&group, active);
        let short = group.pending.iter().map(|one| (one.clone(), more.clone())).collect();
        match group.again(short, (&state, &ranges), &allowance, 1).0.pop() {
            Some(again) => group = again,
            None => return reads,
        }
    }
}

#[test]
fn all_reads_of_one_quote_stay_within_its_keys_together() {
    assert_eq!(reads(1, 10_000, 500), [14, 46, 342, 504], "as far as there are bins");
    for (pools, max_keys) in [(1, 10_000), (1, 300), (20, 10_000), (64, 10_000), (64, 2_000), (64, 100_000)] {
        let reads = reads(pools, max_keys, 500);
        assert!(reads.iter().sum::<usize>() <= max_keys, "{reads:?} of {max_keys}");
        assert!(reads.windows(2).all(|pair| pair[0] < pair[1]), "each brings more: {reads:?}");
    }
    assert_eq!(reads(64, 10_000, 500).len(), 3);
    assert_eq!(reads(64, 100, 500).len(), 1, "even where the pools alone are too many");
}

#[test]
fn a_read_of_large_values_has_fewer_keys_and_the_quote_as_many() {
    let topology = topology(1, 20);
    let requests = [request(0)];
    let group = plan_all(&topology, &requests, 200).pop().unwrap();
    let keys = keys_of(&group.ranges(&Allowance::new(10_000, 200, 1)));
    assert!(keys <= 200 && keys > 160, "{keys}");
}

#[test]
fn a_moved_active_bin_is_read_around_again() {
    // The first read is around 500 and sees that the pool stands at 900.
    assert_eq!(reads(1, 10_000, 900), [14, 14, 86, 904]);
}

#[test]
fn a_pool_that_was_read_both_ways_for_others_is_widened_the_one_way_that_is_asked_for() {
    let topology = topology(1, 2);
    let back = request_from_json(r#"{"token_in":"B0","token_out":"A0","amount_in_atomic":"1"}"#).unwrap();
    let requests = [request(0), back];
    let mut group = plan_all(&topology, &requests, 10_000).pop().unwrap();
    let allowance = Allowance::new(10_000, 10_000, 2);
    let ranges = group.ranges(&allowance);
    assert_eq!(ranges[0], (BinId::new(490).unwrap(), BinId::new(510).unwrap()));
    group.count(&ranges);
    let more = [MoreBins { pool_id: group.pools[0].pool.id.clone(), direction: Direction::YForX }];
    let short = vec![(group.pending[1].clone(), more.to_vec())];
    let (again, ended) = group.again(short, (&state(&group, 500), &ranges), &allowance, 1);
    let [again] = again.as_slice() else { panic!("{} reads", again.len()) };
    assert!(ended.is_empty());
    assert_eq!(again.ranges(&allowance)[0], (BinId::new(498).unwrap(), BinId::new(542).unwrap()));
}

#[test]
fn a_batch_has_the_keys_of_ten_quotes_and_groups_share_them() {
    let mut allowance = Allowance::new(1_000, 1_000, 100);
    assert_eq!(
        (allowance.left, allowance.share(4).left, Allowance::new(1_000, 1_000, 3).left),
        (10_000, 2_500, 3_000)
    );
    allowance.spend(9_500);
    assert_eq!(allowance.share(2).left, 250);
    assert_eq!(allowance.share(2).with_planned(400, 90, &allowance).left, 400, "what was planned for it");
    assert_eq!(allowance.share(2).with_planned(0, 300, &allowance).left, 200, "and not what is for another");
    let topology = topology(1, 20);
    let requests = [request(0)];
    let group = plan_all(&topology, &requests, 1_000).pop().unwrap();
    assert!(keys_of(&group.ranges(&allowance.share(2))) <= 250);
}

#[test]
fn each_is_charged_what_it_would_have_read_alone() {
    let topology = topology(1, 20);
    let hints = Hints::default();
    let requests = [request(0), request(0)];
    let mut all = pending(&topology, &requests);
    all[1].size = TradeSize::of(&requests[1], 1 << 20);
    let pool = all[0].candidates.pools[0].pool.id.clone();
    let needed = |bins| Needed { pool_id: pool.clone(), direction: Direction::XForY, bins };
    hints.learn(&all[0].size, &[needed(2)]);
    hints.learn(&all[1].size, &[needed(300)]);
    let mut group = Group::plan(&hints, &topology, all);
    let allowance = Allowance::new(1_000, 1_000, 2);
    let keys = group.count(&group.ranges(&allowance));
    assert_eq!((group.pending[1].keys_read, group.pending[0].keys_read), (keys, keys - 376 + 3));
}

#[test]
fn what_does_not_fit_together_is_read_apart_within_the_bounds() {
    let topology = topology(1, 20);
    let requests = [request(0), request(0), request(0)];
    let allowance = Allowance::new(1_000, 1_000, 3);
    let mut group = plan_all(&topology, &requests, 1_000).pop().unwrap();
    let ranges = group.ranges(&allowance);
    group.count(&ranges);
    let state = state(&group, 500);
    // Each runs out of bins in other pools, of which all there is fits for some.
    let more = |pools: std::ops::Range<usize>| {
        let more = group.pools[pools].iter();
        more.map(|one| MoreBins { pool_id: one.pool.id.clone(), direction: Direction::XForY }).collect()
    };
    let read = |parts, allowance: &Allowance| {
        let short = group.pending.iter().cloned().zip([more(0..6), more(6..12), more(12..18)]).collect();
        let (groups, ended) = group.again(short, (&state, &ranges), allowance, parts);
        let keys: Vec<usize> = groups.iter().map(Group::planned_keys).collect();
        assert!(keys.iter().all(|keys| *keys <= 1_000) && keys.iter().sum::<usize>() <= allowance.left);
        assert_eq!(groups.iter().map(|group| group.pending.len()).sum::<usize>() + ended.len(), 3);
        (groups.len(), ended.len())
    };
    assert_eq!(read(2, &allowance), (3, 0), "the last one has nothing to share");
    assert_eq!(read(1, &allowance), (2, 0), "one as it would be alone, the others narrowed together");
    assert_eq!(read(0, &allowance), (1, 0), "all narrowed");
    let mut little = allowance;
    little.spend(2_400);
    assert_eq!(read(2, &little), (1, 2), "what is left of the keys of a batch");
}
