//! What an answer cannot tell exactly, it says it cannot tell.

use crate::market::Market;
use serde_json::{Value, json};

const ONE: u128 = 100_000_000;

fn warnings(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().expect("a list").iter().map(|w| w["code"].as_str().expect("text")).collect()
}

#[test]
fn a_maximum_sent_beyond_128_bits_is_capped_and_said() {
    // Two Y cost 2 * 10^38 X, and the slippage doubles them.
    let dear = Market::plain(&[("P", "X", "Y", 500, &[(500, 0, 2 * 10_u128.pow(30), 1)])]);
    let request = |slippage: u16| json!({"token_in":"X","token_out":"Y","amount_out_atomic":(2 * 10_u128.pow(30)).to_string(),"slippage_bps":slippage});
    let (_, capped) = dear.answer(request(10_000)).expect("a quote");
    assert_eq!(capped["maximum_sent_atomic"], u128::MAX.to_string());
    assert_eq!(warnings(&capped), ["MAXIMUM_SENT_CAPPED"]);
    let (_, exact) = dear.answer(request(5_000)).expect("a quote");
    assert_eq!(
        (exact["maximum_sent_atomic"].as_str(), warnings(&exact)),
        (Some("300000000000000000000000000000000000000"), vec![])
    );
}

#[test]
fn an_impact_that_cannot_be_told_is_null_and_said() {
    // At the price of the first bin the whole input would be worth 10^42 Y.
    let bins = [(500, 0, 10_u128.pow(30), 10_u128.pow(38)), (499, 0, 10_u128.pow(12), ONE)];
    let steep = Market::plain(&[("P", "X", "Y", 500, &bins)]);
    let request = |amount: &str| json!({"token_in":"X","token_out":"Y","amount_in_atomic":amount});
    let (_, unknown) = steep.answer(request("1000000000001")).expect("a quote");
    assert!(unknown["price_impact_ppm"].is_null(), "{unknown}");
    assert_eq!(warnings(&unknown), ["PRICE_IMPACT_UNKNOWN"]);
    let (_, known) = steep.answer(request("1")).expect("a quote");
    assert_eq!((known["price_impact_ppm"].as_u64(), warnings(&known)), (Some(0), vec![]));
}
