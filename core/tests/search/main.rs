//! No answer is poor: relations between answers, checked over random networks.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod batch;
mod coarse;
mod depth;
mod exhaustive;
#[path = "../quotes/market.rs"]
#[allow(dead_code)]
mod market;
mod network;
mod random;
mod recorded;
mod relations;
mod small;
mod small_recorded;
mod windows;

use dlmm_core::quote::{AmountText, Mode, QuoteRequest};
use dlmm_core::sorted::SortedSet;
use dlmm_core::units::PoolId;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// `DLMM_SEARCH_REQUESTS` makes more requests, `DLMM_TEST_SEED` begins elsewhere.
#[test]
fn no_answer_is_poorer_than_one_of_a_narrower_request() {
    no_poorer_answers(network::network, 20_000, 0, false);
}

/// The same under `max_reads`.
#[test]
fn within_its_reads_no_answer_is_poorer_than_one_of_a_narrower_request() {
    no_poorer_answers(network::network, 5_000, 0, true);
}

/// The same on networks as markets are, where single answers of some 100 000 are a little poorer.
#[test]
fn no_answer_on_a_market_is_poorer_than_one_of_a_narrower_request() {
    no_poorer_answers(network::market, 5_000, 5, false);
}

/// So many answers of 100 000 requests may be poorer, but none refused.
fn no_poorer_answers(
    network: fn(&mut random::Random) -> network::Network,
    requests: u64,
    poorer: u64,
    reads: bool,
) {
    let (seed, requests) = (number("DLMM_TEST_SEED", 1), number("DLMM_SEARCH_REQUESTS", requests));
    let checked = relations::check(network, seed, requests, reads);
    for breach in checked.breaches.iter().take(200) {
        println!(
            "{} seed {}: {} below {}: {}",
            breach.relation, breach.seed, breach.got, breach.better, breach.told
        );
    }
    let summary = relations::summary(&checked.breaches);
    println!(
        "{} requests, {} answered, {} limited: {summary:?}",
        checked.requests, checked.answered, checked.limited
    );
    let refused = checked.breaches.iter().filter(|breach| breach.got == 0).count();
    assert!(
        refused == 0 && checked.breaches.len() as u64 <= checked.requests * poorer / 100_000,
        "{} breaches, {refused} refused",
        checked.breaches.len()
    );
}

/// `DLMM_SMALL_REQUESTS` makes more requests, `DLMM_TEST_SEED` begins elsewhere.
#[test]
fn on_small_networks_no_amount_gives_less_than_it_can() {
    small_networks(false, 1);
}

/// The same under `max_reads`.
#[test]
fn on_small_networks_no_amount_gives_less_than_its_reads_allow() {
    small_networks(true, 0);
}

/// What is refused, or does not fill, must not be; on so many networks of 100 000 requests answers may be poorer than
/// another. Where a search once missed something it often does so for every amount above, so networks are counted.
fn small_networks(reads: bool, poorer: u64) {
    let (seed, requests) = (number("DLMM_TEST_SEED", 1), number("DLMM_SMALL_REQUESTS", 3_000));
    let scanned = small::scan(seed, requests, reads);
    for breach in scanned.breaches.iter().take(number("DLMM_SHOWN", 40) as usize) {
        println!(
            "{} seed {}: {} below {}: {}",
            breach.relation, breach.seed, breach.got, breach.better, breach.told
        );
    }
    let summary = relations::summary(&scanned.breaches);
    println!("{} requests, {} limited: {summary:?}", scanned.requests, scanned.limited);
    let refused = |breach: &&relations::Breach| breach.got == 0;
    let refused = scanned.breaches.iter().filter(refused).count();
    let networks: std::collections::BTreeSet<u64> =
        scanned.breaches.iter().map(|breach| breach.seed).collect();
    assert!(
        refused == 0 && networks.len() as u64 <= scanned.requests * poorer / 100_000,
        "{refused} refused, answers are poorer on {networks:?}"
    );
}

