//! What this isolate has done since it started, as Prometheus reads it.
//!
//! Counters are of one isolate: Cloudflare runs many, and each answers a scrape for itself alone. Sum rates, not
//! values, and expect counters to begin anew.
//!
//! The text format is a few lines to write; the usual client library would make the Worker a tenth larger.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::state_ages::StateAges;
use crate::topology::CacheReport;
use crate::upstash::{BreakerReport, Spent};

/// Upper bounds of the buckets of request durations, in milliseconds. The clock of the platform moves at I/O
/// only, so they tell the wait for Redis rather than the computing.
const BUCKETS_MS: [f64; 11] = [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 5_000.0];

/// What an answered request adds.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The path's pattern, such as `/pools/{id}`: a client must not be able to make up series.
    pub path: &'static str,
    pub method: &'a str,
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<&'static str>,
    pub ms: f64,
}

/// How old the data is. What is unknown is not told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ages {
    pub state_ms: Option<u64>,
    pub heartbeat_ms: Option<u64>,
}

/// The counters of one isolate. Labels hold words of this crate only, so nothing in them needs escaping.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Counts,
    errors: Counts,
    quotes: Counts,
    warnings: Counts,
    durations: RefCell<BTreeMap<&'static str, Durations>>,
    redis: RedisTotals,
    ages: StateAges,
}

