//! The least input for an output: sharing never costs more than the best route alone.

use crate::market::Market;
use serde_json::json;

#[test]
fn a_route_that_takes_a_part_of_what_it_is_offered_costs_no_more_among_others() {
    // Backwards from the wanted output no route leads here: the middle hop has one unit left, the last gives 14 for it.
    let mut market = Market::plain(&[
        ("ad", "A", "D", 500, &[(499, 4, 138, 1), (500, 972, 256, 1), (501, 94, 0, 1)]),
        ("db", "D", "B", 500, &[(497, 0, 5, 1_860_893), (498, 0, 1, 1_869_080)]),
        ("db2", "D", "B", 1_000, &[(960, 0, 652, 2_190_626_221), (1_000, 13, 5, 2_197_591_646)]),
        ("eb", "E", "B", 500, &[(499, 0, 7, 29), (500, 14, 228, 30), (501, 110, 0, 30)]),
    ]);
    for (id, fee) in [("ad", 121), ("db", 206), ("db2", 14), ("eb", 15)] {
        market.pool(id)["x_provider_fee"] = fee.into();
        market.pool(id)["y_protocol_fee"] = 30.into();
    }
    sharing_costs_no_more(&market, "10", 3);
}

#[test]
fn a_route_that_a_fee_rounds_away_on_costs_no_more_among_others() {
    // Of one unit a fee of 99.99 % takes nothing, which no calculation backwards sees: the direct pool seems cheaper.
    let mut market = Market::plain(&[
        ("P0", "D", "A", 0, &[(2, 10_u128.pow(34), 1, 835_773_131)]),
        ("P1", "A", "E", 3, &[(1, 1, 10_u128.pow(37), 786)]),
        ("P2", "E", "D", 3, &[(3, 10_u128.pow(34), 0, 1)]),
        ("P3", "A", "D", 500, &[(500, 0, 10_u128.pow(16), 205_586)]),
    ]);
    for (id, x, y) in [("P0", 177, 0), ("P1", 61, 9_999), ("P2", 191, 9_999), ("P3", 59, 30)] {
        market.pool(id)["x_provider_fee"] = x.into();
        market.pool(id)["y_protocol_fee"] = y.into();
    }
    // A price in human form is not held to the contract's integer steps.
    let bin = market.bin("P1", 1).as_object_mut().expect("an object");
    bin.remove("price_e8");
    bin.insert("price".to_owned(), "786e-8".into());
    sharing_costs_no_more(&market, "46", 2);
}

fn sharing_costs_no_more(market: &Market, wanted: &str, hops: u8) {
    let spent = |splits: u8| {
        let request = json!({"token_in": "A", "token_out": "E", "amount_out_atomic": wanted, "max_hops": hops,
            "max_splits": splits, "allow_partial": true});
        market.quote(request).expect("a quote").amount_in
    };
    let alone = spent(1);
    assert!(spent(2) <= alone && spent(0) <= alone, "{alone} alone, shared {} and {}", spent(2), spent(0));
}
