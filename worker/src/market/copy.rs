//! A copy of pools from Redis: each pool whole, in one read, and several pools a read where they fit.

use dlmm_core::network::age::Pulse;
use dlmm_core::sorted::SortedSet;
use dlmm_core::stored::{PoolRouting, StoredPool};
use dlmm_core::units::PoolId;
use litemap::LiteMap;
use std::pin::Pin;

use crate::market::listing::Topology;
use crate::market::live::LiveMarket;
use crate::market::read::{KEYS_PER_POOL, Whole, read_whole};
use crate::market::refusal::Refusal;
use crate::market::room::room;
use crate::market::values::{READ_AGAIN_MS, Young};
use crate::observe::Holding;
use crate::redis::{Counting, Exchange};

/// Pools of one copy at most: with the usual bounds 40 reads, which leaves room in the 50 outgoing requests that
/// Cloudflare's free plan allows for one incoming one.
pub const MAX_POOLS: usize = 360;

/// What one read may be expected to bring. Upstash refuses replies above 10 MB on most plans.
const READ_BYTES: usize = 4_000_000;

/// What a pool is taken to hold until larger ones were seen: 1001 bins of the usual fields are about 250 kB.
pub const ASSUMED_POOL_BYTES: usize = 400_000;

/// When a snapshot that found no room beside others may be asked for again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// What was copied.
#[derive(Debug)]
pub struct Copied {
    pub pools: LiteMap<PoolId, StoredPool<'static>>,
    /// What the pools that were not copied say of their tokens.
    pub others: Vec<PoolRouting>,
    /// The clock after the first reply arrived.
    pub taken_at_ms: u64,
    /// What the producer said of all pools, asked for in front of that reply.
    pub pulse: Pulse,
    /// The producer's count that each pool is as new as, where that is asked for.
    pub seqs: LiteMap<PoolId, u64>,
    /// The isolate's memory that it takes.
    pub holding: Holding,
}

/// Which pools to copy.
#[derive(Debug, Clone, Copy)]
pub enum Ids<'i> {
    /// All that are known.
    All,
    /// These; one that is not there is an error.
    Chosen(&'i SortedSet<PoolId>),
    /// These, in order, as far as they fit one answer; at least one.
    Page(&'i SortedSet<PoolId>),
}

/// Copies pools.
///
/// On the heap: it is awaited in many places, and compiled once.
///
/// # Errors
/// UNKNOWN_POOL for a chosen pool that is not there; where it is too much for one answer, where the pools cannot be listed, or
/// what became of Redis.
pub fn copy<'a, X: Exchange>(
    market: &'a LiveMarket<'_, X>,
    topology: &'a Topology,
    wanted: Ids<'a>,
) -> Pin<Box<dyn Future<Output = Result<Copied, Refusal>> + 'a>> {
    Box::pin(copy_pools(market, topology, wanted))
}

