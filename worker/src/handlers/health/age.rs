//! How old the data in Redis is.

use dlmm_core::wire::{PoolValue, keys};
use serde::Serialize;

use crate::context::RequestContext;
use crate::oversize::texts_within;
use crate::topology::Topology;
use crate::upstash::{RedisClient, UpstashError};

/// Pools looked at, the first by id; a bound on what one look costs (about 300 bytes a pool).
const MAX_POOLS: usize = 1_000;

/// Ages of the active pools.
#[derive(Debug, Default, Serialize)]
pub(super) struct DataAge {
    pub(super) newest_age_ms: Option<u64>,
    pub(super) oldest_age_ms: Option<u64>,
    /// Active pools that carry no time.
    pub(super) unknown_age: usize,
    /// Active pools that the ages are of.
    pub(super) pools_read: usize,
    /// Pools whose value cannot be used.
    pub(super) broken: usize,
}

/// Reads the pool values in one MGET.
pub(super) async fn data_age(
    context: &RequestContext,
    redis: &RedisClient,
    topology: &Topology,
) -> Result<DataAge, UpstashError> {
    let pools = topology.graph.pools();
    let pools = pools.get(..MAX_POOLS).unwrap_or(pools);
    let mut age = DataAge::default();
    if pools.is_empty() {
        return Ok(age);
    }
    let keys: Vec<String> = pools.iter().map(|pool| keys::pool(&pool.id)).collect();
    let too_large = texts_within(redis, context.budget(), &keys, |_, text| {
        let Some(text) = text else { return };
        // The clock stands still until the next wait, so it is the same for all.
        let now_ms = context.now_ms() as u64;
        // The fee plays no part here.
        match PoolValue::parse(text, 0) {
            Ok(value) if value.status == dlmm_core::wire::Status::Active => {
                age.add(value.last_updated.and_then(|stamp| stamp.at_ms).map(|at| now_ms.saturating_sub(at)));
            }
            Ok(_) => {}
            Err(_) => age.broken += 1,
        }
    })
    .await?;
    age.broken += too_large.len();
    Ok(age)
}

impl DataAge {
    fn add(&mut self, age_ms: Option<u64>) {
        self.pools_read += 1;
        match age_ms {
            None => self.unknown_age += 1,
            Some(age) => {
                self.newest_age_ms = Some(self.newest_age_ms.map_or(age, |newest| newest.min(age)));
                self.oldest_age_ms = Some(self.oldest_age_ms.map_or(age, |oldest| oldest.max(age)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_and_the_oldest_pool_are_told_apart() {
        let mut age = DataAge::default();
        [Some(50), None, Some(7), Some(900)].into_iter().for_each(|ms| age.add(ms));
        assert_eq!((age.newest_age_ms, age.oldest_age_ms), (Some(7), Some(900)));
        assert_eq!((age.pools_read, age.unknown_age), (4, 1));
    }
}
