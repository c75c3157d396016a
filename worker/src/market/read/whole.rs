//! Whole pools: each with every bin that it has, and by name what of them cannot be read.

use dlmm_core::api::SkippedPool;
use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};

use super::unreadable::Hold;
use crate::market::live::LiveMarket;
use crate::market::values::{
    MAX_VALUE_BYTES, READ_BYTES, Within, Young, reason, reason_of_whole_pool, texts_and_count_within,
    texts_within, wrong_type_in_each,
};
use crate::redis::{Exchange, RedisError};

/// Keys of one pool: its value and every bin id there is.
pub const KEYS_PER_POOL: usize = 1 + BinId::MAX.get() as usize + 1;

/// Pools as one read gave them.
#[derive(Debug)]
pub struct Whole {
    /// In the order they were asked for: the first of them, where all together are too large for a reply, and one at least.
    pub pools: Vec<StoredPool<'static>>,
    /// Bytes of the largest one among the others, as far as it is known.
    pub largest_of_others: usize,
    /// What the producer said of all pools.
    pub pulse: Pulse,
    /// Whether keys of another type had to be looked for.
    pub looked: bool,
}

/// Reads whole pools in one MGET: one moment for all of them. Where a reply cannot hold them all it is the first of them. Left out,
/// by name, is a pool with a value that is too large for a reply, of which no bin is kept, one that is too large as a whole, and
/// one with a key of another type, wherever that is.
///
/// # Errors
/// What became of Redis.
pub async fn read_whole<X: Exchange>(
    market: &LiveMarket<'_, X>,
    ids: &[PoolId],
    young: Young,
) -> Result<Whole, RedisError> {
    let mut wanted: Vec<String> = ids.iter().flat_map(keys_of_pool).collect();
    let heartbeat = market.known.listing.heartbeat();
    let mut largest_of_others = 0;
    let (mut pools, texts, too_large, read) = loop {
        let count = wanted.len() / KEYS_PER_POOL;
        let mut pools = vec![StoredPool::absent(); count];
        let mut texts = 0;
        let place = |index, text: Option<&str>| {
            texts += usize::from(text.is_some());
            place(&mut pools, index, text);
        };
        match texts_and_count_within(market.redis, heartbeat, &wanted, young, place).await? {
            Within::Read { too_large, read } => break (pools, texts, too_large, read),
            Within::TooMuch { lengths } if count < 2 => {
                let mut pools = Vec::with_capacity(1);
                for id in ids.iter().take(1) {
                    let mut pool = too_large_as_a_whole(id, lengths.as_deref());
                    // It tells of which pair there is one pool less.
                    let keep = |_, text: Option<&str>| pool.value = text.map(|text| text.to_owned().into());
                    texts_within(market.redis, &[keys::pool(id)], keep).await?;
                    pools.push(pool);
                }
                return Ok(Whole { pools, largest_of_others, pulse: heartbeat.pulse(), looked: false });
            }
            Within::TooMuch { lengths } => {
                let fitting = match &lengths {
                    Some(lengths) => first_that_fit(lengths, &mut largest_of_others),
                    None => count / 2,
                };
                wanted.truncate(fitting.clamp(1, count - 1) * KEYS_PER_POOL);
            }
        }
    };
    let ids = ids.get(..pools.len()).unwrap_or(ids);
    let (pulse, existing) = read.unwrap_or_else(|| (heartbeat.pulse(), None));
    for (index, bytes) in too_large {
        let (Some(pool), Some(key)) = (pools.get_mut(index / KEYS_PER_POOL), wanted.get(index)) else {
            continue;
        };
        let left_out = SkippedPool { key: key.clone(), reason: reason(bytes) };
        market.known.unreadable.note_left_out(&left_out, Hold::Length, market.redis.now_ms());
        // The value stays where it was read: it tells of which pair there is one pool less.
        *pool = StoredPool { value: pool.value.take(), left_out: Some(left_out), ..StoredPool::absent() };
    }
    // What holds something and gave no text is of another type, or was written a moment later.
    let looked = existing.is_some_and(|existing| existing > texts);
    if looked {
        leave_out_wrong_types(market, ids, &mut pools).await?;
    }
    Ok(Whole { pools, largest_of_others, pulse, looked })
}