/// Networks on which more in gave less out: a route in two visits was found for one amount and missed for the next,
/// an exact output was refused or too dear, or all of an amount bought less than a part of it, and nothing said so. And
/// those whose routes share pools, and whose refusals named less than what fills.
#[test]
fn on_small_networks_where_more_once_gave_less_it_does_not() {
    let first = [1006, 1142, 1225, 1255, 1295, 1331, 1370, 1383, 1390];
    let (sharing, fillable) = ([1175, 777_369, 31_337_109], [1279, 1391, 777_259, 777_293]);
    for seed in first.into_iter().chain(sharing).chain(fillable) {
        let scanned = small::scan(seed, 1, false);
        assert!(scanned.breaches.is_empty(), "{:?}", scanned.breaches.first());
    }
    // What takes a unit of two routes gained nothing by itself, but what that left idle bought one over a third.
    let scanned = small::scan(154, 1, false);
    assert!(scanned.breaches.is_empty(), "{:?}", scanned.breaches.first());
    // One unit too few is given for some amounts still; up to 3.8 % were missing while nobody offered what was left over.
    let scanned = small::scan(232, 1, false);
    let poor = scanned.breaches.iter().find(|breach| breach.got * 100 < breach.better * 99);
    assert!(poor.is_none(), "{poor:?}");
    // A part of 36 was no more than all of it gives: in another order of its routes two units buy one more.
    let less = scanned.breaches.iter().find(|breach| breach.told.starts_with("36,"));
    assert!(less.is_none(), "{less:?}");
    // Its refusals name 21, though 22 fill and buy as much as 2.
    let scanned = small::scan(1078, 1, false);
    let other = scanned.breaches.iter().find(|breach| breach.relation != "fillable low");
    assert!(other.is_none(), "{other:?}");
}

/// Networks on which a limit on reads once made an answer poorer than another: the best shares within it were missed, more
/// in or more reads gave less, outputs were refused or too dear, refusals named less than what fills, and where one route
/// was allowed two were given.
#[test]
fn on_small_networks_where_a_limit_on_reads_once_cost_more_it_does_not() {
    let missed = [1021, 1022, 1035, 1044, 1073];
    let (more, fillable) = ([777_042, 777_066, 777_087], [31_337_210]);
    for seed in missed.into_iter().chain(more).chain(fillable) {
        let scanned = small::scan(seed, 1, true);
        assert!(scanned.breaches.is_empty(), "{:?}", scanned.breaches.first());
    }
    // One of its refusals names 23 out, though 25 fill.
    let scanned = small::scan(1104, 1, true);
    let other = scanned.breaches.iter().find(|breach| breach.relation != "fillable low");
    assert!(other.is_none(), "{other:?}");
}

/// Markets on which a part of an output gave up to 5.7 % less than an input did that was more than fits: all there is was
/// looked for from what fits alone.
#[test]
fn a_part_of_an_output_is_no_less_than_an_input_gives() {
    let markets =
        [(6_000_208, 0, 3, 1001), (6_002_088, 0, 3, 350), (6_010_654, 3, 3, 350), (6_012_505, 3, 4, 350)];
    for (seed, splits, hops, bins) in markets.into_iter().chain([(6_018_072, 0, 4, 20)]) {
        let network = network::market(&mut random::Random(seed));
        let (all, mut given) = (AmountText::Atomic(10_u128.pow(34)), Vec::new());
        let mut request = QuoteRequest::new(network::symbol("B"), network::symbol("A"), Mode::ExactIn, all);
        (request.max_splits, request.max_hops, request.max_bins) = (splits, hops, bins);
        request.allow_partial = true;
        for mode in [Mode::ExactIn, Mode::ExactOut] {
            request.mode = mode;
            given.push(network.quote(&request).expect("a part").amount_out);
            request.amount = AmountText::Atomic(given[0]);
        }
        assert!(given[1] >= given[0], "{seed}: {given:?}");
    }
}

/// A second route of which the reads allow a part: its share was found by halvings of all that was left over, so of a
/// large amount it was none at all, and all there is gave less than a small part of it.
#[test]
fn a_route_beside_another_takes_what_the_reads_allow() {
    let asked = [
        (9_000_564, "B", 0, 161, Mode::ExactIn, 1_136_592_629_953_938_024, 105_995_491_780),
        (9_000_564, "B", 0, 161, Mode::ExactOut, 65_788_669_894, 65_788_669_894),
        (9_005_193, "C", 2, 101, Mode::ExactOut, 14_785_047_713_669, 14_785_047_713_669),
    ];
    for (seed, to, splits, reads, mode, amount, least) in asked {
        let network = network::network(&mut random::Random(seed));
        let [from, to] = ["A", to].map(network::symbol);
        let mut request = QuoteRequest::new(from, to, mode, AmountText::Atomic(amount));
        (request.max_splits, request.max_hops, request.max_bins) = (splits, 2, 350);
        (request.allow_partial, request.max_reads) = (true, Some(reads));
        let given = network.quote(&request).expect("a part").amount_out;
        assert!(given >= least, "{seed} {mode:?}: {given}");
    }
}

