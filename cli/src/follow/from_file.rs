//! Recorded blocks as a source: an archive to start from, or a market that is built again without a node.

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::block::Block;
use super::fault::Fault;
use super::lease::TERM;
use super::recorded_lines::decode;
use super::service::Service;
use super::source::{Running, Source};
use crate::block_times::BlockTimes;
use crate::progress;

/// Time between two attempts at a block while Redis, a node or another follower is in the way.
const RETRY: Duration = Duration::from_millis(500);

/// Blocks in a file, in the order in which they came.
pub(crate) struct Recording {
    /// What messages call it.
    pub(crate) name: String,
    pub(crate) reader: Box<dyn BufRead + Send>,
    pub(crate) core: String,
    pub(crate) max_body: usize,
}

impl Source for Recording {
    fn run(self: Box<Self>, service: Service, mut stopped: watch::Receiver<()>) -> Running {
        Box::pin(async move {
            let mut done = Done::default();
            let started = Instant::now();
            let name = self.name.clone();
            // Between two blocks: what is written is written whole.
            let ended = self.take_all(&service, &mut stopped, &mut done).await;
            progress::end();
            service.recorded(&name, done.blocks.len(), done.before, &done.blocks.told(started.elapsed()));
            ended
        })
    }
}

/// How far it is.
#[derive(Default)]
struct Done {
    blocks: BlockTimes,
    /// Blocks that were taken by an earlier run, or lie before all that is known.
    before: usize,
    /// The place of the tip is found.
    joined: bool,
    /// The block taken last, and when it was handed over.
    last: Option<(String, Instant)>,
}

impl Recording {
    async fn take_all(
        self,
        service: &Service,
        stopped: &mut watch::Receiver<()>,
        done: &mut Done,
    ) -> anyhow::Result<()> {
        let Self { name, reader, core, max_body } = self;
        let unfinished =
            || anyhow::anyhow!("stopped before the end of {name}; started again it goes on there");
        progress::show();
        progress::phase("taking blocks", None);
        let mut blocks = decode(reader, core, max_body);
        loop {
            let (line, block) = tokio::select! {
                biased;
                _ = stopped.changed() => return Err(unfinished()),
                recorded = blocks.recv() => match recorded {
                    Some(recorded) => recorded,
                    None => return Ok(()),
                },
            };
            let at = |fault: Fault| anyhow::anyhow!("{name}, line {line}: {fault}");
            let block = Arc::new(block.inspect_err(|fault| service.refuse(fault)).map_err(at)?);
            let started = Instant::now();
            let is_taken = loop {
                let fault = match take(service, &block, done).await {
                    Ok(is_taken) => break is_taken,
                    Err(fault) if is_passing(&fault) => fault,
                    Err(fault) => return Err(at(fault)),
                };
                progress::note(&format!("line {line} waits: {fault}"));
                tokio::select! {
                    _ = stopped.changed() => return Err(unfinished()),
                    () = sleep(RETRY) => {}
                }
            };
            if is_taken {
                done.blocks.add(started.elapsed());
            }
            progress::add(1);
        }
    }
}

/// Takes a block, or passes it over where it does not lie behind the tip, which is false: a file is read from its beginning, whatever was taken.
async fn take(service: &Service, block: &Arc<Block>, done: &mut Done) -> Result<bool, Fault> {
    // Longer than a lease lasts: another follower may have gone on meanwhile, further than blocks are kept.
    if done.last.as_ref().is_some_and(|(_, at)| at.elapsed() > TERM) {
        done.joined = false;
    }
    let taken = join_or_take(service, block, done).await;
    let is_about_the_tip = matches!(taken, Err(Fault::Lease | Fault::Gap { .. }));
    if is_about_the_tip && done.last.is_some() && has_another_tip(service, done).await {
        done.joined = false;
        return join_or_take(service, block, done).await;
    }
    taken
}

/// Whether somebody else has gone on since this one took its last block.
async fn has_another_tip(service: &Service, done: &Done) -> bool {
    let tip = service.known().await.ok().flatten().and_then(|known| known.tip);
    tip.map(|tip| tip.hash).as_ref() != done.last.as_ref().map(|(hash, _)| hash)
}

async fn join_or_take(service: &Service, block: &Arc<Block>, done: &mut Done) -> Result<bool, Fault> {
    let at = Instant::now();
    if !done.joined {
        let Some(known) = service.known().await? else { return Err(Fault::Lease) };
        let is_before = match known.tip {
            Some(tip) if tip.hash == block.hash => {
                done.joined = true;
                true
            }
            // A branch that was left before the tip came is in the file too, and no reason to go back.
            Some(tip) => {
                service.knows(&block.hash).await
                    || (block.height <= tip.height && !service.begins_at(&block.hash, &block.parent).await)
            }
            None => false,
        };
        if is_before {
            done.before += 1;
            return Ok(false);
        }
    }
    service.take(block).await?;
    (done.joined, done.last) = (true, Some((block.hash.clone(), at)));
    Ok(true)
}

/// Whether the same block may be taken a little later.
fn is_passing(fault: &Fault) -> bool {
    matches!(fault, Fault::Redis(_) | Fault::Lease | Fault::Node { .. })
}
