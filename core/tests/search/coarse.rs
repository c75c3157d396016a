//! Few pools whose tokens on the way have few units: what rounding decides is found, and what fills is named.

use crate::network::{Network, symbol};
use dlmm_core::error::QuoteError;
use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::Fees;
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, Mode, QuoteRequest};
use dlmm_core::sorted::SortedSet;
use dlmm_core::units::{BinId, PoolId};

/// Bins by their ids, with what they hold of X and Y and their prices.
type Bins = &'static [(u16, u128, u128, u128)];

/// Pools without fees: X, Y and the bins of each.
fn network(pools: &[(&str, &str, Bins)]) -> Network {
    let pools = pools.iter().enumerate().map(|(nth, (x, y, bins))| {
        let bins = bins.iter().map(|&(id, reserve_x, reserve_y, price)| {
            let price = Price::from_e8(price).expect("above zero");
            (BinId::new(id).expect("an id"), Bin { reserve_x, reserve_y, price }, Claims::default())
        });
        Pool::new(PoolParts {
            id: PoolId::new(&format!("P{nth:02}")).expect("a name"),
            token_x: symbol(x),
            token_y: symbol(y),
            active_bin: BinId::new(500).expect("an id"),
            fees: Fees::default(),
            known: (BinId::MIN, BinId::MAX),
            bins: bins.collect(),
        })
        .expect("a sound pool")
    });
    Network::new(pools.collect())
}

/// A request for a part of an amount of A, within so many routes, hops and bins.
fn request(to: &str, amount: u128, (splits, hops, bins): (u8, u8, u16)) -> QuoteRequest {
    let mut request = QuoteRequest::new(symbol("A"), symbol(to), Mode::ExactIn, AmountText::Atomic(amount));
    (request.max_splits, request.max_hops, request.max_bins) = (splits, hops, bins);
    request.allow_partial = true;
    request
}

fn given(network: &Network, request: &QuoteRequest) -> u128 {
    network.quote(request).expect("an answer").amount_out
}

fn without(request: &QuoteRequest, pool: &str) -> QuoteRequest {
    let mut request = request.clone();
    request.filter.exclude_pools = SortedSet::from_iter([PoolId::new(pool).expect("a name")]);
    request
}

/// Floats prefer a way over 26 units to one over 7, which whole units do not: a single route was left, whose units are many,
/// so nothing else was tried, and a pool more cost 7.2 %.
#[test]
fn what_rounding_takes_from_one_route_goes_to_another() {
    let network = network(&[
        ("C", "A", &[(501, 7, 0, 289_077_975_945_045)]),
        ("C", "B", &[(502, 26, 0, 144_009_266)]),
        ("D", "E", &[(500, 0, 28_689_827_731, 4_540_024_725_991_883)]),
        ("A", "E", &[(499, 0, 1_518_926_459, 9_060_778_094)]),
        ("C", "D", &[(500, 0, 397, 637_210_753)]),
        ("B", "A", &[(502, 63, 0, 191_220_911_832_997)]),
    ]);
    let request = request("E", 10_914_319, (2, 4, 3));
    let fewer = given(&network, &without(&request, "P05"));
    assert!(fewer >= 1_065_745_439 && given(&network, &request) >= fewer, "{fewer}");
}

/// Of one route the part that gives most takes less than another route does, and was named as all that fills.
#[test]
fn a_refusal_names_what_fills_not_what_gives_most() {
    let network = network(&[
        ("B", "U", &[(500, 18_003_129_558, 0, 1_194_769), (502, 113_837_000_000, 0, 1_230_971)]),
        ("W", "A", &[(501, 1_606_186_582, 0, 66_806_337), (502, 2_031_878_073, 0, 66_819_699)]),
        ("A", "U", &[(500, 0, 2_011_219_060, 59_994_034)]),
        ("U", "W", &[(501, 3_058_922_254, 0, 207_550_182)]),
    ]);
    let mut request = request("B", 14_308_748_606, (1, 3, 5));
    request.allow_partial = false;
    let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = network.quote(&request) else {
        panic!("too much");
    };
    request.amount = AmountText::Atomic(fillable + fillable / 100);
    assert!(network.quote(&request).is_err(), "{fillable} and more fill");
}