/// How many of the first pools have few enough bytes together, by the lengths of all values; and how large the largest of the others
/// is. One with a value that is too large is hardly read.
fn first_that_fit(lengths: &[u64], largest_of_others: &mut usize) -> usize {
    let bytes_of = |lengths: &[u64]| {
        let fitting = lengths.iter().filter(|bytes| **bytes <= MAX_VALUE_BYTES);
        fitting.fold(0_u64, |sum, bytes| sum.saturating_add(*bytes))
    };
    let bytes: Vec<u64> = lengths.chunks(KEYS_PER_POOL).map(bytes_of).collect();
    let mut sum = 0_u64;
    let fits = |bytes: &&u64| {
        sum = sum.saturating_add(**bytes);
        sum <= READ_BYTES
    };
    let first = bytes.iter().take_while(fits).count().max(1);
    let others = bytes.get(first..).unwrap_or_default().iter().max().copied().unwrap_or_default();
    *largest_of_others = usize::try_from(others).unwrap_or(usize::MAX);
    first
}

/// A pool that no reply holds, named by its largest value.
fn too_large_as_a_whole(id: &PoolId, lengths: Option<&[u64]>) -> StoredPool<'static> {
    let bytes = lengths.map(|lengths| lengths.iter().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes)));
    let largest = lengths.and_then(|lengths| {
        let (at, _) = lengths.iter().enumerate().max_by_key(|(_, bytes)| **bytes)?;
        keys_of_pool(id).nth(at)
    });
    let key = largest.unwrap_or_else(|| keys::pool(id));
    let left_out = Some(SkippedPool { key, reason: reason_of_whole_pool(bytes) });
    StoredPool { left_out, ..StoredPool::absent() }
}

/// Leaves those pools out of a read of which a key holds another type, and has quotes know.
async fn leave_out_wrong_types<X: Exchange>(
    market: &LiveMarket<'_, X>,
    ids: &[PoolId],
    pools: &mut [StoredPool<'static>],
) -> Result<(), RedisError> {
    let groups: Vec<Vec<String>> = ids.iter().zip(&*pools).map(|(id, pool)| without_text(id, pool)).collect();
    let found = wrong_type_in_each(market.redis, &groups).await?;
    for (at, left_out) in found {
        let Some(pool) = pools.get_mut(at) else { continue };
        market.known.unreadable.note_left_out(&left_out, Hold::Type, market.redis.now_ms());
        pool.left_out = Some(left_out);
    }
    Ok(())
}

/// The keys of a pool that gave no text, where something else may be: its own, or every bin that there could be.
fn without_text(id: &PoolId, pool: &StoredPool<'_>) -> Vec<String> {
    match (&pool.left_out, &pool.value) {
        (Some(_), _) => Vec::new(),
        (None, None) => Vec::from([keys::pool(id)]),
        (None, Some(_)) => {
            let has_text = |bin: &BinId| pool.bins.binary_search_by_key(&Some(*bin), |(id, _)| *id).is_ok();
            all_bins().filter(|bin| !has_text(bin)).map(|bin| keys::bin(id, bin)).collect()
        }
    }
}

fn all_bins() -> impl Iterator<Item = BinId> {
    (BinId::MIN.get()..=BinId::MAX.get()).filter_map(BinId::new)
}

/// The keys of a pool: its own, and those of every bin that there could be.
pub fn keys_of_pool(id: &PoolId) -> impl Iterator<Item = String> {
    std::iter::once(keys::pool(id)).chain(all_bins().map(|bin| keys::bin(id, bin)))
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

/// The pool whose keys gave these texts, in the order of [`keys_of_pool`].
pub fn pool_of(texts: &[Option<String>]) -> StoredPool<'static> {
    let mut pool = StoredPool::absent();
    let one = std::slice::from_mut(&mut pool);
    texts.iter().take(KEYS_PER_POOL).enumerate().for_each(|(index, text)| place(one, index, text.as_deref()));
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_may_be_of_another_type_is_every_key_without_a_text() {
        let id = PoolId::new("P").unwrap();
        let mut pools = vec![StoredPool::absent(); 1];
        assert_eq!(without_text(&id, &pools[0]), ["pool:P"]);
        [(0, "p"), (4, "p3"), (1_001, "p1000")]
            .into_iter()
            .for_each(|(index, text)| place(&mut pools, index, Some(text)));
        let keys = without_text(&id, &pools[0]);
        assert_eq!((keys.len(), keys[2].as_str(), keys[3].as_str()), (999, "bin:P:2", "bin:P:4"));
        pools[0].left_out = Some(SkippedPool { key: "bin:P:9".to_owned(), reason: "x".to_owned() });
        assert!(without_text(&id, &pools[0]).is_empty());
    }
}
