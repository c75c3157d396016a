//! Prometheus' text format.
//!
//! It is a few lines to write; the usual client library would make the Worker a tenth larger.

use std::fmt::{Display, Write as _};

/// The content type of the format, with its version.
pub const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics as they are written.
#[derive(Debug, Default)]
pub struct MetricsText {
    written: String,
}

impl MetricsText {
    /// Begins a metric; its samples follow.
    pub fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.written, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Writes one sample of the metric that was begun.
    pub fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = match labels {
            "" => writeln!(self.written, "{name} {value}"),
            labels => writeln!(self.written, "{name}{{{labels}}} {value}"),
        };
    }

    /// Writes a counter without labels.
    pub fn counter(&mut self, name: &str, help: &str, total: u64) {
        self.head(name, "counter", help);
        self.sample(name, "", total);
    }

    /// Writes a gauge without labels.
    pub fn gauge(&mut self, name: &str, help: &str, now: impl Display) {
        self.head(name, "gauge", help);
        self.sample(name, "", now);
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.written
    }
}

/// Prometheus counts times in seconds.
pub const fn seconds(ms: f64) -> f64 {
    ms / 1_000.0
}
