//! Few pools whose tokens on the way have few units: what rounding decides is found, and what fills is named.

use crate::network::{Network, symbol};
use dlmm_core::error::QuoteError;
use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, Mode, QuoteRequest};
use dlmm_core::sorted::SortedSet;
use dlmm_core::units::{BinId, PoolId};

/// Bins by their ids, with what they hold of X and Y and their prices.
type Bins = &'static [(u16, u128, u128, u128)];

/// Pools without fees: X, Y and the bins of each.
fn network(pools: &[(&str, &str, Bins)]) -> Network {
    network_with_fee(pools, usize::MAX, 0)
}

/// The same, but for one of them that takes a fee.
fn network_with_fee(pools: &[(&str, &str, Bins)], at: usize, fee_bps: u16) -> Network {
    let pools = pools.iter().enumerate().map(|(nth, (x, y, bins))| {
        let side = || SideFees::new(0, if nth == at { fee_bps } else { 0 }, 0).expect("a fee");
        let bins = bins.iter().map(|&(id, reserve_x, reserve_y, price)| {
            let price = Price::from_e8(price).expect("above zero");
            (BinId::new(id).expect("an id"), Bin { reserve_x, reserve_y, price }, Claims::default())
        });
        Pool::new(PoolParts {
            id: PoolId::new(&format!("P{nth:02}")).expect("a name"),
            token_x: symbol(x),
            token_y: symbol(y),
            active_bin: BinId::new(500).expect("an id"),
            fees: Fees { x: side(), y: side() },
            known: (BinId::MIN, BinId::MAX),
            bins: bins.collect(),
        })
        .expect("a sound pool")
    });
    Network::new(pools.collect())
}

/// A request for an amount of A, or of what E or B get, within so many routes, hops and bins.
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

/// A bin that holds what 2.08 units are worth takes three, and looked as poor as all three are: 8.1 % less.
#[test]
fn a_bin_of_few_units_is_no_poorer_than_its_price() {
    let network = network(&[
        ("A", "C", &[(500, 0, 350_504, 36_197_389)]),
        ("B", "C", &[(502, 490_503, 0, 66_443_841)]),
        ("D", "B", &[(501, 9, 0, 22_264_961_081_800)]),
        ("D", "E", &[(500, 0, 89_490_692, 4_302_593_184_078_268)]),
        ("E", "A", &[(501, 85_984_456, 0, 1_059_389)]),
        ("E", "A", &[(504, 83_395_962, 0, 1_068_843)]),
    ]);
    let given = given(&network, &request("E", 1_027_737, (5, 4, 5)));
    assert!(given >= 105_492_512, "{given}");
}

/// The same where 36 units and a part of one are held: 0.14 % less than without the pool P03.
#[test]
fn a_pool_more_does_not_hide_one_of_few_units() {
    let network = network(&[
        ("H", "A", &[(500, 11, 0, 998_699_356_102_544), (501, 16, 0, 1_003_692_852_883_057)]),
        ("H", "B", &[(500, 0, 360_876_387_807, 1_000_067_305_546_463_616)]),
        ("B", "A", &[(500, 240_014_769_271, 0, 100_025), (501, 192_425_672_313, 0, 100_525)]),
        ("B", "C", &[(501, 91_189_324_238, 0, 100_079)]),
        ("C", "A", &[(501, 49_335_009, 0, 99_942_444)]),
    ]);
    let request = request("B", 446_998_327, (0, 3, 2));
    assert!(given(&network, &request) >= given(&network, &without(&request, "P03")));
}

