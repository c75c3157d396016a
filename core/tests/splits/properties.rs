//! What must hold on every network, whatever its prices.

use crate::networks::networks;
use dlmm_core::error::QuoteError;
use dlmm_core::pool::bin::Bin;
use dlmm_core::quote::Quote;
use dlmm_core::stored::Snapshot;
use dlmm_core::units::Direction;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn request(amount: u128, splits: u8) -> Value {
    json!({"token_in": "A", "token_out": "B", "amount_in_atomic": amount.to_string(), "max_splits": splits,
        "allow_partial": true})
}

fn out_of(quote: &Result<Quote, QuoteError>) -> u128 {
    quote.as_ref().map_or(0, |quote| quote.amount_out)
}

/// Applies every step of the answer to the stored bins with the single-bin function, in the order given.
fn replay(quote: &Quote, snapshot: &Snapshot<'_>) -> Result<(), TestCaseError> {
    let graph = snapshot.graph();
    let all = dlmm_core::network::route::find_candidates(
        &graph,
        &quote.token_in,
        &quote.token_out,
        4,
        64,
        &Default::default(),
    )
    .expect("a route");
    let state = snapshot.state(&all, 10);
    let mut bins: BTreeMap<(String, u16), Bin> = BTreeMap::new();
    for route in &quote.routes {
        let mut offered = route.amount_in;
        let mut tokens = BTreeSet::from([route.hops[0].token_in.clone()]);
        for hop in &route.hops {
            prop_assert_eq!(hop.amount_in, offered, "units are conserved on every hop");
            prop_assert!(tokens.insert(hop.token_out.clone()), "paths are simple");
            prop_assert!(hop.amount_out > 0, "nothing is pushed into a hop that gives nothing");
            let (pool, _) = state.ready(&hop.pool_id).expect("a usable pool");
            let (mut taken, mut given) = (0, 0);
            for step in &hop.steps {
                let key = (hop.pool_id.as_str().to_owned(), step.bin_id.get());
                let bin = bins.entry(key).or_insert_with(|| *pool.bin(step.bin_id).expect("a stored bin"));
                prop_assert_eq!(*bin, step.bin, "every step starts where the one before left the bin");
                let fill =
                    bin.fill_exact_in(hop.direction, pool.side_fees(hop.direction), hop.amount_in - taken);
                let fill = fill.expect("fits");
                prop_assert_eq!(fill, step.fill);
                let (x, y) = bin.reserves_after(hop.direction, &fill);
                (bin.reserve_x, bin.reserve_y) = (x, y);
                let output = if hop.direction == Direction::XForY { y } else { x };
                prop_assert!(output <= step.bin.output_reserve(hop.direction));
                (taken, given) = (taken + fill.taken, given + fill.given);
            }
            prop_assert_eq!((taken, given), (hop.amount_in, hop.amount_out));
            offered = hop.amount_out;
        }
        prop_assert_eq!(offered, route.amount_out);
    }
    prop_assert_eq!(quote.routes.iter().map(|r| r.amount_in).sum::<u128>(), quote.amount_in);
    prop_assert_eq!(quote.routes.iter().map(|r| r.amount_out).sum::<u128>(), quote.amount_out);
    Ok(())
}

