//! Takes one block after another into Redis.

use std::time::Duration;

use redis::Value;
use tokio::time::{Instant, sleep};

use super::block::{Block, Header};
use super::chain::{Chain, Place};
use super::commit::{Commit, Written};
use super::fault::Fault;
use super::fold::{Rules, Tally, fold};
use super::journal::{Journal, Texts, put};
use super::lease::{Lease, TERM, term_ms};
use super::market::Market;
use super::record::{self, Changes};
use super::routing::rerouted;
use super::stored::Stored;
use super::tokens::Tokens;
use crate::clock::now_ms;
use crate::pool_store::PoolStore;
use crate::redis_target::RedisTarget;

/// `data_version` before there was any pool.
const NO_POOLS: &str = "0";
/// Time between two looks at somebody else's lease.
const LEASE_POLL: Duration = Duration::from_millis(100);

/// How a follower works.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    /// Begin with nothing where no block was ever taken.
    pub(crate) from_genesis: bool,
    /// Blocks that can be undone.
    pub(crate) keep_blocks: usize,
    /// From this age of its tip on, what Redis holds is not of this moment.
    pub(crate) max_lag: Duration,
}

/// What became of a block.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It was there already.
    Twice,
    /// It is the tip now.
    Applied { undone: usize, redone: usize, tally: Tally, written: Written },
}

/// The state of a core in memory and in Redis, which say the same between two blocks.
pub(crate) struct Follower {
    settings: Settings,
    tokens: Tokens,
    target: RedisTarget,
    lease: Lease,
    store: Option<PoolStore>,
    /// `None` until it is read, and after a transaction of which nobody knows what came.
    state: Option<State>,
}

#[derive(Default)]
struct State {
    market: Market,
    chain: Chain,
    outdated: Texts,
}

impl Follower {
    pub(crate) fn new(settings: Settings, tokens: Tokens, target: RedisTarget) -> Self {
        let lease = Lease::new(&settings.rules.core);
        Self { settings, tokens, target, lease, store: None, state: None }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The last block taken.
    pub(crate) fn tip(&self) -> Option<&Header> {
        self.state.as_ref()?.chain.tip()
    }

    /// The pools, where they are known.
    pub(crate) fn market(&self) -> Option<&Market> {
        self.state.as_ref().map(|state| &state.market)
    }

    /// Keeps the lease, or takes it where it is free; and reads what was written down. False where another one has it.
    ///
    /// # Errors
    /// [`Fault::Redis`] or [`Fault::Record`]
    pub(crate) async fn keep(&mut self) -> Result<bool, Fault> {
        let mut store = self.open().await?;
        let held = self.lease.take(&mut store).await?;
        if held && self.state.is_none() {
            self.read(&mut store).await?;
        }
        self.store = Some(store);
        Ok(held)
    }

    /// Gives the lease up.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut store) = self.store.take() {
            let _ = self.lease.give_up(&mut store).await;
        }
    }

    /// Takes a block; when this returns, Redis holds all of it or nothing.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn take(&mut self, block: &Block) -> Result<Taken, Fault> {
        // Taken out, so that a connection on which something failed, or is still awaited, is never used again.
        let mut store = self.open().await?;
        let taken = self.take_with(&mut store, block).await;
        match &taken {
            Err(Fault::Redis(_)) => self.state = None,
            Err(Fault::Record { .. }) => (self.state, self.store) = (None, Some(store)),
            _ => self.store = Some(store),
        }
        taken
    }

    async fn open(&mut self) -> Result<PoolStore, Fault> {
        match self.store.take() {
            Some(store) => Ok(store),
            None => Ok(PoolStore::open(&self.target).await?),
        }
    }

    async fn take_with(&mut self, store: &mut PoolStore, block: &Block) -> Result<Taken, Fault> {
        self.watch(store).await?;
        let taken = self.apply(store, block).await;
        if !matches!(taken, Ok(Taken::Applied { .. })) {
            store.run::<()>(&redis::cmd("UNWATCH")).await?;
        }
        taken
    }

    /// From here on any other writer makes our transaction fail. Reads again what another one has written meanwhile.
    async fn watch(&mut self, store: &mut PoolStore) -> Result<(), Fault> {
        let core = self.settings.rules.core.clone();
        let (key, lease_key) = (record::key(&core), record::lease_key(&core));
        let until = Instant::now() + TERM + LEASE_POLL;
        loop {
            let mut pipeline = redis::pipe();
            pipeline.cmd("WATCH").arg(&key).arg(&lease_key).ignore();
            pipeline.cmd("GET").arg(&lease_key);
            pipeline.cmd("HGET").arg(&key).arg(record::TIP_FIELD);
            let (holder, tip): (Option<String>, Option<String>) = store.run_all(&pipeline, "WATCH").await?;
            if holder.as_deref() == Some(self.lease.holder()) {
                let known = self.state.as_ref().map(|state| state.chain.tip().map(record::header_text));
                if known != Some(tip) {
                    self.read(store).await?;
                }
                return Ok(());
            }
            store.run::<()>(&redis::cmd("UNWATCH")).await?;
            if !self.lease.take(store).await? {
                if Instant::now() > until {
                    return Err(Fault::Lease);
                }
                sleep(LEASE_POLL).await;
            }
        }
    }

    async fn read(&mut self, store: &mut PoolStore) -> Result<(), Fault> {
        self.state = None;
        let stored = Stored::read(store, &self.settings.rules.core, &self.tokens).await?;
        self.state = Some(match stored {
            Some(Stored { market, chain, outdated }) => State { market, chain, outdated },
            None => State::default(),
        });
        Ok(())
    }

    async fn apply(&mut self, store: &mut PoolStore, block: &Block) -> Result<Taken, Fault> {
        let Self { settings, tokens, lease, state, .. } = self;
        let Some(state) = state else { return Err(Fault::Lease) };
        let mut root = None;
        let mut place = state.chain.place(&block.hash, &block.parent);
        if place == Place::Unknown && state.chain.tip().is_none() && settings.from_genesis {
            let header = before_all(block);
            state.chain = Chain::of(header.clone(), []);
            root = Some(header);
            place = state.chain.place(&block.hash, &block.parent);
        }
        let (undo, redo, known) = match place {
            Place::Twice => return Ok(Taken::Twice),
            Place::Reached { undo, redo, known } => (undo, redo, known),
            Place::Unknown => {
                let tip = state.chain.tip().map(|tip| tip.hash.clone());
                return Err(Fault::Gap { height: block.height, parent: block.parent.clone(), tip });
            }
        };
        let moved = moves(store, &settings.rules.core, &undo, &redo).await?;
        let mut outer = Journal::default();
        for slot in moved.keys() {
            outer.touch(&state.market, slot);
        }
        put(&mut state.market, &moved, tokens)?;
        let folded = if known {
            Ok((Journal::default(), Tally::default()))
        } else {
            fold(&mut state.market, block, &settings.rules, tokens)
        };
        let (inner, tally) = match folded {
            Ok((inner, tally)) => (inner.into_texts(), tally),
            Err(fault) => {
                outer.roll_back(&mut state.market, tokens)?;
                if root.is_some() {
                    state.chain = Chain::default();
                }
                return Err(fault);
            }
        };

        let changes = Changes::of(&inner, &state.market);
        let mut before = inner;
        // A block that is known keeps its version; what is outdated waits for the next new one.
        if !known {
            before.extend(state.outdated.clone());
        }
        let tip = state.chain.header(&block.hash).cloned().unwrap_or_else(|| {
            let parent = state.chain.header(&block.parent);
            let version = match parent.filter(|_| rerouted(&before, &state.market).is_empty()) {
                Some(parent) => parent.version.clone(),
                None => block.hash.clone(),
            };
            block.header(version)
        });
        before.extend(outer.into_texts().into_iter().filter(|(slot, _)| !state.outdated.contains_key(slot)));

        let next = (!known).then(|| tip.clone());
        let (undone, redone) = (undo.len(), redo.len());
        let forgotten = state.chain.advance(undone, redo, next, settings.keep_blocks);
        let mut blocks: Vec<(Header, Option<Changes>)> = root.into_iter().map(|root| (root, None)).collect();
        if !known {
            blocks.push((tip.clone(), Some(changes)));
        }
        let commit = Commit {
            core: &settings.rules.core,
            market: &state.market,
            before: &before,
            tip: &tip,
            blocks: &blocks,
            forgotten: &forgotten,
            heartbeat_ms: heartbeat_ms(&tip, now_ms(), settings.max_lag),
            lease: (lease.holder(), term_ms()),
        };
        let (pipeline, written) = commit.pipeline();
        if store.run_all::<Value>(&pipeline, "EXEC").await? == Value::Nil {
            // Somebody else wrote: what they have is what counts.
            self.state = None;
            return Err(Fault::Lease);
        }
        if !known {
            state.outdated.clear();
        }
        Ok(Taken::Applied { undone, redone, tally, written })
    }
}

