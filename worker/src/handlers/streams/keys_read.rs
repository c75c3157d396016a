//! A poll of a stream of changes: the keys that its client knows, in as few reads as their number allows.

use dlmm_core::network::age::Pulse;
use dlmm_core::units::PoolId;

use super::diff::Diff;
use crate::market::values::{Young, beating_texts_within};
use crate::market::watched::Held;
use crate::market::{LiveMarket, Refusal};
use crate::redis::Exchange;

/// Reads the keys that are held once more; gives the producer's pulse. Where a read fails nothing is taken in.
pub(super) async fn read_held<X: Exchange>(
    market: &LiveMarket<'_, X>,
    held: &mut Held,
    diff: &mut Diff,
) -> Result<Pulse, Refusal> {
    let wanted: Vec<(PoolId, String)> =
        held.iter().flat_map(|(id, pool)| pool.keys(id).map(|key| (id.clone(), key))).collect();
    let mut pulse = Pulse::default();
    let mut seen = held.clone();
    for part in wanted.chunks(market.limits.keys_per_quote.max(1)) {
        let keys: Vec<String> = part.iter().map(|(_, key)| key.clone()).collect();
        let place = |at: usize, text: Option<&str>| {
            let Some((id, key)) = part.get(at) else { return };
            if let Some(pool) = seen.get_mut(id) {
                diff.read(id, pool, key, text);
            }
        };
        let heartbeat = market.known.listing.heartbeat();
        let (_, read) = beating_texts_within(market.redis, heartbeat, &keys, Young::Now, place).await?;
        pulse = read;
    }
    *held = seen;
    Ok(pulse)
}
