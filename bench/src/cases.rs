//! The named cases. Each gives its answer, so that nothing can be left out of it unseen.

use std::rc::Rc;

use dlmm_core::pool::Pool;
use dlmm_core::quote::{Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::route::{Candidates, find_candidates};
use dlmm_core::state::{PoolState, State};
use dlmm_core::units::{BinId, Direction};
use dlmm_core::walk::{Least, least_input_for, walk_exact_in};
use dlmm_core::wire::{
    Market, MarketSettings, NumberStyle, PoolText, PoolValue, Snapshot, Source, read_pool, request_from_json,
};

use crate::ladder::{ACTIVE, Ladder};
use crate::market_of;

/// How many bins the swaps go through.
const DEPTHS: [u16; 5] = [1, 10, 50, 100, 350];
/// Where every product fits into 64 bits, as with most pairs, and where none does.
const SMALL: Ladder = Ladder { reserve: 1_000_000_000 };
const LARGE: Ladder = Ladder { reserve: 1_000_000_000_000 };

/// Something to be measured.
pub struct Case {
    /// `group/size`.
    pub name: String,
    run: Box<dyn FnMut() -> u128>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Case {
    fn new(name: impl Into<String>, run: impl FnMut() -> u128 + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }

    /// Does the work once and gives its answer.
    pub fn run(&mut self) -> u128 {
        (self.run)()
    }
}

/// All cases, always in the same order.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, ladder) in [("walk", SMALL), ("walk-large", LARGE)] {
        let pool = Rc::new(ladder.pool());
        cases.extend(DEPTHS.map(|depth| walk(format!("{name}/{depth}"), &pool, &ladder, depth)));
    }
    let pool = Rc::new(SMALL.pool());
    cases.extend(DEPTHS.map(|depth| exact_out(&pool, depth)));
    cases.extend(DEPTHS.map(model));
    for pools in ["3", "20", "200"] {
        cases.push(Trade::over(pools).candidates_case(pools));
        cases.push(Trade::over(pools).case(format!("route/{pools}"), 1));
    }
    cases.push(Trade::over("20").case("split/at-most-4".to_owned(), 4));
    cases.push(Trade::over("20").case("split/any".to_owned(), 0));
    cases.extend(decoding());
    cases.extend(DEPTHS.map(whole));
    cases
}

/// An input that drains all bins but the last of `depth` and half of that.
fn amount_for(pool: &Pool, ladder: &Ladder, depth: u16) -> u128 {
    let wanted = ladder.reserve * u128::from(2 * depth - 1) / 2;
    match least_input_for(pool, Direction::XForY, wanted, depth) {
        Ok(Least::Input(amount)) => amount,
        other => panic!("{depth} bins: {other:?}"),
    }
}

fn swap(pool: &Pool, amount: u128) -> (u128, u16) {
    let mut fees = 0;
    let walk = walk_exact_in(pool, Direction::XForY, amount, 350, |step| {
        fees += step.fill.fees.protocol ^ step.fill.fees.provider ^ step.fill.fees.variable;
    })
    .unwrap();
    (walk.given ^ fees, walk.bins_visited)
}

fn walk(name: String, pool: &Rc<Pool>, ladder: &Ladder, depth: u16) -> Case {
    let (pool, amount) = (Rc::clone(pool), amount_for(pool, ladder, depth));
    assert_eq!(swap(&pool, amount).1, depth);
    Case::new(name, move || swap(&pool, std::hint::black_box(amount)).0)
}

fn exact_out(pool: &Rc<Pool>, depth: u16) -> Case {
    let (pool, wanted) = (Rc::clone(pool), SMALL.reserve * u128::from(2 * depth - 1) / 2);
    Case::new(format!("exact-out/{depth}"), move || {
        let wanted = std::hint::black_box(wanted);
        match least_input_for(&pool, Direction::XForY, wanted, 350) {
            Ok(Least::Input(amount)) => swap(&pool, amount).0,
            other => panic!("{other:?}"),
        }
    })
}

/// The same swap in big integers; what it took out of its bins is put back each time.
fn model(depth: u16) -> Case {
    let (mut pool, amount) = (SMALL.model(), amount_for(&SMALL.pool(), &SMALL, depth));
    let before = pool.clone();
    let mut answer = move || {
        let swap = pool.swap(dlmm_model::Direction::XForY, std::hint::black_box(amount), 350).unwrap();
        pool.active = ACTIVE;
        for step in &swap.steps {
            pool.bins.insert(step.bin_id, before.bins[&step.bin_id].clone());
        }
        let fees = swap.steps.iter().map(|step| step.fees);
        swap.given ^ fees.fold(0, |all, fee| all + (fee.protocol ^ fee.provider ^ fee.variable))
    };
    assert_eq!(answer(), swap(&SMALL.pool(), amount).0, "the model and core differ");
    Case::new(format!("model/{depth}"), answer)
}

