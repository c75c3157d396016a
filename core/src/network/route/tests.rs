use super::*;
use crate::network::graph::tests::pool;
use crate::units::PoolId;
use alloc::format;
use alloc::string::String;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a name")
}

fn find(graph: &Graph, ends: (&str, &str), hops: u8, pools: usize, filter: &RouteFilter) -> Candidates {
    find_candidates(graph, &symbol(ends.0), &symbol(ends.1), hops, pools, filter).expect("a route")
}

fn texts(candidates: &Candidates) -> Vec<String> {
    let name = |path: &Path| {
        let start = path.hops[0].token_in.as_str();
        path.hops.iter().fold(String::from(start), |text, hop| format!("{text}-{}", hop.token_out))
    };
    candidates.paths.iter().map(name).collect()
}

fn square() -> Graph {
    Graph::new([
        pool("ab", "A", "B"),
        pool("bc", "B", "C"),
        pool("ac", "C", "A"),
        pool("cd", "C", "D"),
        pool("cd2", "D", "C"),
    ])
}

#[test]
fn finds_every_simple_path_shortest_first() {
    let all = find(&square(), ("A", "D"), 3, 64, &RouteFilter::default());
    assert_eq!(texts(&all), ["A-C-D", "A-B-C-D"]);
    assert!(!all.limited);
    assert_eq!(all.pools.len(), 5);
    // C-D is served by both of its pools, each in its own direction.
    let names: Vec<_> = all.paths[0].hops[1]
        .pools
        .iter()
        .map(|(at, direction)| (all.pools[*at].pool.id.as_str(), *direction))
        .collect();
    assert_eq!(names, [("cd", Direction::XForY), ("cd2", Direction::YForX)]);
}

#[test]
fn keeps_to_hops_filters_and_budget() {
    let graph = square();
    assert_eq!(texts(&find(&graph, ("A", "D"), 2, 64, &RouteFilter::default())), ["A-C-D"]);
    let without = RouteFilter {
        exclude_pools: SortedSet::from_iter([PoolId::new("ac").expect("a name")]),
        ..RouteFilter::default()
    };
    assert_eq!(texts(&find(&graph, ("A", "D"), 3, 64, &without)), ["A-B-C-D"]);
    let via_c = RouteFilter { via: Some(SortedSet::from_iter([symbol("C")])), ..RouteFilter::default() };
    assert_eq!(texts(&find(&graph, ("A", "D"), 3, 64, &via_c)), ["A-C-D"]);
    let tight = find(&graph, ("A", "D"), 3, 2, &RouteFilter::default());
    assert_eq!((texts(&tight), tight.pools.len(), tight.limited), (alloc::vec!["A-C-D".into()], 2, true));
}

#[test]
fn tells_apart_why_there_is_none() {
    let graph = Graph::new([pool("ab", "A", "B"), pool("cd", "C", "D")]);
    let find = |a: &str, b: &str, filter: &RouteFilter| {
        find_candidates(&graph, &symbol(a), &symbol(b), 3, 64, filter).expect_err("no route").code()
    };
    let open = RouteFilter::default();
    assert_eq!(find("A", "A", &open), "SAME_TOKEN");
    assert_eq!(find("A", "Z", &open), "UNKNOWN_TOKEN");
    assert_eq!(find("A", "C", &open), "NO_ROUTE");
    let unknown = RouteFilter { pools: SortedSet::from_iter([PoolId::new("zz").expect("a name")]), ..open };
    assert_eq!(find("A", "B", &unknown), "UNKNOWN_POOL");
}

#[test]
fn a_hub_with_thousands_of_pools_stays_bounded() {
    let spokes = (0..4_000).flat_map(|n| {
        [
            pool(&format!("h{n:04}"), "HUB", &format!("T{n}")),
            pool(&format!("k{n:04}"), "KEY", &format!("T{n}")),
        ]
    });
    let graph = Graph::new(spokes);
    let found = find(&graph, ("HUB", "KEY"), 4, 64, &RouteFilter::default());
    assert_eq!(found.pools.len(), 64);
    assert!(found.limited && found.paths.len() <= MAX_PATHS);
}

/// As the definition has it: path by path, one pool for every hop first, then all pools of its hops while there is room.
fn chosen_plainly(
    graph: &Graph,
    paths: &[Path],
    max_pools: usize,
    filter: &RouteFilter,
) -> (Vec<String>, bool) {
    let mut chosen: Vec<String> = Vec::new();
    let mut limited = false;
    for path in paths {
        let hops = path.hops.iter().map(|hop| {
            let serves = |pool: &&PoolRef| {
                let ends = [&pool.token_x, &pool.token_y];
                ends.contains(&&hop.token_in) && ends.contains(&&hop.token_out) && filter.allows(&pool.id)
            };
            graph.pools().iter().filter(serves).map(|pool| pool.id.to_string()).collect::<Vec<_>>()
        });
        let hops: Vec<_> = hops.collect();
        let served = |hop: &&Vec<String>| !hop.iter().any(|id| chosen.contains(id));
        let first: Vec<_> = hops.iter().filter(served).filter_map(|hop| hop.first().cloned()).collect();
        if chosen.len() + first.len() > max_pools {
            limited = true;
            continue;
        }
        chosen.extend(first);
        for id in hops.into_iter().flatten() {
            if chosen.contains(&id) {
                continue;
            }
            if chosen.len() < max_pools { chosen.push(id) } else { limited = true }
        }
    }
    chosen.sort();
    (chosen, limited)
}

#[test]
fn the_budget_is_spent_as_its_definition_has_it() {
    let tokens = ["A", "B", "C", "D", "E"];
    let mut seed = 7_usize;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..300 {
        let count = 3 + next(30);
        let pools = (0..count).filter_map(|n| {
            let (x, y) = (next(5), next(5));
            (x != y).then(|| pool(&format!("p{n:02}"), tokens[x], tokens[y]))
        });
        let graph = Graph::new(pools.collect::<Vec<_>>());
        let mut some = |most: usize| -> SortedSet<PoolId> {
            (0..next(most)).filter_map(|_| PoolId::new(&format!("p{:02}", next(count))).ok()).collect()
        };
        let exclude_pools = some(8);
        let pools = if round % 3 == 0 { some(12) } else { SortedSet::new() };
        let pools: SortedSet<PoolId> = pools.iter().filter(|id| graph.pool(id).is_some()).cloned().collect();
        let filter = RouteFilter { pools, exclude_pools, via: None };
        let ends = (symbol("A"), symbol("B"));
        let found = |max_pools| find_candidates(&graph, &ends.0, &ends.1, 3, max_pools, &filter);
        let Ok(all) = found(usize::MAX) else { continue };
        for max_pools in [1, 2, 3, 5, 8, 13] {
            let (expected, limited) = chosen_plainly(&graph, &all.paths, max_pools, &filter);
            let Ok(got) = found(max_pools) else {
                assert!(expected.is_empty(), "{round}: {expected:?}");
                continue;
            };
            let ids: Vec<_> = got.pools.iter().map(|one| one.pool.id.to_string()).collect();
            assert_eq!((ids, got.limited), (expected, limited), "{round}, {max_pools}");
        }
    }
}
