//! What holds for every pool and every amount, against a slow big-integer model.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod model;

use dlmm_core::math::{Decimal, Price, Rule};
use dlmm_core::pool::bin::{Bin, Overflow};
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::walk::walk_exact_in;
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::units::{BinId, Direction, PoolId, Symbol};
use proptest::prelude::*;

/// Numbers of every size, small and huge alike.
fn any_size() -> impl Strategy<Value = u128> {
    (0_u32..=128, any::<u128>()).prop_map(|(bits, number)| number.checked_shr(128 - bits).unwrap_or(0))
}

fn prices() -> impl Strategy<Value = Price> {
    let exact = any_size().prop_filter_map("above zero", |e8| Price::from_e8(e8).ok());
    let human = (1_u64.., -20_i32..20, 0_u8..19, 0_u8..19)
        .prop_filter_map("in range", |(digits, exp, x, y)| {
            Price::from_human(&Decimal::parse(&format!("{digits}e{exp}")).ok()?, x, y).ok()
        });
    prop_oneof![exact, human]
}

fn fees() -> impl Strategy<Value = SideFees> {
    let parts = (0_u16..4_000, 0_u16..3_000, 0_u16..3_000);
    prop_oneof![Just((0, 0, 0)), parts].prop_filter_map("below 10 000", |(a, b, c)| SideFees::new(a, b, c))
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::XForY), Just(Direction::YForX)]
}

fn pool(bins: &[(u128, u128)], price: Price, fees: SideFees) -> Pool {
    let bins = bins.iter().enumerate().map(|(n, &(reserve_x, reserve_y))| {
        let id = BinId::new(500 - u16::try_from(n).expect("few bins")).expect("an id");
        (id, Bin { reserve_x, reserve_y, price }, Claims::default())
    });
    Pool::new(PoolParts {
        id: PoolId::new("P").expect("a name"),
        token_x: Symbol::new("X").expect("a name"),
        token_y: Symbol::new("Y").expect("a name"),
        active_bin: BinId::new(500).expect("an id"),
        fees: Fees { x: fees, y: fees },
        known: (BinId::MIN, BinId::MAX),
        bins: bins.collect(),
    })
    .expect("a sound pool")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_fill_equals_the_big_integer_model(
        x in any_size(), y in any_size(), price in prices(), fees in fees(), budget in any_size(),
        direction in directions(),
    ) {
        let bin = Bin { reserve_x: x, reserve_y: y, price };
        let ours = bin.fill_exact_in(direction, &fees, budget);
        let expected = model::fill(&bin, direction, &fees, budget);
        match (ours, expected) {
            (Ok(fill), Some(model)) => {
                prop_assert_eq!((fill.taken, fill.given, fill.fees), (model.taken, model.given, model.fees));
                prop_assert_eq!(bin.reserves_after(direction, &fill), model.reserves);
            }
            (Err(Overflow), None) => {}
            (ours, expected) => prop_assert!(false, "{:?} against {:?}", ours, expected),
        }
    }

    #[test]
    fn both_rules_agree_where_the_contract_does_not_abort(
        x in any_size(), y in any_size(), e8 in 1_u128..1 << 100, fees in fees(), budget in any_size(),
        direction in directions(),
    ) {
        let exact = Price::from_e8(e8).expect("above zero");
        // The same fraction, written by a person: e8 * 10^-8 with equal decimals.
        let human = Price::from_human(&Decimal::parse(&format!("{e8}e-8")).expect("a number"), 0, 0).expect("fits");
        prop_assert_eq!((exact.rule(), human.rule()), (Rule::Contract, Rule::Wide));
        let fill = |price| Bin { reserve_x: x, reserve_y: y, price }.fill_exact_in(direction, &fees, budget);
        if let Ok(by_contract) = fill(exact) {
            prop_assert_eq!(fill(human), Ok(by_contract));
        }
    }

    #[test]
    fn more_in_never_gives_less_out_and_never_more_than_there_is(
        reserves in proptest::collection::vec((0_u128..1_000_000, 0_u128..1_000_000), 1..6),
        e8 in 1_u128..1_000_000_000_000, fees in fees(), a in 0_u128..5_000_000, b in 0_u128..5_000_000,
        direction in directions(),
    ) {
        let pool = pool(&reserves, Price::from_e8(e8).expect("above zero"), fees);
        let walk = |amount| walk_exact_in(&pool, direction, amount, 350, |_| ()).expect("fits");
        let (less, more) = (walk(a.min(b)), walk(a.max(b)));
        prop_assert!(less.given <= more.given && less.taken <= more.taken);
        let held: u128 = reserves.iter().map(|(x, y)| if direction == Direction::XForY { y } else { x }).sum();
        prop_assert!(more.given <= held && more.taken <= a.max(b));
    }

    #[test]
    fn the_least_input_gives_enough_and_one_less_does_not(
        x in any_size(), y in any_size(), price in prices(), fees in fees(), share in 0.0..1.0_f64,
        direction in directions(),
    ) {
        let bin = Bin { reserve_x: x, reserve_y: y, price };
        let wanted = ((bin.output_reserve(direction) as f64) * share) as u128;
        if let Ok(Some(least)) = bin.least_input_for(direction, &fees, wanted) {
            if let Ok(fill) = bin.fill_exact_in(direction, &fees, least) {
                prop_assert!(fill.given >= wanted, "{} < {}", fill.given, wanted);
            }
            if let (true, Ok(fill)) = (least > 0, bin.fill_exact_in(direction, &fees, least.saturating_sub(1))) {
                prop_assert!(fill.given < wanted);
            }
        }
    }

    #[test]
    fn no_unit_is_made_or_lost(
        x in any_size(), y in any_size(), price in prices(), fees in fees(), budget in any_size(),
        direction in directions(),
    ) {
        let bin = Bin { reserve_x: x, reserve_y: y, price };
        if let Ok(fill) = bin.fill_exact_in(direction, &fees, budget) {
            let (x_after, y_after) = bin.reserves_after(direction, &fill);
            let (input, output) = match direction {
                Direction::XForY => ((x, x_after), (y, y_after)),
                Direction::YForX => ((y, y_after), (x, x_after)),
            };
            // With the carry: a reserve and what comes to it may exceed 128 bits together.
            let sum = |a: u128, b: u128| a.overflowing_add(b);
            prop_assert_eq!(sum(input.0, fill.taken), sum(input.1, fill.fees.protocol));
            prop_assert_eq!((output.0, false), sum(output.1, fill.given));
            prop_assert_eq!(sum(fill.net(), fill.fees.total()), (fill.taken, false));
        }
    }
}
