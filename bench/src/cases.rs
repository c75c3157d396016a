//! The named cases. Each gives its answer, so that nothing can be left out of it unseen.

use std::hint::black_box;

use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::network::graph::Graph;
use dlmm_core::network::route::{Candidates, find_candidates};
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::pool::Pool;
use dlmm_core::pool::walk::{Least, least_input_for, walk_exact_in};
use dlmm_core::quote::{Effort, Mode, Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::stored::{PoolValue, SkippedPool, Snapshot, StoredPool};
use dlmm_core::units::{BinId, Direction};

use crate::hostile::{Hostile, NETWORKS};
use crate::ladder::{ACTIVE, Ladder};
use crate::market_of;
use crate::planning::Planning;

/// How many bins the swaps go through.
const DEPTHS: [u16; 5] = [1, 10, 50, 100, 350];
/// Where every product fits into 64 bits, as with most pairs, and where none does.
const SMALL: Ladder = Ladder { reserve: 1_000_000_000 };
const LARGE: Ladder = Ladder { reserve: 1_000_000_000_000 };

type Work = Box<dyn FnMut() -> u128>;

/// Something to be measured, prepared only when it is first run.
pub struct Case {
    /// `group/size`.
    pub name: String,
    prepare: Box<dyn Fn() -> Work>,
    work: Option<Work>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Case {
    fn new<W: FnMut() -> u128 + 'static>(name: impl Into<String>, prepare: impl Fn() -> W + 'static) -> Self {
        Self { name: name.into(), prepare: Box::new(move || Box::new(prepare())), work: None }
    }

    /// Does the work once and gives its answer.
    pub fn run(&mut self) -> u128 {
        let prepare = &self.prepare;
        self.work.get_or_insert_with(prepare)()
    }
}

/// All cases, always in the same order.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, ladder) in [("walk", SMALL), ("walk-large", LARGE)] {
        cases.extend(DEPTHS.map(|depth| Case::new(format!("{name}/{depth}"), move || walk(ladder, depth))));
    }
    cases.extend(DEPTHS.map(|depth| Case::new(format!("exact-out/{depth}"), move || exact_out(depth))));
    cases.extend(DEPTHS.map(|depth| Case::new(format!("model/{depth}"), move || model(depth))));
    for pools in ["3", "20", "200"] {
        cases.push(Case::new(format!("candidates/{pools}"), || finding(pools)));
        cases.push(Case::new(format!("route/{pools}"), || Trade::over(pools).quoting(1)));
    }
    cases.push(Case::new("candidates/100-names", finding_names));
    cases.push(Case::new("split/at-most-4", || Trade::over("20").quoting(4)));
    cases.push(Case::new("split/any", || Trade::over("20").quoting(0)));
    cases.extend(
        NETWORKS.map(|(name, ..)| {
            Case::new(format!("hostile/{}", name.replace(' ', "-")), move || hostile(name))
        }),
    );
    cases
        .extend(["simple", "explicit"].map(|mode| Case::new(format!("plan/{mode}"), move || planning(mode))));
    cases.push(Case::new("decode/pool", decoding_a_pool));
    cases.push(Case::new("decode/101-bins", decoding_bins));
    cases.extend(DEPTHS.map(|depth| Case::new(format!("whole/{depth}"), move || whole(depth))));
    cases
}

