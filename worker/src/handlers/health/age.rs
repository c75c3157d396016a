//! How old the data in Redis is, by the rule that quotes go by.

use dlmm_core::network::age::{AgeRule, ahead_ms};
use dlmm_core::network::state::Stamp;
use dlmm_core::stored::{PoolValue, Status, keys};
use serde::Serialize;

use crate::config::StateAge;
use crate::market::LiveMarket;
use crate::market::listing::Topology;
use crate::market::values::{Young, beating_texts_within, reason as reason_of};
use crate::redis::RedisError;

/// Pools looked at, the first by id; a bound on what one look costs (about 300 bytes a pool).
const MAX_POOLS: usize = 1_000;

/// Ages of the active pools.
#[derive(Debug, Default, Serialize)]
pub(super) struct DataAge {
    pub(super) newest_age_ms: Option<u64>,
    pub(super) oldest_age_ms: Option<u64>,
    /// Active pools of unknown age: without a time, or with one that is too far ahead.
    pub(super) unknown_age: usize,
    /// Those of them whose time is too far ahead.
    pub(super) ahead: usize,
    /// Active pools that the ages are of.
    pub(super) pools_read: usize,
    /// Pools whose value cannot be used.
    pub(super) broken: usize,
    /// What the producer says of itself; `null` where it keeps no heartbeat.
    pub(super) heartbeat: Option<HeartbeatAge>,
    /// Age above which quotes are refused; `null` where none is.
    pub(super) max_age_ms: Option<u64>,
    /// Age above which quotes warn; `null` where none does.
    pub(super) warn_age_ms: Option<u64>,
}

/// The producer's heartbeat.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct HeartbeatAge {
    /// As it is stored.
    pub(super) heartbeat_ms: String,
    /// `null` where it says nothing: it is no time, or too far ahead.
    pub(super) age_ms: Option<u64>,
    /// By how much it is too far ahead.
    pub(super) ahead_ms: Option<u64>,
}

/// Reads the pool values in one MGET.
pub(super) async fn data_age(
    market: &LiveMarket<'_>,
    max_state_age_ms: Option<u64>,
    topology: &Topology,
) -> Result<DataAge, RedisError> {
    let pools = topology.graph.pools();
    let pools = pools.get(..MAX_POOLS).unwrap_or(pools);
    if pools.is_empty() {
        return Ok(DataAge::default());
    }
    let keys: Vec<String> = pools.iter().map(|pool| keys::pool(&pool.id)).collect();
    let (mut times, mut broken) = (Vec::with_capacity(pools.len()), Vec::new());
    let add = |at, text: Option<&str>| {
        let Some(text) = text else { return };
        // The fee plays no part here.
        match PoolValue::parse(text, 0) {
            Ok(value) if value.status == Status::Active => times.push(value.last_updated),
            Ok(_) => {}
            Err(reason) => broken.push((at, reason)),
        }
    };
    // Whoever asks how old it is wants to know it now.
    let (too_large, pulse) =
        beating_texts_within(market.redis, market.known.listing.heartbeat(), &keys, Young::UpTo(0), add)
            .await?;
    broken.extend(too_large.into_iter().map(|(at, bytes)| (at, reason_of(bytes))));
    // `left_out` names what was met here, whether a quote has met it or not.
    for (key, why) in broken.iter().filter_map(|(at, why)| Some((keys.get(*at)?, why))) {
        market.known.broken.note(key, why, market.redis.now_ms());
    }
    let StateAge { warn, refuse } = market.limits.state_age;
    let (rule, now_ms) = (AgeRule { pulse, warn, refuse }, market.redis.now_ms() as u64);
    let max_age_ms = [max_state_age_ms, rule.refuse_ms(now_ms)].into_iter().flatten().min();
    Ok(DataAge { broken: broken.len(), max_age_ms, ..DataAge::of(&rule, &times, now_ms) })
}

impl DataAge {
    fn of(rule: &AgeRule, times: &[Option<Stamp>], now_ms: u64) -> Self {
        let ages = || times.iter().filter_map(|time| rule.age_ms(time.as_ref(), now_ms));
        Self {
            newest_age_ms: ages().min(),
            oldest_age_ms: ages().max(),
            unknown_age: times.len().saturating_sub(ages().count()),
            ahead: times.iter().filter(|time| ahead_ms(time.as_ref(), now_ms).is_some()).count(),
            pools_read: times.len(),
            heartbeat: rule.pulse.heartbeat.as_ref().map(|stamp| HeartbeatAge {
                heartbeat_ms: stamp.text.clone(),
                age_ms: rule.heartbeat_age_ms(now_ms),
                ahead_ms: rule.heartbeat_ahead_ms(now_ms),
            }),
            warn_age_ms: rule.warn_ms(now_ms),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::network::age::{AgeLimit, Pulse};
    use dlmm_core::stored::parse_heartbeat;

    const NOW: u64 = 1_800_000_000_000;

    fn ages(heartbeat: Option<u64>, times: &[Option<u64>]) -> DataAge {
        let stamp = |at_ms: &Option<u64>| at_ms.map(|at| Stamp { text: String::new(), at_ms: Some(at) });
        let times: Vec<_> = times.iter().map(stamp).collect();
        let heartbeat = heartbeat.map(|at| parse_heartbeat(&at.to_string()));
        let rule = AgeRule {
            pulse: Pulse { heartbeat, block_height: None },
            warn: Some(AgeLimit::by_heartbeat(60_000)),
            refuse: None,
        };
        DataAge::of(&rule, &times, NOW)
    }

    #[test]
    fn the_newest_and_the_oldest_pool_are_told_apart() {
        let age = ages(None, &[Some(NOW - 50), None, Some(NOW - 7), Some(NOW - 900), Some(NOW + 60_000)]);
        assert_eq!((age.newest_age_ms, age.oldest_age_ms), (Some(7), Some(900)));
        assert_eq!((age.pools_read, age.unknown_age, age.ahead), (5, 2, 1));
        assert_eq!((age.heartbeat, age.warn_age_ms), (None, None));
    }

    #[test]
    fn no_pool_is_older_than_the_heartbeat() {
        let age = ages(Some(NOW - 30), &[Some(NOW - 50), None, Some(NOW - 7)]);
        assert_eq!((age.newest_age_ms, age.oldest_age_ms, age.unknown_age), (Some(7), Some(30), 0));
        let heartbeat = age.heartbeat.unwrap();
        assert_eq!((heartbeat.age_ms, heartbeat.ahead_ms, age.warn_age_ms), (Some(30), None, Some(60_000)));
        let ahead = ages(Some(NOW + 60_000), &[Some(NOW - 50)]);
        assert_eq!((ahead.oldest_age_ms, ahead.heartbeat.unwrap().ahead_ms), (Some(50), Some(60_000)));
    }
}
