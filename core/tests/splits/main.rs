//! Splits and exact out against brute force, and what must hold on every network.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod brute_force;
mod cycles;
mod exact_out;
#[path = "../quotes/market.rs"]
#[allow(dead_code)]
mod market;
mod networks;
mod properties;

use proptest::test_runner::{Config, RngSeed};

/// The same cases every run, so that a check of one commit means the same everywhere; `PROPTEST_RNG_SEED` tries
/// others, and `PROPTEST_CASES` more of them.
fn config(cases: u32) -> Config {
    let default = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    let seeded = std::env::var_os("PROPTEST_RNG_SEED").is_some();
    let rng_seed = if seeded { default.rng_seed } else { RngSeed::Fixed(20_261_123) };
    Config { cases, rng_seed, ..default }
}