/// A counter by its labels, written as they stand in the text format.
type Counts = RefCell<BTreeMap<String, u64>>;

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
    pub fn answered(&self, answered: &Answered<'_>, spent: &Spent) {
        let Answered { path, method, status, code, ms } = *answered;
        count(&self.requests, format!(r#"path="{path}",method="{method}",status="{status}""#));
        if let Some(code) = code {
            count(&self.errors, format!(r#"code="{code}""#));
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
    pub fn quoted(&self, mode: &str, source: &str) {
        count(&self.quotes, format!(r#"mode="{mode}",source="{source}""#));
    }

    /// Counts a warning of a quote that was given.
    pub fn warned(&self, code: &str) {
        count(&self.warnings, format!(r#"code="{code}""#));
    }

    /// The ages of the state that quotes saw.
    pub fn ages(&self) -> &StateAges {
        &self.ages
    }

    /// Writes all of it in Prometheus' text format, caches, breaker and ages as they are now.
    pub fn text(&self, caches: &CacheReport, breaker: Option<BreakerReport>, ages: Ages) -> String {
        let mut text = Text::default();
        let labelled = [
            ("dlmm_requests_total", "Requests answered, by path pattern, method and status.", &self.requests),
            ("dlmm_errors_total", "Refusals, by error code.", &self.errors),
            ("dlmm_quotes_total", "Quotes given, by mode and source of the state.", &self.quotes),
            ("dlmm_warnings_total", "Warnings of quotes, by code.", &self.warnings),
        ];
        for (name, help, counts) in labelled {
            text.head(name, "counter", help);
            counts.borrow().iter().for_each(|(labels, count)| text.sample(name, labels, count));
        }
        self.write_durations(&mut text);
        let redis = &self.redis;
        let counters = &caches.counters;
        for (name, help, total) in [
            ("dlmm_redis_requests_total", "HTTP requests to Redis, retries included.", redis.requests.get()),
            ("dlmm_redis_commands_total", "Redis commands sent: what Upstash bills.", redis.commands.get()),
            ("dlmm_redis_sent_bytes_total", "Bytes of request bodies to Redis.", redis.sent.get()),
            ("dlmm_redis_received_bytes_total", "Bytes of reply bodies from Redis.", redis.received.get()),
            ("dlmm_topology_rebuilds_total", "Times the pools or their tokens changed.", counters.rebuilds),
            ("dlmm_topology_checks_total", "Comparisons of the counters in Redis.", counters.checks),
            ("dlmm_topology_listings_total", "Full lists of the pools.", counters.listings),
            ("dlmm_route_cache_hits_total", "Times the routes of a pair were there.", counters.route_hits),
            ("dlmm_route_cache_misses_total", "Times they had to be found.", counters.route_misses),
        ] {
            text.head(name, "counter", help);
            text.sample(name, "", total);
        }
        let whole = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        for (name, help, now) in [
            ("dlmm_topology_pools", "Pools in the list.", whole(caches.pools)),
            ("dlmm_topology_tokens", "Tokens in the list.", whole(caches.tokens)),
            ("dlmm_route_cache_pairs", "Pairs whose routes are kept.", whole(caches.route_pairs)),
            ("dlmm_route_cache_bytes", "About how much memory they take.", whole(caches.route_bytes)),
        ] {
            text.head(name, "gauge", help);
            text.sample(name, "", now);
        }
        if let Some(age_ms) = caches.age_ms {
            text.head("dlmm_topology_age_seconds", "gauge", "Since the list of pools was built.");
            text.sample("dlmm_topology_age_seconds", "", seconds(age_ms as f64));
        }
        for (name, help, age_ms) in [
            (
                "dlmm_state_age_seconds",
                "Age of the oldest pool that quotes of the last minute or two used, or were refused for.",
                ages.state_ms,
            ),
            (
                "dlmm_heartbeat_age_seconds",
                "Age of the producer's heartbeat when it was read last.",
                ages.heartbeat_ms,
            ),
        ] {
            if let Some(age_ms) = age_ms {
                text.head(name, "gauge", help);
                text.sample(name, "", seconds(age_ms as f64));
            }
        }
        if let Some(breaker) = breaker {
            write_breaker(&mut text, &breaker);
        }
        text.written
    }

    fn write_durations(&self, text: &mut Text) {
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

/// One gauge in Prometheus' text format, of what is no counter of an isolate.
pub fn gauge(name: &str, help: &str, now: impl std::fmt::Display) -> String {
    let mut text = Text::default();
    text.head(name, "gauge", help);
    text.sample(name, "", now);
    text.written
}

fn write_breaker(text: &mut Text, breaker: &BreakerReport) {
    let open = u64::from(breaker.state != "closed");
    for (name, kind, help, value) in [
        ("dlmm_redis_breaker_open", "gauge", "1 while Redis is not asked because it did not answer.", open),
        ("dlmm_redis_breaker_opened_total", "counter", "Times that began.", breaker.opened),
        (
            "dlmm_redis_breaker_refused_total",
            "counter",
            "Calls to Redis that were not sent.",
            breaker.refused,
        ),
    ] {
        text.head(name, kind, help);
        text.sample(name, "", value);
    }
}

fn count(counts: &Counts, labels: String) {
    *counts.borrow_mut().entry(labels).or_default() += 1;
}

fn seconds(ms: f64) -> f64 {
    ms / 1_000.0
}

#[derive(Default)]
struct Text {
    written: String,
}

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.written, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = match labels {
            "" => writeln!(self.written, "{name} {value}"),
            labels => writeln!(self.written, "{name}{{{labels}}} {value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::Counters;

    fn caches() -> CacheReport {
        CacheReport {
            age_ms: Some(1_500),
            checked_ms_ago: None,
            pools: 3,
            tokens: 3,
            last_build_ms: Some(12),
            route_pairs: 1,
            route_bytes: 172,
            route_hit_rate: Some(1.0),
            counters: Counters { rebuilds: 1, route_hits: 5, ..Counters::default() },
        }
    }

    #[test]
    fn what_was_done_is_written_as_prometheus_reads_it() {
        let metrics = Metrics::default();
        let spent = Spent::default();
        spent.commands.set(2);
        spent.bytes_received.set(23_000);
        let refused =
            Answered { path: "/quote", method: "POST", status: 404, code: Some("NO_ROUTE"), ms: 4.0 };
        metrics.answered(&refused, &spent);
        metrics.answered(&Answered { ms: 9_000.0, ..refused }, &Spent::default());
        metrics.quoted("exact_in", "redis");
        metrics.warned("STATE_OLD");
        let breaker = BreakerReport { state: "probing", faults: 5, opened: 2, refused: 7 };
        let ages = Ages { state_ms: Some(61_500), heartbeat_ms: Some(400) };
        let text = metrics.text(&caches(), Some(breaker), ages);
        for line in [
            "# TYPE dlmm_requests_total counter",
            r#"dlmm_requests_total{path="/quote",method="POST",status="404"} 2"#,
            r#"dlmm_errors_total{code="NO_ROUTE"} 2"#,
            r#"dlmm_request_duration_seconds_bucket{path="/quote",le="0.0025"} 0"#,
            r#"dlmm_request_duration_seconds_bucket{path="/quote",le="0.005"} 1"#,
            r#"dlmm_request_duration_seconds_bucket{path="/quote",le="5"} 1"#,
            r#"dlmm_request_duration_seconds_bucket{path="/quote",le="+Inf"} 2"#,
            r#"dlmm_request_duration_seconds_sum{path="/quote"} 9.004"#,
            r#"dlmm_request_duration_seconds_count{path="/quote"} 2"#,
            r#"dlmm_quotes_total{mode="exact_in",source="redis"} 1"#,
            r#"dlmm_warnings_total{code="STATE_OLD"} 1"#,
            "dlmm_redis_commands_total 2",
            "dlmm_redis_received_bytes_total 23000",
            "dlmm_topology_age_seconds 1.5",
            "dlmm_topology_pools 3",
            "dlmm_topology_rebuilds_total 1",
            "dlmm_route_cache_hits_total 5",
            "dlmm_redis_breaker_open 1",
            "dlmm_redis_breaker_opened_total 2",
            "dlmm_redis_breaker_refused_total 7",
            "dlmm_state_age_seconds 61.5",
            "dlmm_heartbeat_age_seconds 0.4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} not in {text}");
        }
    }

    #[test]
    fn a_duration_on_the_bound_belongs_to_its_bucket() {
        let metrics = Metrics::default();
        let answered = Answered { path: "/quote", method: "GET", status: 200, code: None, ms: 1.0 };
        metrics.answered(&answered, &Spent::default());
        let first = r#"dlmm_request_duration_seconds_bucket{path="/quote",le="0.001"} 1"#;
        let text = metrics.text(&caches(), None, Ages::default());
        assert!(text.contains(first) && !text.contains("state_age") && !text.contains("heartbeat"));
    }
}
