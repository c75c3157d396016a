//! A poll of a stream of changes: the keys that its client knows, in as few reads as their number allows.

use dlmm_core::sorted::SortedSet;
use litemap::LiteMap;

use dlmm_core::network::age::Pulse;
use dlmm_core::units::PoolId;

use super::diff::Diff;
use crate::market::values::{Young, beating_texts_within};
use crate::market::watched::Held;
use crate::market::{LiveMarket, Refusal};
use crate::redis::{Counting, Exchange};

/// What a poll found. Nothing of it is taken in yet.
#[derive(Debug)]
pub(super) struct KeysRead {
    /// What the client will know, and what it has to be told for that.
    pub(super) held: Held,
    pub(super) diff: Diff,
    /// Pools that may have to be left out: of which bins are gone, or texts are too large to be read.
    pub(super) suspects: SortedSet<PoolId>,
    pub(super) pulse: Pulse,
    /// The producer's count that all of it is at least as new as.
    pub(super) seq: Option<u64>,
}

/// Reads the keys that are held once more.
pub(super) async fn read_held<X: Exchange>(
    market: &LiveMarket<'_, X>,
    held: &Held,
) -> Result<KeysRead, Refusal> {
    let wanted: Vec<(PoolId, String)> =
        held.iter().flat_map(|(id, pool)| pool.keys(id).map(|key| (id.clone(), key))).collect();
    let mut found = KeysRead {
        held: held.clone(),
        diff: Diff::default(),
        suspects: SortedSet::new(),
        pulse: Pulse::default(),
        seq: None,
    };
    // A pool may be in several reads: it is as new as the oldest of them.
    let mut seqs: LiteMap<&PoolId, u64> = LiteMap::new();
    for part in wanted.chunks(market.limits.keys_per_quote.max(1)) {
        let keys: Vec<String> = part.iter().map(|(_, key)| key.clone()).collect();
        let place = |at: usize, text: Option<&str>| {
            let Some((id, key)) = part.get(at) else { return };
            if let Some(pool) = found.held.get_mut(id) {
                found.diff.read(id, pool, key, text);
            }
        };
        let heartbeat = market.known.listing.heartbeat();
        let (too_large, pulse) =
            beating_texts_within(market.redis, heartbeat, &keys, Young::Now, place).await?;
        let too_large = too_large.into_iter().filter_map(|(at, _)| part.get(at));
        found.suspects.extend(too_large.map(|(id, _)| id.clone()));
        found.pulse = pulse;
        let Some(seq) = market.redis.counting().and_then(Counting::seq) else { continue };
        for (id, _) in part {
            seqs.entry(id).and_modify(|known| *known = seq.min(*known)).or_insert(seq);
        }
    }
    found.suspects.extend(found.diff.with_bins_gone());
    found.seq = seqs.values().min().copied();
    for (id, seq) in seqs {
        if let Some(pool) = found.held.get_mut(id) {
            pool.seq = pool.seq.max(seq);
        }
    }
    Ok(found)
}
