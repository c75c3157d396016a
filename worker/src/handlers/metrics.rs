//! `/metrics`: what this isolate has done and knows, as Prometheus reads it.

use crate::http::Answer;
use crate::isolate::wasm_memory_bytes;
use crate::market::listing::CacheReport;
use crate::market::reach::Reads;
use crate::observe::{METRICS_TYPE, Metrics, MetricsText, seconds};
use crate::redis::{BreakerReport, RedisClient};
use crate::request::RequestContext;

/// How old the data is. What is unknown is not told.
#[derive(Debug, Clone, Copy, Default)]
struct Ages {
    state_ms: Option<u64>,
    heartbeat_ms: Option<u64>,
}

pub(crate) fn answer(context: &RequestContext) -> Answer {
    let isolate = context.isolate();
    let caches = isolate.market().listing.report(context.now_ms());
    let ages = Ages {
        state_ms: isolate.metrics().ages().worst_ms(context.now_ms()),
        heartbeat_ms: isolate.market().listing.heartbeat().age_when_read_ms(),
    };
    let breaker = isolate.redis().map(RedisClient::breaker);
    let reads = isolate.market().hints.reads();
    Answer::text(METRICS_TYPE, text_of(isolate.metrics(), &caches, breaker, ages, reads))
}

/// Writes the counters, and caches, ages and breaker as they are now.
fn text_of(
    metrics: &Metrics,
    caches: &CacheReport,
    breaker: Option<BreakerReport>,
    ages: Ages,
    reads: Reads,
) -> String {
    let mut text = MetricsText::default();
    metrics.write(&mut text);
    for (name, help, total) in [
        ("dlmm_quote_reads_total", "Quotes that bins were read for.", reads.first),
        (
            "dlmm_quote_further_reads_total",
            "Reads of bins that followed because the first fell short.",
            reads.further,
        ),
    ] {
        text.counter(name, help, total);
    }
    write_caches(&mut text, caches);
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
            text.gauge(name, help, seconds(age_ms as f64));
        }
    }
    if let Some(breaker) = breaker {
        let open = u64::from(breaker.state != "closed");
        let help = "1 while Redis is not asked because it did not answer.";
        text.gauge("dlmm_redis_breaker_open", help, open);
        text.counter("dlmm_redis_breaker_opened_total", "Times that began.", breaker.opened);
        let help = "Calls to Redis that were not sent.";
        text.counter("dlmm_redis_breaker_refused_total", help, breaker.refused);
    }
    let help = "What the isolate's wasm has taken for its data; it never gives any back.";
    text.gauge("dlmm_wasm_memory_bytes", help, wasm_memory_bytes());
    text.into_text()
}

fn write_caches(text: &mut MetricsText, caches: &CacheReport) {
    let counters = &caches.counters;
    for (name, help, total) in [
        ("dlmm_topology_rebuilds_total", "Times the pools or their tokens changed.", counters.rebuilds),
        ("dlmm_topology_checks_total", "Comparisons of the counters in Redis.", counters.checks),
        ("dlmm_topology_listings_total", "Full lists of the pools.", counters.listings),
        ("dlmm_route_cache_hits_total", "Times the routes of a pair were there.", counters.route_hits),
        ("dlmm_route_cache_misses_total", "Times they had to be found.", counters.route_misses),
    ] {
        text.counter(name, help, total);
    }
    for (name, help, now) in [
        ("dlmm_topology_pools", "Pools in the list.", caches.pools),
        ("dlmm_topology_tokens", "Tokens in the list.", caches.tokens),
        ("dlmm_route_cache_pairs", "Pairs whose routes are kept.", caches.route_pairs),
        ("dlmm_route_cache_bytes", "About how much memory they take.", caches.route_bytes),
    ] {
        text.gauge(name, help, now);
    }
    if let Some(age_ms) = caches.age_ms {
        let help = "Since the list of pools was built.";
        text.gauge("dlmm_topology_age_seconds", help, seconds(age_ms as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::listing::Counters;
    use crate::observe::{Answered, Spent};

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
        let text = text_of(&metrics, &caches(), Some(breaker), ages, Reads { first: 50, further: 1 });
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
            "dlmm_quote_reads_total 50",
            "dlmm_quote_further_reads_total 1",
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
            "dlmm_wasm_memory_bytes 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} not in {text}");
        }
    }

    #[test]
    fn ages_that_nobody_knows_are_not_told() {
        let text = text_of(&Metrics::default(), &caches(), None, Ages::default(), Reads::default());
        assert!(!text.contains("state_age") && !text.contains("heartbeat"));
    }
}
