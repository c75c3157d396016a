//! Mispriced pools without fees, where a circle gains: the search still ends and answers stay simple.

use crate::market::Market;
use serde_json::json;

const ONE: u128 = 100_000_000;
const DEEP: u128 = 1_000_000;

#[test]
fn a_circle_that_gains_is_not_walked_for_ever() {
    // A to B to C to A doubles the money; A to D is the trade.
    let bins = |price: u128| [(499, 0, DEEP, price - 1), (500, DEEP, DEEP, price), (501, DEEP, 0, price + 1)];
    let (double, same) = (bins(2 * ONE), bins(ONE));
    let market = Market::plain(&[
        ("ab", "A", "B", 500, &double),
        ("bc", "B", "C", 500, &same),
        ("ca", "C", "A", 500, &same),
        ("ad", "A", "D", 500, &same),
        ("bd", "B", "D", 500, &same),
        ("cd", "C", "D", 500, &same),
    ]);
    for amount in ["1", "1000", "1000000", "3000000", "90000000"] {
        for splits in [0, 1, 4] {
            let request = json!({"token_in": "A", "token_out": "D", "amount_in_atomic": amount, "max_hops": 4,
                "max_splits": splits, "allow_partial": true});
            let quote = market.quote(request).expect("a quote");
            for route in &quote.routes {
                let mut tokens: Vec<_> = route.hops.iter().map(|hop| hop.token_out.as_str()).collect();
                tokens.push("A");
                let count = tokens.len();
                tokens.sort_unstable();
                tokens.dedup();
                assert_eq!(tokens.len(), count, "a token is passed twice");
            }
        }
    }
}

#[test]
fn equal_marginal_prices_fill_the_lower_id_whole_before_the_next() {
    let bins = [(500, 0, 100, ONE), (499, 0, 100, ONE - 1)];
    let market = Market::plain(&[("b", "X", "Y", 500, &bins), ("a", "X", "Y", 500, &bins)]);
    let quote = |amount: u32| {
        let request = json!({"token_in": "X", "token_out": "Y", "amount_in_atomic": amount.to_string()});
        let quote = market.quote(request).expect("a quote");
        let routes = quote.routes.iter().map(|r| (r.hops[0].pool_id.as_str().to_owned(), r.amount_in));
        routes.collect::<Vec<_>>()
    };
    assert_eq!(quote(100), [("a".to_owned(), 100)]);
    assert_eq!(quote(150), [("a".to_owned(), 100), ("b".to_owned(), 50)]);
}

#[test]
fn dust_in_the_active_bin_does_not_hide_a_deep_pool() {
    let dusty = [(500, 0, 1, 1_001 * ONE), (499, 0, 1_000_000, 1_000 * ONE)];
    let poor = [(500, 0, 1_000_000, 900 * ONE)];
    let market = Market::plain(&[("dusty", "X", "Y", 500, &dusty), ("poor", "X", "Y", 500, &poor)]);
    let request = json!({"token_in": "X", "token_out": "Y", "amount_in_atomic": "500"});
    let quote = market.quote(request).expect("a quote");
    assert_eq!(quote.amount_out, 499 * 1_000 + 1);
}