async fn copy_pools<X: Exchange>(
    market: &LiveMarket<'_, X>,
    topology: &Topology,
    wanted: Ids<'_>,
) -> Result<Copied, Refusal> {
    let ids = match wanted {
        Ids::Chosen(ids) | Ids::Page(ids) => ids.clone(),
        Ids::All if topology.whole => topology.ids(),
        Ids::All => return Err(Refusal::Unlisted),
    };
    if ids.len() > MAX_POOLS {
        return Err(Refusal::CopyTooLarge { limit: MAX_POOLS, unit: "pools" });
    }
    let others =
        topology.routings().iter().filter(|routing| !ids.contains(&routing.pool.id)).cloned().collect();
    let max_bytes = market.limits.snapshot_bytes;
    let expected = ids.len().saturating_mul(ASSUMED_POOL_BYTES).min(max_bytes);
    let holding = room(&market.known.memory, market, expected).await?;
    let mut pace = Pace::new(market.limits.keys_per_quote);
    let mut copied = Copied {
        pools: LiteMap::new(),
        others,
        taken_at_ms: market.redis.now_ms() as u64,
        pulse: Pulse::default(),
        seqs: LiteMap::new(),
        holding,
    };
    let mut bytes = 0_usize;
    let ids: Vec<PoolId> = ids.into_iter().collect();
    let mut waiting = ids.as_slice();
    while !waiting.is_empty() {
        let together = waiting.get(..pace.pools()).unwrap_or(waiting);
        // Quotes have seen how long bins are.
        let known = together.iter().map(|id| market.known.hints.bytes_of_long_bins(id, KEYS_PER_POOL));
        let together = together.get(..fitting(known)).unwrap_or(together);
        let Whole { pools, largest_of_others, pulse, looked } =
            read_whole(market, together, Young::UpTo(READ_AGAIN_MS)).await?;
        waiting = waiting.get(pools.len()..).unwrap_or_default();
        pace.learn(largest_of_others);
        let seq = market.redis.counting().and_then(Counting::seq);
        if copied.pools.is_empty() {
            copied.taken_at_ms = market.redis.now_ms() as u64;
            copied.pulse = pulse;
        }
        for (id, pool) in together.iter().zip(pools) {
            if matches!(wanted, Ids::Chosen(_)) && pool.value.is_none() && pool.left_out.is_none() {
                return Err(topology.graph.unknown_pool(id).into());
            }
            let size = pool.bytes();
            pace.learn(size);
            bytes = bytes.saturating_add(size);
            copied.seqs.extend(seq.map(|seq| (id.clone(), seq)));
            copied.pools.insert(id.clone(), pool);
        }
        let fits = copied.holding.grow_to(bytes);
        // What one more read like these could bring has to fit as well. A look for keys of another type takes up to a dozen
        // requests, which leaves room for the reads of one page in those 50.
        let is_full = looked || bytes.saturating_add(READ_BYTES.min(bytes)) > max_bytes;
        if matches!(wanted, Ids::Page(_)) && is_full && bytes <= max_bytes && fits {
            break;
        }
        if bytes > max_bytes {
            return Err(Refusal::CopyTooLarge { limit: max_bytes, unit: "bytes" });
        }
        if !fits {
            return Err(Refusal::Busy { retry_after_seconds: RETRY_AFTER_SECONDS });
        }
    }
    copied.holding.hold(bytes);
    Ok(copied)
}

/// How many of the first pools a read may bring that hold so many bytes; at least one.
fn fitting(bytes: impl Iterator<Item = usize>) -> usize {
    let mut sum = 0_usize;
    let fits = |bytes: &usize| {
        sum = sum.saturating_add(*bytes);
        sum <= READ_BYTES
    };
    bytes.take_while(fits).count().max(1)
}

/// How many pools to ask for at once.
#[derive(Debug)]
struct Pace {
    max_keys: usize,
    largest: usize,
}

impl Pace {
    const fn new(max_keys: usize) -> Self {
        Self { max_keys, largest: ASSUMED_POOL_BYTES }
    }

    /// As many as the bounds on keys and bytes allow, and always one: a pool is never split over two reads.
    fn pools(&self) -> usize {
        let by_keys = self.max_keys / KEYS_PER_POOL;
        let by_bytes = READ_BYTES.checked_div(self.largest).unwrap_or(by_keys);
        by_keys.min(by_bytes).max(1)
    }

    /// Larger pools than expected mean fewer at once from now on.
    fn learn(&mut self, bytes: usize) {
        self.largest = self.largest.max(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_pools_go_together_while_keys_and_bytes_allow() {
        assert_eq!(KEYS_PER_POOL, 1_002);
        assert_eq!(Pace::new(10_000).pools(), 9);
        assert_eq!(Pace::new(100_000).pools(), 10);
        for (max_keys, largest) in [(2, 0), (1_001, 0), (10_000, 4_000_001), (10_000, usize::MAX)] {
            let mut pace = Pace::new(max_keys);
            pace.learn(largest);
            assert_eq!(pace.pools(), 1, "{max_keys} keys, {largest} bytes");
        }
        let mut pace = Pace::new(10_000);
        pace.learn(1_000_000);
        pace.learn(10);
        assert_eq!(pace.pools(), 4);
        assert!(MAX_POOLS.div_ceil(Pace::new(10_000).pools()) <= 40);
    }
}
