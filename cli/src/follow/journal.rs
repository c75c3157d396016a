//! What was where before a change.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::market::{Market, Slot};
use super::tokens::Tokens;

/// Texts by place; `None` where there is nothing.
pub(crate) type Texts = BTreeMap<Slot, Option<String>>;

/// The first text of everything that was changed.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    before: Texts,
}

impl Journal {
    /// Keeps what a slot holds, unless that was done: to be called before every change.
    pub(crate) fn touch(&mut self, market: &Market, slot: &Slot) {
        if !self.before.contains_key(slot) {
            self.before.insert(slot.clone(), market.text(slot));
        }
    }

    /// Puts everything back.
    ///
    /// # Errors
    /// [`Fault::Record`] if a text of our own cannot be read; a new reading from Redis repairs that.
    pub(crate) fn roll_back(self, market: &mut Market, tokens: &Tokens) -> Result<(), Fault> {
        put(market, &self.before, tokens)
    }

    /// What was there before.
    pub(crate) fn into_texts(self) -> Texts {
        self.before
    }
}

/// Puts texts in their places, in the order in which they need each other.
///
/// # Errors
/// [`Fault::Record`] for the first that cannot be read.
pub(crate) fn put(market: &mut Market, texts: &Texts, tokens: &Tokens) -> Result<(), Fault> {
    texts.iter().try_for_each(|(slot, text)| market.set_text(slot, text.as_deref(), tokens))
}
