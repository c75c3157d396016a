//! Takes one block after another into Redis.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use dlmm_core::units::PoolId;
use tokio::time::{Instant, sleep};

use super::block::{Block, Header};
use super::chain::Place;
use super::commit::{Commit, Written, watch};
use super::fault::Fault;
use super::fold::{Rules, Tally};
use super::lease::{Lease, TERM, term_ms};
use super::market::Market;
use super::moves::moves;
use super::node::Node;
use super::record;
use super::state::{State, Step};
use super::stored::read_state;
use super::tokens::{Token, Tokens};
use crate::clock::now_ms;
use crate::redis::store::PoolStore;
use crate::redis::target::RedisTarget;

/// Time between two looks at somebody else's lease.
const LEASE_POLL: Duration = Duration::from_millis(100);

/// Blocks that are kept to be taken again.
const RECENT: usize = 32;

/// How a follower works.
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    /// Begin with nothing where no block was ever taken.
    pub(crate) from_genesis: bool,
    /// Blocks that can be undone.
    pub(crate) keep_blocks: usize,
    /// From this age of its tip on, what Redis holds is not of this moment.
    pub(crate) max_lag: Duration,
    /// Reads for the start, for gaps and for checks.
    pub(crate) node: Option<Node>,
    /// Blocks between two checks of one pool.
    pub(crate) check_every: Option<u64>,
}

/// What became of a block.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It was there already.
    Twice,
    /// It is the tip now.
    Applied { undone: usize, redone: usize, tally: Tally, written: Written },
    /// It is the tip now, with a state that was read from the chain.
    ReadAnew { tally: Tally, written: Written },
}

/// The state of a core in memory and in Redis, which say the same between two blocks.
pub(crate) struct Follower {
    pub(super) settings: Settings,
    pub(super) tokens: Tokens,
    target: RedisTarget,
    lease: Lease,
    pub(super) store: Option<PoolStore>,
    /// `None` until it is read, and after a transaction of which nobody knows what came.
    pub(super) state: Option<State>,
    /// The last blocks taken: a Redis that fails over may have lost some.
    pub(super) recent: VecDeque<Arc<Block>>,
    /// Nobody else has written since the last look, or the connection knows of it.
    pub(super) watching: bool,
    /// When the lease was taken or renewed last.
    renewed: Option<Instant>,
    pub(super) since_check: u64,
    /// The pool checked last.
    pub(super) checked: Option<PoolId>,
}

