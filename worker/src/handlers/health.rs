//! `/health`: is this Worker able to quote?

mod age;
mod left_out;
mod redis;

use dlmm_core::api::Source;
use serde::Serialize;

use self::age::{DataAge, data_age};
use self::left_out::LeftOutHealth;
use self::redis::{RedisHealth, ask};
use super::listing::fresh_topology;
use crate::http::{Answer, ApiError, Code};
use crate::isolate::wasm_memory_bytes;
use crate::market::listing::CacheReport;
use crate::market::read::look_at_faults;
use crate::redis::{BreakerReport, RedisClient};
use crate::request::RequestContext;

#[derive(Debug, Serialize)]
struct QuoteSettings<'a> {
    default_fee_bps: u16,
    max_candidate_pools: usize,
    max_keys_per_quote: usize,
    /// The router whose calls the plans of quotes are; `null` where none is set.
    router: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Health<'a> {
    status: &'static str,
    /// Why the status is not `ok`, as error codes of a quote.
    problems: Vec<&'static str>,
    /// `null` where no Redis is set and the sample state stands in.
    redis: Option<RedisHealth>,
    /// Whether the isolate that answers asks Redis at the moment; `null` where no Redis is set.
    breaker: Option<BreakerReport>,
    fallback: bool,
    /// `null` where pools could not be read.
    data: Option<DataAge>,
    /// What is in Redis and cannot be quoted, as far as the isolate that answers knows.
    left_out: LeftOutHealth,
    /// The settings that decide what is quoted, and are not of the request: whoever checks an answer goes by them.
    settings: QuoteSettings<'a>,
    /// The topology and the route cache of the isolate that answers.
    topology: CacheReport,
    version: &'static str,
    environment: &'static str,
    uptime_ms: u64,
    /// What the isolate's wasm has taken for its data; it never gives any back.
    wasm_memory_bytes: usize,
    request_id: &'a str,
}

/// What stands in the way of a quote.
#[derive(Debug, Default, PartialEq, Eq)]
struct Problems {
    /// No quote can be given from Redis.
    fatal: Vec<&'static str>,
    /// Some quotes are refused.
    partial: Vec<&'static str>,
}

impl Problems {
    fn of(redis: Option<&RedisHealth>, data: Option<&DataAge>, pools: Option<usize>) -> Self {
        let mut problems = Self::default();
        match redis {
            None => problems.fatal.push(Code::ConfigInvalid.as_str()),
            Some(RedisHealth { error: Some(code), .. }) => problems.fatal.push(code),
            // Where the pools cannot be listed, quotes may still find them from their tokens.
            Some(_) if pools == Some(0) => problems.fatal.push(Code::UnknownToken.as_str()),
            Some(_) => {}
        }
        if let Some((data, max_age_ms)) = data.and_then(|data| Some((data, data.max_age_ms?))) {
            // A pool of unknown age is refused under a limit, so it counts as too old.
            let too_old = |age: Option<u64>| age.is_none_or(|age| age > max_age_ms);
            let stale = Code::StaleState.as_str();
            if data.pools_read > 0 && too_old(data.newest_age_ms) {
                problems.fatal.push(stale);
            } else if data.pools_read > 0 && (too_old(data.oldest_age_ms) || data.unknown_age > 0) {
                problems.partial.push(stale);
            }
        }
        problems
    }

    /// The status in a word and as an HTTP status. Where the sample may stand in, there is always some answer.
    fn status(&self, fallback: bool) -> (&'static str, u16) {
        match (self.fatal.is_empty(), self.partial.is_empty()) {
            (true, true) => ("ok", 200),
            (true, false) => ("degraded", 200),
            (false, _) if fallback => ("degraded", 200),
            (false, _) => ("down", Code::RedisUnavailable.status()),
        }
    }
}

