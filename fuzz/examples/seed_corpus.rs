//! Writes the first inputs of the corpus: the sample, the recorded networks, and texts as the documentation has them.
//!
//! ```text
//! cargo run -p dlmm-fuzz --example seed_corpus
//! ```
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a development tool")]

use std::fs;
use std::path::Path;

use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::stored::sample_snapshot;
use serde_json::{Value, json};

const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
/// Larger seeds slow the search down and find no more.
const MAX_BYTES: usize = 12 << 10;

fn main() {
    let sample: Value = serde_json::from_str(&sample_snapshot(0)).expect("JSON");
    let mut seeds: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut add = |target, text: &str| seeds.push((target, text.as_bytes().to_vec()));

    for pool in sample["pools"].as_array().expect("pools").iter().take(3) {
        let mut value = pool.clone();
        value.as_object_mut().expect("an object").remove("bins");
        add("pool_value", &value.to_string());
        for bin in pool["bins"].as_array().expect("bins").iter().take(2) {
            add("bin_value", &format!("\u{8}{bin}"));
        }
    }
    for text in [
        r#"{"pool_id":"P","token_x":"BTC","token_y":"USDC","active_bin_id":"500","status":"paused","x_protocol_fee":9999,"token_x_decimals":38,"last_updated":1767225600}"#,
        r#"{"pool_id":"a.b-C_1","token_x":"\u0041","token_y":"B","active_bin_id":1e3,"status":"active","y_variable_fee":"10","last_updated":"2026-01-01T00:00:00"}"#,
    ] {
        add("pool_value", text);
    }
    for text in [
        "\u{8}{\"bin_id\":500,\"reserve_x\":\"1\",\"reserve_y\":340282366920938463463374607431768211455,\"price_e8\":\"1\"}",
        "\u{0}{\"bin_id\":0,\"x_amount\":1e-7,\"y_amount\":\".5\",\"price\":\"123456789.123456789\",\"is_active\":true}",
        "\u{5}{\"pool_id\":\"P\",\"bin_id\":1000,\"x_amount\":5.,\"reserve_y\":\"7\",\"price\":1E+30,\"price_e8\":\"5\"}",
    ] {
        add("bin_value", text);
    }
    for text in [
        r#"["BTC-USDC-25","ETH-USDC-10"]"#,
        r#"{"pools":["A","B:C"],"last_updated":"2026-01-01T00:00:00Z"}"#,
        "bin:BTC-USDC-25:500",
        "pool:A",
        "\"2026-01-01T00:00:00.123+02:00\"",
        "1767225600.5",
        "1767225600500",
    ] {
        add("list", text);
    }

    let requests = [
        r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.5}"#,
        r#"{"token_in":"USDC","token_out":"ETH","amount_out_atomic":"1000000","slippage_bps":100,"max_hops":4,"max_splits":0,"max_bins":1001,"allow_partial":true,"via":["BTC"],"pools":["A","B"],"exclude_pools":["C"],"max_age_ms":5,"strict":false,"include_state":true,"explain":true}"#,
        r#"{"token_in":"A","token_out":"B","amount_out":"1e-7","direct_only":true}"#,
        r#"{"token_in":"A","token_out":"B","amount_in_atomic":"340282366920938463463374607431768211455"}"#,
    ];
    for request in requests {
        add("body", request);
    }
    add("batch", &format!(r#"{{"requests":[{}]}}"#, requests.join(",")));
    add("batch", r#"{"requests":[{"token_in":"A"},null,5]}"#);
    for text in [
        "https://quote.example/quote?token_in=BTC&token_out=USDC&amount_in=1.5&via=A,B&strict=true",
        "http://127.0.0.1:8787/pools/BTC%2DUSDC%2d25?limit=10&after=A",
        "http://127.0.0.1/routes?token_in=A&token_out=B&max_hops=3",
        "http://127.0.0.1/snapshot?pools=A,B#f",
        "W/\"ba7816bf8f01cfea414140de5dae2223\", *",
    ] {
        add("url", text);
    }
    for text in [
        "\u{2}{\"result\":[\"a\",null]}",
        "\u{2}[{\"result\":[\"3\",\"v1\"]},{\"result\":312}]",
        "\u{1}{\"error\":\"NOPERM this user has no permissions\"}",
        "\u{1}{\"error\":\"ERR max daily request limit exceeded. Limit: 500000, Usage: 500000.\"}",
        "\u{3}{\"result\":[[\"0\",[\"pool:A\"]],-5,\"\\u00e9\"],\"error\":null}",
    ] {
        add("reply", text);
    }

    let networks = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/routing/networks.json");
    let networks: Value =
        serde_json::from_str(&fs::read_to_string(networks).expect("the recorded networks")).expect("JSON");
    let recorded = networks["cases"].as_array().expect("cases").iter().take(9).map(|case| &case["snapshot"]);
    for snapshot in std::iter::once(&sample).chain(recorded) {
        let mut snapshot = snapshot.clone();
        for pool in snapshot["pools"].as_array_mut().expect("pools") {
            // The few bins around the active one say all that a whole pool says to a reader.
            let active = pool["active_bin_id"].as_i64().expect("an id");
            let bins = pool["bins"].as_array_mut().expect("bins");
            bins.retain(|bin| (bin["bin_id"].as_i64().expect("an id") - active).abs() <= 2);
        }
        let pools = snapshot["pools"].as_array_mut().expect("pools");
        pools.truncate(4);
        let (first, active) = (pools[0].clone(), pools[0]["active_bin_id"].clone());
        let id = first["pool_id"].as_str().expect("an id").to_owned();
        let request = json!({"token_in": first["token_x"], "token_out": first["token_y"], "amount_in_atomic": "100000",
            "allow_partial": true, "include_state": true});
        let bin = first["bins"][0].to_string();
        let text = format!(
            "{snapshot}\u{1e}{request}\u{1e}pool:{id}\u{1e}{{\"pool_id\":\"{id}\"\u{1e}bin:{id}:{active}\u{1e}{bin}\u{1e}pool:{id}\u{1e}"
        );
        add("snapshot", &text);
        let mut market = Market::from_snapshot(&snapshot.to_string(), SETTINGS).expect("a snapshot");
        let request = request_from_json(&request.to_string()).expect("a request");
        if let Ok(answer) = market.answer(&request, NumberStyle::Json) {
            add("verified_quote", &answer);
        }
    }
    // The structure of these two is drawn from bytes.
    let mut random = fastrand::Rng::with_seed(1);
    for target in ["network", "swap"] {
        for length in [64, 256, 512, 1_024, 2_048] {
            let mut bytes = vec![0; length];
            random.fill(&mut bytes);
            seeds.push((target, bytes));
        }
    }

    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut numbers = std::collections::BTreeMap::<&str, u32>::new();
    for (target, bytes) in seeds.iter().filter(|(_, bytes)| bytes.len() <= MAX_BYTES) {
        let number = numbers.entry(*target).or_default();
        *number += 1;
        let folder = corpus.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("seed-{number:02}")), bytes).expect("a file");
    }
    println!("{numbers:?}");
}
