//! The least input for an output: sharing never costs more than the best route alone.

use crate::market::Market;
use serde_json::json;

#[test]
fn a_route_that_takes_a_part_of_what_it_is_offered_is_not_beaten_by_a_coarser_split() {
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
    let spent = |splits: u8| {
        let request = json!({"token_in": "A", "token_out": "E", "amount_out_atomic": "10", "max_hops": 3,
            "max_splits": splits, "allow_partial": true});
        market.quote(request).expect("a quote").amount_in
    };
    let alone = spent(1);
    assert!(spent(2) <= alone && spent(0) <= alone, "{alone} alone, shared {} and {}", spent(2), spent(0));
}