/// The second of two routes gave a ten-thousandth of what another one does in its place: where a limit on routes leaves so
/// poor a one, whole units are looked into.
#[test]
fn no_poor_route_takes_the_place_of_a_better_one() {
    let network = network::market(&mut random::Random(6_001_519));
    let [from, to] = ["A", "D"].map(network::symbol);
    let mut request = QuoteRequest::new(from, to, Mode::ExactIn, AmountText::Atomic(1_875_527_260));
    (request.max_splits, request.max_hops, request.max_bins) = (2, 3, 20);
    request.allow_partial = true;
    let given = network.quote(&request).expect("a quote").amount_out;
    assert!(given >= 923_767_067, "{given}");
}

/// Two units, of which the second one goes best over a pool that the first one made dearer: then it buys so few of the
/// token between that the limit on bins lets them through.
#[test]
fn two_units_go_where_only_the_second_one_passes() {
    let network = network::market(&mut random::Random(402_391));
    let [from, to] = ["A", "E"].map(network::symbol);
    let mut request = QuoteRequest::new(from, to, Mode::ExactIn, AmountText::Atomic(2));
    (request.max_splits, request.max_bins) = (0, 5);
    let given = |request: &QuoteRequest| network.quote(request).map_or(0, |quote| quote.amount_out);
    let all = given(&request);
    request.filter.exclude_pools = SortedSet::from_iter([PoolId::new("P06").expect("a name")]);
    assert_eq!(given(&request), 1_340_995_899_309_822);
    assert!(all >= 1_340_995_899_309_822, "{all} of all pools");
}

/// Markets on which one unit buys more than the next pool has room for, until another route has taken nearly all of a bin:
/// answers gave up to 5,400 times less than that pair of routes, and nothing said so.
#[test]
fn a_route_that_passes_only_behind_another_is_found() {
    let markets = [
        (6_007_221, "B", "A", 22, (4, 4, 5), 39_942_923_025_222_089_999),
        (8_003_207, "A", "D", 115, (3, 4, 20), 5_130_228),
        (8_002_664, "E", "A", 984, (4, 3, 350), 33_003),
        (8_003_065, "A", "E", 163_855, (4, 4, 350), 19_047_601_940_184),
        (8_001_968, "A", "C", 10, (0, 3, 350), 13_758_349_864_035_788_671),
    ];
    markets.into_iter().for_each(a_part_gives_no_less);
}

/// The seed of a market, tokens, an amount, limits on splits, hops and bins, and what was seen to come out.
type Seen = (u64, &'static str, &'static str, u128, (u8, u8, u16), u128);

fn a_part_gives_no_less((seed, from, to, amount, (splits, hops, bins), least): Seen) {
    let network = network::market(&mut random::Random(seed));
    let [from, to] = [from, to].map(network::symbol);
    let mut request = QuoteRequest::new(from, to, Mode::ExactIn, AmountText::Atomic(amount));
    (request.max_splits, request.max_hops, request.max_bins) = (splits, hops, bins);
    request.allow_partial = true;
    let given = network.quote(&request).expect("a quote").amount_out;
    assert!(given >= least, "{seed}: {given}");
}

/// Of a fee of 1 %, 99 units of a bin cost none: what is more is worth more elsewhere. The fee was counted of all that a
/// pool takes, not of its last bin, and of the first hop alone.
#[test]
fn a_route_takes_what_costs_no_unit_more_of_a_fee() {
    a_part_gives_no_less((7_000_054, "B", "A", 273, (0, 4, 350), 5_342));
    a_part_gives_no_less((7_001_221, "B", "A", 1_874_343, (4, 2, 5), 6_834_888));
    a_part_gives_no_less((6_002_490, "B", "A", 321, (0, 4, 1001), 82_372_853_086_845_164_822));
}

/// Moves in whole units gained less than a millionth there and were left, and what a route did not need with them.
#[test]
fn what_a_route_does_not_need_goes_to_another_whatever_else_was_tried() {
    a_part_gives_no_less((7_002_756, "A", "E", 9_615_743_964_045, (4, 2, 20), 13_177_882));
}
