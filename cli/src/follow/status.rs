//! What a follower says about itself: health and counters.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::block::Header;
use super::fault::Fault;

/// Facts and counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) tip: Option<Header>,
    pub(crate) pools: usize,
    pub(crate) bins: usize,
    pub(crate) left_out: usize,
    pub(crate) is_holder: bool,
    /// Code and message of the last block that was not taken, until one is.
    pub(crate) fault: Option<(&'static str, String)>,
    pub(crate) counters: Counters,
}

/// What has happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) blocks: u64,
    pub(crate) repeats: u64,
    pub(crate) events: u64,
    pub(crate) events_left_out: u64,
    pub(crate) events_unknown: u64,
    pub(crate) forks: u64,
    pub(crate) undone: u64,
    pub(crate) gaps: u64,
    pub(crate) repairs: u64,
    pub(crate) checks: u64,
    pub(crate) mismatches: u64,
    pub(crate) faults: u64,
    pub(crate) polls: u64,
    pub(crate) polls_failed: u64,
}

/// The facts, shared by all that tell them.
#[derive(Debug)]
pub(crate) struct Status {
    facts: Mutex<Facts>,
    max_lag: Duration,
}

impl Status {
    pub(crate) fn new(max_lag: Duration) -> Self {
        Self { facts: Mutex::default(), max_lag }
    }

    /// The facts, to be looked at or changed; not to be kept across a wait.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a block was not taken.
    pub(crate) fn failed(&self, fault: &Fault) {
        let mut facts = self.facts();
        facts.counters.faults += 1;
        if matches!(fault, Fault::Gap { .. }) {
            facts.counters.gaps += 1;
        }
        facts.fault = Some((fault.code(), fault.to_string()));
    }

    /// Whether all is well, and what there is to say.
    pub(crate) fn health(&self, now_ms: u64) -> (bool, Value) {
        let facts = self.facts();
        let lag = lag_ms(&facts, now_ms);
        let status = match (&facts.fault, lag) {
            (Some(_), _) => "stopped",
            _ if !facts.is_holder => "standby",
            (None, Some(lag)) if u128::from(lag) > self.max_lag.as_millis() => "late",
            (None, Some(_)) => "ok",
            (None, None) => "waiting",
        };
        let tip = facts.tip.as_ref().map(|tip| {
            json!({ "block_height": tip.height, "index_block_hash": tip.hash, "block_time_ms": tip.time_ms })
        });
        let fault = facts.fault.as_ref().map(|(code, message)| json!({ "code": code, "message": message }));
        let body = json!({
            "status": status, "tip": tip, "lag_ms": lag, "pools": facts.pools, "bins": facts.bins,
            "left_out": facts.left_out, "fault": fault,
        });
        (matches!(status, "ok" | "waiting"), body)
    }

    /// The counters in Prometheus' text format.
    pub(crate) fn metrics(&self, now_ms: u64) -> String {
        let facts = self.facts();
        let counters = &facts.counters;
        let mut text = String::new();
        let mut add = |name: &str, kind: &str, help: &str, value: u64| {
            let _ = writeln!(
                text,
                "# HELP dlmm_follow_{name} {help}\n# TYPE dlmm_follow_{name} {kind}\ndlmm_follow_{name} {value}"
            );
        };
        if let Some(tip) = &facts.tip {
            add("tip_height", "gauge", "Height of the last block taken.", tip.height);
        }
        if let Some(lag_ms) = lag_ms(&facts, now_ms) {
            add("lag_seconds", "gauge", "Age of the last block taken.", lag_ms / 1_000);
        }
        add("holder", "gauge", "1 while this follower holds the lease.", u64::from(facts.is_holder));
        add("stopped", "gauge", "1 while the last block was not taken.", u64::from(facts.fault.is_some()));
        let size = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        add("pools", "gauge", "Pools followed.", size(facts.pools));
        add("bins", "gauge", "Bins that hold something.", size(facts.bins));
        add("pools_left_out", "gauge", "Pools left out.", size(facts.left_out));
        for (name, help, value) in [
            ("blocks_total", "Blocks taken.", counters.blocks),
            ("repeats_total", "Blocks that came again.", counters.repeats),
            ("events_total", "Prints of the core.", counters.events),
            ("events_left_out_total", "Prints about pools left out.", counters.events_left_out),
            ("events_unknown_total", "Prints with an unknown action.", counters.events_unknown),
            ("forks_total", "Forks gone back from.", counters.forks),
            ("blocks_undone_total", "Blocks undone by forks.", counters.undone),
            ("gaps_total", "Blocks on an unknown parent.", counters.gaps),
            ("repairs_total", "States read anew from the chain.", counters.repairs),
            ("checks_total", "Pools compared with the chain.", counters.checks),
            ("mismatches_total", "Pools that differed from the chain.", counters.mismatches),
            ("faults_total", "Blocks not taken.", counters.faults),
            ("polls_total", "Looks for blocks at an API.", counters.polls),
            ("polls_failed_total", "Looks for blocks that came to no end.", counters.polls_failed),
        ] {
            add(name, "counter", help, value);
        }
        text
    }
}

fn lag_ms(facts: &Facts, now_ms: u64) -> Option<u64> {
    facts.tip.as_ref().map(|tip| now_ms.saturating_sub(tip.time_ms))
}
