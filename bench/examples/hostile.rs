//! How long the most expensive quotes take: `cargo run --release -p dlmm-bench --example hostile`.
use dlmm_bench::hostile::{Hostile, NETWORKS};
use dlmm_core::quote::{Mode, QuoteRequest};

type Change = fn(&mut QuoteRequest);

fn main() {
    let changes: [(&str, Mode, Change); 8] = [
        ("any splits", Mode::ExactIn, |r| r.max_splits = 0),
        ("4 splits", Mode::ExactIn, |_| ()),
        ("one route", Mode::ExactIn, |r| r.max_splits = 1),
        ("any, partial", Mode::ExactIn, |r| (r.max_splits, r.allow_partial) = (0, true)),
        ("4, explain", Mode::ExactIn, |r| (r.explain, r.allow_partial) = (true, true)),
        ("5 bins", Mode::ExactIn, |r| r.max_bins = 5),
        ("exact out, any", Mode::ExactOut, |r| r.max_splits = 0),
        ("exact out, 4", Mode::ExactOut, |_| ()),
    ];
    let only = std::env::args().nth(1).unwrap_or_default();
    for (name, ..) in NETWORKS {
        if !name.contains(&only) {
            continue;
        }
        let network = Hostile::new(name);
        for (what, mode, change) in changes {
            for amount in [1_000_u128, 1_000_000_000, 1_000_000_000_000, 20_000_000_000_000, u128::MAX / 4] {
                let began = cpu_ms();
                let (given, said) = network.quote(mode, amount, change);
                let ms = cpu_ms() - began;
                println!(
                    "{ms:9.2} ms  {name}: {what}, {amount:.3e} -> {given} {}",
                    said.join(" "),
                    amount = amount as f64
                );
            }
        }
    }
}

/// Time this thread has had a processor for: other work on the machine does not count.
fn cpu_ms() -> f64 {
    // Only Linux tells it; elsewhere it is not a number.
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e6
}
