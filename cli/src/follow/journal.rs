//! What was where before a change.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::market::{Held, Market, Slot};
use super::tokens::Tokens;

/// Stored texts by place; `None` where there is nothing.
pub(crate) type Texts = BTreeMap<Slot, Option<String>>;

/// The first of everything that was changed.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    before: BTreeMap<Slot, Option<Held>>,
}

impl Journal {
    /// Keeps what a slot holds, unless that was done: to be called before every change.
    pub(crate) fn touch(&mut self, market: &Market, slot: Slot) {
        self.before.entry(slot).or_insert_with_key(|slot| market.held(slot));
    }

    /// Puts everything back.
    pub(crate) fn roll_back(self, market: &mut Market) {
        for (slot, held) in self.before {
            market.put_back(&slot, held);
        }
    }

    /// Takes up an older journal: what that one says was there before all.
    pub(crate) fn after(mut self, older: Self) -> Self {
        self.before.extend(older.before);
        self
    }

    /// Slots and what they held.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Slot, Option<&Held>)> {
        self.before.iter().map(|(slot, held)| (slot, held.as_ref()))
    }

    /// What differs now, with what there is.
    pub(crate) fn changed<'j>(
        &'j self,
        market: &'j Market,
    ) -> impl Iterator<Item = (&'j Slot, Option<&'j Held>, Option<Held>)> {
        let all = self.iter().map(|(slot, before)| (slot, before, market.held(slot)));
        all.filter(|(_, before, now)| *before != now.as_ref())
    }
}

/// Puts texts in their places, in the order in which they need each other.
///
/// # Errors
/// [`Fault::Record`] for the first that cannot be read.
pub(crate) fn put(market: &mut Market, texts: &Texts, tokens: &Tokens) -> Result<(), Fault> {
    texts.iter().try_for_each(|(slot, text)| market.set_text(slot, text.as_deref(), tokens))
}
