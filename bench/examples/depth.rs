//! scratch: quotes of a snapshot near its depth
use dlmm_core::error::QuoteError;
use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::*;
use dlmm_core::stored::Snapshot;
use dlmm_core::units::Symbol;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).unwrap();
    let snapshot = Snapshot::parse(&text).unwrap();
    let graph = snapshot.graph();
    let only = args.get(2).cloned().unwrap_or_default();
    let ask = |from: &str, to: &str, mode, amount: u128, splits: u8, partial: bool, hops: u8| {
        let s = |t: &str| Symbol::new(t).unwrap();
        let mut request = QuoteRequest::new(s(from), s(to), mode, AmountText::Atomic(amount));
        request.max_splits = splits;
        request.allow_partial = partial;
        request.max_hops = hops;
        request.max_bins = 1001;
        let candidates = find_candidates(
            &graph,
            &request.token_in,
            &request.token_out,
            request.max_hops,
            64,
            &request.filter,
        )
        .unwrap();
        let state = snapshot.state(&candidates, 10);
        let input = QuoteInput {
            request: &request,
            candidates: &candidates,
            state: &state,
            now_ms: 0,
            can_read_more: true,
            effort: Effort::WHOLE,
        };
        let began = std::time::Instant::now();
        let answer = quote(&input);
        let ms = began.elapsed().as_secs_f64() * 1e3;
        (
            answer.map(|o| match o {
                Outcome::Quote(q) => *q,
                _ => panic!(),
            }),
            ms,
        )
    };
    for (from, to) in
        [("USDC", "BTC"), ("T0000", "USDC"), ("SOL", "T0001"), ("T0000", "T0001"), ("BTC", "SOL")]
    {
        for (splits, hops) in [(4, 3), (0, 3), (0, 4), (8, 3)] {
            let name = format!("{from}>{to} {splits} {hops}");
            if !name.contains(&only) {
                continue;
            }
            // Depth
            let (most, ms) = ask(from, to, Mode::ExactIn, 1 << 100, splits, true, hops);
            let most = most.unwrap();
            let lim = |q: &Quote| {
                q.warnings
                    .iter()
                    .map(|w| format!("{w:?}"))
                    .filter(|t| t.contains("SearchL"))
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            println!(
                "== {name}: most in {} out {} routes {} {} {ms:.1} ms",
                most.amount_in,
                most.amount_out,
                most.routes.len(),
                lim(&most)
            );
            for ppm in [
                500_000,
                900_000,
                990_000,
                999_000,
                1_000_000,
                1_001_000,
                1_010_000,
                1_100_000,
                1_500_000,
                3_000_000,
                1_000_000_000_u128,
            ] {
                let amount = most.amount_in / 1_000_000 * ppm;
                let (full, ms0) = ask(from, to, Mode::ExactIn, amount, splits, false, hops);
                let (part, ms) = ask(from, to, Mode::ExactIn, amount, splits, true, hops);
                let part = part.unwrap();
                let told = match &full {
                    Ok(q) => format!("full {} {}", q.amount_out, lim(q)),
                    Err(QuoteError::InsufficientLiquidity { fillable, .. }) => {
                        let (again, _) = ask(from, to, Mode::ExactIn, *fillable, splits, false, hops);
                        format!(
                            "fillable {fillable} ({:.4}) fills {:?}",
                            *fillable as f64 / most.amount_in as f64,
                            again.map(|q| (q.amount_out, lim(&q)))
                        )
                    }
                    Err(e) => format!("{e:?}"),
                };
                println!(
                    "  in {:.3} ({amount}): part in {} out {} ({:.6}) routes {} {} {ms:.1} ms | {told} {ms0:.1} ms",
                    ppm as f64 / 1e6,
                    part.amount_in,
                    part.amount_out,
                    part.amount_out as f64 / most.amount_out as f64,
                    part.routes.len(),
                    lim(&part)
                );
            }
            for ppm in [
                500_000,
                900_000,
                990_000,
                999_000,
                999_990,
                1_000_000,
                1_001_000,
                1_010_000,
                1_100_000,
                3_000_000_u128,
            ] {
                let wanted = most.amount_out / 1_000_000 * ppm;
                let (exact, ms) = ask(from, to, Mode::ExactOut, wanted, splits, false, hops);
                match exact {
                    Ok(q) => {
                        // least known: exact in of less
                        let mut low = 0;
                        let mut high = q.amount_in;
                        for _ in 0..20 {
                            let mid = low + (high - low) / 2;
                            let (a, _) = ask(from, to, Mode::ExactIn, mid, splits, true, hops);
                            match a {
                                Ok(a) if a.amount_out >= wanted => high = a.amount_in.min(mid),
                                _ => low = mid,
                            }
                        }
                        println!(
                            "  out {:.5}: in {} dear {:.6} routes {} {} {ms:.1} ms",
                            ppm as f64 / 1e6,
                            q.amount_in,
                            q.amount_in as f64 / high as f64 - 1.0,
                            q.routes.len(),
                            lim(&q)
                        );
                    }
                    Err(QuoteError::InsufficientLiquidity { fillable, .. }) => {
                        let (again, _) = ask(from, to, Mode::ExactOut, fillable, splits, false, hops);
                        println!(
                            "  out {:.5}: fillable {:.5} fills {:?} {ms:.1} ms",
                            ppm as f64 / 1e6,
                            fillable as f64 / most.amount_out as f64,
                            again.map(|q| (q.amount_in, lim(&q)))
                        )
                    }
                    Err(e) => println!("  out {:.3}: {e:?} {ms:.1} ms", ppm as f64 / 1e6),
                }
            }
        }
    }
}
