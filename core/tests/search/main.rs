//! No answer is poor: relations between answers, checked over random networks.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../quotes/market.rs"]
#[allow(dead_code)]
mod market;
mod network;
mod random;
mod recorded;
mod relations;
mod windows;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// `DLMM_SEARCH_REQUESTS` makes more requests, `DLMM_TEST_SEED` begins elsewhere.
#[test]
fn no_answer_is_poorer_than_one_of_a_narrower_request() {
    let (seed, requests) = (number("DLMM_TEST_SEED", 1), number("DLMM_SEARCH_REQUESTS", 20_000));
    let checked = relations::check(seed, requests);
    for breach in checked.breaches.iter().take(200) {
        println!(
            "{} seed {}: {} below {}: {}",
            breach.relation, breach.seed, breach.got, breach.better, breach.told
        );
    }
    let summary = relations::summary(&checked.breaches);
    println!(
        "{} requests, {} answered, {} limited: {summary:?}",
        checked.requests, checked.answered, checked.limited
    );
    assert!(checked.breaches.is_empty(), "{} breaches", checked.breaches.len());
}

/// Shows the network of `DLMM_SHOW_SEED`.
#[test]
fn show() {
    let seed = number("DLMM_SHOW_SEED", 0);
    if seed > 0 {
        let network = network::network(&mut random::Random(seed));
        for (id, pool) in network.state.pools.iter() {
            if let dlmm_core::network::state::PoolState::Ready { pool, .. } = pool {
                println!(
                    "{id} {}>{} active {} fees {:?}",
                    pool.token_x(),
                    pool.token_y(),
                    pool.active_bin(),
                    pool.fees()
                );
                for (id, bin) in pool.bins() {
                    println!(
                        "   {id} x {} y {} price {:e}",
                        bin.reserve_x,
                        bin.reserve_y,
                        bin.price.num() as f64 / bin.price.den() as f64
                    );
                }
            }
        }
    }
}
