//! A copy of pools from Redis: each pool whole, in one read, and several pools a read where they fit.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::api::SkippedPool;
use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{PoolRouting, StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};

use crate::market::listing::Topology;
use crate::market::live::LiveMarket;
use crate::market::refusal::Refusal;
use crate::market::values::{KEYS_PER_LOOK, READ_AGAIN_MS, Young, beating_texts_within, reason, wrong_types};
use crate::observe::Holding;
use crate::redis::{Counting, Exchange, RedisError};

/// Pools of one copy at most: with the usual bounds 40 reads, which leaves room in the 50 outgoing requests that
/// Cloudflare's free plan allows for one incoming one.
pub const MAX_POOLS: usize = 360;

/// Keys of one pool: its value and every bin id there is.
const KEYS_PER_POOL: usize = 1 + BinId::MAX.get() as usize + 1;

/// What one read may be expected to bring. Upstash refuses replies above 10 MB on most plans.
const READ_BYTES: usize = 4_000_000;

/// Requests for the types of keys without a text: with the reads they stay below those 50.
const MAX_LOOKS: usize = 8;

/// What a pool is taken to hold until larger ones were seen: 1001 bins of the usual fields are about 250 kB.
const ASSUMED_POOL_BYTES: usize = 400_000;

/// When a snapshot that found no room beside others may be asked for again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// What was copied.
#[derive(Debug)]
pub struct Copied {
    pub pools: BTreeMap<PoolId, StoredPool<'static>>,
    /// What the pools that were not copied say of their tokens.
    pub others: Vec<PoolRouting>,
    /// The clock after the first reply arrived.
    pub taken_at_ms: u64,
    /// What the producer said of all pools, asked for in front of that reply.
    pub pulse: Pulse,
    /// The producer's count that each pool is as new as, where that is asked for.
    pub seqs: BTreeMap<PoolId, u64>,
    /// The isolate's memory that it takes.
    pub holding: Holding,
}

