//! No answer is poor: relations between answers, checked over random networks.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../quotes/market.rs"]
#[allow(dead_code)]
mod market;
mod network;
mod random;
mod recorded;
mod relations;
mod small;
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

/// `DLMM_SMALL_REQUESTS` makes more requests, `DLMM_TEST_SEED` begins elsewhere.
#[test]
fn on_small_networks_no_amount_gives_less_than_it_can() {
    small_networks(false, 4);
}

/// The same under `max_reads`.
#[test]
fn on_small_networks_no_amount_gives_less_than_its_reads_allow() {
    small_networks(true, 40);
}

/// What is refused, or does not fill, must not be; of a thousand answers so many may be poorer than another.
fn small_networks(reads: bool, poorer: u64) {
    let (seed, requests) = (number("DLMM_TEST_SEED", 1), number("DLMM_SMALL_REQUESTS", 3_000));
    let scanned = small::scan(seed, requests, reads);
    for breach in scanned.breaches.iter().take(number("DLMM_SHOWN", 40) as usize) {
        println!(
            "{} seed {}: {} below {}: {}",
            breach.relation, breach.seed, breach.got, breach.better, breach.told
        );
    }
    let summary = relations::summary(&scanned.breaches);
    println!("{} requests, {} limited: {summary:?}", scanned.requests, scanned.limited);
    let refused = |breach: &&relations::Breach| breach.got == 0;
    let refused = scanned.breaches.iter().filter(refused).count();
    let breaches = scanned.breaches.len() as u64;
    assert!(
        refused == 0 && breaches <= scanned.requests * poorer / 1_000,
        "{refused} refused, {breaches} in all"
    );
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
