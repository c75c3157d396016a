//! Up to three pools of one pair with tiny reserves: every way to share the input is tried.

use crate::market::Market;
use crate::networks::pool;
use dlmm_core::error::QuoteError;
use proptest::prelude::*;
use serde_json::{Value, json};

const MOST_IN: usize = 300;

/// Output of one pool for every input up to `most`, by quotes over it alone.
fn table(market: &Market, id: &str, most: usize) -> Vec<u128> {
    (0..=most)
        .map(|amount| {
            if amount == 0 {
                return 0;
            }
            let request = json!({"token_in": "A", "token_out": "B", "amount_in_atomic": amount.to_string(),
                "pools": [id], "max_splits": 1, "allow_partial": true});
            match market.quote(request) {
                Ok(quote) => quote.amount_out,
                Err(QuoteError::AmountTooSmall { .. } | QuoteError::InsufficientLiquidity { .. }) => 0,
                Err(e) => panic!("{e}"),
            }
        })
        .collect()
}

fn best(tables: &[Vec<u128>], amount: usize) -> u128 {
    match tables {
        [only] => only[amount],
        [first, rest @ ..] => {
            (0..=amount).map(|share| first[share] + best(rest, amount - share)).max().unwrap_or(0)
        }
        [] => 0,
    }
}

fn cases() -> impl Strategy<Value = (Vec<Value>, usize, f64)> {
    let price =
        prop_oneof![Just((2_000_000_u128, 0.02)), Just((100_000_000, 1.0)), Just((100_000_000_000, 1000.0))];
    price.prop_flat_map(|(price_e8, human)| {
        let most_y = if human > 1.0 { 30_000 } else { 40 };
        let bins = proptest::collection::vec((Just(0_u128), 0_u128..most_y), 1..4);
        let shape = (bins, 0_u128..300, prop_oneof![Just(0_u16), Just(30), Just(300)], 95_u128..105);
        let pools = proptest::collection::vec(shape, 1..4).prop_map(move |shapes| {
            let pools = shapes.into_iter().enumerate().map(|(id, (bins, step, fee, share))| {
                pool(id, ("A", "B"), price_e8 * share / 100, step, fee, &bins)
            });
            pools.collect::<Vec<_>>()
        });
        (pools, 1..MOST_IN, Just(human))
    })
}

proptest! {
    #![proptest_config(crate::config(60))]

    #[test]
    fn no_way_to_share_is_better_by_more_than_rounding((pools, amount, price) in cases()) {
        let ids: Vec<String> = pools.iter().map(|p| p["pool_id"].as_str().expect("an id").to_owned()).collect();
        let market = Market(json!({"format": "dlmm-snapshot/1", "taken_at": "", "tokens": {}, "pools": pools}));
        let tables: Vec<_> = ids.iter().map(|id| table(&market, id, amount)).collect();
        let best = best(&tables, amount);
        let request = json!({"token_in": "A", "token_out": "B", "amount_in_atomic": amount.to_string(),
            "max_splits": 0, "allow_partial": true});
        let (ours, routes) = match market.quote(request) {
            Ok(quote) => (quote.amount_out, quote.routes.len()),
            Err(QuoteError::AmountTooSmall { .. } | QuoteError::InsufficientLiquidity { .. }) => (0, 1),
            Err(e) => return Err(TestCaseError::fail(e.to_string())),
        };
        // Three output units, or the worth of two input units a route at the best price.
        let slack = 3_f64.max(2.0 * routes as f64 * price * 1.1) as u128;
        prop_assert!(ours + slack >= best, "{} of {} for {}", ours, best, amount);
    }
}