/// The block before the first one: a fork of that one goes back to it.
fn before_all(block: &Block) -> Header {
    Header {
        height: block.height.saturating_sub(1),
        hash: block.parent.clone(),
        parent: String::new(),
        time_ms: block.time_ms,
        version: NO_POOLS.to_owned(),
    }
}

/// All that changes on the way from the tip to another block: the texts there.
async fn moves(store: &mut PoolStore, core: &str, undo: &[String], redo: &[String]) -> Result<Texts, Fault> {
    let mut moved = Texts::new();
    let ways = undo.iter().map(|hash| (hash, true)).chain(redo.iter().map(|hash| (hash, false)));
    for (hash, back) in ways {
        let mut get = redis::cmd("HGET");
        get.arg(record::key(core)).arg(record::changes_field(hash));
        let text: Option<String> = store.run(&get).await?;
        let changes = Changes::read(hash, text.as_deref())?;
        moved.extend(if back { changes.undo() } else { changes.redo() });
    }
    Ok(moved)
}

/// The moment at which what Redis holds was right: now, or where the follower lags behind, the tip's own time.
///
/// The state of an hour ago must not look like that of this moment while blocks are caught up with.
fn heartbeat_ms(tip: &Header, now_ms: u64, max_lag: Duration) -> u64 {
    let lag_ms = u128::from(now_ms.saturating_sub(tip.time_ms));
    if lag_ms > max_lag.as_millis() { tip.time_ms } else { now_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_lags_behind_is_as_old_as_its_block() {
        let tip = Header {
            height: 1,
            hash: String::new(),
            parent: String::new(),
            time_ms: 1_000_000,
            version: String::new(),
        };
        let beat = |now_ms| heartbeat_ms(&tip, now_ms, Duration::from_secs(120));
        assert_eq!([beat(1_120_000), beat(1_120_001), beat(999_000)], [1_120_000, 1_000_000, 999_000]);
    }
}
