//! A follower at work: whoever has a block hands it over here.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::block::{Block, Header};
use super::fault::Fault;
use super::follower::{Follower, Taken};
use super::from_node::{Checked, blocking};
use super::lease::TERM;
use super::report::Report;
use super::status::Status;

/// Bytes of a block from which on reading it takes a while.
const LARGE: usize = 1 << 20;

/// What a source that looks for blocks must know.
pub(crate) struct Known {
    pub(crate) tip: Option<Header>,
    /// Height of the oldest block that a fork can go back to.
    pub(crate) lowest: Option<u64>,
}

/// One follower behind all of its sources.
#[derive(Clone)]
pub(crate) struct Service {
    follower: Arc<Mutex<Follower>>,
    status: Arc<Status>,
    report: Report,
    core: Arc<str>,
}

impl Service {
    pub(crate) fn new(follower: Follower, status: Arc<Status>, report: Report) -> Self {
        let core = follower.settings().rules.core.as_str().into();
        Self { follower: Arc::new(Mutex::new(follower)), status, report, core }
    }

    /// The same follower, for a source whose blocks are not told one by one.
    pub(crate) fn without_lines(&self) -> Self {
        Self { report: self.report.without_blocks(), ..self.clone() }
    }

    /// Tells what was taken from a file.
    pub(crate) fn recorded(&self, name: &str, blocks: usize, before: usize, times: &str) {
        self.report.recorded(name, blocks, before, times);
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// Reads a block's text and takes it.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn take_text(&self, body: Vec<u8>) -> Result<Taken, Fault> {
        let block = if body.len() < LARGE {
            Block::read(&body, &self.core)
        } else {
            // Beside the one thread on which the lease is kept and /health answers.
            let core = Arc::clone(&self.core);
            blocking(move || Block::read(&body, &core)).await
        };
        match block {
            Ok(block) => self.take(&Arc::new(block)).await,
            Err(fault) => {
                self.report.fault(&fault);
                self.status.facts().counters.faults += 1;
                Err(fault)
            }
        }
    }

