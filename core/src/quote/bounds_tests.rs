//! A search ends with its bounds, a second look is given, and what is said to fill does, near all the liquidity there is.

use super::beyond_bins::is_beyond_bins;
use super::refuse::{Instead, read_before, refuse};
use super::search::Search;
use super::walks::MAX_WALKS;
use super::{AmountText, Effort, Mode, Outcome, QuoteInput, QuoteRequest, quote};
use crate::error::QuoteError;
use crate::math::Price;
use crate::network::graph::{Graph, PoolRef};
use crate::network::route::{Candidates, find_candidates};
use crate::network::state::{PoolState, State};
use crate::pool::bin::Bin;
use crate::pool::fee::{Fees, SideFees};
use crate::pool::walk::{Cursor, walk_on};
use crate::pool::{Claims, Pool, PoolParts};
use crate::units::{Amount, BinId, Direction, PoolId, Symbol};
use alloc::format;
use alloc::vec::Vec;

/// What the active bin and every bin below hold of Y.
const RESERVE: u128 = 1_000_000;
const ACTIVE: u16 = 500;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a name")
}

/// A pool of X and Y without fees: what each bin from the active one down holds of Y, and its price.
fn pool(nth: u16, bins: impl DoubleEndedIterator<Item = (Amount, u128)> + ExactSizeIterator) -> Pool {
    known_from(BinId::MIN, nth, bins)
}

/// As [`pool`], with nothing known of the bins below `lowest`.
fn known_from(
    lowest: BinId,
    nth: u16,
    bins: impl DoubleEndedIterator<Item = (Amount, u128)> + ExactSizeIterator,
) -> Pool {
    let bins = bins.enumerate().rev().map(|(down, (reserve_y, price))| {
        let id = u16::try_from(down).ok().and_then(|down| BinId::new(ACTIVE - down)).expect("an id");
        let price = Price::from_e8(price).expect("above zero");
        (id, Bin { reserve_x: 0, reserve_y, price }, Claims::default())
    });
    Pool::new(PoolParts {
        id: PoolId::new(&format!("P{nth:02}")).expect("a name"),
        token_x: symbol("X"),
        token_y: symbol("Y"),
        active_bin: BinId::new(ACTIVE).expect("an id"),
        fees: Fees { x: SideFees::default(), y: SideFees::default() },
        known: (lowest, BinId::MAX),
        bins: bins.collect(),
    })
    .expect("a sound pool")
}

/// Pools with so many bins below the active one each, every bin a hundredth below the one above.
fn parallel(pools: u16, below: u16) -> (Graph, State) {
    let of = |nth: u16| {
        let mut price = 100_000_000 - u128::from(nth) * 1_000;
        let bins: Vec<_> = (0..=below)
            .map(|_| {
                let bin = (RESERVE, price);
                price -= price / 100;
                bin
            })
            .collect();
        pool(nth, bins.into_iter())
    };
    market_of((0..pools).map(of).collect())
}

fn market_of(pools: Vec<Pool>) -> (Graph, State) {
    let refs = pools.iter().map(|pool| PoolRef {
        id: pool.id().clone(),
        token_x: pool.token_x().clone(),
        token_y: pool.token_y().clone(),
    });
    let graph = Graph::new(refs.collect::<Vec<_>>());
    let ready =
        |pool: Pool| (pool.id().clone(), PoolState::Ready { pool, last_updated: None, block_height: None });
    (graph, State::new(alloc::sync::Arc::default(), pools.into_iter().map(ready)))
}

struct Market {
    state: State,
    candidates: Candidates,
    request: QuoteRequest,
}

impl Market {
    fn new(
        (graph, state): (Graph, State),
        mode: Mode,
        amount: Amount,
        change: fn(&mut QuoteRequest),
    ) -> Self {
        let mut request = QuoteRequest::new(symbol("X"), symbol("Y"), mode, AmountText::Atomic(amount));
        request.max_bins = 1_001;
        change(&mut request);
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = &request;
        let candidates =
            find_candidates(&graph, token_in, token_out, *max_hops, 64, filter).expect("a route");
        Self { state, candidates, request }
    }

    fn input(&self, effort: Effort) -> QuoteInput<'_> {
        let Self { state, candidates, request } = self;
        QuoteInput { request, candidates, state, now_ms: 0, can_read_more: false, effort }
    }
}

