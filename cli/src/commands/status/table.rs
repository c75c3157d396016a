//! A survey for people.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use crate::clock::span;
use crate::grouping::grouped;
use crate::output::counted;
use crate::survey::{IndexHealth, LeftOutKey, MetadataHealth, PoolRow, Survey};

/// Entries of an incomplete list that are named.
const NAMED: usize = 5;

const UNKNOWN: &str = "?";

/// Pools that are shown unless all are asked for.
const SHOWN: usize = 50;

/// Draws the survey.
pub(super) fn of(survey: &Survey, all: bool) -> String {
    let mut text = format!("{}\n\n", facts(survey).trim_fmt());
    if survey.pools.is_empty() {
        text.push_str("no pools to show; `dlmm seed` writes three sample pools\n");
    } else {
        let shown = if all { survey.pools.len() } else { SHOWN };
        let _ = writeln!(text, "{}", pools(survey.pools.iter().take(shown)));
        if survey.pools.len() > shown {
            let of = counted(survey.pools.len(), "pool");
            let _ = writeln!(text, "the first {shown} of {of}; --all shows every one");
        }
    }
    let faults = || survey.pools.iter().filter_map(|pool| Some((pool, pool.fault.as_ref()?)));
    let named = if all { usize::MAX } else { SHOWN };
    for (pool, fault) in faults().take(named) {
        let _ = writeln!(text, "pool:{} cannot be quoted: {fault}", pool.pool_id);
    }
    if let Some(more) = faults().count().checked_sub(named).filter(|more| *more > 0) {
        let _ =
            writeln!(text, "{} more cannot be quoted; `dlmm verify` names them", grouped(&more.to_string()));
    }
    for LeftOutKey { key, reason } in survey.left_out.iter().take(NAMED) {
        let _ = writeln!(text, "{key} is left out: {reason}");
    }
    let more = survey.left_out.len().saturating_sub(NAMED).saturating_add(survey.left_out_more);
    if more > 0 {
        let more = grouped(&more.to_string());
        let named = match survey.left_out_more {
            0 => "them".to_owned(),
            _ => format!("{} of all", grouped(&survey.left_out.len().to_string())),
        };
        let _ = writeln!(text, "{more} more are left out; `dlmm verify` names {named}");
    }
    for what in &survey.unseen {
        let _ = writeln!(text, "cannot see {what}");
    }
    text
}

fn facts(survey: &Survey) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut fact = |name: &str, text: String| {
        table.add_row([name, &text]);
    };
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let server = &survey.server;
    fact("Redis", format!("{}, version {}", survey.address, or_unknown(server.redis_version.clone())));
    fact("memory", or_unknown(server.used_memory_bytes.map(memory)));
    fact("keys", or_unknown(server.keys.map(number)));
    let counts = &survey.counts;
    let bins = or_unknown(counts.bins.map(number));
    let [pools, tokens] = [counts.pools, counts.tokens].map(|count| grouped(&count.to_string()));
    fact("counted", format!("{pools} pools, {tokens} tokens, {bins} bins"));
    if let (Some(newest), Some(oldest)) = (survey.newest_age_ms, survey.oldest_age_ms) {
        fact("age", format!("newest {}, oldest {}", span(newest), span(oldest)));
    }
    let heartbeat = survey.heartbeat.as_ref().map(|heartbeat| match (heartbeat.age_ms, heartbeat.ahead_ms) {
        (Some(age_ms), _) => format!("{} ago", span(age_ms)),
        (None, Some(ahead_ms)) => format!("{} ahead, so it does not count", span(ahead_ms)),
        (None, None) => format!("no time: {}", heartbeat.heartbeat_ms),
    });
    fact("heartbeat", heartbeat.unwrap_or_else(|| "none".to_owned()));
    if let Some(tip) = &survey.tip {
        let lag = tip.lag_ms.map_or_else(|| UNKNOWN.to_owned(), span);
        fact("block", format!("{}, {lag} behind", tip.block_height));
    }
    let indexes = &survey.indexes;
    fact("pools set", health(&indexes.pools_set));
    fact("pairs lists", health(&indexes.pairs));
    fact("tokens lists", health(&indexes.tokens));
    fact("metadata", metadata(&indexes.metadata));
    table
}

fn pools<'r>(rows: impl Iterator<Item = &'r PoolRow>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header([
        "pool",
        "pair",
        "status",
        "active bin",
        "bins",
        "age",
    ]);
    for index in [3, 4, 5] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for pool in rows {
        let pair = match (&pool.token_x, &pool.token_y) {
            (Some(x), Some(y)) => format!("{x}/{y}"),
            _ => UNKNOWN.to_owned(),
        };
        let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
        table.add_row([
            pool.pool_id.clone(),
            pair,
            pool.status.unwrap_or("unreadable").to_owned(),
            or_unknown(pool.active_bin_id.map(|bin| bin.to_string())),
            or_unknown(pool.bins.map(number)),
            or_unknown(
                pool.ahead_ms.map(|ms| format!("{} ahead", span(ms))).or_else(|| pool.age_ms.map(span)),
            ),
        ]);
    }
    table
}

fn number(count: u64) -> String {
    grouped(&count.to_string())
}

fn health(index: &IndexHealth) -> String {
    if index.unseen {
        return "not visible to this user".to_owned();
    }
    if index.is_complete() {
        return "complete".to_owned();
    }
    let parts = [("missing", &index.missing), ("stale", &index.stale), ("unreadable", &index.unreadable)];
    let parts = parts.into_iter().filter(|(_, entries)| !entries.is_empty());
    parts.map(|(what, entries)| format!("{what} {}", some(entries))).collect::<Vec<_>>().join("; ")
}

fn some(entries: &[String]) -> String {
    let mut text = entries.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more) = entries.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = write!(text, ", {more} more");
    }
    text
}

fn metadata(health: &MetadataHealth) -> String {
    if let Some(fault) = &health.fault {
        return fault.clone();
    }
    if health.unseen {
        return "not visible to this user".to_owned();
    }
    if health.counters().iter().all(|(_, counter)| counter.stored.is_none()) {
        return "absent".to_owned();
    }
    let wrong = health.counters().into_iter().filter(|(_, counter)| counter.is_wrong());
    let wrong = wrong.map(|(name, counter)| {
        let counted = counter.counted.unwrap_or_default();
        match &counter.stored {
            Some(stored) => format!("{name} is {stored}, counted {counted}"),
            None => format!("{name} is absent, counted {counted}"),
        }
    });
    let wrong: Vec<String> = wrong.collect();
    let counters = if wrong.is_empty() { "complete".to_owned() } else { wrong.join("; ") };
    let age = health.age_ms.map_or_else(String::new, |age_ms| format!(", updated {} ago", span(age_ms)));
    format!("{counters}{age}")
}

/// Bytes in binary units with one digit, without a float.
fn memory(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_its_largest_unit() {
        let told = [900, 1_536, 1_572_864, 5 << 30].map(memory);
        assert_eq!(told, ["900 bytes", "1.5 KiB", "1.5 MiB", "5.0 GiB"]);
    }

    #[test]
    fn a_long_list_of_faults_is_cut_short() {
        let missing = (0..7).map(|n| format!("pools: P{n}")).collect();
        let text = health(&IndexHealth { missing, ..IndexHealth::default() });
        assert_eq!(text, "missing pools: P0, pools: P1, pools: P2, pools: P3, pools: P4, 2 more");
    }
}
