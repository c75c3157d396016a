//! Pools that come, pause and go.

use dlmm_core::stored::{PoolRouting, keys, write_stamp};
use dlmm_core::units::PoolId;
use fastrand::Rng;
use redis::{Pipeline, Value};

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
/// Attempts at a pool that others keep changing under our hands.
const ATTEMPTS: u32 = 5;

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

/// Pools as churn left them.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) added: Vec<PoolId>,
    pub(super) paused: Vec<PoolId>,
}

/// What this simulation has added and paused; it is put right again when the simulation ends.
///
/// A pool is entered before the command goes out and struck off once it is undone: a connection may break in between, and
/// to undo what was never done, or was undone, changes nothing.
#[derive(Debug)]
pub(super) struct Churn {
    added: Vec<PoolRouting>,
    paused: Vec<PoolId>,
    made: u32,
    /// Stands in every id that is made. Another simulation, now or before, has another one, whatever its seed: what is
    /// removed under such an id was never anybody else's.
    run: u32,
}

impl Churn {
    pub(super) fn new() -> Self {
        Self { added: Vec::new(), paused: Vec::new(), made: 0, run: Rng::new().u32(..) }
    }

    /// The id of the next copy of a pool. Copies of copies are called after the first: ids do not grow. `None` where it
    /// would be longer than the 128 characters that an id may have.
    fn next_id(&mut self, model: &PoolId) -> Option<PoolId> {
        self.made += 1;
        let model = model.as_str();
        let first = model.split_once("-SIM").map_or(model, |(first, _)| first);
        PoolId::new(&format!("{first}-SIM{:08x}-{}", self.run, self.made)).ok()
    }

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
                let Some(pool) = self.added.get(rng.usize(0..self.added.len())).cloned() else {
                    return Ok(None);
                };
                self.remove(store, &pool.pool.id, now_ms).await
            }
            2 if self.paused.is_empty() => {
                let Some(pool) = listing.pools.get(rng.usize(0..listing.pools.len())) else {
                    return Ok(None);
                };
                let id = &pool.pool.id;
                let Some(pause) = new_status(store, id, "active", "paused", now_ms).await? else {
                    return Ok(None);
                };
                self.paused.push(id.clone());
                if store.run_all::<Value>(&pause, "EXEC").await? == Value::Nil {
                    // Whoever wrote it meanwhile may have paused it, too, and resumes it then.
                    self.paused.pop();
                    return Ok(None);
                }
                Ok(Some((Change::Paused, id.clone())))
            }
            _ => match self.paused.last().cloned() {
                Some(id) => self.resume(store, &id, now_ms).await,
                None => Ok(None),
            },
        }
    }

    /// What there is to undo.
    pub(super) fn left(&self) -> Left {
        let added = self.added.iter().rev().map(|routing| routing.pool.id.clone());
        Left { added: added.collect(), paused: self.paused.clone() }
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
        let Some(id) = self.next_id(&model.pool.id) else { return Ok(None) };
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
        let routing = PoolRouting::parse(&value).map_err(anyhow::Error::msg)?;
        self.added.push(routing.clone());
        write_pool(store, &id, &value, &bins).await?;
        update_lists(store, &[], std::slice::from_ref(&routing), now_ms).await?;
        update_counters(store, now_ms).await?;
        Ok(Some((Change::Added, id)))
    }

    pub(super) async fn remove(
        &mut self,
        store: &mut PoolStore,
        id: &PoolId,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        let Some(at) = self.added.iter().position(|added| added.pool.id == *id) else { return Ok(None) };
        delete_pool(store, id).await?;
        update_lists(store, self.added.get(at..=at).unwrap_or_default(), &[], now_ms).await?;
        update_counters(store, now_ms).await?;
        self.added.swap_remove(at);
        self.paused.retain(|paused| paused != id);
        Ok(Some((Change::Removed, id.clone())))
    }

    pub(super) async fn resume(
        &mut self,
        store: &mut PoolStore,
        id: &PoolId,
        now_ms: u64,
    ) -> anyhow::Result<Option<(Change, PoolId)>> {
        for _ in 0..ATTEMPTS {
            let resume = new_status(store, id, "paused", "active", now_ms).await?;
            let Some(resume) = &resume else {
                self.paused.retain(|paused| paused != id);
                return Ok(None);
            };
            if store.run_all::<Value>(resume, "EXEC").await? != Value::Nil {
                self.paused.retain(|paused| paused != id);
                return Ok(Some((Change::Resumed, id.clone())));
            }
        }
        anyhow::bail!("{} is changed by somebody else all the time", keys::pool(id))
    }
}

/// What changes the status, where it is what it is thought to be. It changes nothing where somebody else writes the pool, or
/// takes it away, before it goes out.
async fn new_status(
    store: &mut PoolStore,
    id: &PoolId,
    from: &str,
    to: &str,
    now_ms: u64,
) -> anyhow::Result<Option<Pipeline>> {
    store.run::<()>(redis::cmd("WATCH").arg(keys::pool(id))).await?;
    let changed = with_status(store, id, from, to, now_ms).await;
    if !matches!(changed, Ok(Some(_))) {
        store.run::<()>(&redis::cmd("UNWATCH")).await?;
    }
    changed
}

async fn with_status(
    store: &mut PoolStore,
    id: &PoolId,
    from: &str,
    to: &str,
    now_ms: u64,
) -> anyhow::Result<Option<Pipeline>> {
    let key = keys::pool(id);
    let Some(text) = store.texts(std::slice::from_ref(&key)).await?.pop().flatten() else { return Ok(None) };
    let mut value = StoredValue::parse(&text)?;
    if value.text("status").as_deref() != Some(from) {
        return Ok(None);
    }
    value.set_text("status", to)?;
    value.set_text("last_updated", &write_stamp(now_ms))?;
    let text = value.to_text()?;
    let mut pipeline = redis::pipe();
    pipeline.atomic().set(&key, &text).ignore();
    let mut changes = Changes::default();
    changes.add(id, key, Some(&text));
    changes.publish(&mut pipeline, None, now_ms);
    Ok(Some(pipeline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_one_run_and_do_not_grow() {
        let (mut one, mut other) = (Churn::new(), Churn::new());
        (one.run, other.run) = (0xab, 0xcd);
        let model = PoolId::new("BTC-USDC-25").unwrap();
        let first = one.next_id(&model).unwrap();
        assert_eq!(first.as_str(), "BTC-USDC-25-SIM000000ab-1");
        assert_eq!(one.next_id(&first).unwrap().as_str(), "BTC-USDC-25-SIM000000ab-2");
        assert_eq!(other.next_id(&first).unwrap().as_str(), "BTC-USDC-25-SIM000000cd-1");
        assert_eq!(one.next_id(&PoolId::new(&"P".repeat(120)).unwrap()), None);
    }
}