impl Follower {
    pub(crate) fn new(settings: Settings, tokens: Tokens, target: RedisTarget) -> Self {
        let lease = Lease::new(&settings.rules.core);
        Self {
            settings,
            tokens,
            target,
            lease,
            store: None,
            state: None,
            recent: VecDeque::new(),
            watching: false,
            renewed: None,
            since_check: 0,
            checked: None,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The last block taken.
    pub(crate) fn tip(&self) -> Option<&Header> {
        self.state.as_ref()?.chain.tip()
    }

    /// Height of the oldest block that a fork can go back to.
    pub(crate) fn lowest(&self) -> Option<u64> {
        self.state.as_ref()?.chain.lowest()
    }

    /// Whether a block is known, on whatever branch.
    pub(crate) fn knows(&self, hash: &str) -> bool {
        self.state.as_ref().is_some_and(|state| state.chain.header(hash).is_some())
    }

    /// Whether a block on this parent can be taken.
    pub(crate) fn begins_at(&self, hash: &str, parent: &str) -> bool {
        let Some(state) = &self.state else { return false };
        let is_first = state.chain.tip().is_none() && self.settings.from_genesis;
        is_first || state.chain.place(hash, parent) != Place::Unknown
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
        let recently = self.renewed.is_some_and(|renewed| renewed.elapsed() < TERM / 3);
        if recently && self.watching && self.state.is_some() {
            return Ok(true);
        }
        let mut store = self.open().await?;
        // What is watched changes by this.
        self.watching = false;
        let asked = Instant::now();
        let held = self.lease.take(&mut store).await?;
        // Another one may have held it meanwhile, as while this process was asleep.
        let lapsed = self.renewed.is_none_or(|renewed| renewed.elapsed() >= TERM);
        self.renewed = held.then_some(asked);
        if held && self.state.is_none() {
            self.read(&mut store).await?;
        } else if held && lapsed {
            self.watch(&mut store).await?;
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
    pub(crate) async fn take(&mut self, block: &Arc<Block>) -> Result<Taken, Fault> {
        self.complete_tokens(block).await?;
        let mut taken = self.take_once(block).await;
        if matches!(taken, Err(Fault::Gap { .. })) {
            let lost = self.lost(block);
            for block in &lost {
                self.take_once(block).await?;
            }
            if !lost.is_empty() {
                taken = self.take_once(block).await;
            }
        }
        if matches!(taken, Err(Fault::Gap { .. })) && self.settings.node.is_some() {
            taken = self.read_anew(block).await;
        }
        if matches!(taken, Ok(Taken::Applied { .. } | Taken::ReadAnew { .. })) {
            self.since_check += 1;
            self.recent.truncate(RECENT - 1);
            self.recent.push_front(Arc::clone(block));
        }
        taken
    }

    /// Blocks that were taken and are no longer known, from the oldest on: those between the tip and a block.
    fn lost(&self, block: &Block) -> Vec<Arc<Block>> {
        let Some(state) = &self.state else { return Vec::new() };
        let (mut lost, mut parent) = (Vec::new(), &block.parent);
        while let Some(one) = self.recent.iter().find(|one| one.hash == *parent) {
            if lost.len() >= RECENT {
                break;
            }
            lost.push(Arc::clone(one));
            if state.chain.header(&one.parent).is_some() {
                lost.reverse();
                return lost;
            }
            parent = &one.parent;
        }
        Vec::new()
    }

    async fn take_once(&mut self, block: &Block) -> Result<Taken, Fault> {
        // Taken out, so that a connection on which something failed, or is still awaited, is never used again.
        let mut store = self.open().await?;
        let was_watching = self.watching;
        let mut taken = self.take_with(&mut store, block).await;
        // What the last block left may be long ago: somebody wrote since, the lease ended, or Redis lost all. A block that is
        // taken shows that by itself; whatever else is said is said after a fresh look.
        let is_said_of_old =
            !matches!(taken, Ok(Taken::Applied { .. }) | Err(Fault::Redis(_) | Fault::Record { .. }));
        if was_watching && is_said_of_old {
            self.watching = false;
            taken = self.take_with(&mut store, block).await;
        }
        match &taken {
            Err(Fault::Redis(_)) => self.state = None,
            Err(Fault::Record { .. }) => (self.state, self.store) = (None, Some(store)),
            _ => self.store = Some(store),
        }
        taken
    }

    pub(super) async fn open(&mut self) -> Result<PoolStore, Fault> {
        match self.store.take() {
            Some(store) => Ok(store),
            None => {
                self.watching = false;
                Ok(PoolStore::open(&self.target).await?)
            }
        }
    }

    async fn take_with(&mut self, store: &mut PoolStore, block: &Block) -> Result<Taken, Fault> {
        if !(self.watching && self.state.is_some()) {
            self.watch(store).await?;
        }
        self.apply(store, block).await
    }

    /// From here on any other writer makes our transaction fail. Reads again what another one has written meanwhile.
    pub(super) async fn watch(&mut self, store: &mut PoolStore) -> Result<(), Fault> {
        let core = self.settings.rules.core.clone();
        self.watching = false;
        let until = Instant::now() + TERM + LEASE_POLL;
        loop {
            let mut pipeline = redis::pipe();
            pipeline.cmd("UNWATCH").ignore();
            watch(&mut pipeline, &core);
            let (holder, tip): (Option<String>, Option<String>) = store.run_all(&pipeline, "WATCH").await?;
            if holder.as_deref() == Some(self.lease.holder()) {
                let known = self.state.as_ref().map(|state| state.chain.tip().map(record::header_text));
                if known != Some(tip) {
                    self.read(store).await?;
                }
                self.watching = true;
                return Ok(());
            }
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
        let stored = read_state(store, &self.settings.rules.core, &self.tokens).await?;
        if stored.is_none() && !self.recent.is_empty() {
            // To begin anew here would be to forget every pool there is.
            let reason = "Redis has lost everything that was written to it".to_owned();
            return Err(Fault::Record { place: record::key(&self.settings.rules.core), reason });
        }
        let state = stored.unwrap_or_default();
        // A symbol that a pool has is taken, whoever said it.
        for pool in state.market.pools() {
            for token in [&pool.token_x, &pool.token_y] {
                let _ = self.tokens.add(Token::clone(token));
            }
        }
        self.state = Some(state);
        Ok(())
    }

    async fn apply(&mut self, store: &mut PoolStore, block: &Block) -> Result<Taken, Fault> {
        let Self { settings, tokens, state, .. } = self;
        let Some(state) = state else { return Err(Fault::Lease) };
        let Some(way) = state.way(block, settings.from_genesis)? else { return Ok(Taken::Twice) };
        let (undone, redone) = (way.undo.len(), way.redo.len());
        let moved = moves(store, &settings.rules.core, &way).await?;
        let step = state.step(block, way, &moved, (&settings.rules, tokens, settings.keep_blocks))?;
        let written = self.commit(store, &step).await?;
        Ok(Taken::Applied { undone, redone, tally: step.tally, written })
    }

    pub(super) async fn commit(&mut self, store: &mut PoolStore, step: &Step) -> Result<Written, Fault> {
        let Some(state) = &self.state else { return Err(Fault::Lease) };
        let commit = Commit {
            core: &self.settings.rules.core,
            market: &state.market,
            step,
            heartbeat_ms: heartbeat_ms(&step.tip, now_ms(), self.settings.max_lag),
            lease: (self.lease.holder(), term_ms()),
        };
        let (pipeline, written) = commit.pipeline();
        let tip = record::header_text(&step.tip);
        self.watching = false;
        // Not when the answer came: the process may have been asleep since.
        let asked = Instant::now();
        let (done, holder, stored): (Option<redis::Value>, Option<String>, Option<String>) =
            store.run_all(&pipeline, "EXEC").await?;
        if done.is_none() {
            // Somebody else wrote: what they have is what counts.
            self.state = None;
            return Err(Fault::Lease);
        }
        self.renewed = Some(asked);
        self.watching = holder.as_deref() == Some(self.lease.holder()) && stored == Some(tip);
        Ok(written)
    }
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
            prints: None,
        };
        let beat = |now_ms| heartbeat_ms(&tip, now_ms, Duration::from_secs(120));
        assert_eq!([beat(1_120_000), beat(1_120_001), beat(999_000)], [1_120_000, 1_000_000, 999_000]);
    }
}
