//! Pools that come, pause and go.

use dlmm_core::stored::{PoolRouting, keys, write_stamp};
use dlmm_core::units::PoolId;
use fastrand::Rng;

use super::market::Listing;
use crate::redis::changes::Changes;
use crate::redis::lists::{update_counters, update_lists};
use crate::redis::store::PoolStore;
use crate::redis::writer::{delete_pool, write_pool};
use crate::stored_value::StoredValue;

/// Pools added and not removed yet, at most.
const MAX_ADDED: usize = 3;
/// Part of the updates, in percent, in which something happens.
const ODDS: u8 = 30;

/// What happened to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Removed,
    Paused,
    Resumed,
}

impl Change {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
        }
    }
}

/// What this simulation has added and paused; it is put right again when the simulation ends.
#[derive(Debug, Default)]
pub(super) struct Churn {
    added: Vec<PoolRouting>,
    paused: Vec<PoolRouting>,
    made: u32,
}

impl Churn {
    /// Changes something, or nothing.
    pub(super) async fn step(
        &mut self,
        store: &mut PoolStore,
        listing: &Listing,
        rng: &mut Rng,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        if rng.u8(0..100) >= ODDS || listing.pools.is_empty() {
            return Ok(None);
        }
        match rng.u8(0..4) {
            0 if self.added.len() < MAX_ADDED => self.add(store, listing, rng, now_ms).await,
            1 if !self.added.is_empty() => {
                let pool = self.added.swap_remove(rng.usize(0..self.added.len()));
                self.remove(store, pool, now_ms).await.map(Some)
            }
            2 if self.paused.is_empty() => {
                let Some(pool) = listing.pools.get(rng.usize(0..listing.pools.len())) else {
                    return Ok(None);
                };
                let paused = set_status(store, pool, "active", "paused", now_ms).await?;
                if paused {
                    self.paused.push(pool.clone());
                }
                Ok(paused.then(|| (Change::Paused, pool.pool.id.clone())))
            }
            _ => self.resume(store, now_ms).await,
        }
    }

    /// Takes back one change; `None` once there is nothing left of this simulation.
    pub(super) async fn undo(
        &mut self,
        store: &mut PoolStore,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        if let Some(resumed) = self.resume(store, now_ms).await? {
            return Ok(Some(resumed));
        }
        match self.added.pop() {
            Some(pool) => self.remove(store, pool, now_ms).await.map(Some),
            None => Ok(None),
        }
    }

    /// Adds a copy of some pool under an id of its own.
    async fn add(
        &mut self,
        store: &mut PoolStore,
        listing: &Listing,
        rng: &mut Rng,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        let Some(model) = listing.pools.get(rng.usize(0..listing.pools.len())) else { return Ok(None) };
        self.made += 1;
        // An id may have 128 characters; a longer one makes no copy.
        let Ok(id) = PoolId::new(&format!("{}-SIM{}", model.pool.id, self.made)) else { return Ok(None) };
        let Some(stored) = store.pools([&model.pool.id]).await?.pop() else { return Ok(None) };
        let Some(text) = stored.value else { return Ok(None) };
        let now = write_stamp(now_ms);
        let renamed = |text: &str| -> anyhow::Result<String> {
            let mut value = StoredValue::parse(text)?;
            value.set_text("pool_id", id.as_str())?;
            value.set_text("last_updated", &now)?;
            value.to_text()
        };
        let bins = stored.bins.iter().filter_map(|(bin, text)| Some(((*bin)?, text)));
        let bins = bins.map(|(bin, text)| Ok((bin, renamed(text)?)));
        let bins = bins.collect::<anyhow::Result<Vec<_>>>()?;
        let mut value = StoredValue::parse(&renamed(&text)?)?;
        // Another pool than its model, and not as old.
        value.set_text("created_at", &now)?;
        let value = value.to_text()?;
        write_pool(store, &id, &value, &bins).await?;
        let routing = PoolRouting::parse(&value).map_err(anyhow::Error::msg)?;
        update_lists(store, &[], std::slice::from_ref(&routing), now_ms).await?;
        update_counters(store, now_ms).await?;
        self.added.push(routing);
        Ok(Some((Change::Added, id)))
    }

    async fn remove(
        &mut self,
        store: &mut PoolStore,
        pool: PoolRouting,
        now_ms: u64,
    ) -> anyhow::Result<(Change, PoolId)> {
        self.paused.retain(|paused| paused.pool.id != pool.pool.id);
        delete_pool(store, &pool.pool.id).await?;
        update_lists(store, std::slice::from_ref(&pool), &[], now_ms).await?;
        update_counters(store, now_ms).await?;
        Ok((Change::Removed, pool.pool.id))
    }

    async fn resume(
        &mut self,
        store: &mut PoolStore,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        let Some(pool) = self.paused.pop() else { return Ok(None) };
        let resumed = set_status(store, &pool, "paused", "active", now_ms).await?;
        Ok(resumed.then_some((Change::Resumed, pool.pool.id)))
    }
}

/// Changes the status where it is what it is thought to be; tells whether it was.
async fn set_status(
    store: &mut PoolStore,
    pool: &PoolRouting,
    from: &str,
    to: &str,
    now_ms: u64,
) -> anyhow::Result<bool> {
    let key = keys::pool(&pool.pool.id);
    let Some(text) = store.texts(std::slice::from_ref(&key)).await?.pop().flatten() else { return Ok(false) };
    let mut value = StoredValue::parse(&text)?;
    if value.text("status").as_deref() != Some(from) {
        return Ok(false);
    }
    value.set_text("status", to)?;
    value.set_text("last_updated", &write_stamp(now_ms))?;
    let text = value.to_text()?;
    let mut pipeline = redis::pipe();
    pipeline.atomic().set(&key, &text).ignore();
    let mut changes = Changes::default();
    changes.add(&pool.pool.id, key, Some(&text));
    changes.publish(&mut pipeline, None, now_ms);
    store.run_all::<()>(&pipeline, "SET").await?;
    Ok(true)
}
