//! What the calls of one quote cost whose bins are read in rounds, as the Worker reads them, with all of the work that a
//! quote may cost and with shares of it: `cargo run --release -p dlmm-bench --example rounds`.
use dlmm_bench::hostile::{Hostile, NETWORKS, cpu_ms};
use dlmm_core::quote::{Effort, Mode, QuoteRequest};

type Change = fn(&mut QuoteRequest);

fn main() {
    let changes: [(&str, Mode, Change); 6] = [
        ("any splits", Mode::ExactIn, |r| r.max_splits = 0),
        ("any, a part", Mode::ExactIn, |r| (r.max_splits, r.allow_partial) = (0, true)),
        ("4 splits", Mode::ExactIn, |_| ()),
        ("5 bins", Mode::ExactIn, |r| r.max_bins = 5),
        ("4, explain", Mode::ExactIn, |r| (r.explain, r.allow_partial) = (true, true)),
        ("exact out, any", Mode::ExactOut, |r| r.max_splits = 0),
    ];
    let only = std::env::args().nth(1).unwrap_or_default();
    for (name, ..) in NETWORKS {
        if !name.contains(&only) {
            continue;
        }
        let known = [2, 16, 64, 85].map(|reach| Hostile::known(name, reach));
        let [few, start, first, second] = &known;
        for share in [1, 9] {
            for (what, mode, change) in changes {
                for amount in [1_000, 1_000_000_000_000, 20_000_000_000_000, u128::MAX / 4] {
                    let calls = [(few, true), (start, true), (first, true), (second, true), (second, false)];
                    let told = calls.map(|(network, more)| {
                        let ask = || network.quote_with(mode, amount, change, Effort::of_share(share), more);
                        let (given, said) = ask();
                        let began = cpu_ms();
                        (0..20).for_each(|_| drop(ask()));
                        format!("{:6.1} {given} {}", (cpu_ms() - began) / 20.0, said.join(" "))
                    });
                    println!("{name} 1/{share} {what} {:.1e}: {}", amount as f64, told.join(" | "));
                }
            }
        }
    }
}
