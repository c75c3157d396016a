//! A quote for people.

use comfy_table::{CellAlignment, Table, presets};
use dlmm_core::api::Answer;
use dlmm_core::network::graph::Graph;
use dlmm_core::quote::share::shares_ppm;
use dlmm_core::quote::{LostCandidate, LostRoute, Mode, Quote, Warning};
use dlmm_core::stored::write_stamp;
use dlmm_core::units::Direction;

use super::plan_table;
use crate::clock::{now_ms, span};
use crate::grouping::grouped;
use crate::market::{Amounts, percent, warning_line};

/// How long ago a state was read is told from here on.
const LONG_AGO_MS: u64 = 60_000;

/// Draws the answer. Names that are not there are met with those of the pools that were perhaps meant.
pub(super) fn of(answer: &Answer, pools: Option<&Graph>) -> String {
    let (quote, amounts) = (&*answer.quote, Amounts(&answer.basis.decimals));
    let mut text = format!(
        "{} -> {}\n\n{}\n\n{}\n",
        amounts.with_token(quote.amount_in, &quote.token_in),
        amounts.with_token(quote.amount_out, &quote.token_out),
        facts(answer, amounts).trim_fmt(),
        routes(quote, amounts)
    );
    if answer.basis.request.include_steps {
        text.push_str(&format!("\n{}\n", steps(quote, amounts)));
    }
    if let Some(lost) = quote.explained.as_ref().filter(|lost| !lost.is_empty()) {
        text.push_str(&format!("\nWhat else was possible:\n{}\n", candidates(quote, lost, amounts)));
    }
    if let Some(plan) = &answer.plan {
        text.push_str(&format!("\n{}\n", plan_table::of(plan, quote, amounts)));
    }
    for warning in &quote.warnings {
        text.push_str(&format!("\n{}", warning_line(warning, quote, amounts)));
        if let (Warning::FilterUnknown { field, name }, Some(pools)) = (warning, pools) {
            text.push_str(&pools.meant_by(field, name));
        }
    }
    text
}

fn facts(answer: &Answer, amounts: Amounts<'_>) -> Table {
    let quote = &*answer.quote;
    let Quote { token_in, token_out, .. } = quote;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut fact = |name: &str, text: String| {
        table.add_row([name, &text]);
    };
    let (bound, bound_token, fixed) = match quote.mode {
        Mode::ExactIn => ("minimum received", token_out, token_in),
        Mode::ExactOut => ("maximum sent", token_in, token_out),
    };
    fact(bound, amounts.with_token(quote.bound, bound_token));
    if quote.unfilled > 0 {
        fact("unfilled", amounts.with_token(quote.unfilled, fixed));
    }
    fact("price impact", quote.price_impact_ppm.map_or_else(|| "unknown".to_owned(), percent));
    if let Some(price) = amounts.effective_price(quote) {
        fact("effective price", format!("{price} {token_out} per {token_in}"));
    }
    for (token, fees) in quote.fees() {
        let [protocol, provider, variable] =
            [fees.protocol, fees.provider, fees.variable].map(|units| amounts.number(units, token));
        let total = amounts.with_token(fees.total(), token);
        fact("fees", format!("{total} (protocol {protocol}, provider {provider}, variable {variable})"));
    }
    fact("route type", quote.route_type().to_owned());
    let read_at = answer.read_at;
    let since_ms = now_ms().saturating_sub(read_at.ms);
    // Ages count up to when it was read: a file may lie for months.
    let since = if since_ms < LONG_AGO_MS { String::new() } else { format!(", {} ago", span(since_ms)) };
    fact("state", format!("{}, read at {}{since}", read_at.source.as_str(), write_stamp(read_at.ms)));
    let ages = quote.pools.iter().map(|pool| match pool.age_ms {
        Some(age_ms) => format!("{} {}", pool.pool_id, span(age_ms)),
        None => format!("{} unknown", pool.pool_id),
    });
    fact("age of the state", ages.collect::<Vec<_>>().join(", "));
    if answer.basis.request.include_state {
        // None of ours is without.
        fact("digest", answer.own_digest().unwrap_or_else(|reason| reason));
    }
    table
}

fn routes(quote: &Quote, amounts: Amounts<'_>) -> Table {
    let mut table = framed(&["route", "share", "path", "in", "out", "active bins"], &[0, 1, 3, 4]);
    let inputs: Vec<_> = quote.routes.iter().map(|route| route.amount_in).collect();
    for ((index, route), share) in quote.routes.iter().enumerate().zip(shares_ppm(&inputs)) {
        let hops = route.hops.iter().map(|hop| (hop.pool_id.as_str(), hop.token_out.as_str()));
        let bins =
            route.hops.iter().map(|hop| match (hop.active_bin_before.get(), hop.active_bin_after.get()) {
                (before, after) if before == after => format!("{before}"),
                (before, after) => format!("{before} to {after}"),
            });
        table.add_row([
            (index + 1).to_string(),
            percent(share),
            path(quote.token_in.as_str(), hops),
            amounts.number(route.amount_in, &quote.token_in),
            amounts.number(route.amount_out, &quote.token_out),
            bins.collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

fn steps(quote: &Quote, amounts: Amounts<'_>) -> Table {
    let mut table = framed(&["route", "pool", "bin", "in", "fee in it", "out", "price"], &[0, 2, 3, 4, 5, 6]);
    for (index, route) in quote.routes.iter().enumerate() {
        for hop in &route.hops {
            let (x, y) = match hop.direction {
                Direction::XForY => (&hop.token_in, &hop.token_out),
                Direction::YForX => (&hop.token_out, &hop.token_in),
            };
            for step in &hop.steps {
                let price = step.bin.price.to_human(amounts.decimals(x), amounts.decimals(y));
                table.add_row([
                    (index + 1).to_string(),
                    hop.pool_id.to_string(),
                    step.bin_id.get().to_string(),
                    amounts.with_token(step.fill.taken, &hop.token_in),
                    amounts.number(step.fill.fees.total(), &hop.token_in),
                    amounts.with_token(step.fill.given, &hop.token_out),
                    grouped(&price.to_string()),
                ]);
            }
        }
    }
    table
}

fn candidates(quote: &Quote, lost: &[LostCandidate], amounts: Amounts<'_>) -> Table {
    let mut table = framed(&["candidate", "in", "out", "lost because"], &[1, 2]);
    let none = || "-".to_owned();
    for candidate in lost {
        let paths = candidate.routes.iter().map(|LostRoute { tokens, pools }| {
            let tokens = || tokens.iter().map(|token| token.as_str());
            path(
                tokens().next().unwrap_or_default(),
                pools.iter().map(|pool| pool.as_str()).zip(tokens().skip(1)),
            )
        });
        table.add_row([
            paths.collect::<Vec<_>>().join("\n"),
            candidate.amount_in.map_or_else(none, |units| amounts.number(units, &quote.token_in)),
            candidate.amount_out.map_or_else(none, |units| amounts.number(units, &quote.token_out)),
            candidate.reason.code().to_owned(),
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
