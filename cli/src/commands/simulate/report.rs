//! What a simulation tells while it runs: events as they happen, and counters.

use std::time::Duration;

use dlmm_core::stored::{PoolRouting, write_stamp};
use dlmm_core::units::PoolId;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use super::churn::{Change, Left};
use super::trade::Trade;
use crate::output;

/// Sums since the start.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counters {
    pub(super) updates: u64,
    pub(super) swaps: u64,
    pub(super) bins: u64,
    pub(super) pool_changes: u64,
    pub(super) errors: u64,
    /// Time spent in updates.
    pub(super) busy_ms: u64,
}

/// What became of the producer's heartbeat at the end.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Heartbeat {
    /// None was written.
    Untouched,
    /// It was of this run alone.
    Removed,
    /// It may be another's as well.
    Stays,
    /// It is of this run alone and could not be removed.
    NotRemoved,
}

impl Heartbeat {
    const fn words(self) -> Option<&'static str> {
        match self {
            // The second is told with all that could not be undone.
            Self::Untouched | Self::NotRemoved => None,
            Self::Removed => Some("metadata.heartbeat_ms is removed: nobody renews it now"),
            Self::Stays => Some(
                "metadata.heartbeat_ms stays: where no producer renews it, quotes warn of old state (STATE_OLD) from a minute on, until `HDEL metadata heartbeat_ms`",
            ),
        }
    }
}

/// Writes to standard output, as lines for people or as JSON.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    /// The counters on standard error, drawn anew each time; nothing where that is not a terminal.
    live: ProgressBar,
    pub(super) counters: Counters,
}

impl Report {
    pub(super) fn new(json: bool) -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template("{spinner} {wide_msg}")?;
        let live = ProgressBar::new_spinner().with_style(style);
        Ok(Self { json, live, counters: Counters::default() })
    }

    fn line(&self, text: &str) -> anyhow::Result<()> {
        Ok(self.live.suspend(|| output::line(text))?)
    }

    pub(super) fn swap(
        &mut self,
        routing: &PoolRouting,
        trade: &Trade,
        words: &str,
        now_ms: u64,
    ) -> anyhow::Result<()> {
        let bins = trade.changed.len();
        self.counters.swaps += 1;
        self.counters.bins += u64::try_from(bins).unwrap_or(0);
        let (before, after) = (trade.active_bin_before.get(), trade.active_bin_after.get());
        if self.json {
            let x_for_y = trade.direction == dlmm_core::units::Direction::XForY;
            let event = json!({"event": "swap", "at": write_stamp(now_ms), "pool_id": routing.pool.id.as_str(),
                "x_for_y": x_for_y, "amount_in_atomic": trade.amount_in.to_string(),
                "amount_out_atomic": trade.amount_out.to_string(), "active_bin_before": before,
                "active_bin_after": after, "bins_changed": bins});
            return self.line(&event.to_string());
        }
        let moved =
            if before == after { format!("bin {before}") } else { format!("bin {before} to {after}") };
        self.line(&format!("{}  {words}  {moved}", routing.pool.id))
    }

    pub(super) fn change(&mut self, change: Change, id: &PoolId, now_ms: u64) -> anyhow::Result<()> {
        self.counters.pool_changes += 1;
        let what = change.as_str();
        let line = if self.json {
            let event = format!("pool_{what}");
            json!({"event": event, "at": write_stamp(now_ms), "pool_id": id.as_str()}).to_string()
        } else {
            format!("{id}  {what}")
        };
        self.line(&line)
    }

    /// Something went wrong; the simulation goes on.
    pub(super) fn fault(&mut self, what: &str, now_ms: u64) -> anyhow::Result<()> {
        self.counters.errors += 1;
        if self.json {
            let event = json!({"event": "error", "at": write_stamp(now_ms), "message": what});
            return self.line(&event.to_string());
        }
        self.live.suspend(|| eprintln!("dlmm: {what}"));
        Ok(())
    }

    pub(super) fn update(&mut self, took: Duration) {
        self.counters.updates += 1;
        self.counters.busy_ms += u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.live.set_message(self.summary());
    }

    /// The counters in one line.
    fn summary(&self) -> String {
        let Counters { updates, swaps, bins, pool_changes, errors, busy_ms } = &self.counters;
        let each = busy_ms.checked_div(*updates).unwrap_or(0);
        let pools = if *pool_changes > 0 { format!(", {pool_changes} pool changes") } else { String::new() };
        format!("{updates} updates of {each} ms, {swaps} swaps, {bins} bins{pools}, {errors} errors")
    }

    pub(super) fn end(&self, heartbeat: Heartbeat, left: &Left) -> anyhow::Result<()> {
        self.live.finish_and_clear();
        if self.json {
            #[derive(Serialize)]
            struct End<'a> {
                event: &'static str,
                heartbeat: Heartbeat,
                /// Pools that are still as churn left them.
                left: serde_json::Value,
                #[serde(flatten)]
                counters: &'a Counters,
            }
            let names = |ids: &[PoolId]| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
            let left = json!({"added": names(&left.added), "paused": names(&left.paused)});
            let end = End { event: "end", heartbeat, left, counters: &self.counters };
            return self.line(&serde_json::to_string(&end)?);
        }
        self.line(&self.summary())?;
        heartbeat.words().map_or(Ok(()), |words| self.line(words))
    }
}
