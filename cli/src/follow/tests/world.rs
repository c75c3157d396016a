//! A follower whose Redis is a map.

use std::collections::{BTreeMap, HashMap};

use super::recording::{rules, tokens};
use crate::follow::block::{Block, Header};
use crate::follow::fault::Fault;
use crate::follow::fold::{Rules, Tally};
use crate::follow::market::Slot;
use crate::follow::routing::lists;
use crate::follow::state::{State, Step, Way};
use crate::follow::tokens::Tokens;
use crate::follow::undo::{Changes, Moves};

/// Keys, fields, the tip, and how many bins and tokens there are.
type Contents<'w> = (&'w BTreeMap<String, String>, &'w BTreeMap<String, String>, String, (usize, usize));

#[derive(Clone)]
pub(super) struct World {
    pub(super) state: State,
    pub(super) rules: Rules,
    pub(super) tokens: Tokens,
    pub(super) keep: usize,
    /// Keys of pools, bins and lists.
    pub(super) keys: BTreeMap<String, String>,
    /// Fields of the follower's hash but blocks and tip.
    pub(super) fields: BTreeMap<String, String>,
    changes: HashMap<String, String>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            state: State::default(),
            rules: rules(),
            tokens: tokens(),
            keep: 144,
            keys: BTreeMap::new(),
            fields: BTreeMap::new(),
            changes: HashMap::new(),
        }
    }

    /// Takes a block; `None` if it was there already.
    pub(super) fn take(&mut self, block: &Block) -> Result<Option<Tally>, Fault> {
        let Some(way) = self.state.way(block, true)? else { return Ok(None) };
        let moved = self.moves(&way);
        let step = self.state.step(block, way, &moved, (&self.rules, &self.tokens, self.keep))?;
        Ok(Some(self.write(step)))
    }

    /// Undoes and forgets a block and all above it.
    pub(super) fn go_back_from(&mut self, block: &Header) -> usize {
        let to = self.state.chain.header(&block.parent).cloned().unwrap();
        let way = self.state.way_back(&to.hash).unwrap();
        let (count, moved) = (way.undo.len(), self.moves(&way));
        let rules = (&self.rules, &self.tokens, self.keep);
        let step = self.state.go_back(&to, way, &moved, rules).unwrap();
        self.write(step);
        count
    }

    fn moves(&self, way: &Way) -> Moves {
        let mut moved = Moves::new();
        for (hash, back) in
            way.undo.iter().map(|hash| (hash, true)).chain(way.redo.iter().map(|hash| (hash, false)))
        {
            let changes = Changes::read(hash, self.changes.get(hash).map(String::as_str)).unwrap();
            moved.extend(changes.moves(hash, back).unwrap());
        }
        moved
    }

    fn write(&mut self, step: Step) -> Tally {
        for (slot, now) in &step.writes {
            assert_eq!(*now, self.state.market.text(slot));
            let place = if slot.is_key() { &mut self.keys } else { &mut self.fields };
            let before = match now {
                Some(text) => place.insert(slot.place(), text.clone()),
                None => place.remove(&slot.place()),
            };
            assert_ne!(before, *now, "what is written was there already");
        }
        for (key, ids) in lists(&step.rerouted, &self.state.market) {
            if ids.is_empty() {
                self.keys.remove(&key);
            } else {
                self.keys.insert(key, serde_json::to_string(&ids).unwrap());
            }
        }
        for (header, changes) in step.blocks {
            self.changes.extend(changes.map(|changes| (header.hash, changes.to_text())));
        }
        for hash in step.forgotten {
            self.changes.remove(&hash);
        }
        step.tally
    }

    pub(super) fn take_all(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.take(block).unwrap();
        }
    }

    /// Whether what is stored is what there is, to the letter: nothing was forgotten, and nothing left behind.
    pub(super) fn assert_stored(&self) {
        let slots = self.state.market.slots();
        let (keys, fields): (Vec<_>, Vec<_>) = slots.iter().partition(|slot| slot.is_key());
        let texts = |slots: &[&Slot]| -> BTreeMap<String, String> {
            slots.iter().map(|slot| (slot.place(), self.state.market.text(slot).unwrap())).collect()
        };
        let is_list = |key: &String| key.starts_with("pairs:") || key.starts_with("tokens:");
        let stored: BTreeMap<_, _> = self.keys.clone().into_iter().filter(|(key, _)| !is_list(key)).collect();
        assert_eq!(stored, texts(&keys));
        assert_eq!(self.fields, texts(&fields));
    }

    /// All that a straight replay must have too.
    pub(super) fn contents(&self) -> Contents<'_> {
        let (market, tip) = (&self.state.market, self.state.chain.tip().unwrap());
        (&self.keys, &self.fields, format!("{tip:?}"), (market.bin_count(), market.token_count()))
    }

    pub(super) fn blocks_kept(&self) -> usize {
        self.changes.len()
    }
}
