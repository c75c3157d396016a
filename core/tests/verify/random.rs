//! Quotes of random and of recorded networks verify, whatever was read of them.

use crate::market::Market;
use crate::networks::networks;
use crate::record::{Reading, WHOLE, answer, assert_verifies};
use dlmm_core::api::Source;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};

fn requests() -> impl Strategy<Value = Value> {
    let amount = (prop_oneof![Just("amount_in_atomic"), Just("amount_out_atomic")], 1_u128..3_000_000);
    let limits = (1_u8..=4, 0_u8..=4, prop_oneof![Just(1_u16), 2_u16..10, Just(350)]);
    (amount, limits, any::<[bool; 2]>()).prop_map(|((field, amount), (hops, splits, bins), [partial, explain])| {
        json!({"token_in":"A","token_out":"B",(field):amount.to_string(),"max_hops":hops,"max_splits":splits,
            "max_bins":bins,"allow_partial":partial,"explain":explain})
    })
}

fn readings() -> impl Strategy<Value = Reading> {
    (prop_oneof![Just(1_000_u16), 1_u16..4], any::<bool>()).prop_map(|(width, cut_short)| Reading {
        width,
        cut_short,
        source: Source::Redis,
    })
}

/// The same cases every run; `PROPTEST_RNG_SEED` tries others, and `PROPTEST_CASES` more of them.
fn config(cases: u32) -> Config {
    let default = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    let seeded = std::env::var_os("PROPTEST_RNG_SEED").is_some();
    let rng_seed = if seeded { default.rng_seed } else { RngSeed::Fixed(20_261_124) };
    Config { cases, rng_seed, ..default }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn every_quote_of_a_random_network_verifies(
        network in networks(1_000_000),
        request in requests(),
        reading in readings(),
    ) {
        if let Ok(text) = answer(&network.market(), &request, reading) {
            assert_verifies(&text);
        }
    }
}

#[test]
fn every_quote_of_the_recorded_networks_verifies() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/routing/networks.json");
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the recorded networks")).expect("JSON");
    let mut quotes = 0;
    for case in file["cases"].as_array().expect("a list") {
        let market = Market(case["snapshot"].clone());
        for query in case["queries"].as_array().expect("a list") {
            let request = json!({"token_in": query["token_in"], "token_out": query["token_out"],
                "amount_in_atomic": query["amount_in"], "max_hops": query["max_hops"], "allow_partial": true});
            let text = answer(&market, &request, WHOLE).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
            assert_verifies(&text);
            quotes += 1;
        }
    }
    assert_eq!(quotes, 120);
}
