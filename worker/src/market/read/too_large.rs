//! What to leave out of a read whose reply was too large.

use dlmm_core::network::route::CandidatePool;
use dlmm_core::stored::keys::StateKey;
use dlmm_core::units::BinId;

use super::unreadable::{Hold, Unreadable};
use crate::market::live::LiveMarket;
use crate::market::values::{MAX_VALUE_BYTES, READ_BYTES, lengths, reason, reason_of_pool};
use crate::redis::{Exchange, RedisError};

/// How long a pool stays out of which no single value is too large: to measure it again takes a command for each key.
const HOLD_MS: f64 = 60_000.0;

/// Pools to read, each with the first and last bin of it.
pub(super) type Plan<'p> = Vec<(&'p CandidatePool, (BinId, BinId))>;

/// The keys of one pool in a read.
pub(super) fn keys_of(
    (candidate, (low, high)): &(&CandidatePool, (BinId, BinId)),
) -> impl Iterator<Item = StateKey> {
    let id = candidate.pool.id.clone();
    let bins = (low.get()..=high.get()).filter_map(BinId::new);
    let pool = StateKey::Pool(id.clone());
    std::iter::once(pool).chain(bins.map(move |bin| StateKey::Bin(id.clone(), bin)))
}

/// Measures all keys of a read, and notes the pools that are not to be read for now: those with a value that is too
/// large; else the largest ones, until the others fit. Whether there were any.
///
/// # Errors
/// What became of Redis, also where the token may not ask.
pub(super) async fn leave_out<X: Exchange>(
    market: &LiveMarket<'_, X>,
    plan: &Plan<'_>,
) -> Result<bool, RedisError> {
    // Made as they are asked for: all at once they take megabytes.
    let keys = plan.iter().flat_map(|pool| keys_of(pool).map(|key| key.to_string()));
    let lengths = match lengths(market.redis, keys).await {
        Err(refused) if refused.is_about_the_command() => return Ok(false),
        lengths => lengths?,
    };
    let mut rest = lengths.as_slice();
    let mut pools = Vec::with_capacity(plan.len());
    for pool in plan {
        let (own, others) = rest.split_at_checked(keys_of(pool).count()).unwrap_or((rest, &[]));
        rest = others;
        pools.extend(Measured::of(keys_of(pool), own));
    }
    let now_ms = market.redis.now_ms();
    let faults = too_large(pools, now_ms);
    faults.iter().for_each(|fault| market.known.unreadable.note(fault, now_ms));
    Ok(!faults.is_empty())
}

/// A pool with the size of what is to be read of it.
#[derive(Debug)]
struct Measured {
    bytes: u64,
    largest: StateKey,
    largest_bytes: u64,
}

impl Measured {
    fn of(keys: impl Iterator<Item = StateKey>, lengths: &[u64]) -> Option<Self> {
        let bytes = lengths.iter().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
        let (largest, largest_bytes) = keys.zip(lengths.iter().copied()).max_by_key(|(_, bytes)| *bytes)?;
        Some(Self { bytes, largest, largest_bytes })
    }
}

fn too_large(mut pools: Vec<Measured>, now_ms: f64) -> Vec<Unreadable> {
    let by_value = pools.extract_if(.., |pool| pool.largest_bytes > MAX_VALUE_BYTES);
    let mut faults: Vec<Unreadable> = by_value
        .map(|pool| Unreadable { key: pool.largest, reason: reason(pool.largest_bytes), hold: Hold::Length })
        .collect();
    let mut bytes = pools.iter().fold(0_u64, |sum, pool| sum.saturating_add(pool.bytes));
    pools.sort_by_key(|pool| pool.bytes);
    while bytes > READ_BYTES
        && let Some(pool) = pools.pop()
    {
        bytes = bytes.saturating_sub(pool.bytes);
        let hold = Hold::Until(now_ms + HOLD_MS);
        faults.push(Unreadable { key: pool.largest, reason: reason_of_pool(pool.bytes), hold });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::units::PoolId;

    fn pool(id: &str, lengths: &[u64]) -> Measured {
        let id = PoolId::new(id).unwrap();
        let keys = (0..).map_while(|n| Some(StateKey::Bin(id.clone(), BinId::new(n)?)));
        Measured::of(keys.take(lengths.len()), lengths).unwrap()
    }

    fn left_out(pools: Vec<Measured>) -> Vec<(String, String)> {
        too_large(pools, 0.0).into_iter().map(|fault| (fault.key.to_string(), fault.reason)).collect()
    }

    #[test]
    fn the_pool_of_a_value_that_is_too_large_alone() {
        let found = left_out(vec![pool("A", &[300, 300]), pool("B", &[300, 20_971_520, 70_000])]);
        assert_eq!(found, [("bin:B:1".to_owned(), "holds 20971520 bytes, too many for a reply".to_owned())]);
    }

    #[test]
    fn else_the_largest_pools_until_the_others_fit() {
        let found = left_out(vec![
            pool("A", &[1_000]),
            pool("B", &[60_000; 50]),
            pool("C", &[60_000; 60]),
            pool("D", &[900]),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].1,
            "its pool holds 3600000 bytes, too many for a reply with those of other pools"
        );
        assert!(found[0].0.starts_with("bin:C:"));
    }

    #[test]
    fn nothing_is_left_out_where_what_redis_holds_would_have_fit() {
        assert!(left_out(vec![pool("A", &[300]), pool("B", &[60_000; 60])]).is_empty());
        assert!(left_out(vec![pool("A", &[0])]).is_empty() && left_out(Vec::new()).is_empty());
    }
}
