//! Whether values that could not be used can be now, though nobody quotes them.

use dlmm_core::network::state::State;
use dlmm_core::stored::{PoolReader, keys};
use dlmm_core::units::{BinId, PoolId};

use crate::market::live::LiveMarket;
use crate::market::values::texts_within;
use crate::redis::{Exchange, RedisError};

/// Reads the values again that could not be used and were not looked at for a while, each with its pool.
///
/// # Errors
/// What became of Redis.
pub(super) async fn look_at_broken<X: Exchange>(market: &LiveMarket<'_, X>) -> Result<(), RedisError> {
    let (broken, now_ms) = (&market.known.broken, market.redis.now_ms());
    // Of a pool whose own value is broken, any bin is read along.
    let due = broken.due(now_ms).into_iter().map(|(id, bin)| (id, bin.unwrap_or(BinId::MIN)));
    let due: Vec<(PoolId, BinId)> = due.collect();
    let Some(topology) = market.known.listing.current().filter(|_| !due.is_empty()) else { return Ok(()) };
    let wanted: Vec<String> =
        due.iter().flat_map(|(id, bin)| [keys::pool(id), keys::bin(id, *bin)]).collect();
    let mut texts = vec![None; wanted.len()];
    // What is too large by now is known otherwise as soon as it is quoted.
    texts_within(market.redis, &wanted, |at, text| {
        if let Some(slot) = texts.get_mut(at) {
            *slot = text.map(str::to_owned);
        }
    })
    .await?;
    let mut state = State::default();
    for ((id, bin), texts) in due.iter().zip(texts.chunks(2)) {
        let (Some(routing), [value, text]) = (topology.routing(id), texts) else { continue };
        let mut reader = PoolReader::new(&routing.pool, (*bin, *bin));
        reader.value(value.as_deref(), &topology.decimals, market.limits.default_fee_bps);
        reader.bin(*bin, text.as_deref());
        state.pools.insert(id.clone(), reader.finish());
    }
    broken.see(&state, now_ms);
    Ok(())
}
