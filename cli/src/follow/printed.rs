//! What the core printed in the blocks of a line, read from the pages of its logs.

use std::collections::BTreeMap;

use super::api::{BlockEntry, LogEntry, LogsPage, Place};
use super::block::{Header, Print};
use super::fault::Fault;
use super::logs::Walk;
use super::poller::{Halt, Poller};

/// Transactions whose place is remembered.
const MAX_PLACES: usize = 20_000;

/// What was read.
pub(super) struct Printed {
    /// By height.
    pub(super) prints: BTreeMap<u64, Vec<Print>>,
    /// The height of the newest log there is.
    pub(super) newest: Option<u64>,
    /// The oldest block below the line that was taken without some of its prints.
    pub(super) missed: Option<Header>,
}

impl Poller {
    /// The height of the block in which the core printed first.
    pub(super) async fn first_height(&mut self) -> Result<Option<u64>, Halt> {
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

    /// What the core printed in the blocks of a line.
    pub(super) async fn printed(&mut self, line: &[BlockEntry]) -> Result<Printed, Halt> {
        let mut found: BTreeMap<(u64, u64, u64), Print> = BTreeMap::new();
        let (mut below, mut newest) = (BTreeMap::<u64, (u64, String)>::new(), None);
        let (Some(first), Some(last)) = (line.first(), line.last()) else {
            return Ok(Printed { prints: BTreeMap::new(), newest, missed: None });
        };
        // What is below stands for good, but where a look failed before its tip was seen to be canonical; a transaction of a
        // block stands there whoever said so.
        let is_doubtful = std::mem::take(&mut self.is_doubtful);
        self.places
            .retain(|_, place| is_of(line, place) || (!is_doubtful && place.block_height < first.height));
        let mark = self.marks.range(last.height.saturating_add(1)..).next();
        let (mut walk, mut cursor) = match mark {
            Some((height, (walk, cursor))) => {
                newest = Some(*height);
                (walk.clone(), Some(cursor.clone()))
            }
            None => (Walk::default(), None),
        };
        loop {
            let page = self.page(cursor.as_deref()).await?;
            let older = walk.after(&page);
            // All on this page is above, if the next one begins there.
            if let (Ok(Some(older)), Some(height)) = (&older, walk.height().filter(|at| *at > last.height)) {
                newest = newest.max(Some(height));
                self.marks.insert(height, (walk.clone(), older.clone()));
                cursor = Some(older.clone());
                continue;
            }
            for log in &page.results {
                let place = self.place(&log.tx_id).await?;
                if place.canonical && place.microblock_canonical {
                    newest = newest.max(Some(place.block_height));
                }
                if place.block_height > last.height {
                    continue;
                }
                if place.block_height < first.height {
                    let (count, _) = below.entry(place.block_height).or_insert((0, place.block_hash.clone()));
                    *count += u64::from(self.counts(log, &place));
                    continue;
                }
                if !(place.canonical && place.microblock_canonical && is_of(line, &place)) {
                    self.places.remove(&log.tx_id);
                    return Err(Halt::Moved);
                }
                if self.counts(log, &place) {
                    let print = Print {
                        txid: log.tx_id.clone(),
                        index: log.event_index,
                        raw_value: log.contract_log.value.hex.clone(),
                    };
                    found.insert((place.block_height, place.tx_index, log.event_index), print);
                }
            }
            if !below.is_empty() {
                break;
            }
            match older? {
                Some(older) => cursor = Some(older),
                None => break,
            }
        }
        let mut prints: BTreeMap<u64, Vec<Print>> = BTreeMap::new();
        for ((height, ..), print) in found {
            prints.entry(height).or_default().push(print);
        }
        let missed = self.missed(&first.parent_index_block_hash, below).await?;
        Ok(Printed { prints, newest, missed })
    }

    /// The oldest block that was taken without some of its prints, of those below a line whose logs were seen: their number
    /// and their block's hash, by height.
    async fn missed(
        &self,
        parent: &str,
        below: BTreeMap<u64, (u64, String)>,
    ) -> Result<Option<Header>, Halt> {
        for (height, (count, hash)) in below {
            let Some(taken) = self.service.taken_at(parent, height).await else { continue };
            // Fewer may be seen: a page ends amid a block.
            if taken.prints.is_none_or(|prints| prints >= count) {
                continue;
            }
            // A block of another branch at that height says nothing about ours.
            let entry = self.poll.api.block(&taken.hash).await?;
            if entry.is_some_and(|entry| entry.canonical && entry.hash == hash) {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Whether a log is a print of the core that counts.
    fn counts(&self, log: &LogEntry, place: &Place) -> bool {
        let entry = &log.contract_log;
        entry.contract_id == self.poll.core
            && entry.topic == "print"
            && place.tx_status == "success"
            && place.canonical
            && place.microblock_canonical
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

/// Whether a transaction stands in a block of a line.
fn is_of(line: &[BlockEntry], place: &Place) -> bool {
    let at = line.binary_search_by_key(&place.block_height, |entry| entry.height).ok();
    at.and_then(|at| line.get(at)).is_some_and(|entry| entry.hash == place.block_hash)
}
