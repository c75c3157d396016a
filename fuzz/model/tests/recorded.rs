//! The model against swaps that the contracts themselves have made.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use dlmm_model::{Bin, Direction, Fees, Pool, Price};
use serde_json::Value;

fn number(value: &Value) -> u128 {
    value.as_str().and_then(|text| text.parse().ok()).expect("a number as text")
}

fn small(value: &Value) -> u16 {
    value.as_u64().and_then(|number| number.try_into().ok()).expect("a small number")
}

fn fees(side: &Value) -> Fees {
    let [protocol, provider, variable] = ["protocol", "provider", "variable"].map(|name| small(&side[name]));
    Fees { protocol, provider, variable }
}

fn pool(recorded: &Value, exempt: bool) -> Pool {
    let bins = recorded["bins"].as_array().expect("bins").iter().map(|bin| {
        let price = Price::exact(number(&bin["price"]));
        (small(&bin["id"]), Bin { x: number(&bin["x"]), y: number(&bin["y"]), price })
    });
    let of = |side| if exempt { Fees::default() } else { fees(&recorded["fees"][side]) };
    Pool { active: small(&recorded["active_bin_id"]), fees_x: of("x"), fees_y: of("y"), bins: bins.collect() }
}

/// Compares one swap; tells whether the contract aborted, as the model must then too.
fn compare(name: &str, recorded: &Value, swap: &Value) -> bool {
    let mut pool = pool(recorded, swap["fee_exempt"] == true);
    let x_for_y = swap["direction"] == "x_for_y";
    let direction = if x_for_y { Direction::XForY } else { Direction::YForX };
    let rounds = if swap["kind"] == "single_bin" { 1 } else { small(&swap["max_steps"]) };
    let ours = pool.swap(direction, number(&swap["amount_in"]), rounds);
    let result = &swap["result"];
    if result["ok"] != true {
        assert!(ours.is_err(), "{name}: {swap}");
        return true;
    }
    let ours = ours.unwrap_or_else(|_| panic!("{name}: aborts on {swap}"));
    assert_eq!(ours.taken, number(&result["amount_in_used"]), "{name}: {swap}");
    assert_eq!(ours.given, number(&result["amount_out"]), "{name}: {swap}");
    assert_eq!(ours.rounds, small(&result["iterations"]), "{name}: {swap}");
    assert_eq!(pool.active, small(&result["active_bin_id_after"]), "{name}: {swap}");
    let steps = result["steps"].as_array().expect("steps");
    assert_eq!(ours.steps.len(), steps.len(), "{name}: {swap}");
    for (step, theirs) in ours.steps.iter().zip(steps) {
        let fees = step.fees;
        assert_eq!(step.bin_id, small(&theirs["bin_id"]), "{name}: {swap}");
        for (field, ours) in [
            ("in", step.taken),
            ("out", step.given),
            ("fee_protocol", fees.protocol),
            ("fee_provider", fees.provider),
            ("fee_variable", fees.variable),
            ("fee_total", fees.protocol + fees.provider + fees.variable),
        ] {
            assert_eq!(ours, number(&theirs[field]), "{name}: {field} of {swap}");
        }
    }
    for bin in result["bins_after"].as_array().expect("bins") {
        let ours = &pool.bins[&small(&bin["id"])];
        assert_eq!((ours.x, ours.y), (number(&bin["x"]), number(&bin["y"])), "{name}: {swap}");
    }
    false
}

/// Whether the outcome is the swap's alone: no refusal of another kind than arithmetic, no list of bins.
fn is_plain(swap: &Value) -> bool {
    let kind = swap["kind"] == "single_bin" || swap["router"] == "simple";
    let aborted = swap["result"]["error_code"].as_str().is_some_and(|code| code.starts_with("runtime:"));
    kind && number_or_zero(&swap["amount_in"]) > 0 && (swap["result"]["ok"] == true || aborted)
}

fn number_or_zero(value: &Value) -> u128 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[test]
fn equals_every_recorded_swap() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");
    let (mut equal, mut aborted) = (0, 0);
    for entry in std::fs::read_dir(folder).expect("the vectors") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            continue;
        }
        let file: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
        for pool in file["pools"].as_array().into_iter().flatten() {
            let name = format!("{}: {}", path.display(), pool["name"]);
            for swap in pool["swaps"].as_array().into_iter().flatten().filter(|swap| is_plain(swap)) {
                let counter = if compare(&name, pool, swap) { &mut aborted } else { &mut equal };
                *counter += 1;
            }
        }
    }
    // All of them were there: the numbers of the recorded set.
    assert_eq!((equal, aborted), (2_635, 43));
}