proptest! {
    #![proptest_config(crate::config(400))]

    #[test]
    fn answers_replay_to_the_unit_and_beat_one_route(
        network in networks(100_000), amount in 1_u128..400_000, splits in 0_u8..6,
    ) {
        let market = network.market();
        let split = market.quote(request(amount, splits));
        let single = market.quote(request(amount, 1));
        if let Ok(quote) = &split {
            let text = market.0.to_string();
            replay(quote, &Snapshot::parse(&text).expect("a snapshot"))?;
            prop_assert!(splits == 0 || quote.routes.len() <= usize::from(splits));
            prop_assert!(quote.routes.iter().all(|route| route.hops.len() <= 3));
            prop_assert!(quote.amount_in + quote.unfilled == amount);
        }
        prop_assert!(out_of(&split) >= out_of(&single), "{:?} below {:?}", out_of(&split), out_of(&single));
        prop_assert_eq!(split, market.quote(request(amount, splits)), "the same twice");
    }

    #[test]
    fn one_route_more_in_never_gives_less_out(
        network in networks(10_000), a in 1_u128..20_000, b in 1_u128..20_000,
    ) {
        let market = network.market();
        let out = |amount| out_of(&market.quote(request(amount, 1)));
        let (less, more) = (out(a.min(b)), out(a.max(b)));
        prop_assert!(less <= more, "{} for {}, {} for {}", less, a.min(b), more, a.max(b));
    }

    #[test]
    fn one_route_exact_out_is_the_least_input(network in networks(10_000), wanted in 1_u128..20_000) {
        let market = network.market();
        let mut back = json!({"token_in": "A", "token_out": "B", "amount_out_atomic": wanted.to_string(), "max_splits": 1});
        match market.quote(back.clone()) {
            Ok(quote) => {
                prop_assert!(quote.amount_out >= wanted);
                let again = market.quote(request(quote.amount_in, 1)).expect("the same amount");
                prop_assert!(again.amount_out >= wanted, "{} for {}", again.amount_out, quote.amount_in);
                if quote.amount_in > 1 {
                    prop_assert!(out_of(&market.quote(request(quote.amount_in - 1, 1))) < wanted);
                }
            }
            Err(QuoteError::InsufficientLiquidity { fillable, .. }) if fillable > 0 => {
                back["amount_out_atomic"] = json!(fillable.to_string());
                prop_assert!(market.quote(back).is_ok(), "the fillable part fills");
            }
            Err(_) => {}
        }
    }

    #[test]
    fn a_split_exact_out_gives_enough_for_about_the_least(network in networks(1_000_000), wanted in 1_u128..1_000_000) {
        let market = network.market();
        let back = json!({"token_in": "A", "token_out": "B", "amount_out_atomic": wanted.to_string(), "max_splits": 0});
        if let Ok(quote) = market.quote(back) {
            prop_assert!(quote.amount_out >= wanted && quote.unfilled == 0);
            let single = json!({"token_in": "A", "token_out": "B", "amount_out_atomic": wanted.to_string(), "max_splits": 1});
            if let Ok(single) = market.quote(single) {
                prop_assert!(quote.amount_in <= single.amount_in);
            }
            // A part of the input clearly below gives less than asked.
            let steps: usize = quote.routes.iter().flat_map(|r| &r.hops).map(|h| h.steps.len()).sum();
            let clearly = (quote.amount_in / 500).max(8 + 8 * steps as u128);
            if quote.amount_in > clearly {
                let less = out_of(&market.quote(request(quote.amount_in - clearly, 0)));
                prop_assert!(less < wanted, "{less} for less, {} for all", quote.amount_out);
            }
        }
    }

    #[test]
    fn what_is_called_fillable_fills(network in networks(10_000), amount in 1_u128..1_000_000, splits in 0_u8..4) {
        let market = network.market();
        let mut ask = json!({"token_in": "A", "token_out": "B", "amount_in_atomic": amount.to_string(), "max_splits": splits});
        if let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = market.quote(ask.clone())
            && fillable > 0
        {
            ask["amount_in_atomic"] = json!(fillable.to_string());
            let filled = market.quote(ask);
            prop_assert!(matches!(&filled, Ok(_) | Err(QuoteError::AmountTooSmall { .. })), "{:?}", filled);
        }
    }
}

/// Two paths want the pool between C and D, each in its own direction.
#[test]
fn no_answer_uses_a_pool_in_both_directions() {
    type Bins<'a> = &'a [(u16, u128, u128, u128)];
    let bins: [(&str, &str, &str, u16, Bins<'_>); 5] = [
        ("P00", "A", "C", 3_000, &[(499, 0, 102, 141), (500, 28, 71, 142), (501, 110, 0, 143)]),
        ("P01", "A", "D", 3_000, &[(499, 0, 187, 113), (500, 42, 38, 114), (501, 87, 0, 115)]),
        (
            "P02",
            "C",
            "D",
            10,
            &[
                (497, 0, 23, 83),
                (498, 0, 15, 84),
                (499, 0, 39, 85),
                (500, 18, 18, 86),
                (501, 18, 0, 87),
                (502, 37, 0, 88),
                (503, 12, 0, 89),
            ],
        ),
        (
            "P03",
            "C",
            "B",
            0,
            &[(498, 0, 9, 113), (499, 0, 1, 114), (500, 0, 1, 115), (501, 8, 0, 116), (502, 5, 0, 117)],
        ),
        ("P04", "D", "B", 0, &[(499, 0, 25, 72), (500, 39, 51, 73), (501, 43, 0, 74)]),
    ];
    let in_e8 = bins.map(|(id, x, y, _, bins)| {
        let bins = bins.iter().map(|(id, x, y, price)| (*id, *x, *y, price * 1_000_000));
        (id, x, y, bins.collect::<Vec<_>>())
    });
    let plain: Vec<_> = in_e8.iter().map(|(id, x, y, bins)| (*id, *x, *y, 500, bins.as_slice())).collect();
    let mut market = crate::market::Market::plain(&plain);
    for (id, _, _, fee, _) in bins {
        market.pool(id)["x_provider_fee"] = fee.into();
        market.pool(id)["y_provider_fee"] = fee.into();
    }
    for amount in 1..600_u128 {
        let Ok(quote) = market.quote(request(amount, 0)) else { continue };
        let mut used = BTreeMap::new();
        for hop in quote.routes.iter().flat_map(|route| &route.hops) {
            let direction = *used.entry(hop.pool_id.clone()).or_insert(hop.direction);
            assert_eq!(direction, hop.direction, "{amount} in, {}", hop.pool_id);
        }
        replay(&quote, &Snapshot::parse(&market.0.to_string()).expect("a snapshot")).expect("it replays");
    }
}
