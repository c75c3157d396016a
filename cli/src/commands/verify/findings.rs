//! What a check finds: a level, the key it is about, and the problem.

use std::collections::BTreeSet;
use std::fmt;

use dlmm_core::stored::keys::{self, shown};
use serde::Serialize;

use crate::clock::span;
use crate::survey::{HeartbeatRow, IndexHealth, PoolRow, Survey};

/// What is wrong with a `block_height` that cannot be read.
pub(super) const NO_HEIGHT: &str = "block_height is not the height of a block";

/// How bad it is. Errors come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// Something cannot be quoted.
    Error,
    /// It can be quoted, but something contradicts something else or is missing.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) key: String,
    pub(super) problem: String,
}

impl Finding {
    pub(super) fn error(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { level: Level::Error, key: shown(&key.into()), problem: problem.into() }
    }

    pub(super) fn warning(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { level: Level::Warning, key: shown(&key.into()), problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        // A reason may quote what stands in Redis; a terminal must not obey it.
        let problem: String = self.problem.chars().flat_map(printable).collect();
        write!(f, "{level:<8} {}: {problem}", self.key)
    }
}

fn printable(sign: char) -> Vec<char> {
    if sign.is_control() { sign.escape_default().collect() } else { Vec::from([sign]) }
}

/// What is wrong with the lists, where the values of these pools are broken, and the counters: quotes do without them, but pools may stay unseen.
pub(super) fn of_survey(survey: &Survey, broken: &BTreeSet<&str>) -> Vec<Finding> {
    let indexes = &survey.indexes;
    let left_out = survey.left_out.iter().filter_map(|one| one.key.strip_prefix("pool:"));
    let unusable: BTreeSet<&str> = left_out.chain(broken.iter().copied()).collect();
    let left_out = survey.left_out.iter().map(|one| Finding::error(&one.key, &one.reason));
    let mut findings: Vec<Finding> = left_out.collect();
    if survey.left_out_more > 0 {
        findings.push(Finding::error("pool:*", format!("{} more are left out", survey.left_out_more)));
    }
    for health in [&indexes.pools_set, &indexes.pairs, &indexes.tokens] {
        findings.extend(of_index(health, &unusable));
    }
    if indexes.metadata.is_of_no_block {
        findings.push(Finding::warning(keys::METADATA, NO_HEIGHT));
    }
    for (name, counter) in indexes.metadata.counters() {
        if !indexes.metadata.unseen && counter.is_wrong() {
            let stored = counter.stored.as_deref().unwrap_or("missing");
            let counted = counter.counted.unwrap_or_default();
            findings.push(Finding::warning(
                "metadata",
                format!("{name} is {stored}, but {counted} were counted"),
            ));
        }
    }
    findings.extend(of_times(survey.heartbeat.as_ref(), &survey.pools));
    findings
}

/// Times that tell no age: a producer whose clock or zone is wrong looks fresh while it is dead.
fn of_times(heartbeat: Option<&HeartbeatRow>, pools: &[PoolRow]) -> Vec<Finding> {
    let ahead = |name: &str, ms: u64| format!("{name} is {} ahead, so it tells no age", span(ms));
    let heartbeat = heartbeat.and_then(|heartbeat| match (heartbeat.age_ms, heartbeat.ahead_ms) {
        (Some(_), _) => None,
        (None, Some(ms)) => Some(ahead("heartbeat_ms", ms)),
        (None, None) => Some("heartbeat_ms is not a Unix time in milliseconds".to_owned()),
    });
    let pools = pools.iter().filter_map(|pool| {
        Some(Finding::warning(format!("pool:{}", pool.pool_id), ahead("last_updated", pool.ahead_ms?)))
    });
    heartbeat.map(|problem| Finding::warning("metadata", problem)).into_iter().chain(pools).collect()
}

/// What is wrong with a list. An entry of an unusable pool follows from that pool's value, which is told by itself.
fn of_index(health: &IndexHealth, unusable: &BTreeSet<&str>) -> Vec<Finding> {
    // Entries are written as `key: pool`.
    let entry = |text: &String, problem: &str| {
        let (key, pool) = text.split_once(": ").unwrap_or((text, ""));
        Finding::warning(key, format!("{problem} {pool}"))
    };
    let missing = health.missing.iter().map(|text| entry(text, "lacks the pool"));
    let stale = health.stale.iter().map(|text| match text.split_once(": ") {
        Some((key, pool)) if unusable.contains(pool) => {
            Finding::warning(key, format!("names a pool that cannot be used: {pool}, see pool:{pool}"))
        }
        _ => entry(text, "names a pool that does not belong there:"),
    });
    let unreadable = health.unreadable.iter().map(|text| {
        let (key, reason) = text.split_once(": ").unwrap_or((text, "is no list of pool ids"));
        Finding::warning(key, reason)
    });
    missing.chain(stale).chain(unreadable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_first_and_name_their_key() {
        let mut findings = [Finding::warning("a", "odd"), Finding::error("b", "broken")];
        findings.sort();
        assert_eq!(findings.map(|finding| finding.to_string()), ["error    b: broken", "warning  a: odd"]);
    }

    #[test]
    fn times_that_tell_no_age_are_warnings() {
        let row = |age_ms, ahead_ms| HeartbeatRow { heartbeat_ms: "5".to_owned(), age_ms, ahead_ms };
        let pool = |ahead_ms| PoolRow { pool_id: "P".to_owned(), ahead_ms, ..PoolRow::default() };
        let told = |heartbeat: Option<HeartbeatRow>, ahead_ms| -> Vec<String> {
            of_times(heartbeat.as_ref(), &[pool(ahead_ms)]).iter().map(ToString::to_string).collect()
        };
        assert_eq!((told(None, None).len(), told(Some(row(Some(0), None)), None).len()), (0, 0));
        assert_eq!(
            told(Some(row(None, Some(7_200_000))), Some(3_600_000)),
            [
                "warning  metadata: heartbeat_ms is 2 h ahead, so it tells no age",
                "warning  pool:P: last_updated is 1 h ahead, so it tells no age",
            ]
        );
        assert_eq!(
            told(Some(row(None, None)), None),
            ["warning  metadata: heartbeat_ms is not a Unix time in milliseconds"]
        );
    }

    #[test]
    fn an_incomplete_list_is_a_warning_an_entry() {
        let text = |entry: &str| vec![entry.to_owned()];
        let health = IndexHealth {
            unseen: false,
            missing: text("pools: P"),
            stale: vec!["tokens:A: Q".to_owned(), "tokens:A: R".to_owned()],
            unreadable: text("tokens:B"),
        };
        let told: Vec<String> =
            of_index(&health, &BTreeSet::from(["R"])).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "warning  pools: lacks the pool P",
                "warning  tokens:A: names a pool that does not belong there: Q",
                "warning  tokens:A: names a pool that cannot be used: R, see pool:R",
                "warning  tokens:B: is no list of pool ids"
            ]
        );
    }
}
