//! A plan for people: the call, its arguments, its conditions, and what becomes of it where the market moves.

use comfy_table::{Table, presets};
use dlmm_core::clarity::Value;
use dlmm_core::plan::{Drift, Plan, PostCondition};
use dlmm_core::quote::{Compared, Quote};
use dlmm_core::units::Amount;

use crate::grouping::grouped;
use crate::market::Amounts;
use crate::output::counted;

/// Draws the plan of a quote.
pub(super) fn of(plan: &Plan, quote: &Quote, amounts: Amounts<'_>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut fact = |name: &str, text: &str| {
        table.add_row([name, text]);
    };
    let received = |units: Amount| amounts.with_token(units, &quote.token_out);
    fact("call", &format!("{}.{}", plan.contract, plan.function));
    for (index, arg) in plan.args.iter().enumerate() {
        fact(&format!("argument {}", index + 1), &argument(arg));
    }
    for PostCondition { principal, asset, condition, amount } in &plan.post_conditions {
        let condition = condition.as_str().replace('_', " ");
        fact("condition", &format!("{principal} {condition} {amount} {asset}"));
    }
    let proof = if plan.proven { "" } else { ", of a router that was not run" };
    let holds = plan.holds.as_str().replace('_', " ");
    fact("mode", &format!("{}, holds for {holds}{proof}", plan.mode.as_str()));
    if let Some(choice) = &quote.choice {
        let told = |mode: &str, Compared { amount_in, amount_out, reads }: &Compared| {
            let sent = amounts.with_token(*amount_in, &quote.token_in);
            format!("{mode} {} for {sent}, {} reads", received(*amount_out), number(*reads))
        };
        let (simple, explicit) = (told("simple", &choice.simple), told("explicit", &choice.explicit));
        fact("compared", &format!("{simple}; {explicit}"));
    }
    let bins = usize::try_from(plan.bins).unwrap_or(usize::MAX);
    fact("size", &format!("{}, {} reads", counted(bins, "bin"), number(plan.reads)));
    fact("at least", &received(plan.minimum));
    for Drift { bins, amount_out, passes, .. } in &plan.drift {
        let result = if *passes { "passes" } else { "refused" };
        fact(&format!("{bins} bins worse"), &format!("{}: {result}", received(*amount_out)));
    }
    format!("The transaction that executes it (nothing is sent):\n{}", table.trim_fmt())
}

fn number(count: u32) -> String {
    grouped(&count.to_string())
}

/// An argument in short: a list by its length, anything else by its value.
fn argument(arg: &Value) -> String {
    let kind = arg.type_name();
    match arg {
        Value::List(entries) => format!("list of {} entries (see --json)", entries.len()),
        Value::Uint(number) => format!("{kind} {number}"),
        Value::Int(number) => format!("{kind} {number}"),
        Value::Bool(truth) => format!("{kind} {truth}"),
        Value::Principal(principal) => format!("{kind} {principal}"),
        _ => format!("{kind} (see --json)"),
    }
}
