//! Blocks put together from an API's pages: which blocks there are since the last one known, and what the core printed in them.
//!
//! Nothing is remembered from pass to pass but where transactions stand: what is known is what the follower has taken, so a
//! restart amid a page, a page that fails and a branch that is left all come to the same, another pass from there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::api::{Api, BLOCKS_PER_PAGE, BlockEntry, LogsPage, Place};
use super::block::{Block, Print, block_hash, block_time_ms};
use super::fault::Fault;
use super::logs::Walk;
use super::service::{Known, Service};
use super::source::{Running, Source};

/// Blocks that one pass goes back at most: more than a day.
const MAX_BLOCKS: usize = 20_000;
/// Transactions whose place is remembered.
const MAX_PLACES: usize = 20_000;
/// Passes that may find the chain moving under them before it is said.
const MOVES: u32 = 5;
const AFTER_MOVE: Duration = Duration::from_secs(1);
/// Longest time between two passes while they fail.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Polls an API.
pub(crate) struct Poll {
    pub(crate) api: Api,
    pub(crate) core: String,
    /// Between two passes.
    pub(crate) every: Duration,
    /// Begin with the first block in which the core printed.
    pub(crate) from_genesis: bool,
}

/// Why a pass came to no end.
enum Halt {
    /// The chain is another one than at its beginning.
    Moved,
    Fault(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Source for Poll {
    fn run(self: Box<Self>, service: Service, mut stopped: watch::Receiver<()>) -> Running {
        Box::pin(async move {
            let mut poller = Poller { poll: *self, service, places: HashMap::new() };
            tokio::select! {
                () = poller.passes() => {}
                _ = stopped.changed() => {}
            }
        })
    }
}

struct Poller {
    poll: Poll,
    service: Service,
    places: HashMap<String, Place>,
}

impl Poller {
    async fn passes(&mut self) {
        let (mut wait, mut moves) = (self.poll.every, 0);
        loop {
            let outcome = self.pass().await;
            self.service.polled(outcome.is_ok());
            if outcome.is_err() {
                // Some of what was read may be of a branch that is not to be.
                self.places.clear();
            }
            match outcome {
                Ok(()) => (wait, moves) = (self.poll.every, 0),
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

    /// Takes every block from the last one known to the tip.
    async fn pass(&mut self) -> Result<(), Halt> {
        // A follower that stands by asks nobody anything.
        let Some(known) = self.service.known().await? else { return Ok(()) };
        let mut line = self.line(&known).await?;
        let Some(tip) = line.last() else { return Ok(()) };
        // Transactions of a branch that is left may stand anywhere in another one, or nowhere.
        if line.first().map(|first| &first.parent_index_block_hash) != known.tip.as_ref() {
            self.places.clear();
        }
        let (tip_hash, is_gap) = (tip.index_block_hash.clone(), !self.reaches(&line).await);
        let mut prints = BTreeMap::new();
        if is_gap {
            // What is printed in it does not matter: the state is read at it, or it is refused.
            line.drain(..line.len().saturating_sub(1));
            self.places.clear();
        } else {
            prints = self.prints(&line).await?;
        }
        // All that was read is of one branch if its tip is still on it.
        let tip = self.poll.api.block(&tip_hash).await?;
        if !tip.is_some_and(|tip| tip.canonical) {
            return Err(Halt::Moved);
        }
        for entry in &line {
            let block = block_of(entry, prints.remove(&entry.height).unwrap_or_default())?;
            self.service.take(&Arc::new(block)).await?;
        }
        Ok(())
    }

    /// Blocks of the canonical chain above the last one known, from the oldest on. Where no known one is reached, all that
    /// were looked at.
    async fn line(&mut self, known: &Known) -> Result<Vec<BlockEntry>, Halt> {
        let mut line: Vec<BlockEntry> = Vec::new();
        let lowest = match known.lowest {
            Some(lowest) => lowest,
            None if self.poll.from_genesis => self.first_height().await?.unwrap_or(u64::MAX),
            None => u64::MAX,
        };
        let mut page: std::vec::IntoIter<BlockEntry> = Vec::new().into_iter();
        let mut offset = 0;
        loop {
            let wanted = line.last().map(|last| last.parent_index_block_hash.clone());
            let entry = match (page.next(), &wanted) {
                (Some(entry), Some(wanted)) if entry.index_block_hash == *wanted => entry,
                // Blocks came meanwhile, so this page begins with some of the page before.
                (Some(entry), Some(_))
                    if line.iter().any(|one| one.index_block_hash == entry.index_block_hash) =>
                {
                    continue;
                }
                // Another branch than at first: by its hash there is only one.
                (Some(_), Some(wanted)) => {
                    page = Vec::new().into_iter();
                    self.poll.api.block(wanted).await?.ok_or(Halt::Moved)?
                }
                (Some(entry), None) => entry,
                (None, _) => {
                    let entries = self.poll.api.blocks(offset).await?;
                    if entries.is_empty() {
                        if known.tip.is_none() {
                            let reason =
                                "blocks: its pages end above the block in which the core printed first";
                            return Err(Fault::Node { reason: reason.to_owned() }.into());
                        }
                        break;
                    }
                    offset += BLOCKS_PER_PAGE;
                    page = entries.into_iter();
                    continue;
                }
            };
            if self.service.knows(&entry.index_block_hash).await {
                // A tip that is known but is not ours: the chain went back to it.
                if line.is_empty() && known.tip.as_deref() != Some(entry.index_block_hash.as_str()) {
                    line.push(entry);
                }
                break;
            }
            let is_lowest = entry.height <= lowest;
            line.push(entry);
            if is_lowest || lowest == u64::MAX {
                break;
            }
            if line.len() >= MAX_BLOCKS {
                // To begin here would be to begin amid what happened.
                if known.tip.is_none() {
                    let reason = format!(
                        "the core printed first more than {MAX_BLOCKS} blocks ago: --node reads the state"
                    );
                    return Err(Fault::Node { reason }.into());
                }
                break;
            }
        }
        line.reverse();
        Ok(line)
    }

    /// Whether a line begins where the follower can go on.
    async fn reaches(&self, line: &[BlockEntry]) -> bool {
        let Some(first) = line.first() else { return false };
        self.service.begins_at(&first.index_block_hash, &first.parent_index_block_hash).await
    }

    /// The height of the block in which the core printed first.
    async fn first_height(&mut self) -> Result<Option<u64>, Halt> {
        let (mut walk, mut cursor) = (Walk::default(), None);
        loop {
            let page = self.page(cursor.as_deref()).await?;
            match walk.after(&page)? {
                Some(older) => cursor = Some(older),
                None => {
                    let mut first: Option<u64> = None;
                    for log in &page.results {
                        let height = self.place(&log.tx_id).await?.block_height;
                        first = Some(first.map_or(height, |first| first.min(height)));
                    }
                    return Ok(first);
                }
            }
        }
    }

    async fn page(&self, cursor: Option<&str>) -> Result<LogsPage, Halt> {
        match self.poll.api.logs(&self.poll.core, cursor).await? {
            Some(page) => Ok(page),
            // The event at the cursor went with its branch.
            None if cursor.is_some() => Err(Halt::Moved),
            None => {
                let reason = format!("logs: it does not know the contract {}", self.poll.core);
                Err(Fault::Node { reason }.into())
            }
        }
    }

    /// What the core printed in the blocks of a line, by height.
    async fn prints(&mut self, line: &[BlockEntry]) -> Result<BTreeMap<u64, Vec<Print>>, Halt> {
        let mut found: BTreeMap<(u64, u64, u64), Print> = BTreeMap::new();
        let (Some(first), Some(last)) = (line.first(), line.last()) else { return Ok(BTreeMap::new()) };
        // Only what is below stands for good.
        self.places.retain(|_, place| place.block_height < first.height);
        let (mut walk, mut cursor) = (Walk::default(), None);
        loop {
            let page: LogsPage = self.page(cursor.as_deref()).await?;
            let mut is_below = false;
            for log in &page.results {
                let place = self.place(&log.tx_id).await?;
                is_below |= place.block_height < first.height;
                if !(first.height..=last.height).contains(&place.block_height) {
                    continue;
                }
                let at = line.binary_search_by_key(&place.block_height, |entry| entry.height).ok();
                let is_here =
                    at.and_then(|at| line.get(at)).is_some_and(|entry| entry.hash == place.block_hash);
                if !(is_here && place.canonical && place.microblock_canonical) {
                    self.places.remove(&log.tx_id);
                    return Err(Halt::Moved);
                }
                let entry = &log.contract_log;
                if entry.contract_id == self.poll.core
                    && entry.topic == "print"
                    && place.tx_status == "success"
                {
                    let print = Print {
                        txid: log.tx_id.clone(),
                        index: log.event_index,
                        raw_value: entry.value.hex.clone(),
                    };
                    found.insert((place.block_height, place.tx_index, log.event_index), print);
                }
            }
            if is_below {
                break;
            }
            match walk.after(&page)? {
                Some(older) => cursor = Some(older),
                None => break,
            }
        }
        let mut prints: BTreeMap<u64, Vec<Print>> = BTreeMap::new();
        for ((height, ..), print) in found {
            prints.entry(height).or_default().push(print);
        }
        Ok(prints)
    }

    async fn place(&mut self, txid: &str) -> Result<Place, Halt> {
        if let Some(place) = self.places.get(txid) {
            return Ok(place.clone());
        }
        let place = self.poll.api.transaction(txid).await?.ok_or(Halt::Moved)?;
        if self.places.len() >= MAX_PLACES {
            self.places.clear();
        }
        self.places.insert(txid.to_owned(), place.clone());
        Ok(place)
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
