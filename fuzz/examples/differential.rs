//! Compares core's swaps with the big-integer model until so many are equal.
//!
//! ```text
//! cargo run --profile fuzz -p dlmm-fuzz --example differential -- --swaps 10000000 --seed 1
//! ```
#![allow(clippy::expect_used, reason = "a development tool, ended by its first finding")]

use std::process::ExitCode;
use std::time::Instant;

use arbitrary::Unstructured;
use dlmm_fuzz::{Pair, PoolCase, Tally};

/// Bytes from which one pool and its swaps are drawn.
const BYTES_PER_POOL: usize = 8 << 10;
/// Rounds of swaps in one pool.
const ROUNDS_PER_POOL: usize = 4;

fn main() -> ExitCode {
    let (mut swaps, mut seed) = (1_000_000_u64, 1_u64);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse().ok());
        match (&*name, number) {
            ("--swaps", Some(number)) => swaps = number,
            ("--seed", Some(number)) => seed = number,
            _ => {
                eprintln!("usage: differential [--swaps N] [--seed N]");
                return ExitCode::from(2);
            }
        }
    }
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut pools = 0_u64;
    while tally.swaps < swaps {
        // Each pool has a seed of its own, so that a finding can be had again without those before it.
        let pool_seed = seed.wrapping_shl(32).wrapping_add(pools);
        tally = tally.plus(one_pool(pool_seed));
        pools += 1;
        if pools.is_multiple_of(20_000) {
            println!("{} swaps of {pools} pools are equal", tally.swaps);
        }
    }
    println!(
        "{} swaps are equal: {pools} pools from seed {seed}, {} through several bins, {} without output, {} aborted \
         by both; {} exact outs are least; {:.0} s",
        tally.swaps,
        tally.many_bins,
        tally.without_output,
        tally.aborted,
        tally.exact_out,
        started.elapsed().as_secs_f64(),
    );
    ExitCode::SUCCESS
}

/// Draws a pool and its swaps; a difference panics with all that is needed to repeat it.
fn one_pool(seed: u64) -> Tally {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; BYTES_PER_POOL];
    random.fill(&mut bytes);
    let mut u = Unstructured::new(&bytes);
    let case = PoolCase::arbitrary(&mut u).expect("enough bytes");
    let pair = Pair::read(&case);
    let rounds = (0..ROUNDS_PER_POOL).map_while(|_| pair.compare(&mut u).ok());
    rounds.fold(Tally::default(), Tally::plus)
}
