//! The state of a core, and the step that one block is: no Redis, no clock.

use super::block::{Block, Header};
use super::chain::{Chain, Place};
use super::fault::Fault;
use super::fold::{Rules, Tally, fold};
use super::journal::{Journal, Texts};
use super::market::{Market, Slot};
use super::routing::{Rerouted, rerouted};
use super::tokens::Tokens;
use super::undo::{Changes, Moves};

/// `data_version` before there was any pool.
const NO_POOLS: &str = "0";

/// Pools and the blocks they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) market: Market,
    pub(crate) chain: Chain,
    /// What stands in Redis where that is not how it is written now, as after a change of the tokens file.
    pub(crate) outdated: Texts,
    /// Blocks that stand in Redis and cannot be undone from there.
    pub(crate) unusable: Vec<String>,
}

/// The way from the tip to a block: what to undo and what to do again before its own turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) undo: Vec<String>,
    pub(crate) redo: Vec<String>,
    /// The block is known, and what it changed is part of `redo`.
    known: bool,
    /// Nothing was known yet: the block that stands before all.
    root: Option<Header>,
}

/// What a block changes.
#[derive(Debug)]
pub(crate) struct Step {
    /// Everything that differs from what Redis holds, as it is to be; `None` for what is to go.
    pub(crate) writes: Vec<(Slot, Option<String>)>,
    /// Pools that readers must list anew.
    pub(crate) rerouted: Vec<Rerouted>,
    pub(crate) tip: Header,
    /// Blocks to be known from now on, and what they changed.
    pub(crate) blocks: Vec<(Header, Option<Changes>)>,
    /// Blocks that are too old to be known.
    pub(crate) forgotten: Vec<String>,
    pub(crate) tally: Tally,
}

impl State {
    /// Finds the way to a block; `None` if it is there already. With `from_genesis` nothing at all leads to any block.
    ///
    /// # Errors
    /// [`Fault::Gap`]
    pub(crate) fn way(&self, block: &Block, from_genesis: bool) -> Result<Option<Way>, Fault> {
        match self.chain.place(&block.hash, &block.parent) {
            Place::Twice => Ok(None),
            Place::Reached { undo, redo, known } => Ok(Some(Way { undo, redo, known, root: None })),
            Place::Unknown if self.chain.tip().is_none() && from_genesis => {
                Ok(Some(Way { root: Some(before_all(block)), ..Way::default() }))
            }
            Place::Unknown => {
                let tip = self.chain.tip().map(|tip| tip.hash.clone());
                Err(Fault::Gap { height: block.height, parent: block.parent.clone(), tip })
            }
        }
    }

    /// The way back to a block of the line; `None` where it is not known any more.
    pub(crate) fn way_back(&self, hash: &str) -> Option<Way> {
        let undo = self.chain.above(hash)?;
        Some(Way { undo, known: true, ..Way::default() })
    }

    /// Goes back to a block, and forgets all that stood above it: it is taken anew when it comes again.
    ///
    /// # Errors
    /// As of [`State::step`].
    pub(crate) fn go_back(
        &mut self,
        to: &Header,
        way: Way,
        moved: &Moves,
        (rules, tokens, keep): (&Rules, &Tokens, usize),
    ) -> Result<Step, Fault> {
        let Header { height, hash, parent, time_ms, .. } = to.clone();
        let block = Block { height, hash, parent, time_ms, prints: Vec::new() };
        let mut step = self.step(&block, way, moved, (rules, tokens, keep))?;
        // Branches beside the line may stand on what was wrong.
        step.forgotten.extend(self.chain.forget_from(height.saturating_add(1)));
        Ok(step)
    }

