//! A quote that begins with few bins and reads more where it is told to ends as one that knows them all.

use crate::network::{Network, network, symbol};
use crate::random::Random;
use dlmm_core::error::QuoteError;
use dlmm_core::math::Price;
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::{PoolState, Stamp, State};
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, Effort, Mode, MoreBins, Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::units::{BinId, Direction, PoolId};
use std::collections::BTreeMap;

/// The pool as if only the bins of a window around the active one had been read.
fn seen(pool: &Pool, (down, up): (i32, i32)) -> Pool {
    let known = (pool.active_bin().saturating_offset(-down), pool.active_bin().saturating_offset(up));
    cut(pool, known, known)
}

/// The pool with the bins of a window alone; `known` is what is known of it.
fn cut(pool: &Pool, window: (BinId, BinId), known: (BinId, BinId)) -> Pool {
    let bins = pool.bins().filter(|(id, _)| (window.0..=window.1).contains(id));
    Pool::new(PoolParts {
        id: pool.id().clone(),
        token_x: pool.token_x().clone(),
        token_y: pool.token_y().clone(),
        active_bin: pool.active_bin(),
        fees: *pool.fees(),
        known,
        bins: bins.map(|(id, bin)| (id, *bin, Claims::default())).collect(),
    })
    .expect("a sound pool")
}

fn by_and_by(network: &Network, request: &QuoteRequest, first: i32) -> (Result<Quote, QuoteError>, u32) {
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    let candidates = match find_candidates(&network.graph, token_in, token_out, *max_hops, 64, filter) {
        Ok(candidates) => candidates,
        Err(error) => return (Err(error), 0),
    };
    let mut windows: BTreeMap<_, (i32, i32)> =
        network.graph.pools().iter().map(|pool| (pool.id.clone(), (first, first))).collect();
    let mut reads = 0;
    loop {
        reads += 1;
        let pools = network.graph.pools().iter().map(|pool| {
            let (whole, _) = network.state.ready(&pool.id).expect("a usable pool");
            let last_updated = Some(Stamp { text: String::new(), at_ms: Some(0) });
            (
                pool.id.clone(),
                PoolState::Ready { pool: seen(whole, windows[&pool.id]), last_updated, block_height: None },
            )
        });
        let state = State::new(network.state.decimals.clone(), pools);
        let input = QuoteInput {
            request,
            candidates: &candidates,
            state: &state,
            now_ms: 0,
            can_read_more: true,
            effort: Effort::WHOLE,
        };
        match quote(&input) {
            Ok(Outcome::Quote(quote, _)) => return (Ok(*quote), reads),
            Err(error) => return (Err(error), reads),
            Ok(Outcome::ReadMore(more)) => {
                assert!(!more.is_empty() && reads < 200, "it ends");
                for MoreBins { pool_id, direction } in more {
                    let (down, up) = windows.get_mut(&pool_id).expect("a pool");
                    match direction {
                        Direction::XForY => *down = (*down * 2).clamp(1, i32::from(BinId::MAX.get())),
                        Direction::YForX => *up = (*up * 2).clamp(1, i32::from(BinId::MAX.get())),
                    }
                }
            }
        }
    }
}

#[test]
fn bins_read_by_and_by_give_the_same_answer() {
    let (mut answered, mut again, mut other) = (0, 0, Vec::new());
    for seed in 1..=super::number("DLMM_SEARCH_WINDOWS", 3_000) {
        let mut random = Random(seed);
        let network = network(&mut random);
        if network.graph.pools().is_empty() {
            continue;
        }
        let bits = random.one(&[3, 10, 24, 48, 80]);
        let amount = AmountText::Atomic(random.sized(bits).max(1));
        let mode = if random.once_in(4) { Mode::ExactOut } else { Mode::ExactIn };
        let mut request = QuoteRequest::new(symbol("A"), symbol("B"), mode, amount);
        request.max_splits = random.one(&[0, 1, 4]);
        request.allow_partial = random.once_in(2);
        let (found, reads) = by_and_by(&network, &request, random.one(&[1, 4, 16]));
        answered += u32::from(found.is_ok());
        again += u32::from(reads > 1);
        let whole = network.quote(&request);
        // Where work ends a search, it depends on what was tried before.
        let limited = |answer: &Result<Quote, QuoteError>| {
            answer
                .as_ref()
                .is_ok_and(|quote| quote.warnings.iter().any(|warning| warning.code() == "SEARCH_LIMITED"))
        };
        if limited(&found) || limited(&whole) {
            continue;
        }
        let same = match (&found, &whole) {
            (Ok(found), Ok(whole)) => (found.amount_in, &found.routes) == (whole.amount_in, &whole.routes),
            (Err(found), Err(whole)) => found == whole,
            _ => false,
        };
        if !same {
            let amounts = |answer: &Result<Quote, QuoteError>| match answer {
                Ok(quote) => {
                    format!("{} for {} over {}", quote.amount_out, quote.amount_in, quote.routes.len())
                }
                Err(error) => format!("{error:?}"),
            };
            other.push(format!("seed {seed}: {} where it is {}", amounts(&found), amounts(&whole)));
        }
    }
    println!("{answered} answered, {again} read more than once, {} differ", other.len());
    assert!(other.is_empty(), "{}: {:#?}", other.len(), &other[..other.len().min(12)]);
    assert!(answered > 1_000 && again > 500, "{answered} {again}");
}

