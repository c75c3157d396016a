//! The state of a core, and the step that one block is: no Redis, no clock.

use super::block::{Block, Header};
use super::chain::{Chain, Place};
use super::fault::Fault;
use super::fold::{Rules, Tally, fold};
use super::journal::{Journal, Texts, put};
use super::market::Market;
use super::record::Changes;
use super::routing::{Rerouted, rerouted};
use super::tokens::Tokens;

/// `data_version` before there was any pool.
const NO_POOLS: &str = "0";

/// Pools and the blocks they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) market: Market,
    pub(crate) chain: Chain,
    /// What stands in Redis where that is not how it is written now, as after a change of the tokens file.
    pub(crate) outdated: Texts,
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
    /// Everything that may differ from what Redis holds, with what it holds.
    pub(crate) before: Texts,
    /// The same places afterwards.
    pub(crate) after: Texts,
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

    /// Goes a way, on which `moved` is what changes, and takes the block.
    ///
    /// # Errors
    /// [`Fault::Event`], and the state is as it was; [`Fault::Record`], and it must be read anew.
    pub(crate) fn step(
        &mut self,
        block: &Block,
        way: Way,
        moved: &Texts,
        (rules, tokens, keep): (&Rules, &Tokens, usize),
    ) -> Result<Step, Fault> {
        let Way { undo, redo, known, root } = way;
        let mut outer = Journal::default();
        for slot in moved.keys() {
            outer.touch(&self.market, slot);
        }
        put(&mut self.market, moved, tokens)?;
        let folded = if known {
            Ok((Journal::default(), Tally::default()))
        } else {
            fold(&mut self.market, block, rules, tokens)
        };
        let (inner, tally) = match folded {
            Ok((inner, tally)) => (inner.into_texts(), tally),
            Err(fault) => {
                outer.roll_back(&mut self.market, tokens)?;
                return Err(fault);
            }
        };
        if let Some(root) = &root {
            self.chain = Chain::of(root.clone(), []);
        }

        let mut after = self.market.texts(inner.keys());
        let changes = Changes::of(&inner, &after);
        let mut before = inner;
        // A block that is known keeps its version; what is outdated waits for the next new one.
        let outdated = if known { Texts::new() } else { std::mem::take(&mut self.outdated) };
        before.extend(outdated.clone());
        let tip = self.chain.header(&block.hash).cloned().unwrap_or_else(|| {
            let parent = self.chain.header(&block.parent);
            let version = match parent.filter(|_| rerouted(&before, &self.market).is_empty()) {
                Some(parent) => parent.version.clone(),
                None => block.hash.clone(),
            };
            block.header(version)
        });
        // What Redis holds: on the way here first, and what is outdated above all.
        before.extend(outer.into_texts());
        before.extend(outdated);
        after.extend(self.market.texts(before.keys().filter(|slot| !after.contains_key(slot))));
        let rerouted = rerouted(&before, &self.market);

        let next = (!known).then(|| tip.clone());
        let forgotten = self.chain.advance(undo.len(), redo, next, keep);
        let mut blocks: Vec<(Header, Option<Changes>)> = root.into_iter().map(|root| (root, None)).collect();
        if !known {
            blocks.push((tip.clone(), Some(changes)));
        }
        Ok(Step { before, after, rerouted, tip, blocks, forgotten, tally })
    }
}

impl State {
    /// Takes over what was read from the chain at a block; no fork goes back beyond it.
    pub(crate) fn reset(&mut self, block: &Block, market: Market, notes: Vec<String>) -> Step {
        let slots = self.market.slots().into_iter().chain(market.slots());
        let mut before: Texts = slots.map(|slot| (slot.clone(), self.market.text(&slot))).collect();
        before.extend(std::mem::take(&mut self.outdated));
        self.market = market;
        let after = self.market.texts(before.keys());
        let rerouted = rerouted(&before, &self.market);
        let version = match self.chain.tip().filter(|_| rerouted.is_empty()) {
            Some(tip) => tip.version.clone(),
            None => block.hash.clone(),
        };
        let tip = block.header(version);
        let mut forgotten = self.chain.hashes();
        forgotten.retain(|hash| *hash != tip.hash);
        self.chain = Chain::of(tip.clone(), []);
        let blocks = vec![(tip.clone(), None)];
        Step { before, after, rerouted, tip, blocks, forgotten, tally: Tally { notes, ..Tally::default() } }
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
