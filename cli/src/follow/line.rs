//! Blocks that are to be taken next, linked by their parents, read from pages that move while they are read.

use super::api::{BLOCKS_PER_PAGE, BlockEntry};
use super::fault::Fault;
use super::poller::{Halt, Poller};
use super::service::Known;

/// Blocks that are caught up with at most: more than a day.
const MAX_BLOCKS: u64 = 20_000;
/// Blocks that are read before they are taken.
const BLOCKS_AT_ONCE: u64 = 200;
/// Longest line: down to the lowest block that a fork can go back to.
const MAX_LINE: usize = 120_000;

/// A line of blocks, from the oldest on.
pub(super) struct Line {
    pub(super) entries: Vec<BlockEntry>,
    /// The block above all.
    pub(super) top: BlockEntry,
    /// There are more between the two.
    pub(super) is_part: bool,
}

impl Poller {
    /// Blocks of the canonical chain above the last one known, from the oldest on. Where no known one is reached, all that
    /// were looked at; where there are many, the oldest of them.
    pub(super) async fn line(&mut self, known: &Known) -> Result<Line, Halt> {
        let entries = self.poll.api.blocks(0).await?;
        let Some(top) = entries.first().cloned() else { return Err(Halt::Moved) };
        let floor = match (&known.tip, self.poll.from_genesis) {
            (Some(tip), _) => Some(tip.height.saturating_add(1)),
            (None, true) => self.first_height().await?,
            (None, false) => None,
        };
        // With nothing to begin at, a line is the tip alone.
        let alone = |top: BlockEntry| Ok(Line { entries: vec![top.clone()], top, is_part: false });
        let Some(floor) = floor else { return alone(top) };
        let ahead = top.height.saturating_add(1).saturating_sub(floor);
        if ahead > MAX_BLOCKS {
            if known.tip.is_some() {
                return alone(top);
            }
            // To begin here would be to begin amid what happened.
            let reason =
                format!("the core printed first more than {MAX_BLOCKS} blocks ago: --node reads the state");
            return Err(Fault::Node { reason }.into());
        }
        let lowest = known.lowest.unwrap_or(floor);
        let above = ahead.saturating_sub(BLOCKS_AT_ONCE);
        let (mut offset, mut page) = (BLOCKS_PER_PAGE, entries.into_iter());
        if above > 0 {
            let from = usize::try_from(above).unwrap_or(usize::MAX);
            let entries = self.poll.api.blocks(from).await?;
            // Some may have come meanwhile; anything else is another chain.
            let is_there = |entry: &BlockEntry| (floor..top.height).contains(&entry.height);
            if !entries.first().is_some_and(is_there) {
                return Err(Halt::Moved);
            }
            (offset, page) = (from + BLOCKS_PER_PAGE, entries.into_iter());
        }
        let mut line: Vec<BlockEntry> = Vec::new();
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
                if line.is_empty() && known.tip.as_ref().is_none_or(|tip| tip.hash != entry.index_block_hash)
                {
                    line.push(entry);
                }
                break;
            }
            let is_lowest = entry.height <= lowest;
            line.push(entry);
            if is_lowest || line.len() >= MAX_LINE {
                break;
            }
        }
        line.reverse();
        Ok(Line { entries: line, top, is_part: above > 0 })
    }
}