    /// Takes a block after those that came before it.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn take(&self, block: &Arc<Block>) -> Result<Taken, Fault> {
        let mut follower = self.follower.lock().await;
        let taken = follower.take(block).await;
        match &taken {
            Ok(taken) => {
                self.note(&follower, true);
                self.count(taken);
                self.report.block(block, taken);
                if !matches!(taken, Taken::Twice) {
                    self.check(&mut follower, block).await;
                }
            }
            Err(fault) => {
                if matches!(fault, Fault::Lease) {
                    self.status.facts().is_holder = false;
                }
                self.refuse(fault);
            }
        }
        taken
    }

    /// What is known; `None` while another follower is at work.
    ///
    /// # Errors
    /// As of a block that is taken.
    pub(crate) async fn known(&self) -> Result<Option<Known>, Fault> {
        let mut follower = self.follower.lock().await;
        if !follower.keep().await.inspect_err(|fault| self.refuse(fault))? {
            return Ok(None);
        }
        let tip = follower.tip().cloned();
        Ok(Some(Known { tip, lowest: follower.lowest() }))
    }

    /// Whether a block is known.
    pub(crate) async fn knows(&self, hash: &str) -> bool {
        self.follower.lock().await.knows(hash)
    }

    /// Whether a block on this parent can be taken.
    pub(crate) async fn begins_at(&self, hash: &str, parent: &str) -> bool {
        self.follower.lock().await.begins_at(hash, parent)
    }

    /// The block at a height that was taken, on the branch that ends with `from`.
    pub(crate) async fn taken_at(&self, from: &str, height: u64) -> Option<Header> {
        self.follower.lock().await.taken_at(from, height).cloned()
    }

    /// Undoes a block that was taken without what the core printed in it, and all above it.
    ///
    /// # Errors
    /// As of a block that is taken.
    pub(crate) async fn go_back_from(&self, block: &Header) -> Result<(), Fault> {
        let mut follower = self.follower.lock().await;
        let count = match follower.go_back_from(block).await {
            Ok(count) => count,
            Err(fault) => {
                // Faults of the node are told by whoever asked it.
                if !matches!(fault, Fault::Node { .. }) {
                    self.refuse(&fault);
                }
                return Err(fault);
            }
        };
        self.note(&follower, true);
        self.status.facts().counters.undone += u64::try_from(count).unwrap_or(u64::MAX);
        let height = block.height;
        self.report.warn(&format!(
            "block {height} was taken before the API had what the core printed in it; it is taken again"
        ));
        Ok(())
    }

    /// Notes how a look for blocks ended; one that went well leaves no block that was not taken.
    pub(crate) fn polled(&self, well: bool) {
        let mut facts = self.status.facts();
        facts.counters.polls += 1;
        if well {
            facts.fault = None;
        } else {
            facts.counters.polls_failed += 1;
        }
    }

    /// Tells what somebody should know.
    pub(crate) fn warn(&self, text: &str) {
        self.report.warn(text);
    }

    /// Notes and tells why there is no next block.
    pub(crate) fn refuse(&self, fault: &Fault) {
        self.status.failed(fault);
        self.report.fault(fault);
    }

    /// A check that fails is told, and stops nothing: the block is taken.
    async fn check(&self, follower: &mut Follower, block: &Block) {
        match follower.check(block).await {
            Ok(None) => {}
            Ok(Some(Checked::Equal)) => self.status.facts().counters.checks += 1,
            Ok(Some(Checked::Repaired(id, taken))) => {
                let mut facts = self.status.facts();
                facts.counters.checks += 1;
                facts.counters.mismatches += 1;
                facts.counters.repairs += 1;
                drop(facts);
                self.report.warn(&format!("pool {id} was not what the chain says; all was read anew"));
                self.report.block(block, &taken);
            }
            Err(fault) => self.report.warn(&format!("no check: {fault}")),
        }
    }

    fn count(&self, taken: &Taken) {
        let mut facts = self.status.facts();
        facts.fault = None;
        let counters = &mut facts.counters;
        match taken {
            Taken::Twice => counters.repeats += 1,
            Taken::ReadAnew { .. } => {
                counters.blocks += 1;
                counters.gaps += 1;
                counters.repairs += 1;
            }
            Taken::Applied { undone, redone, tally, .. } => {
                counters.blocks += 1;
                counters.events += tally.events;
                counters.events_left_out += tally.left_out;
                counters.events_unknown += tally.unknown;
                counters.forks += u64::from(*undone > 0 || *redone > 0);
                counters.undone += u64::try_from(*undone).unwrap_or(u64::MAX);
            }
        }
    }

    fn note(&self, follower: &Follower, is_holder: bool) {
        let mut facts = self.status.facts();
        facts.is_holder = is_holder;
        if let Some(tip) = follower.tip() {
            facts.tip = Some(tip.clone());
        }
        if let Some(market) = follower.market() {
            facts.pools = market.pools().len();
            facts.bins = market.bin_count();
            facts.left_out = market.left_out().len();
        }
    }

    /// Keeps the lease until the process ends.
    pub(crate) async fn keep(&self) {
        let mut told = None;
        loop {
            {
                let mut follower = self.follower.lock().await;
                match follower.keep().await {
                    Ok(held) => {
                        self.note(&follower, held);
                        told = None;
                    }
                    Err(fault) => {
                        let text = fault.to_string();
                        if told.as_ref() != Some(&text) {
                            self.report.fault(&fault);
                            told = Some(text);
                        }
                    }
                }
            }
            tokio::time::sleep(TERM / 3).await;
        }
    }

    /// Ends: what is being taken is taken, and the lease given up.
    pub(crate) async fn stop(&self) {
        self.follower.lock().await.stop().await;
    }
}
