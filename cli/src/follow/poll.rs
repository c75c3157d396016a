//! Blocks put together from an API's pages: which blocks there are since the last one known, and what the core printed in them.
//!
//! Nothing is remembered from pass to pass but where transactions stand and which blocks are held back: what is known is what the follower has taken, so a
//! restart amid a page, a page that fails and a branch that is left all come to the same, another pass from there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::api::BlockEntry;
use super::block::{Block, Print, block_hash, block_time_ms};
use super::fault::Fault;
use super::line::Line;
use super::poller::{Halt, Poll, Poller};
use super::printed::Printed;
use super::service::Service;
use super::source::{Running, Source};

/// Passes that may find the chain moving under them before it is said.
const MOVES: u32 = 5;
const AFTER_MOVE: Duration = Duration::from_secs(1);
/// Longest time for which a block is held back.
const HOLD: Duration = Duration::from_secs(10);
/// Longest time between two passes while they fail.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

impl Source for Poll {
    fn run(self: Box<Self>, service: Service, mut stopped: watch::Receiver<()>) -> Running {
        Box::pin(async move {
            let mut poller = Poller {
                poll: *self,
                service,
                places: HashMap::new(),
                is_doubtful: false,
                marks: BTreeMap::new(),
                held: HashMap::new(),
            };
            tokio::select! {
                () = poller.passes() => {}
                _ = stopped.changed() => {}
            }
            Ok(())
        })
    }
}

/// When to look again.
enum Next {
    Later,
    /// Blocks are held back.
    Soon,
    /// There are more blocks.
    Now,
    /// Blocks were undone.
    Again,
}

impl Poller {
    async fn passes(&mut self) {
        let (mut wait, mut moves) = (self.poll.every, 0);
        loop {
            let outcome = self.pass().await;
            self.service.polled(outcome.is_ok());
            match &outcome {
                Ok(_) => {}
                // Some of what was read may be of a branch that is not to be.
                Err(Halt::Moved) => self.forget(),
                Err(Halt::Fault(_)) => self.is_doubtful = true,
            }
            match outcome {
                Ok(next) => {
                    (wait, moves) = (self.poll.every, 0);
                    match next {
                        Next::Later => {}
                        Next::Now => continue,
                        Next::Soon => {
                            sleep(wait.min(HOLD)).await;
                            continue;
                        }
                        Next::Again => {
                            sleep(wait.min(AFTER_MOVE)).await;
                            continue;
                        }
                    }
                }
                Err(Halt::Moved) if moves < MOVES => {
                    moves += 1;
                    sleep(AFTER_MOVE.min(self.poll.every)).await;
                    continue;
                }
                Err(Halt::Moved) => {
                    self.service.refuse(&Fault::Node { reason: "its pages do not fit together".to_owned() });
                    wait = wait.saturating_mul(2).min(LONGEST_WAIT);
                }
                // The follower has told of its own faults.
                Err(Halt::Fault(fault)) => {
                    if matches!(fault, Fault::Node { .. }) {
                        self.service.refuse(&fault);
                    }
                    wait = wait.saturating_mul(2).min(LONGEST_WAIT);
                }
            }
            sleep(wait.mul_f64(0.9 + 0.2 * fastrand::f64())).await;
        }
    }

    fn forget(&mut self) {
        self.places.clear();
        self.marks.clear();
        self.is_doubtful = false;
    }

    /// Takes the oldest blocks above the last one known, as far as the logs are there.
    async fn pass(&mut self) -> Result<Next, Halt> {
        // A follower that stands by asks nobody anything.
        let Some(known) = self.service.known().await? else { return Ok(Next::Later) };
        let Line { entries: mut line, top, is_part } = self.line(&known).await?;
        let Some(tip) = line.last() else { return Ok(Next::Later) };
        // Transactions of a branch that is left may stand anywhere in another one, or nowhere.
        if line.first().map(|first| &first.parent_index_block_hash) != known.tip.as_ref().map(|tip| &tip.hash)
        {
            self.places.clear();
        }
        let is_gap = !self.reaches(&line).await;
        let tip_hash = if is_gap { &top } else { tip }.index_block_hash.clone();
        let (mut prints, mut newest, mut missed) = (BTreeMap::new(), None, None);
        if is_gap {
            // What is printed in it does not matter: the state is read at it, or it is refused.
            line = vec![top];
            self.forget();
        } else {
            Printed { prints, newest, missed } = self.printed(&line).await?;
        }
        // All that was read is of one branch if its tip is still on it.
        let tip = self.poll.api.block(&tip_hash).await?;
        if !tip.is_some_and(|tip| tip.canonical) {
            return Err(Halt::Moved);
        }
        if let Some(missed) = missed {
            self.service.go_back_from(&missed).await?;
            return Ok(Next::Again);
        }
        let all = line.len();
        // Where the core never printed and nothing is known, a line is the tip of the moment, and never the one held back.
        if !is_gap && (known.tip.is_some() || newest.is_some()) {
            line.truncate(self.settled(&line, newest).await);
        }
        for entry in &line {
            let block = block_of(entry, prints.remove(&entry.height).unwrap_or_default())?;
            self.service.take(&Arc::new(block)).await?;
        }
        Ok(match line.len() {
            0 => Next::Soon,
            _ if is_part => Next::Now,
            taken if taken < all => Next::Soon,
            _ => {
                self.marks.clear();
                Next::Later
            }
        })
    }

    /// How many blocks of a line may be taken.
    ///
    /// Blocks and logs are read one after the other, and perhaps from two databases of which one lags behind. A log shows
    /// that those of its block and of all before are there. A block above the newest log may have none, or none yet: it
    /// is held back until a later look finds no more. What comes later still is noticed by the next log above it.
    async fn settled(&mut self, line: &[BlockEntry], newest: Option<u64>) -> usize {
        let now = Instant::now();
        let before = std::mem::take(&mut self.held);
        let mut settled = 0;
        for (at, entry) in line.iter().enumerate() {
            let hash = &entry.index_block_hash;
            let since = before.get(hash).copied().unwrap_or(now);
            let is_old = now.duration_since(since) >= self.poll.every.min(HOLD).mul_f64(0.8);
            // What a block that is known changed is known too.
            if is_old || newest.is_some_and(|newest| entry.height <= newest) || self.service.knows(hash).await
            {
                settled = at + 1;
            }
            self.held.insert(hash.clone(), since);
        }
        settled
    }

    /// Whether a line begins where the follower can go on.
    async fn reaches(&self, line: &[BlockEntry]) -> bool {
        let Some(first) = line.first() else { return false };
        self.service.begins_at(&first.index_block_hash, &first.parent_index_block_hash).await
    }
}

fn block_of(entry: &BlockEntry, prints: Vec<Print>) -> Result<Block, Fault> {
    Ok(Block {
        height: entry.height,
        hash: block_hash("index_block_hash", &entry.index_block_hash)?,
        parent: block_hash("parent_index_block_hash", &entry.parent_index_block_hash)?,
        time_ms: block_time_ms(entry.block_time, entry.burn_block_time)?,
        prints,
    })
}
