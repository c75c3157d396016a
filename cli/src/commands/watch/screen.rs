//! Where a watched quote is shown: one line of a terminal, or JSON lines.

use std::collections::BTreeSet;
use std::fmt;

use dlmm_core::stored::write_stamp;
use dlmm_core::units::PoolId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::value::RawValue;

use super::shown::Shown;
use crate::grouping::grouped;
use crate::market::{Refusal, http_body};
use crate::output;

/// How changes are learnt of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// They are told.
    Live,
    /// By asking every second, and why.
    Polling(&'static str),
    /// Not at all, and why: what is shown may be old.
    Gone(String),
}

impl Connection {
    /// So it begins, and so it goes on whenever the subscription is opened anew.
    pub(super) const NOT_YET: Self = Self::Polling("not subscribed yet");

    const fn word(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Polling(_) => "polling",
            Self::Gone(_) => "gone",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Live => None,
            Self::Polling(reason) => Some(reason),
            Self::Gone(reason) => Some(reason),
        }
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Polling(reason) => write!(f, "asked every second: {reason}"),
            Self::Gone(reason) => write!(f, "may be old: {reason}"),
        }
    }
}

/// The screen.
pub(super) struct Screen {
    /// Drawn anew each time; nothing for JSON lines.
    line: Option<ProgressBar>,
    /// What the subscription says, and what stands in the way of the last quote.
    told_by: Connection,
    gone: Option<Connection>,
    /// What JSON lines said last.
    said: Connection,
    last: Option<Shown>,
    refused: Option<String>,
    /// What changed last: by how much, and which pools did it.
    change: (String, String),
    quotes: u64,
}

/// One JSON line.
#[derive(Serialize)]
struct Event<'e> {
    event: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Vec<&'e str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'e str>,
}

impl Screen {
    pub(super) fn new(json: bool) -> anyhow::Result<Self> {
        let line = (!json).then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout()));
        let style = ProgressStyle::with_template("{wide_msg}")?;
        Ok(Self {
            line: line.map(|line| line.with_style(style)),
            told_by: Connection::NOT_YET,
            gone: None,
            said: Connection::NOT_YET,
            last: None,
            refused: None,
            change: Default::default(),
            quotes: 0,
        })
    }

    /// Quotes shown so far.
    pub(super) const fn quotes(&self) -> u64 {
        self.quotes
    }

    /// Shows a quote if it is another one.
    pub(super) fn show(&mut self, shown: Shown, moved: &BTreeSet<PoolId>, now_ms: u64) -> anyhow::Result<()> {
        let before = self.last.take();
        let is_new =
            self.refused.take().is_some() || before.as_ref().is_none_or(|before| shown.differs_from(before));
        if is_new {
            self.quotes += 1;
            self.change = match before {
                // What moved the amount last stays in sight.
                Some(before) => {
                    let difference =
                        shown.difference(&before).unwrap_or_else(|| std::mem::take(&mut self.change.0));
                    (difference, shown.movers(&before, moved))
                }
                None => ("first quote".to_owned(), String::new()),
            };
        }
        if is_new && self.line.is_none() {
            let body = http_body(&shown.answer)?;
            self.answered("quote", &body, moved, now_ms)?;
        }
        self.last = Some(shown);
        self.redraw(now_ms)
    }

    /// Shows a refusal if it is another one.
    pub(super) fn refused(
        &mut self,
        refusal: &Refusal,
        moved: &BTreeSet<PoolId>,
        now_ms: u64,
    ) -> anyhow::Result<()> {
        let told = refusal.to_string();
        let is_new = self.refused.as_ref() != Some(&told);
        self.refused = Some(told);
        if is_new && self.line.is_none() {
            self.answered("refused", &refusal.to_json(), moved, now_ms)?;
        }
        self.redraw(now_ms)
    }

    fn answered(
        &self,
        event: &'static str,
        body: &str,
        moved: &BTreeSet<PoolId>,
        now_ms: u64,
    ) -> anyhow::Result<()> {
        let answer: &RawValue = serde_json::from_str(body)?;
        let changed = Some(moved.iter().map(PoolId::as_str).collect());
        let event = Event {
            event,
            at: write_stamp(now_ms),
            changed,
            answer: Some(answer),
            connection: None,
            reason: None,
        };
        Ok(output::line(&serde_json::to_string(&event)?)?)
    }

    /// Says how changes are learnt of while Redis answers.
    pub(super) fn told_by(&mut self, connection: Connection, now_ms: u64) -> anyhow::Result<()> {
        self.told_by = connection;
        self.connected(now_ms)
    }

    /// Says that Redis does not answer, and why. The subscription may stand all the same.
    pub(super) fn gone(&mut self, reason: String, now_ms: u64) -> anyhow::Result<()> {
        self.gone = Some(Connection::Gone(reason));
        self.connected(now_ms)
    }

    /// Redis answers.
    pub(super) fn answers(&mut self, now_ms: u64) -> anyhow::Result<()> {
        self.gone = None;
        self.connected(now_ms)
    }

    fn connected(&mut self, now_ms: u64) -> anyhow::Result<()> {
        let connection = self.gone.as_ref().unwrap_or(&self.told_by);
        if self.line.is_none() && self.said != *connection {
            let event = Event {
                event: "connection",
                at: write_stamp(now_ms),
                changed: None,
                answer: None,
                connection: Some(connection.word()),
                reason: connection.reason(),
            };
            output::line(&serde_json::to_string(&event)?)?;
            self.said = connection.clone();
        }
        self.redraw(now_ms)
    }

    /// Draws the line anew: ages move.
    pub(super) fn redraw(&self, now_ms: u64) -> anyhow::Result<()> {
        if let Some(line) = &self.line {
            line.set_message(self.told(now_ms));
            line.tick();
        }
        Ok(())
    }

    /// What is known, in one line, the most important first.
    fn told(&self, now_ms: u64) -> String {
        let connection = self.gone.as_ref().unwrap_or(&self.told_by);
        let quotes = grouped(&self.quotes.to_string());
        match (&self.refused, &self.last) {
            (Some(refused), _) => format!("{refused} | {connection}"),
            (None, Some(shown)) => {
                let (trade, age) = (shown.trade(), shown.age(now_ms));
                let (difference, movers) = &self.change;
                let wrong = shown.wrong().map(|wrong| format!(" | {wrong}")).unwrap_or_default();
                let by = if movers.is_empty() { String::new() } else { format!(" | {movers}") };
                format!("{trade}{wrong} | {difference} | {connection} | {age} | quote {quotes}{by}")
            }
            (None, None) => connection.to_string(),
        }
    }

    /// Leaves on the terminal what is known at the end: the trade with every warning about it, or why there is none.
    pub(super) fn end(&self, now_ms: u64) -> anyhow::Result<()> {
        if let Some(line) = &self.line {
            line.finish_and_clear();
            let shown = match (&self.refused, &self.gone, &self.last) {
                (None, None, None) => return Ok(()),
                (None, None, Some(shown)) => {
                    output::line(&shown.trade())?;
                    shown
                }
                (None, Some(gone), Some(shown)) => {
                    output::line(&format!("{} | {gone} | {}", shown.trade(), shown.age(now_ms)))?;
                    shown
                }
                (Some(_), _, _) | (None, Some(_), None) => return Ok(output::line(&self.told(now_ms))?),
            };
            for warning in shown.warnings(now_ms) {
                output::line(&warning)?;
            }
        }
        Ok(())
    }
}