/// A trade over a network whose pools are read already.
struct Trade {
    snapshot: Rc<String>,
    candidates: Candidates,
    state: State,
}

impl Trade {
    fn over(network: &str) -> Self {
        let text = Rc::new(market_of(network));
        let snapshot = Snapshot::parse(&text).unwrap();
        let request = request(1);
        let candidates = find_candidates(
            &snapshot.graph(),
            &request.token_in,
            &request.token_out,
            3,
            usize::MAX,
            &request.filter,
        )
        .unwrap();
        assert_eq!(candidates.pools.len().to_string(), network, "every pool is a candidate");
        let state = snapshot.state(&candidates, 10);
        Self { candidates, state, snapshot: Rc::clone(&text) }
    }

    fn candidates_case(self, network: &str) -> Case {
        let graph = Snapshot::parse(&self.snapshot).unwrap().graph();
        let request = request(1);
        Case::new(format!("candidates/{network}"), move || {
            let (token_in, token_out) = (&request.token_in, &request.token_out);
            let found = find_candidates(&graph, token_in, token_out, 3, usize::MAX, &request.filter).unwrap();
            found.paths.len() as u128
        })
    }

    fn case(self, name: String, max_splits: u8) -> Case {
        let (request, single) = (request(max_splits), request(1));
        assert!(self.quote(&request).amount_out >= self.quote(&single).amount_out, "more routes give less");
        Case::new(name, move || self.quote(std::hint::black_box(&request)).amount_out)
    }

    fn quote(&self, request: &QuoteRequest) -> Box<Quote> {
        let Self { candidates, state, .. } = self;
        let input = QuoteInput { request, candidates, state, now_ms: 0, can_read_more: false };
        match quote(&input).unwrap() {
            Outcome::Quote(quote) => quote,
            Outcome::ReadMore(_) => panic!("every bin is known"),
        }
    }
}

/// Nearly all that one route takes, so that every kind of answer fills it.
fn request(max_splits: u8) -> QuoteRequest {
    let body = format!(
        r#"{{"token_in":"IN","token_out":"OUT","amount_in":"400000000.0","max_splits":{max_splits}}}"#
    );
    request_from_json(&body).unwrap()
}

/// A pool value, and a pool value with its 101 bins, from their texts.
fn decoding() -> [Case; 2] {
    let (pool, bins) = SMALL.stored();
    let bins: Vec<(BinId, String)> = bins
        .iter()
        .map(|bin| (BinId::new(bin["bin_id"].as_u64().unwrap() as u16).unwrap(), bin.to_string()))
        .filter(|(id, _)| (450..=550).contains(&id.get()))
        .collect();
    let text = pool.to_string();
    let value = text.clone();
    let snapshot = Snapshot::parse(&Rc::new(market_of("ladder"))).map(|s| (s.graph(), s.decimals())).unwrap();
    let (graph, decimals) = snapshot;
    let one = Case::new("decode/pool", move || {
        u128::from(PoolValue::parse(std::hint::black_box(&value), 10).unwrap().active_bin.get())
    });
    let all = Case::new("decode/101-bins", move || {
        let bins = bins.iter().map(|(id, text)| (*id, Some(text.as_str()))).collect();
        let known = (BinId::new(450).unwrap(), BinId::new(550).unwrap());
        let text = PoolText { pool: &graph.pools()[0], value: Some(&text), known, bins };
        match read_pool(std::hint::black_box(&text), &decimals, 10) {
            PoolState::Ready { pool, .. } => pool.bins().map(|(_, bin)| bin.reserve_x).sum(),
            other => panic!("{other:?}"),
        }
    });
    [one, all]
}

/// What the npm package does for a quote, from the text of a request to the text of the answer.
fn whole(depth: u16) -> Case {
    let settings =
        MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
    let mut market = Market::from_snapshot(&market_of("ladder"), settings).unwrap();
    let amount = amount_for(&SMALL.pool(), &SMALL, depth);
    let body = format!(r#"{{"token_in":"IN","token_out":"OUT","amount_in_atomic":"{amount}"}}"#);
    Case::new(format!("whole/{depth}"), move || {
        let request = request_from_json(std::hint::black_box(&body)).unwrap();
        market.answer(&request, NumberStyle::Text).unwrap().len() as u128
    })
}
