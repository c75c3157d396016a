//! What the calls of one quote cost whose bins are read in rounds, as the Worker reads them.
use dlmm_bench::hostile::{Hostile, NETWORKS};
use dlmm_core::quote::{Effort, Mode, QuoteRequest};

type Change = fn(&mut QuoteRequest);

fn main() {
    let changes: [(&str, Mode, Change); 4] = [
        ("any splits", Mode::ExactIn, |r| r.max_splits = 0),
        ("4 splits", Mode::ExactIn, |_| ()),
        ("4, explain", Mode::ExactIn, |r| (r.explain, r.allow_partial) = (true, true)),
        ("exact out, any", Mode::ExactOut, |r| r.max_splits = 0),
    ];
    let only = std::env::args().nth(1).unwrap_or_default();
    for (name, ..) in NETWORKS {
        if !name.contains(&only) {
            continue;
        }
        let (first, second) = (Hostile::known(name, 64), Hostile::known(name, 85));
        for share in [1, 2, 4] {
            for (what, mode, change) in changes {
                for amount in [1_000_000_000_000, 20_000_000_000_000, u128::MAX / 4] {
                    let calls = [(&first, true), (&second, true), (&second, false)];
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

fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e6
}
