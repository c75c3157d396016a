//! A quote for people, drawn from the very JSON that a program would get.

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::plan_table::{self, Drift, Plan};
use crate::clock::span;

/// The answer, with numbers kept as their text.
#[derive(Deserialize)]
struct Answer<'a> {
    token_in: String,
    token_out: String,
    #[serde(borrow)]
    amount_in: &'a RawValue,
    #[serde(borrow)]
    amount_out: &'a RawValue,
    /// Exact in.
    #[serde(borrow)]
    minimum_received: Option<&'a RawValue>,
    /// Exact out.
    #[serde(borrow)]
    maximum_sent: Option<&'a RawValue>,
    #[serde(borrow)]
    unfilled: &'a RawValue,
    unfilled_atomic: String,
    price_impact_ppm: Option<u32>,
    #[serde(borrow)]
    effective_price: Option<&'a RawValue>,
    route_type: String,
    #[serde(borrow)]
    fees: Vec<Fees<'a>>,
    #[serde(borrow)]
    routes: Vec<Route<'a>>,
    #[serde(borrow)]
    steps: Option<Vec<Step<'a>>>,
    state: State,
    warnings: Vec<serde_json::Map<String, Value>>,
    /// The candidates that lost, where they were asked for.
    #[serde(borrow)]
    explain: Option<Vec<Lost<'a>>>,
    /// The call that executes it, where it was asked for.
    plan: Option<Plan>,
    #[serde(default)]
    drift: Vec<Drift>,
    /// Of request, state and result, where it was asked for.
    digest: Option<String>,
}

#[derive(Deserialize)]
struct Lost<'a> {
    reason: String,
    #[serde(borrow)]
    amount_in: Option<&'a RawValue>,
    #[serde(borrow)]
    amount_out: Option<&'a RawValue>,
    routes: Vec<LostRoute>,
}

#[derive(Deserialize)]
struct LostRoute {
    tokens: Vec<String>,
    pools: Vec<String>,
}

#[derive(Deserialize)]
struct Fees<'a> {
    token: String,
    #[serde(borrow)]
    protocol: &'a RawValue,
    #[serde(borrow)]
    provider: &'a RawValue,
    #[serde(borrow)]
    variable: &'a RawValue,
    #[serde(borrow)]
    total: &'a RawValue,
}

#[derive(Deserialize)]
struct Route<'a> {
    share_ppm: u32,
    #[serde(borrow)]
    amount_in: &'a RawValue,
    #[serde(borrow)]
    amount_out: &'a RawValue,
    hops: Vec<Hop>,
}

#[derive(Deserialize)]
struct Hop {
    pool_id: String,
    token_in: String,
    token_out: String,
    active_bin_before: u16,
    active_bin_after: u16,
}

#[derive(Deserialize)]
struct Step<'a> {
    route: usize,
    pool_id: String,
    bin_id: u16,
    token_in: String,
    token_out: String,
    #[serde(borrow)]
    amount_in: &'a RawValue,
    #[serde(borrow)]
    amount_out: &'a RawValue,
    #[serde(borrow)]
    price: &'a RawValue,
    #[serde(borrow)]
    fee_amount: &'a RawValue,
}

#[derive(Deserialize)]
struct State {
    source: String,
    read_at: String,
    pools: Vec<StatePool>,
}

#[derive(Deserialize)]
struct StatePool {
    pool_id: String,
    age_ms: Option<u64>,
}

/// Draws the answer.
pub(super) fn of(json: &str) -> anyhow::Result<String> {
    let answer: Answer<'_> = serde_json::from_str(json).context("the answer cannot be shown as a table")?;
    let mut text = format!(
        "{} {} -> {} {}\n\n{}\n\n{}\n",
        answer.amount_in,
        answer.token_in,
        answer.amount_out,
        answer.token_out,
        facts(&answer).trim_fmt(),
        routes(&answer)
    );
    if let Some(listed) = &answer.steps {
        text.push_str(&format!("\n{}\n", steps(listed)));
    }
    if let Some(lost) = answer.explain.as_ref().filter(|lost| !lost.is_empty()) {
        text.push_str(&format!("\nWhat else was possible:\n{}\n", candidates(lost)));
    }
    if let Some(plan) = &answer.plan {
        text.push_str(&format!("\n{}\n", plan_table::of(plan, &answer.drift)));
    }
    for warning in &answer.warnings {
        text.push_str(&format!("\nwarning: {}", warning_text(warning)));
    }
    Ok(text)
}

