//! The pools in Redis, swap by swap.

use dlmm_core::math::Decimal;
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::state::PoolState;
use dlmm_core::pool::Pool;
use dlmm_core::stored::{PoolRouting, StoredPool, keys, stated_decimals, write_stamp};
use dlmm_core::units::{BinId, Direction, PoolId};
use fastrand::Rng;

use super::beats::Beats;
use super::trade::Trade;
use crate::redis::changes::Changes;
use crate::redis::fault::RedisFault;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::store::PoolStore;
use crate::stored_value::StoredValue;

/// Attempts at a pool that others keep changing under our hands.
const ATTEMPTS: u32 = 5;

/// The pools there are now, of every status.
pub(super) struct Listing {
    pub(super) pools: Vec<PoolRouting>,
    decimals: DecimalTable,
}

impl Listing {
    pub(super) async fn read(store: &mut PoolStore) -> Result<Self, RedisFault> {
        let ids: Vec<PoolId> = PoolIds::find(store, Depth::Quick).await?.all().into_iter().collect();
        let keys: Vec<String> = ids.iter().map(keys::pool).collect();
        let texts = store.many_texts(&keys).await?;
        let read = |(id, text): (&PoolId, Option<String>)| {
            PoolRouting::parse(&text?).ok().filter(|routing| routing.pool.id == *id)
        };
        let pools: Vec<PoolRouting> = ids.iter().zip(texts).filter_map(read).collect();
        let decimals = stated_decimals(&pools);
        Ok(Self { pools, decimals })
    }

    fn decimals_of(&self, routing: &PoolRouting) -> (u8, u8) {
        (self.decimals.of(&routing.pool.token_x).0, self.decimals.of(&routing.pool.token_y).0)
    }

    /// Both amounts of a trade in whole tokens, with their tokens.
    pub(super) fn in_words(&self, routing: &PoolRouting, trade: &Trade) -> String {
        let (decimals_x, decimals_y) = self.decimals_of(routing);
        let (x, y) = (&routing.pool.token_x, &routing.pool.token_y);
        let ((token_in, decimals_in), (token_out, decimals_out)) = match trade.direction {
            Direction::XForY => ((x, decimals_x), (y, decimals_y)),
            Direction::YForX => ((y, decimals_y), (x, decimals_x)),
        };
        let amount_in = Decimal::from_units(trade.amount_in, decimals_in);
        let amount_out = Decimal::from_units(trade.amount_out, decimals_out);
        format!("{amount_in} {token_in} for {amount_out} {token_out}")
    }
}

/// What became of one pool in one update.
pub(super) enum Traded {
    /// A swap was written.
    Swap(Trade),
    /// Not active, gone, or nothing to trade.
    Idle,
    /// A value that cannot be used; the key and the reason.
    Broken { key: String, reason: String },
}

/// Swaps at random in one pool and writes pool and bins at one moment, unless somebody else changed it meanwhile.
pub(super) async fn trade(
    store: &mut PoolStore,
    listing: &Listing,
    routing: &PoolRouting,
    home: BinId,
    rng: &mut Rng,
    beats: &mut Beats,
    now_ms: u64,
) -> anyhow::Result<Traded> {
    let id = &routing.pool.id;
    for _ in 0..ATTEMPTS {
        store.run::<()>(redis::cmd("WATCH").arg(keys::pool(id))).await?;
        let outcome = read_and_swap(store, listing, routing, home, rng).await;
        let (stored, trade, pool) = match outcome {
            Ok(Ok(found)) => found,
            other => {
                store.run::<()>(&redis::cmd("UNWATCH")).await?;
                return other?.map_or_else(Ok, |_| Ok(Traded::Idle));
            }
        };
        let writes = rewritten(&stored, &trade, &pool, listing.decimals_of(routing), &write_stamp(now_ms));
        let writes = store.unwatched_if_failed(writes).await?;
        let mut pipeline = redis::pipe();
        pipeline.atomic().mset(&writes).ignore();
        pipeline.hset(keys::METADATA, "last_update", write_stamp(now_ms)).ignore();
        let mut changes = Changes::default();
        writes.iter().for_each(|(key, text)| changes.add(id, key.clone(), Some(text)));
        changes.publish(&mut pipeline, None, now_ms);
        // Not executed where somebody else wrote the pool since it was read.
        if beats.with(store, &mut pipeline, "EXEC", now_ms).await? {
            return Ok(Traded::Swap(trade));
        }
    }
    anyhow::bail!("{} is changed by somebody else all the time", keys::pool(id))
}

type Swapped = (StoredPool<'static>, Trade, Pool);

/// The pool as stored and a swap on it, or why there is none.
async fn read_and_swap(
    store: &mut PoolStore,
    listing: &Listing,
    routing: &PoolRouting,
    home: BinId,
    rng: &mut Rng,
) -> Result<Result<Swapped, Traded>, RedisFault> {
    let Some(stored) = store.pools([&routing.pool.id]).await?.pop() else { return Ok(Err(Traded::Idle)) };
    // The fee that a pool without one pays is the Worker's business; here any will do.
    Ok(match stored.state(&routing.pool, &listing.decimals, 10) {
        PoolState::Ready { pool, .. } => match Trade::random(rng, &pool, home) {
            Some(trade) => Ok((stored, trade, pool)),
            None => Err(Traded::Idle),
        },
        PoolState::Skipped { key, reason } => Err(Traded::Broken { key, reason }),
        PoolState::Inactive | PoolState::Absent | PoolState::Rerouted => Err(Traded::Idle),
    })
}

/// Keys and texts of the pool and of the bins that the swap changed.
fn rewritten(
    stored: &StoredPool<'_>,
    trade: &Trade,
    pool: &Pool,
    decimals: (u8, u8),
    now: &str,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut value = StoredValue::parse(stored.value.as_deref().unwrap_or_default())?;
    let price = pool.bin(trade.active_bin_after).map(|bin| bin.price.to_human(decimals.0, decimals.1));
    value.set_active_bin(trade.active_bin_after, price.as_ref(), now)?;
    let mut writes = vec![(keys::pool(pool.id()), value.to_text()?)];
    let moved = trade.active_bin_before != trade.active_bin_after;
    for (id, text) in stored.bins.iter().filter_map(|(id, text)| Some((id.as_ref()?, text))) {
        let bin = trade.changed.iter().find(|(changed, _)| changed == id).map(|(_, bin)| bin);
        let flag_moves = moved && (*id == trade.active_bin_before || *id == trade.active_bin_after);
        if bin.is_none() && !flag_moves {
            continue;
        }
        let mut value = StoredValue::parse(text)?;
        if let Some(bin) = bin {
            value.set_reserves(bin, decimals, now)?;
        }
        value.set_active_flag(*id == trade.active_bin_after)?;
        writes.push((keys::bin(pool.id(), *id), value.to_text()?));
    }
    Ok(writes)
}