#[test]
fn no_loop_of_a_search_passes_the_bound() {
    type Change = fn(&mut QuoteRequest);
    let changes: [Change; 4] = [
        |request| request.max_splits = 0,
        |_| (),
        |request| (request.max_splits, request.allow_partial) = (0, true),
        |request| (request.max_splits, request.max_bins) = (0, 5),
    ];
    let mut spent = 0;
    for (mode, change) in
        [Mode::ExactIn, Mode::ExactOut].into_iter().flat_map(|mode| changes.map(|change| (mode, change)))
    {
        for amount in [1_000, 40 * RESERVE, 800 * RESERVE, Amount::MAX / 4] {
            let market = Market::new(parallel(32, 40), mode, amount, change);
            for share in [1, 4, 50] {
                let input = market.input(Effort::of_share(share));
                let mut search = Search::of(&input);
                search.run(&market.request, amount, market.request.max_bins);
                // A part is looked for beside what takes everything.
                let part = if market.request.allow_partial { 3 } else { 2 };
                let most = MAX_WALKS / usize::from(share) * part / 2;
                // A walk may be a long one, which counts for more than one when it is made.
                assert!(search.finder.curves.walks <= most + 64, "{} of {most}", search.finder.curves.walks);
                spent += usize::from(search.is_spent());
            }
        }
    }
    assert!(spent > 20, "{spent} searches met the bound");
}

#[test]
fn what_is_beyond_the_allowed_bins_is_known_to_the_unit() {
    for (mode, max_splits, max_bins) in [Mode::ExactIn, Mode::ExactOut]
        .into_iter()
        .flat_map(|mode| [(mode, 0, 5), (mode, 2, 5), (mode, 1, 3)])
    {
        let mut market = Market::new(parallel(3, 10), mode, 1, |_| ());
        (market.request.max_splits, market.request.max_bins) = (max_splits, max_bins);
        let routes = if max_splits == 0 { 3 } else { u128::from(max_splits) };
        let (mut fits, mut beyond) = (1, 4 * routes * u128::from(max_bins) * RESERVE);
        while fits + 1 < beyond {
            let amount = fits.midpoint(beyond);
            let is_beyond = is_beyond_bins(&market.input(Effort::WHOLE), amount);
            *if is_beyond { &mut beyond } else { &mut fits } = amount;
        }
        for (amount, fills) in [(fits, true), (beyond, false)] {
            // Of several routes among more pools each counts as the best one.
            if fills && max_splits > 1 {
                continue;
            }
            market.request.amount = AmountText::Atomic(amount);
            match quote(&market.input(Effort::WHOLE)) {
                Ok(Outcome::Quote(..)) => assert!(fills, "{mode:?} {max_splits} {amount}"),
                Err(QuoteError::TooManyBins { needed: Some(needed), allowed, .. }) => {
                    assert!(!fills && needed > allowed, "{mode:?} {max_splits} {amount}");
                }
                other => panic!("{mode:?} {max_splits} {amount}: {other:?}"),
            }
        }
    }
}

#[test]
fn bins_are_asked_for_before_a_search_that_cannot_fill() {
    let mut market =
        Market::new(parallel(3, 20), Mode::ExactIn, 40 * RESERVE, |request| request.max_bins = 5);
    let first = |market: &Market| {
        let input = market.input(Effort::WHOLE);
        read_before(&QuoteInput { can_read_more: true, ..input }, 40 * RESERVE).map(|more| more.is_some())
    };
    assert!(matches!(first(&market), Err(QuoteError::TooManyBins { needed: Some(6..), allowed: 5, .. })));
    // Where the allowed bins are not all known, nothing is certain.
    for (known, asks) in [(20, true), (5, true), (4, false)] {
        let lowest = BinId::new(ACTIVE + 1 - known).expect("an id");
        let bins = |_| (RESERVE, 100_000_000);
        let pools = (0..3).map(|nth| known_from(lowest, nth, (0..known).map(bins)));
        (_, market.state) = market_of(pools.collect());
        assert_eq!(first(&market).ok(), Some(asks), "{known} bins");
    }
}

