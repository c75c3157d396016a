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
