//! `dlmm-bench`: runs the cases for other programs.
//!
//! * `market NAME`: prints a snapshot (`ladder`, `3`, `20`, `200`, or a hostile network).
//! * `hostile`: prints the names of the hostile networks and what is traded in them, `NAME|TOKEN|TOKEN` a line.
//! * `list`: prints the names of the cases, one a line.
//! * `serve`: for each line `NAME MILLISECONDS` runs that case about so long and prints `NANOSECONDS ANSWER`.
//! * `count NAME`: runs a case twice, the second time through [`counted`], where callgrind looks.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench that goes wrong is to stop"
)]

use std::hint::black_box;
use std::io::{self, BufRead as _, Write as _};
use std::time::{Duration, Instant};

use dlmm_bench::hostile::NETWORKS;
use dlmm_bench::{Case, cases, market_of};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["market", name] => println!("{}", market_of(name)),
        ["hostile"] => NETWORKS.iter().for_each(|(name, from, to)| println!("{name}|{from}|{to}")),
        ["list"] => cases().iter().for_each(|case| println!("{}", case.name)),
        ["serve"] => serve(),
        ["count", name] => {
            let mut case = named(name);
            black_box(case.run());
            black_box(counted(&mut case));
        }
        _ => panic!("usage: dlmm-bench market NAME | hostile | list | serve | count NAME"),
    }
}

/// One run of a case. Callgrind counts from its first instruction to its last.
#[inline(never)]
fn counted(case: &mut Case) -> u128 {
    black_box(case).run()
}

fn named(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"))
}

fn serve() {
    let mut cases = cases();
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let (name, ms) = line.split_once(' ').unwrap();
        let case =
            cases.iter_mut().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"));
        let (ns, answer) = measure(case, Duration::from_millis(ms.parse().unwrap()));
        println!("{ns} {answer}");
        io::stdout().flush().unwrap();
    }
}

/// Nanoseconds of one run, from as many as take about `wanted`.
fn measure(case: &mut Case, wanted: Duration) -> (f64, u128) {
    // What is prepared on first use does not count.
    black_box(case.run());
    let mut runs = 1_u32;
    loop {
        let began = Instant::now();
        let mut answer = 0;
        for _ in 0..runs {
            answer = black_box(case.run());
        }
        let took = began.elapsed();
        // Shorter ones only tell how many runs it takes.
        if took * 2 >= wanted || runs > 1 << 24 {
            return (took.as_nanos() as f64 / f64::from(runs), answer);
        }
        let more = wanted.as_nanos() / took.as_nanos().max(1);
        runs = runs.saturating_mul(u32::try_from(more).unwrap_or(1_000).clamp(2, 1_000));
    }
}