/// More than a network made to be expensive can take, asked for in full and shared over any number of routes.
fn hostile(name: &'static str) -> impl FnMut() -> u128 {
    let network = Hostile::new(name);
    move || network.quote(Mode::ExactOut, black_box(20_000_000_000_000), |request| request.max_splits = 0).0
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

fn walk(ladder: Ladder, depth: u16) -> impl FnMut() -> u128 {
    let pool = ladder.pool();
    let amount = amount_for(&pool, &ladder, depth);
    assert_eq!(swap(&pool, amount).1, depth);
    move || swap(&pool, black_box(amount)).0
}

fn exact_out(depth: u16) -> impl FnMut() -> u128 {
    let (pool, wanted) = (SMALL.pool(), SMALL.reserve * u128::from(2 * depth - 1) / 2);
    move || match least_input_for(&pool, Direction::XForY, black_box(wanted), 350) {
        Ok(Least::Input(amount)) => swap(&pool, amount).0,
        other => panic!("{other:?}"),
    }
}

/// The same swap in big integers; what it took out of its bins is put back each time.
fn model(depth: u16) -> impl FnMut() -> u128 {
    let (mut pool, amount) = (SMALL.model(), amount_for(&SMALL.pool(), &SMALL, depth));
    let before = pool.clone();
    let mut answer = move || {
        let swap = pool.swap(dlmm_model::Direction::XForY, black_box(amount), 350).unwrap();
        pool.active = ACTIVE;
        for step in &swap.steps {
            pool.bins.insert(step.bin_id, before.bins[&step.bin_id].clone());
        }
        let fees = swap.steps.iter().map(|step| step.fees);
        swap.given ^ fees.fold(0, |all, fee| all + (fee.protocol ^ fee.provider ^ fee.variable))
    };
    assert_eq!(answer(), swap(&SMALL.pool(), amount).0, "the model and core differ");
    answer
}

/// A trade over a network whose pools are read already.
struct Trade {
    graph: Graph,
    candidates: Candidates,
    state: State,
}

impl Trade {
    fn over(network: &str) -> Self {
        let text = market_of(network);
        let snapshot = Snapshot::parse(&text).unwrap();
        let graph = snapshot.graph();
        let candidates = find(&graph, &request(1));
        assert_eq!(candidates.pools.len().to_string(), network, "every pool is a candidate");
        let state = snapshot.state(&candidates, 10);
        Self { graph, candidates, state }
    }

    fn quoting(self, max_splits: u8) -> impl FnMut() -> u128 {
        let (request, single) = (request(max_splits), request(1));
        assert!(self.quote(&request).amount_out >= self.quote(&single).amount_out, "more routes give less");
        move || self.quote(black_box(&request)).amount_out
    }

    fn quote(&self, request: &QuoteRequest) -> Box<Quote> {
        let Self { candidates, state, .. } = self;
        let input =
            QuoteInput { request, candidates, state, now_ms: 0, can_read_more: false, effort: Effort::WHOLE };
        match quote(&input).unwrap() {
            Outcome::Quote(quote, _) => quote,
            Outcome::ReadMore(_) => panic!("every bin is known"),
        }
    }
}

fn find(graph: &Graph, request: &QuoteRequest) -> Candidates {
    let QuoteRequest { token_in, token_out, filter, .. } = request;
    find_candidates(graph, token_in, token_out, 3, usize::MAX, filter).unwrap()
}

fn finding(network: &str) -> impl FnMut() -> u128 + use<> {
    let (graph, request) = (Trade::over(network).graph, request(1));
    move || find(&graph, black_box(&request)).paths.len() as u128
}

/// As many names as a filter may have, none of which is there, beside as many pools as a market may have that nobody can
/// place: a batch asks for a hundred of these.
fn finding_names() -> impl FnMut() -> u128 {
    let unplaced = (0..10_000)
        .map(|n| SkippedPool { key: format!("pool:BROKEN-{n}"), reason: "status is missing".to_owned() });
    let graph = Trade::over("3").graph.with_unplaced(unplaced.collect());
    let names: Vec<String> = (0..100).map(|n| format!("\"GONE-{n}\"")).collect();
    let body = format!(
        r#"{{"token_in":"IN","token_out":"OUT","amount_in":"1","exclude_pools":[{}]}}"#,
        names.join(",")
    );
    let request = request_from_json(&body).unwrap();
    move || {
        let candidates = find(&graph, black_box(&request));
        assert_eq!(candidates.unplaced.len(), 17, "16 are named, and the rest is counted");
        candidates.unknown.len() as u128
    }
}

/// Nearly all that one route takes, so that every kind of answer fills it.
fn request(max_splits: u8) -> QuoteRequest {
    let body = format!(
        r#"{{"token_in":"IN","token_out":"OUT","amount_in":"400000000.0","max_splits":{max_splits}}}"#
    );
    request_from_json(&body).unwrap()
}

fn planning(mode: &str) -> impl FnMut() -> u128 + use<> {
    let planning = Planning::new(mode, SMALL, amount_for(&SMALL.pool(), &SMALL, Planning::depth()));
    move || planning.bins()
}

fn decoding_a_pool() -> impl FnMut() -> u128 {
    let value = SMALL.stored().0.to_string();
    move || u128::from(PoolValue::parse(black_box(&value), 10).unwrap().active_bin.get())
}

/// A pool value with the 101 bins around the active one.
fn decoding_bins() -> impl FnMut() -> u128 {
    let (value, bins) = SMALL.stored();
    let (value, known) = (value.to_string(), (BinId::new(450).unwrap(), BinId::new(550).unwrap()));
    let bins =
        bins.iter().map(|bin| (BinId::new(bin["bin_id"].as_u64().unwrap() as u16).unwrap(), bin.to_string()));
    let bins: Vec<(BinId, String)> = bins.filter(|(id, _)| (known.0..=known.1).contains(id)).collect();
    let text = market_of("ladder");
    let snapshot = Snapshot::parse(&text).unwrap();
    let (graph, decimals) = (snapshot.graph(), snapshot.decimals());
    move || {
        let stored = StoredPool::new(Some(&value), known, bins.iter().map(|(id, text)| (*id, &**text)));
        match black_box(&stored).state(&graph.pools()[0], &decimals, 10) {
            PoolState::Ready { pool, .. } => pool.bins().map(|(_, bin)| bin.reserve_x).sum(),
            other => panic!("{other:?}"),
        }
    }
}

/// What the npm package does for a quote, from the text of a request to the text of the answer.
fn whole(depth: u16) -> impl FnMut() -> u128 {
    let settings =
        MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
    let mut market = Market::from_snapshot(&market_of("ladder"), settings).unwrap();
    let amount = amount_for(&SMALL.pool(), &SMALL, depth);
    let body = format!(
        r#"{{"token_in":"IN","token_out":"OUT","amount_in_atomic":"{amount}","max_bins":{}}}"#,
        depth.max(270)
    );
    move || {
        let request = request_from_json(black_box(&body)).unwrap();
        market.answer(&request, NumberStyle::Text).unwrap().len() as u128
    }
}