    /// Goes a way, on which `moved` is what changes, and takes the block.
    ///
    /// # Errors
    /// [`Fault::Event`], and the state is as it was; [`Fault::Record`], and it must be read anew.
    pub(crate) fn step(
        &mut self,
        block: &Block,
        way: Way,
        moved: &Moves,
        (rules, tokens, keep): (&Rules, &Tokens, usize),
    ) -> Result<Step, Fault> {
        let Way { undo, redo, known, root } = way;
        let mut outer = Journal::default();
        // All before the first: with a pool its bins go too.
        for (slot, _) in moved {
            outer.touch(&self.market, slot.clone());
        }
        for (slot, kept) in moved {
            self.market.go_to(slot, kept.as_ref(), tokens)?;
        }
        let folded = if known {
            Ok((Journal::default(), Tally::default()))
        } else {
            fold(&mut self.market, block, rules, tokens)
        };
        let (inner, tally) = match folded {
            Ok(folded) => folded,
            Err(fault) => {
                outer.roll_back(&mut self.market);
                return Err(fault);
            }
        };
        if let Some(root) = &root {
            self.chain = Chain::of(root.clone(), []);
        }

        let changes = (!known).then(|| Changes::of(&inner, &self.market));
        // A block that is known keeps its version; what is outdated waits for the next new one.
        let outdated = if known { Texts::new() } else { std::mem::take(&mut self.outdated) };
        let tip = self.chain.header(&block.hash).cloned().unwrap_or_else(|| {
            let parent = self.chain.header(&block.parent);
            let version = match parent.filter(|_| rerouted(&inner, &outdated, &self.market).is_empty()) {
                Some(parent) => parent.version.clone(),
                None => block.hash.clone(),
            };
            block.header(version)
        });
        // What Redis holds: on the way here first, and what is outdated above all.
        let before = inner.after(outer);
        let writes = writes(&before, &outdated, &self.market);
        let rerouted = rerouted(&before, &outdated, &self.market);

        let next = (!known).then(|| tip.clone());
        let mut forgotten = self.chain.advance(undo.len(), redo, next, keep);
        // One of them may have come again meanwhile.
        let unusable = std::mem::take(&mut self.unusable);
        forgotten.extend(unusable.into_iter().filter(|hash| self.chain.header(hash).is_none()));
        let mut blocks: Vec<(Header, Option<Changes>)> = root.into_iter().map(|root| (root, None)).collect();
        blocks.extend(changes.map(|changes| (tip.clone(), Some(changes))));
        Ok(Step { writes, rerouted, tip, blocks, forgotten, tally })
    }
}

impl State {
    /// Takes over what was read from the chain at a block; no fork goes back beyond it.
    pub(crate) fn reset(&mut self, block: &Block, market: Market, notes: Vec<String>) -> Step {
        let mut before = Journal::default();
        for slot in self.market.slots().into_iter().chain(market.slots()) {
            before.touch(&self.market, slot);
        }
        let outdated = std::mem::take(&mut self.outdated);
        self.market = market;
        let writes = writes(&before, &outdated, &self.market);
        let rerouted = rerouted(&before, &outdated, &self.market);
        let version = match self.chain.tip().filter(|_| rerouted.is_empty()) {
            Some(tip) => tip.version.clone(),
            None => block.hash.clone(),
        };
        let tip = Header { prints: None, ..block.header(version) };
        let mut forgotten = self.chain.hashes();
        forgotten.append(&mut self.unusable);
        forgotten.retain(|hash| *hash != tip.hash);
        self.chain = Chain::of(tip.clone(), []);
        let blocks = vec![(tip.clone(), None)];
        Step { writes, rerouted, tip, blocks, forgotten, tally: Tally { notes, ..Tally::default() } }
    }
}

/// What is to be written: whatever changed, and whatever stands there in another form than it has now.
fn writes(before: &Journal, outdated: &Texts, market: &Market) -> Vec<(Slot, Option<String>)> {
    let changed = before.changed(market).filter(|(slot, ..)| !outdated.contains_key(slot));
    let mut writes: Vec<_> = changed.map(|(slot, ..)| (slot.clone(), market.text(slot))).collect();
    let others = outdated.iter().map(|(slot, stored)| (slot, stored, market.text(slot)));
    writes.extend(others.filter(|(_, stored, now)| *stored != now).map(|(slot, _, now)| (slot.clone(), now)));
    writes
}

/// The block before the first one: a fork of that one goes back to it.
fn before_all(block: &Block) -> Header {
    Header {
        height: block.height.saturating_sub(1),
        hash: block.parent.clone(),
        parent: String::new(),
        time_ms: block.time_ms,
        version: NO_POOLS.to_owned(),
        prints: None,
    }
}
