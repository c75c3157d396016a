//! A plan for people: the call, its arguments, its conditions, and what becomes of it where the market moves.

use comfy_table::{Table, presets};
use serde::Deserialize;
use serde_json::Value;

/// What the answer says of the call that executes it.
#[derive(Deserialize)]
pub(super) struct Plan {
    contract: String,
    function: String,
    args: Vec<Value>,
    post_conditions: Vec<PostCondition>,
    mode: String,
    minimum_received_atomic: String,
    bins: u32,
    reads: u32,
    holds: String,
    proven: bool,
    compared: Option<Comparison>,
}

/// What `auto` compared.
#[derive(Deserialize)]
struct Comparison {
    simple: Compared,
    explicit: Compared,
}

#[derive(Deserialize)]
struct Compared {
    amount_in_atomic: String,
    amount_out_atomic: String,
    reads: u32,
}

#[derive(Deserialize)]
struct PostCondition {
    principal: String,
    asset: String,
    condition: String,
    amount: String,
}

/// What becomes of the plan where the market moves.
#[derive(Deserialize)]
pub(super) struct Drift {
    bins: u32,
    amount_out_atomic: String,
    result: String,
}

/// Draws the plan.
pub(super) fn of(plan: &Plan, drift: &[Drift]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut fact = |name: &str, text: &str| {
        table.add_row([name, text]);
    };
    fact("call", &format!("{}.{}", plan.contract, plan.function));
    for (index, arg) in plan.args.iter().enumerate() {
        fact(&format!("argument {}", index + 1), &argument(arg));
    }
    for PostCondition { principal, asset, condition, amount } in &plan.post_conditions {
        fact("condition", &format!("{principal} {} {amount} {asset}", condition.replace('_', " ")));
    }
    let proof = if plan.proven { "" } else { ", of a router that was not run" };
    fact("mode", &format!("{}, holds for {}{proof}", plan.mode, plan.holds.replace('_', " ")));
    if let Some(compared) = &plan.compared {
        let told = |mode: &str, Compared { amount_in_atomic, amount_out_atomic, reads }: &Compared| {
            format!("{mode} {amount_out_atomic} for {amount_in_atomic}, {reads} reads")
        };
        fact(
            "compared",
            &format!("{}; {}", told("simple", &compared.simple), told("explicit", &compared.explicit)),
        );
    }
    fact("size", &format!("{} bins, {} reads", plan.bins, plan.reads));
    fact("at least", &format!("{} smallest units", plan.minimum_received_atomic));
    for Drift { bins, amount_out_atomic, result } in drift {
        fact(&format!("{bins} bins worse"), &format!("{amount_out_atomic} smallest units: {result}"));
    }
    format!("The transaction that executes it (nothing is sent):\n{}", table.trim_fmt())
}

/// An argument in short: a list by its length, anything else by its value.
fn argument(arg: &Value) -> String {
    let Some((kind, value)) = arg.as_object().and_then(|arg| arg.iter().next()) else {
        return arg.to_string();
    };
    match value {
        Value::Array(entries) => format!("list of {} entries (see --json)", entries.len()),
        Value::String(text) => format!("{kind} {text}"),
        other => format!("{kind} {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_is_told_in_lines() {
        let plan: Plan = serde_json::from_value(json!({
            "contract": "SP.router", "function": "swap-x-for-y-simple-multi",
            "args": [{"principal": "SP.pool"}, {"uint": "5"}, {"list": [{"tuple": {}}, {"tuple": {}}]}],
            "post_conditions": [{"principal": "SP", "asset": "STX", "condition": "sent_at_most", "amount": "5"}],
            "mode": "simple", "minimum_received_atomic": "4", "bins": 1, "reads": 48, "holds": "within_minimum",
            "proven": false,
        }))
        .unwrap();
        let drift: Vec<Drift> =
            serde_json::from_value(json!([{"bins": 1, "amount_out_atomic": "3", "result": "refused"}]))
                .unwrap();
        let told = of(&plan, &drift);
        for line in [
            "SP.router.swap-x-for-y-simple-multi",
            "principal SP.pool",
            "uint 5",
            "list of 2 entries",
            "SP sent at most 5 STX",
            "simple, holds for within minimum, of a router that was not run",
            "1 bins, 48 reads",
            "3 smallest units: refused",
        ] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
    }
}