/// Each round of reading searches again, so what pools of an answer lack for a judgement is asked for at once.
#[test]
fn what_all_pools_of_an_answer_lack_is_read_at_once() {
    let fees = SideFees::new(0, 30, 0).expect("below 10 000");
    let active = BinId::new(500).expect("an id");
    let pools = [("P0", "A", "C"), ("P1", "C", "D"), ("P2", "D", "B")].into_iter().map(|(id, x, y)| {
        let price = Price::from_e8(100_000_000).expect("above zero");
        let bin = Bin { reserve_x: 1_000_000, reserve_y: 1_000_000, price };
        Pool::new(PoolParts {
            id: PoolId::new(id).expect("a name"),
            token_x: symbol(x),
            token_y: symbol(y),
            active_bin: active,
            fees: Fees { x: fees, y: fees },
            known: (BinId::MIN, BinId::MAX),
            bins: Vec::from([(active, bin, Claims::default())]),
        })
        .expect("a sound pool")
    });
    let network = Network::new(pools.collect());
    let amount = AmountText::Atomic(1_000);
    let request = QuoteRequest::new(symbol("A"), symbol("B"), Mode::ExactIn, amount);
    let (found, reads) = by_and_by(&network, &request, 0);
    assert_eq!(found.expect("an answer").pools.len(), 3);
    assert_eq!(reads, 2);
}

/// Bins that cannot be read count as the end: the answer is that of pools that end there.
#[test]
fn where_no_more_can_be_read_pools_end() {
    let mut answered = 0;
    for seed in 1..=super::number("DLMM_SEARCH_WINDOWS", 3_000) {
        let mut random = Random(seed);
        let network = network(&mut random);
        let amount = AmountText::Atomic(random.sized(80).max(1));
        let mut request = QuoteRequest::new(symbol("A"), symbol("B"), Mode::ExactIn, amount);
        request.max_splits = random.one(&[0, 1, 4]);
        request.allow_partial = true;
        let reach = random.one(&[1, 3, 9]);
        let Ok(candidates) =
            find_candidates(&network.graph, &symbol("A"), &symbol("B"), 3, 64, &request.filter)
        else {
            continue;
        };
        let of = |ends: bool| {
            let pools = network.graph.pools().iter().map(|pool| {
                let (whole, _) = network.state.ready(&pool.id).expect("a usable pool");
                let pool = match (seen(whole, (reach, reach)), ends) {
                    (pool, false) => pool,
                    (pool, true) => {
                        let (low, high) = pool.known();
                        let window = (BinId::new(low).expect("an id"), BinId::new(high).expect("an id"));
                        cut(whole, window, (BinId::MIN, BinId::MAX))
                    }
                };
                let last_updated = Some(Stamp { text: String::new(), at_ms: Some(0) });
                (pool.id().clone(), PoolState::Ready { pool, last_updated, block_height: None })
            });
            let state = State::new(network.state.decimals.clone(), pools);
            let input = QuoteInput {
                request: &request,
                candidates: &candidates,
                state: &state,
                now_ms: 0,
                can_read_more: false,
                effort: Effort::WHOLE,
            };
            match quote(&input) {
                Ok(Outcome::Quote(quote, _)) => (quote.amount_in, quote.amount_out),
                Ok(Outcome::ReadMore(_)) => panic!("nothing can be read"),
                Err(_) => (0, 0),
            }
        };
        let (unknown, ended) = (of(false), of(true));
        answered += u32::from(ended.1 > 0);
        let near = |a: u128, b: u128| a.abs_diff(b) <= a.max(b) / 1_000_000;
        assert!(near(unknown.1, ended.1), "seed {seed}: {unknown:?} where pools that end give {ended:?}");
    }
    assert!(answered > 1_000, "{answered}");
}