fn facts(answer: &Answer<'_>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let Answer { token_in, token_out, .. } = answer;
    let mut fact = |name: &str, text: String| {
        table.add_row([name, &text]);
    };
    if let Some(received) = answer.minimum_received {
        fact("minimum received", format!("{received} {token_out}"));
    }
    if let Some(sent) = answer.maximum_sent {
        fact("maximum sent", format!("{sent} {token_in}"));
    }
    if answer.unfilled_atomic != "0" {
        let asked_in = if answer.maximum_sent.is_some() { token_out } else { token_in };
        fact("unfilled", format!("{} {asked_in}", answer.unfilled));
    }
    fact("price impact", answer.price_impact_ppm.map_or_else(|| "unknown".to_owned(), percent));
    if let Some(price) = answer.effective_price {
        fact("effective price", format!("{price} {token_out} per {token_in}"));
    }
    for Fees { token, protocol, provider, variable, total } in &answer.fees {
        let parts = format!("protocol {protocol}, provider {provider}, variable {variable}");
        fact("fees", format!("{total} {token} ({parts})"));
    }
    fact("route type", answer.route_type.clone());
    fact("state", format!("{}, read at {}", answer.state.source, answer.state.read_at));
    let ages = answer.state.pools.iter().map(|pool| match pool.age_ms {
        Some(age_ms) => format!("{} {}", pool.pool_id, span(age_ms)),
        None => format!("{} unknown", pool.pool_id),
    });
    fact("age of the state", ages.collect::<Vec<_>>().join(", "));
    if let Some(digest) = &answer.digest {
        fact("digest", digest.clone());
    }
    table
}

fn routes(answer: &Answer<'_>) -> Table {
    let mut table = framed(&["route", "share", "path", "in", "out", "active bins"], &[0, 1, 3, 4]);
    for (index, route) in answer.routes.iter().enumerate() {
        let start = route.hops.first().map_or("", |hop| hop.token_in.as_str());
        let path = path(start, route.hops.iter().map(|hop| (hop.pool_id.as_str(), hop.token_out.as_str())));
        let bins = route.hops.iter().map(|hop| match (hop.active_bin_before, hop.active_bin_after) {
            (before, after) if before == after => format!("{before}"),
            (before, after) => format!("{before} to {after}"),
        });
        table.add_row([
            (index + 1).to_string(),
            percent(route.share_ppm),
            path,
            route.amount_in.to_string(),
            route.amount_out.to_string(),
            bins.collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

fn steps(steps: &[Step<'_>]) -> Table {
    let mut table = framed(&["route", "pool", "bin", "in", "fee in it", "out", "price"], &[0, 2, 3, 4, 5, 6]);
    for step in steps {
        table.add_row([
            (step.route + 1).to_string(),
            step.pool_id.clone(),
            step.bin_id.to_string(),
            format!("{} {}", step.amount_in, step.token_in),
            step.fee_amount.to_string(),
            format!("{} {}", step.amount_out, step.token_out),
            step.price.to_string(),
        ]);
    }
    table
}

fn candidates(lost: &[Lost<'_>]) -> Table {
    let mut table = framed(&["candidate", "in", "out", "lost because"], &[1, 2]);
    let amount = |units: Option<&RawValue>| units.map_or_else(|| "-".to_owned(), ToString::to_string);
    for candidate in lost {
        let paths = candidate.routes.iter().map(|LostRoute { tokens, pools }| {
            let hops = pools.iter().map(String::as_str).zip(tokens.iter().skip(1).map(String::as_str));
            path(tokens.first().map_or("", String::as_str), hops)
        });
        table.add_row([
            paths.collect::<Vec<_>>().join("\n"),
            amount(candidate.amount_in),
            amount(candidate.amount_out),
            candidate.reason.clone(),
        ]);
    }
    table
}

/// Draws a route: the token it starts with, then pool and token of each hop.
fn path<'h>(start: &str, hops: impl Iterator<Item = (&'h str, &'h str)>) -> String {
    hops.fold(start.to_owned(), |path, (pool, token)| format!("{path} -[{pool}]-> {token}"))
}

fn framed(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.to_vec());
    for &index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Parts of a million as a percentage, exactly.
fn percent(ppm: u32) -> String {
    format!("{}.{:04} %", ppm / 10_000, ppm % 10_000)
}

fn warning_text(warning: &serde_json::Map<String, Value>) -> String {
    let code = warning.get("code").and_then(Value::as_str).unwrap_or_default();
    let facts = warning.iter().filter(|(name, _)| *name != "code").map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    let facts: Vec<_> = facts.collect();
    if facts.is_empty() { code.to_owned() } else { format!("{code}: {}", facts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact() {
        let told = [0, 1, 12_345, 1_000_000].map(percent);
        assert_eq!(told, ["0.0000 %", "0.0001 %", "1.2345 %", "100.0000 %"]);
    }

    #[test]
    fn a_warning_is_its_code_and_its_facts() {
        let warning =
            serde_json::from_str(r#"{"code":"POOL_SKIPPED","key":"pool:P","reason":"price is zero"}"#);
        assert_eq!(warning_text(&warning.unwrap()), "POOL_SKIPPED: key pool:P, reason price is zero");
    }

    #[test]
    fn what_is_no_answer_is_not_drawn() {
        assert!(of(r#"{"success":false}"#).is_err());
    }
}
