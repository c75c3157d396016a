//! A trade shared over 20 pools of 101 bins each, up to three hops, beside the best single route.
//!
//! Writes the market it uses to `target/bench/sharing.json`, so that `scripts/bench/sharing.mjs` measures the
//! same quotes in wasm.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use dlmm_core::quote::{Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::route::{Candidates, find_candidates};
use dlmm_core::state::State;
use dlmm_core::wire::{Snapshot, request_from_json};
use serde_json::{Value, json};

/// Pairs of the network, and how many pools each has: 20 in all.
const PAIRS: [(&str, &str, usize); 8] = [
    ("IN", "OUT", 4),
    ("IN", "M1", 3),
    ("M1", "OUT", 3),
    ("IN", "M2", 3),
    ("M2", "OUT", 3),
    ("M1", "M2", 2),
    ("M3", "M1", 1),
    ("M3", "OUT", 1),
];

/// A pool of 101 bins around a price that differs a little from pool to pool.
fn pool(n: usize, x: &str, y: &str) -> Value {
    let step_bps = match n % 3 {
        0 => 10_u128,
        1 => 25,
        _ => 50,
    };
    let middle = 100_000_000_u128 + 37_000 * (n as u128 % 7);
    let price = |id: usize| {
        let times = id.abs_diff(500);
        (0..times).fold(middle, |price, _| match id < 500 {
            true => price * 10_000 / (10_000 + step_bps),
            false => price * (10_000 + step_bps) / 10_000,
        })
    };
    let bins: Vec<Value> = (450..=550)
        .map(|id| {
            let held = (9_000_000_000_000 + 31_000_000 * ((id * 7 + n * 13) % 101)).to_string();
            let x_held = if id >= 500 { held.as_str() } else { "0" };
            let y_held = if id <= 500 { held.as_str() } else { "0" };
            json!({"bin_id": id, "reserve_x": x_held, "reserve_y": y_held, "price_e8": price(id).to_string()})
        })
        .collect();
    json!({"pool_id": format!("{x}-{y}-{n:02}"), "token_x": x, "token_y": y, "active_bin_id": 500,
        "status": "active", "token_x_decimals": 6, "token_y_decimals": 6, "bin_step": step_bps as u64,
        "x_protocol_fee": 2, "x_provider_fee": 8 + n % 5, "x_variable_fee": 1,
        "y_protocol_fee": 2, "y_provider_fee": 8 + n % 5, "y_variable_fee": 1,
        "last_updated": "2027-01-15T08:00:00Z", "bins": bins})
}

fn market() -> String {
    let pairs = PAIRS.iter().flat_map(|&(x, y, pools)| std::iter::repeat_n((x, y), pools));
    let pools: Vec<Value> = pairs.enumerate().map(|(n, (x, y))| pool(n, x, y)).collect();
    assert_eq!(pools.len(), 20);
    json!({"format": "dlmm-snapshot/1", "taken_at": "2027-01-15T08:00:00Z", "tokens": {}, "pools": pools})
        .to_string()
}

/// Nearly all that one route takes, so that every kind of answer fills it.
const AMOUNT: &str = "400000000.0";

fn request(max_splits: u8) -> QuoteRequest {
    let body = json!({"token_in": "IN", "token_out": "OUT", "amount_in": AMOUNT, "max_splits": max_splits});
    request_from_json(&body.to_string()).expect("a request")
}

fn answer(request: &QuoteRequest, candidates: &Candidates, state: &State) -> Box<Quote> {
    let input = QuoteInput { request, candidates, state, now_ms: 0, can_read_more: false };
    match quote(&input).expect("a quote") {
        Outcome::Quote(quote) => quote,
        Outcome::ReadMore(_) => panic!("every bin is known"),
    }
}

fn sharing(criterion: &mut Criterion) {
    let text = market();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("sharing.json"), &text).expect("a file");

    let snapshot = Snapshot::parse(&text).expect("a snapshot");
    let single = request(1);
    let graph = snapshot.graph();
    let candidates =
        find_candidates(&graph, &single.token_in, &single.token_out, 3, 64, &single.filter).expect("a route");
    assert_eq!(candidates.pools.len(), 20);
    let state = snapshot.state(&candidates, 10);

    let mut group = criterion.benchmark_group("20 pools x 101 bins, 3 hops");
    let mut best = 0;
    for (name, max_splits) in
        [("best single route", 1), ("at most four routes", 4), ("any number of routes", 0)]
    {
        let request = request(max_splits);
        let quote = answer(&request, &candidates, &state);
        assert!(quote.amount_out >= best, "more routes never give less");
        best = quote.amount_out;
        println!(
            "{name}: {} routes, {} steps, {} in, {} out",
            quote.routes.len(),
            quote.routes.iter().flat_map(|route| &route.hops).map(|hop| hop.steps.len()).sum::<usize>(),
            quote.amount_in,
            quote.amount_out
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| answer(black_box(&request), &candidates, &state).amount_out);
        });
    }
    group.finish();
}

criterion_group!(benches, sharing);
criterion_main!(benches);
