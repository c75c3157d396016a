//! What the dearest quotes cost that carry what they were computed from: the calls that search, round by round as the Worker reads,
//! and the writing of the answer. `cargo run --release -p dlmm-bench --example writing [NETWORK] [TIMES]`.
#![allow(clippy::expect_used, reason = "what it asks of its own networks cannot fail")]
use std::hint::black_box;
use std::sync::Arc;

use dlmm_bench::hostile::{NETWORKS, cpu_ms, hostile_pools};
use dlmm_core::api::{Answer, AnswerRoom, Basis, NumberStyle, ReadAt, Source, Written};
use dlmm_core::market::{Step, answer, step};
use dlmm_core::network::age::AgeRule;
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::Graph;
use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::{AmountText, Effort, Mode, QuoteRequest};
use dlmm_core::stored::{PoolRouting, StoredPool, stated_decimals};
use dlmm_core::units::{BinId, Symbol};

type Change = fn(&mut QuoteRequest);

const READ_AT: ReadAt = ReadAt { ms: 1_800_000_000_000, source: Source::Redis };

/// The basis of a quote over a network of which so many bins on either side of the active one were read.
fn basis(name: &'static str, reach: u16, amount: u128, change: Change) -> Basis {
    let (_, from, to) = NETWORKS.into_iter().find(|(known, ..)| *known == name).expect("a network");
    let id = |id| BinId::new(id).expect("an id");
    let known = (id(500 - reach), id(500 + reach));
    let mut stored = dlmm_core::stored::StoredPools::new();
    let mut routings = Vec::new();
    for (value, bins) in hostile_pools(name) {
        let routing = PoolRouting::parse(&value).expect("a pool");
        let read = bins.iter().filter(|(bin, _)| (known.0.get()..=known.1.get()).contains(bin));
        let pool = StoredPool::new(Some(&value), known, read.map(|(bin, text)| (id(*bin), text.as_str())));
        stored.insert(routing.pool.id.clone(), pool.into_owned());
        routings.push(routing);
    }
    let decimals: DecimalTable = stated_decimals(routings.iter());
    let graph = Graph::new(routings.iter().map(|routing| routing.pool.clone()).collect::<Vec<_>>());
    let symbol = |name| Symbol::new(name).expect("a name");
    let mut request = QuoteRequest::new(symbol(from), symbol(to), Mode::ExactIn, AmountText::Atomic(amount));
    (request.max_hops, request.max_bins, request.include_state) = (4, 1_001, true);
    change(&mut request);
    let candidates = find_candidates(&graph, &request.token_in, &request.token_out, 4, 64, &request.filter);
    Basis {
        request,
        candidates: Arc::new(candidates.expect("a route")),
        decimals: Arc::new(decimals),
        default_fee_bps: 10,
        stored: Arc::new(stored),
        keys_limited: None,
        effort: Effort::WHOLE,
        router: None,
    }
}

/// Milliseconds of one call, and what it gives.
fn timed<T>(times: u32, call: impl Fn() -> T) -> (f64, T) {
    let given = call();
    let began = cpu_ms();
    (0..times).for_each(|_| drop(black_box(call())));
    ((cpu_ms() - began) / f64::from(times), given)
}

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    let times = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(10);
    let changes: [(&str, Change); 3] = [
        ("4", |r| r.allow_partial = true),
        ("any, no steps", |r| (r.allow_partial, r.max_splits, r.include_steps) = (true, 0, false)),
        ("any, explain", |r| (r.allow_partial, r.max_splits, r.explain) = (true, 0, true)),
    ];
    for (name, ..) in NETWORKS.into_iter().filter(|(name, ..)| name.contains(&only)) {
        for (what, change) in changes {
            for amount in [1_000, 1_000_000_000_000, 20_000_000_000_000, u128::MAX / 4] {
                let mut search = Vec::new();
                let mut last: Option<Answer> = None;
                for reach in [16, 64, 78] {
                    let basis = basis(name, reach, amount, change);
                    let state = basis.state(AgeRule::default());
                    let (ms, given) = timed(times, || step(basis.clone(), &state, READ_AT));
                    search.push(ms);
                    match given {
                        Ok(Step::Answer(answer)) => {
                            last = Some(*answer);
                            break;
                        }
                        Ok(Step::ReadMore(_)) if reach < 78 => {}
                        Ok(Step::ReadMore(_)) => {
                            let (ms, given) = timed(times, || answer(basis.clone(), &state, READ_AT));
                            search.push(ms);
                            last = given.ok();
                        }
                        Err(_) => break,
                    }
                }
                let Some(answer) = last else { continue };
                let room = AnswerRoom { input: 4_000_000, limit: usize::MAX };
                let write =
                    || answer.undigested(NumberStyle::Json, Some("0123456789abcdef"), room).expect("written");
                let (writing, written) = timed(times, write);
                let Written::Undigested(written) = written else { continue };
                let bytes: usize = written.covered().iter().map(|piece| piece.len()).sum();
                let (digest, _) = timed(times, || written.sha256());
                let steps: usize =
                    answer.quote.routes.iter().flat_map(|route| &route.hops).map(|hop| hop.steps.len()).sum();
                let each: Vec<String> = search.iter().map(|ms| format!("{ms:.1}")).collect();
                println!(
                    "{:6.1} ms search ({}), {writing:5.1} ms writing, {digest:5.1} ms digest of {bytes} bytes, {steps} steps, {} routes: {name}, {what}, {:.0e}",
                    search.iter().sum::<f64>(),
                    each.join(" "),
                    answer.quote.routes.len(),
                    amount as f64
                );
            }
        }
    }
}