/// `ok`: quotes are served. `degraded`: some are, or the sample stands in. `down` (503): none is.
pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let config = context.config();
    let (mut redis, mut data, mut pools) = (None, None, None);
    if let Some(market) = context.market() {
        let mut found = ask(market.redis).await;
        if found.error.is_none() {
            match fresh_topology(context).await {
                Ok((topology, source)) => {
                    // Whoever mended something reads here whether it is seen. Without an answer it stays named.
                    let _ = look_at_faults(&market).await;
                    pools =
                        (topology.whole && source == Source::Redis).then_some(topology.graph.pools().len());
                    match data_age(&market, config.max_state_age_ms, &topology).await {
                        Ok(age) => data = Some(age),
                        Err(fault) => found.error = Some(fault.code()),
                    }
                }
                Err(error) => found.error = Some(error.code.as_str()),
            }
        }
        redis = Some(found);
    }
    let problems = Problems::of(redis.as_ref(), data.as_ref(), pools);
    let (status, http_status) = problems.status(config.fallback_to_sample);
    let health = Health {
        status,
        problems: [problems.fatal, problems.partial].concat(),
        redis,
        breaker: context.isolate().redis().map(RedisClient::breaker),
        fallback: config.fallback_to_sample,
        data,
        left_out: LeftOutHealth::of(context.isolate()),
        settings: QuoteSettings {
            default_fee_bps: config.limits.default_fee_bps,
            max_candidate_pools: config.limits.candidate_pools,
            max_keys_per_quote: config.limits.keys_per_quote,
            router: config.limits.router.as_deref(),
        },
        topology: context.isolate().market().listing.report(context.now_ms()),
        version: env!("CARGO_PKG_VERSION"),
        environment: config.environment.as_str(),
        uptime_ms: (context.now_ms() - context.isolate().started_ms()).max(0.0) as u64,
        wasm_memory_bytes: wasm_memory_bytes(),
        request_id: context.request_id(),
    };
    Ok(Answer::json(&health)?.with_status(http_status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redis(error: Option<&'static str>) -> RedisHealth {
        RedisHealth { reachable: error.is_none(), error, ..RedisHealth::default() }
    }

    fn data(newest: Option<u64>, oldest: Option<u64>, unknown_age: usize) -> DataAge {
        DataAge {
            newest_age_ms: newest,
            oldest_age_ms: oldest,
            unknown_age,
            pools_read: 3,
            ..DataAge::default()
        }
    }

    fn status(
        redis: Option<RedisHealth>,
        data: Option<DataAge>,
        pools: Option<usize>,
        max: Option<u64>,
    ) -> (&'static str, u16) {
        let data = data.map(|data| DataAge { max_age_ms: max, ..data });
        Problems::of(redis.as_ref(), data.as_ref(), pools).status(false)
    }

    #[test]
    fn down_means_that_no_quote_can_be_given() {
        assert_eq!(status(Some(redis(None)), Some(data(Some(5), Some(9), 0)), Some(3), None), ("ok", 200));
        assert_eq!(status(Some(redis(Some("REDIS_AUTH"))), None, None, None), ("down", 503));
        assert_eq!(status(Some(redis(None)), Some(data(None, None, 0)), Some(0), None), ("down", 503));
        assert_eq!(status(None, None, None, None), ("down", 503));
        let problems = Problems::of(Some(&redis(Some("REDIS_TIMEOUT"))), None, None);
        assert_eq!(
            (problems.fatal.as_slice(), problems.status(true)),
            (&["REDIS_TIMEOUT"][..], ("degraded", 200))
        );
    }

    #[test]
    fn pools_that_cannot_be_listed_may_still_be_quoted() {
        assert_eq!(status(Some(redis(None)), None, None, None), ("ok", 200));
    }

    #[test]
    fn age_alone_matters_only_where_a_limit_is_set() {
        let old = || Some(data(Some(5_000), Some(90_000), 1));
        assert_eq!(status(Some(redis(None)), old(), Some(3), None), ("ok", 200));
        assert_eq!(
            status(Some(redis(None)), old(), Some(3), Some(100_000)),
            ("degraded", 200),
            "one has no time"
        );
        assert_eq!(status(Some(redis(None)), old(), Some(3), Some(10_000)), ("degraded", 200));
        assert_eq!(status(Some(redis(None)), old(), Some(3), Some(1_000)), ("down", 503));
    }
}
