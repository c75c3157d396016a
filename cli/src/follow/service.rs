//! A follower at work: whoever has a block hands it over here.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::block::Block;
use super::fault::Fault;
use super::follower::{Follower, Taken};
use super::from_node::Checked;
use super::lease::TERM;
use super::report::Report;
use super::status::Status;

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

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// Reads a block's text and takes it.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn take_text(&self, body: &[u8]) -> Result<Taken, Fault> {
        match Block::read(body, &self.core) {
            Ok(block) => self.take(&block).await,
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
    pub(crate) async fn take(&self, block: &Block) -> Result<Taken, Fault> {
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
                self.status.failed(fault);
                self.report.fault(fault);
            }
        }
        taken
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
