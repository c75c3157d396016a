//! Every recorded call: function, argument bytes and post-conditions.

use super::interpreter::Chain;
use super::market::{ROUTER, answer, market};
use serde_json::{Value, json};

fn rows() -> Vec<Value> {
    let text = include_str!("../../../tests/vectors/chain/plans.json");
    let mut file: Value = serde_json::from_str(text).expect("JSON");
    file["rows"].take().as_array().expect("rows").clone()
}

fn mode(kind: &str) -> &'static str {
    match kind {
        "simple" | "same-multi" => "simple",
        "same-multi-strict" => "strict",
        "swap-multi" => "explicit",
        other => panic!("{other}"),
    }
}

fn hops(answer: &Value) -> Value {
    let routes = answer["routes"].as_array().expect("routes").iter().map(|route| {
        let hops = route["hops"].as_array().expect("hops").iter().map(|hop| {
            json!([
                hop["pool_id"],
                hop["amount_in_atomic"],
                hop["amount_out_atomic"],
                hop["active_bin_before"],
                hop["active_bin_after"]
            ])
        });
        hops.collect::<Value>()
    });
    routes.collect()
}

/// Principal, asset and amount of every condition, in order.
fn conditions(plan: &Value) -> Vec<Value> {
    let conditions = plan["post_conditions"].as_array().expect("conditions").iter();
    let mut all: Vec<_> =
        conditions.map(|one| json!([one["principal"], one["asset"], one["amount"]])).collect();
    all.sort_by_key(ToString::to_string);
    all
}

#[test]
fn every_recorded_call_is_planned_to_the_byte() {
    let (mut equal, mut other_split) = (0, 0);
    for (at, row) in rows().iter().enumerate() {
        let kind = row["kind"].as_str().expect("text");
        let mut request = row["request"].clone();
        request["slippage_bps"] = json!(0);
        request["plan"] = json!({"sender": row["sender"], "mode": mode(kind)});
        let pools = row["pools"].as_array().expect("pools");
        let answer = answer(&mut market(pools), &request).unwrap_or_else(|e| panic!("row {at}: {e}"));
        let plan = &answer["plan"];
        let mut chain = Chain::of(pools);
        let ran = chain.run(plan).unwrap_or_else(|e| panic!("row {at}: {e}"));
        ran.check_exact(&answer);
        assert!(plan["contract"] == row["contract"] && plan["contract"] == ROUTER, "row {at}");
        assert_eq!(plan["function"], row["function"], "row {at}");
        if hops(&answer) != row["hops"] {
            other_split += 1;
            let amount = |value: &Value| value.as_str().expect("text").parse::<u128>().expect("a number");
            let given = amount(&row["amount_out_atomic"]);
            assert!(amount(&answer["amount_out_atomic"]) >= given, "row {at}");
            let taken = row["hops"].as_array().expect("routes").iter().map(|route| amount(&route[0][1]));
            assert!(amount(&answer["amount_in_atomic"]) <= taken.sum(), "row {at}");
            continue;
        }
        let mut args = plan["args_hex"].clone();
        if kind == "same-multi" {
            // The recording asked for no total; a plan always does.
            assert_eq!(args[4], uint_hex(&answer["amount_out_atomic"]), "row {at}");
            args[4] = json!(format!("0x01{:032x}", 0));
        }
        assert_eq!(args, row["args_hex"], "row {at}");
        let mut expected: Vec<_> = row["post_conditions"].as_array().expect("conditions").clone();
        expected.sort_by_key(ToString::to_string);
        assert_eq!(conditions(plan), expected, "row {at}");
        equal += 1;
    }
    assert_eq!(
        (equal, other_split),
        (52, 1),
        "one exact output is bought for less than when it was recorded"
    );
}

fn uint_hex(amount: &Value) -> Value {
    json!(format!("0x01{:032x}", amount.as_str().expect("text").parse::<u128>().expect("a number")))
}