/// Which pools to copy.
#[derive(Debug, Clone, Copy)]
pub enum Ids<'i> {
    /// All that are known.
    All,
    /// These; one that is not there is an error.
    Chosen(&'i BTreeSet<PoolId>),
    /// These, in order, as far as they fit one answer; at least one.
    Page(&'i BTreeSet<PoolId>),
}

/// Copies pools.
///
/// # Errors
/// UNKNOWN_POOL for a chosen pool that is not there; where it is too much for one answer, where the pools cannot be listed, or
/// what became of Redis.
pub async fn copy<X: Exchange>(
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
    let mut pace = Pace::new(market.limits.keys_per_quote);
    let mut copied = Copied {
        pools: BTreeMap::new(),
        others,
        taken_at_ms: market.redis.now_ms() as u64,
        pulse: Pulse::default(),
        seqs: BTreeMap::new(),
        holding: market.known.copies.begin(),
    };
    let mut bytes = 0_usize;
    let mut looks = MAX_LOOKS;
    let mut waiting = ids.into_iter().peekable();
    while waiting.peek().is_some() {
        let together: Vec<PoolId> = waiting.by_ref().take(pace.pools()).collect();
        let (mut pools, pulse) = read(market, &together).await?;
        let seq = market.redis.counting().and_then(Counting::seq);
        looks = leave_out_wrong_types(market, &together, &mut pools, looks).await?;
        let mut fits = true;
        if copied.pools.is_empty() {
            copied.taken_at_ms = market.redis.now_ms() as u64;
            copied.pulse = pulse;
        }
        for (id, pool) in together.into_iter().zip(pools) {
            if matches!(wanted, Ids::Chosen(_)) && pool.value.is_none() && pool.left_out.is_none() {
                return Err(topology.graph.unknown_pool(&id).into());
            }
            let size = pool.bytes();
            pace.learn(size);
            bytes = bytes.saturating_add(size);
            fits &= copied.holding.take(size);
            copied.seqs.extend(seq.map(|seq| (id.clone(), seq)));
            copied.pools.insert(id, pool);
        }
        // What one more read like these could bring has to fit as well.
        let is_full = bytes.saturating_add(READ_BYTES.min(bytes)) > max_bytes;
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
    Ok(copied)
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

/// The active bin, if it has no text, and the ids without one between those that have: where something may be that is
/// no text.
pub fn gaps(with_text: &[BinId], active: Option<BinId>) -> impl Iterator<Item = BinId> + '_ {
    let has_text = |id: BinId| with_text.binary_search(&id).is_ok();
    let between = with_text.windows(2).flat_map(|pair| match pair {
        [low, high] => low.get() + 1..high.get(),
        _ => 0..0,
    });
    let between = between.filter_map(BinId::new).filter(move |id| Some(*id) != active);
    active.into_iter().filter(move |id| !has_text(*id)).chain(between)
}

/// Leaves those pools out of a read of which a key holds another type. Gives how many looks are left.
async fn leave_out_wrong_types<X: Exchange>(
    market: &LiveMarket<'_, X>,
    ids: &[PoolId],
    pools: &mut [StoredPool<'static>],
    looks: usize,
) -> Result<usize, RedisError> {
    let mut suspects: Vec<(usize, String)> = Vec::new();
    let readable = ids.iter().zip(&*pools).enumerate().filter(|(_, (_, pool))| pool.left_out.is_none());
    for (at, (id, pool)) in readable {
        match &pool.value {
            None => suspects.push((at, keys::pool(id))),
            Some(value) => {
                let active = PoolRouting::parse(value).ok().and_then(|routing| routing.active_bin);
                let with_text: Vec<BinId> = pool.bins.iter().filter_map(|(bin, _)| *bin).collect();
                suspects.extend(gaps(&with_text, active).map(|bin| (at, keys::bin(id, bin))));
                // Beyond the bins that have a text nothing tells where to look, but what quotes have met there.
                suspects.extend(market.known.unreadable.suspect(id).map(|key| (at, key)));
            }
        }
    }
    suspects.truncate(looks.saturating_mul(KEYS_PER_LOOK));
    let (at, keys): (Vec<usize>, Vec<String>) = suspects.into_iter().unzip();
    for (index, reason) in wrong_types(market.redis, &keys).await? {
        let (Some(pool), Some(key)) = (at.get(index).and_then(|at| pools.get_mut(*at)), keys.get(index))
        else {
            continue;
        };
        pool.left_out.get_or_insert_with(|| SkippedPool { key: key.clone(), reason });
    }
    Ok(looks.saturating_sub(keys.len().div_ceil(KEYS_PER_LOOK)))
}

/// Reads whole pools in one MGET: one moment for all of them. Of a pool with a value that is too large for a reply
/// no bin is kept.
async fn read<X: Exchange>(
    market: &LiveMarket<'_, X>,
    ids: &[PoolId],
) -> Result<(Vec<StoredPool<'static>>, Pulse), RedisError> {
    let mut wanted = Vec::with_capacity(ids.len().saturating_mul(KEYS_PER_POOL));
    for id in ids {
        wanted.push(keys::pool(id));
        let bins = (BinId::MIN.get()..=BinId::MAX.get()).filter_map(BinId::new);
        wanted.extend(bins.map(|bin| keys::bin(id, bin)));
    }
    let mut pools = vec![StoredPool::absent(); ids.len()];
    let place = |index, text: Option<&str>| place(&mut pools, index, text);
    let (too_large, pulse) = beating_texts_within(
        market.redis,
        market.known.listing.heartbeat(),
        &wanted,
        Young::UpTo(READ_AGAIN_MS),
        place,
    )
    .await?;
    for (index, bytes) in too_large {
        let (Some(pool), Some(key)) = (pools.get_mut(index / KEYS_PER_POOL), wanted.get(index)) else {
            continue;
        };
        let left_out = SkippedPool { key: key.clone(), reason: reason(bytes) };
        // The value stays where it was read: it tells of which pair there is one pool less.
        *pool = StoredPool { value: pool.value.take(), left_out: Some(left_out), ..StoredPool::absent() };
    }
    Ok((pools, pulse))
}

/// Puts the text of the key at `index` of a read into its pool.
fn place(pools: &mut [StoredPool<'static>], index: usize, text: Option<&str>) {
    let (Some(pool), Some(text)) = (pools.get_mut(index / KEYS_PER_POOL), text) else { return };
    match (index % KEYS_PER_POOL).checked_sub(1) {
        None => pool.value = Some(text.to_owned().into()),
        Some(bin) => {
            pool.bins.extend(
                u16::try_from(bin).ok().and_then(BinId::new).map(|id| (Some(id), text.to_owned().into())),
            );
        }
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

    #[test]
    fn texts_find_their_pool_and_bin() {
        let mut pools = vec![StoredPool::absent(); 2];
        let at = [(0, "p"), (1, "p0"), (1_001, "p1000"), (1_002, "q"), (1_503, "q500")];
        at.into_iter().for_each(|(index, text)| place(&mut pools, index, Some(text)));
        place(&mut pools, 5, None);
        place(&mut pools, 2_004, Some("beyond"));
        let shown = |pool: &StoredPool<'static>| {
            let bins: Vec<_> =
                pool.bins.iter().map(|(id, text)| (id.unwrap().get(), text.to_string())).collect();
            (pool.value.as_deref().map(str::to_owned), bins)
        };
        let bin = |id, text: &str| (id, text.to_owned());
        assert_eq!(shown(&pools[0]), (Some("p".to_owned()), vec![bin(0, "p0"), bin(1_000, "p1000")]));
        assert_eq!(shown(&pools[1]), (Some("q".to_owned()), vec![bin(500, "q500")]));
        assert_eq!(pools[1].bytes(), 5);
    }

    #[test]
    fn gaps_are_the_active_bin_and_what_lies_between_bins() {
        let bin = |id| BinId::new(id).unwrap();
        let bins = [3, 4, 7, 9].map(bin);
        let found = |active: u16| gaps(&bins, BinId::new(active)).map(BinId::get).collect::<Vec<_>>();
        assert_eq!(found(4), [5, 6, 8]);
        assert_eq!(found(6), [6, 5, 8]);
        assert_eq!(found(500), [500, 5, 6, 8]);
        assert_eq!(gaps(&[], None).count(), 0);
    }
}
