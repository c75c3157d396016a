//! What this isolate has done since it started, as Prometheus reads it.
//!
//! Counters are of one isolate: Cloudflare runs many, and each answers a scrape for itself alone. Sum rates, not
//! values, and expect counters to begin anew.

use litemap::LiteMap;
use std::cell::{Cell, RefCell};

use super::prometheus::{MetricsText, seconds};
use super::spent::Spent;
use super::state_ages::StateAges;
use super::streams::Streams;

/// Upper bounds of the buckets of request durations, in milliseconds. The clock of the platform moves at I/O
/// only, so they tell the wait for Redis rather than the computing.
const BUCKETS_MS: [f64; 11] = [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 5_000.0];

/// What an answered request adds.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// The path's pattern, such as `/pools/{id}`: a client must not be able to make up series.
    pub path: &'static str,
    pub method: &'static str,
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<&'static str>,
    pub ms: f64,
}

/// The counters of one isolate. Labels hold words of this crate only, so nothing in them needs escaping; they are written
/// when somebody reads them, not when something is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By path pattern, method and status.
    requests: Counts<(&'static str, &'static str, u16)>,
    /// By code.
    errors: Counts<&'static str>,
    /// By mode and source.
    quotes: Counts<(&'static str, &'static str)>,
    /// By code.
    warnings: Counts<&'static str>,
    durations: RefCell<LiteMap<&'static str, Durations>>,
    redis: RedisTotals,
    ages: StateAges,
    streams: Streams,
}

/// A counter by its labels.
type Counts<L> = RefCell<LiteMap<L, u64>>;

#[derive(Debug, Default, Clone, Copy)]
struct Durations {
    /// Requests that took up to the bound of the bucket, and those above all bounds.
    buckets: [u64; BUCKETS_MS.len() + 1],
    sum_ms: f64,
}

#[derive(Debug, Default)]
struct RedisTotals {
    requests: Cell<u64>,
    commands: Cell<u64>,
    sent: Cell<u64>,
    received: Cell<u64>,
}

impl Metrics {
    /// Counts a request and what it spent on Redis.
    pub fn answered(&self, answered: &Answered, spent: &Spent) {
        let Answered { path, method, status, code, ms } = *answered;
        count(&self.requests, (path, method, status));
        if let Some(code) = code {
            count(&self.errors, code);
        }
        let mut durations = self.durations.borrow_mut();
        let durations = durations.entry(path).or_default();
        let at = BUCKETS_MS.partition_point(|bound| *bound < ms);
        if let Some(bucket) = durations.buckets.get_mut(at) {
            *bucket += 1;
        }
        durations.sum_ms += ms;
        self.spent(spent);
    }

    /// Counts what was spent on Redis, in the background too.
    pub fn spent(&self, spent: &Spent) {
        let add = |total: &Cell<u64>, more: u64| total.set(total.get().saturating_add(more));
        add(&self.redis.requests, spent.requests.get().into());
        add(&self.redis.commands, spent.commands.get().into());
        add(&self.redis.sent, spent.bytes_sent.get());
        add(&self.redis.received, spent.bytes_received.get());
    }

    /// Counts a quote that was given.
    pub fn quoted(&self, mode: &'static str, source: &'static str) {
        count(&self.quotes, (mode, source));
    }

    /// Counts a warning of a quote that was given.
    pub fn warned(&self, code: &'static str) {
        count(&self.warnings, code);
    }

    /// The ages of the state that quotes saw.
    pub fn ages(&self) -> &StateAges {
        &self.ages
    }

    /// What streams do.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Writes all of it.
    pub fn write(&self, text: &mut MetricsText) {
        let help = "Requests answered, by path pattern, method and status.";
        write_counts(text, "dlmm_requests_total", help, &self.requests, |(path, method, status)| {
            format!(r#"path="{path}",method="{method}",status="{status}""#)
        });
        let code = |code: &&str| format!(r#"code="{code}""#);
        write_counts(text, "dlmm_errors_total", "Refusals, by error code.", &self.errors, code);
        let help = "Quotes given, by mode and source of the state.";
        write_counts(text, "dlmm_quotes_total", help, &self.quotes, |(mode, source)| {
            format!(r#"mode="{mode}",source="{source}""#)
        });
        write_counts(text, "dlmm_warnings_total", "Warnings of quotes, by code.", &self.warnings, code);
        self.write_durations(text);
        self.streams.write(text);
        let redis = &self.redis;
        for (name, help, total) in [
            ("dlmm_redis_requests_total", "HTTP requests to Redis, retries included.", redis.requests.get()),
            ("dlmm_redis_commands_total", "Redis commands sent: what Upstash bills.", redis.commands.get()),
            ("dlmm_redis_sent_bytes_total", "Bytes of request bodies to Redis.", redis.sent.get()),
            ("dlmm_redis_received_bytes_total", "Bytes of reply bodies from Redis.", redis.received.get()),
        ] {
            text.counter(name, help, total);
        }
    }

    fn write_durations(&self, text: &mut MetricsText) {
        let name = "dlmm_request_duration_seconds";
        text.head(name, "histogram", "Time from a request to its answer, by path pattern.");
        for (path, durations) in &*self.durations.borrow() {
            let bounds = BUCKETS_MS.iter().map(|ms| seconds(*ms).to_string()).chain(["+Inf".to_owned()]);
            let mut so_far = 0;
            for (bound, bucket) in bounds.zip(durations.buckets) {
                so_far += bucket;
                text.sample(&format!("{name}_bucket"), &format!(r#"path="{path}",le="{bound}""#), so_far);
            }
            let labels = format!(r#"path="{path}""#);
            text.sample(&format!("{name}_sum"), &labels, seconds(durations.sum_ms));
            text.sample(&format!("{name}_count"), &labels, so_far);
        }
    }
}

fn count<L: Ord>(counts: &Counts<L>, labels: L) {
    *counts.borrow_mut().entry(labels).or_default() += 1;
}

fn write_counts<L>(
    text: &mut MetricsText,
    name: &str,
    help: &str,
    counts: &Counts<L>,
    labels: impl Fn(&L) -> String,
) {
    text.head(name, "counter", help);
    counts.borrow().iter().for_each(|(key, count)| text.sample(name, &labels(key), count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_on_the_bound_belongs_to_its_bucket() {
        let metrics = Metrics::default();
        let answered = Answered { path: "/quote", method: "GET", status: 200, code: None, ms: 1.0 };
        metrics.answered(&answered, &Spent::default());
        let mut text = MetricsText::default();
        metrics.write(&mut text);
        let first = r#"dlmm_request_duration_seconds_bucket{path="/quote",le="0.001"} 1"#;
        assert!(text.into_text().contains(first));
    }
}