#[test]
fn what_a_second_look_finds_is_given() {
    let market = Market::new(parallel(3, 4), Mode::ExactIn, 2_000_000, |request| request.max_bins = 5);
    let input = market.input(Effort::WHOLE);
    // The first look found nothing here; the one without a limit on bins needs no more of them than are allowed.
    let instead = refuse(&input, &Search::of(&input), 2_000_000, None, None).expect("an answer");
    let Instead::Give(answer) = instead else { panic!("an answer") };
    assert_eq!((answer.amount_in(), answer.goal.max_bins), (2_000_000, market.request.max_bins));
    assert!(answer.amount_out() > 1_900_000);
}

#[test]
fn what_is_said_to_fill_does_near_all_there_is() {
    for pools in [2, 8, 16] {
        for (mode, max_splits) in
            [(Mode::ExactIn, 0), (Mode::ExactOut, 0), (Mode::ExactIn, 4), (Mode::ExactOut, 4)]
        {
            let ask = |amount| {
                let mut market = Market::new(parallel(pools, 10), mode, amount, |_| ());
                market.request.max_splits = max_splits;
                quote(&market.input(Effort::WHOLE))
            };
            let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = ask(Amount::MAX / 4) else {
                panic!("so much is refused")
            };
            let routes = if max_splits == 0 { pools } else { u16::from(max_splits).min(pools) };
            let all = u128::from(routes) * 11 * RESERVE;
            assert!(fillable >= all * 99 / 100, "{fillable} of some {all} through {routes} of {pools} pools");
            assert!(matches!(ask(fillable), Ok(Outcome::Quote(..))), "{fillable} fills");
        }
    }
}

#[test]
fn a_part_through_the_better_pools_beats_all_through_a_poor_one() {
    // A deep pool at a ten thousandth, shallow ones at one.
    let pools = |shallow: u16| {
        let deep = pool(0, [(1_000_000_000_000, 10_000)].into_iter());
        let good = (1..=shallow).map(|nth| pool(nth, [(1_000_000_000, 100_000_000)].into_iter()));
        market_of(core::iter::once(deep).chain(good).collect())
    };
    for (shallow, max_splits, routes) in [(1, 1, 1), (5, 4, 4), (5, 0, 6)] {
        let mut market =
            Market::new(pools(shallow), Mode::ExactIn, 1_000_000_000_000, |r| r.allow_partial = true);
        market.request.max_splits = max_splits;
        let Ok(Outcome::Quote(quote, _)) = quote(&market.input(Effort::WHOLE)) else { panic!("a quote") };
        assert!(quote.amount_out >= u128::from(shallow.min(routes)) * 1_000_000_000, "{}", quote.amount_out);
    }
}

#[test]
fn more_work_for_parts_is_given_once() {
    let market = Market::new(parallel(32, 40), Mode::ExactIn, 800 * RESERVE, |request| {
        (request.max_splits, request.allow_partial) = (4, true);
    });
    let input = market.input(Effort::of_share(50));
    let mut search = Search::of(&input);
    for _ in 0..12 {
        search.run(&market.request, 800 * RESERVE, 1_001);
    }
    assert!(search.finder.walks.most <= MAX_WALKS / 50 * 3 / 2, "{}", search.finder.walks.most);
}

#[test]
fn what_pools_take_at_most_leaves_room_for_what_buys_no_whole_unit() {
    // A unit of Y costs a million of X, so that a route may leave nearly that much to the next one.
    let pools: Vec<Pool> = (0..2).map(|nth| pool(nth, [(5, 100)].into_iter())).collect();
    let mut cursor = Cursor::at_start(&pools[0]);
    let taken = [1_999_999, Amount::MAX].map(|amount| {
        walk_on(&pools[0], &mut cursor, Direction::XForY, amount, 2, |_| ()).expect("fits").taken
    });
    let by_two: Amount = taken.iter().sum();
    assert_eq!(by_two, 5_999_999);
    let market = Market::new(market_of(pools), Mode::ExactIn, 1, |request| request.max_splits = 4);
    let mut search = Search::of(&market.input(Effort::WHOLE));
    assert!(!search.takes_less(2 * by_two, 2), "four routes take it");
    assert!(search.takes_less(100_000_000, 2));
    assert!(!search.gives_less(10, 2) && search.gives_less(11, 2));
}