/// And of an output, which cost 4.1 % more than an input that gives it.
#[test]
fn an_output_over_a_bin_of_few_units_is_not_dear() {
    let network = network(&[
        ("A", "C", &[(499, 0, 613_230, 36_179_299), (500, 0, 350_504, 36_197_389)]),
        ("B", "C", &[(501, 1_140_715, 0, 66_377_464)]),
        ("D", "B", &[(501, 9, 0, 22_264_961_081_800)]),
        ("D", "E", &[(500, 0, 89_490_692, 4_302_593_184_078_268)]),
        ("D", "E", &[(500, 0, 150_792_130, 4_246_919_229_781_364)]),
        ("E", "A", &[(501, 85_984_456, 0, 1_059_389)]),
        (
            "E",
            "A",
            &[
                (500, 48_659_743, 0, 1_027_137),
                (501, 100_787_376, 0, 1_037_408),
                (502, 97_966_696, 0, 1_047_783),
                (504, 83_395_962, 0, 1_068_843),
            ],
        ),
    ]);
    let mut request = request("E", 414_378_379, (5, 4, 5));
    request.mode = Mode::ExactOut;
    let spent = network.quote(&request).expect("an answer").amount_in;
    assert!(spent <= 4_168_280, "{spent}");
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

/// The same of two routes: the better pool from A to C passes less of A to what C buys than the poorer one.
#[test]
fn a_refusal_names_what_two_routes_take() {
    let network = network(&[
        ("B", "C", &[(500, 3_593_582, 0, 93_900_022)]),
        ("A", "D", &[(500, 0, 22_141_607, 99_992_967)]),
        ("A", "C", &[(500, 0, 416_018_496, 100_015_326)]),
        ("D", "B", &[(500, 0, 24_987_612_919, 99_985_566)]),
        ("A", "C", &[(500, 0, 21_456_188_671, 82_651_692)]),
    ]);
    let mut request = request("B", 50_522_564, (5, 4, 1));
    request.allow_partial = false;
    let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = network.quote(&request) else {
        panic!("too much");
    };
    assert!(fillable >= 26_200_000, "{fillable}");
    request.amount = AmountText::Atomic(fillable);
    assert!(network.quote(&request).is_ok(), "{fillable} do not fill");
}

/// A fee takes nothing of units that are few enough. Floats see it taken of each of them, so that the way through them looked
/// poorer than it is, and was not tried where the others have many units.
#[test]
fn a_fee_that_is_rounded_down_to_none_is_not_counted() {
    const INTO_FEW: (&str, &str, Bins) = ("A", "C", &[(500, 0, 1_113, 10_015)]);
    const FROM_FEW: (&str, &str, Bins) = ("C", "B", &[(500, 0, 1_332_129_889_305, 499_089_219_840_232_576)]);
    let nearly_as_good: Bins = &[(500, 0, 10_000_000_000_000, 49_750_000_000_000)];
    let poorer: Bins = &[(500, 0, 10_000_000_000_000, 40_000_000_000_000)];
    let network = |beside, fee_bps| network_with_fee(&[INTO_FEW, FROM_FEW, ("A", "B", beside)], 1, fee_bps);
    // 99 units of C pay none of 1 %, and the rest goes past them.
    let of_99 = 494_098_327_641 + (1_161_343 - 988_518) * 497_500;
    assert!(given(&network(nearly_as_good, 100), &request("B", 1_161_343, (4, 3, 9))) >= of_99);
    // Three of some seven units pay none of 30 %: that is worth a tenth of all.
    let of_3 = 14_972_676_595 + (69_895 - 29_956) * 400_000;
    assert!(given(&network(poorer, 3_000), &request("B", 69_895, (4, 3, 9))) >= of_3);
}

/// A second route through the last pool counts its bin once more, which the limit forbids. Floats promise that all passes; an
/// answer for all of it, over the poorer pool alone, gave 7 % less than the part that the better one takes.
#[test]
fn what_a_limit_on_bins_keeps_floats_from_is_not_given_for_less() {
    let network = network(&[
        ("A", "C", &[(499, 0, 143_102_745, 38_358_238_564), (500, 0, 89_852_529, 38_362_074_388)]),
        ("C", "A", &[(500, 702_569_710, 0, 300_025)]),
        ("C", "B", &[(499, 0, 492_482_288, 150_032_321)]),
    ]);
    let of_part = given(&network, &request("B", 607_000, (4, 3, 2)));
    assert!(of_part > 349_000_000 && given(&network, &request("B", 650_899, (4, 3, 2))) >= of_part);
}
