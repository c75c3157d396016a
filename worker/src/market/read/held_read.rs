//! What a read takes of the isolate's memory while something is waited for.

use super::texts::{ReadTexts, bytes_of_pool};
use crate::observe::Holding;

/// What a key takes in memory once it is decoded, in bytes.
const DECODED_BYTES: usize = 120;
/// What a text takes beside its own bytes: its quotes are escaped.
const BESIDE_A_TEXT: usize = 40;

/// Bytes of a read of so many keys whose values have so many bytes, with its texts where they are kept.
pub(crate) fn bytes_of_read(keys: usize, values: usize, keeps_texts: bool) -> usize {
    let texts = if keeps_texts { values.saturating_add(keys.saturating_mul(BESIDE_A_TEXT)) } else { 0 };
    keys.saturating_mul(DECODED_BYTES).saturating_add(texts)
}

/// One read, counted as soon as something is waited for while it is kept. Many at once must not fill the memory.
#[derive(Debug)]
pub(crate) struct HeldRead {
    holding: Holding,
    bytes: usize,
    is_counted: bool,
}

impl HeldRead {
    /// A read of so many keys with these texts; `holding` is the room that was taken for it before, if any was.
    pub(crate) fn new(holding: Holding, keys: usize, texts: &ReadTexts) -> Self {
        let values: usize = texts.values().map(bytes_of_pool).sum();
        Self { holding, bytes: bytes_of_read(keys, values, !texts.is_empty()), is_counted: false }
    }

    /// Counts it; tells whether there is room for it.
    #[must_use]
    pub(crate) fn count(&mut self) -> bool {
        if !self.is_counted && (self.holding.has_room(self.bytes) || self.holding.is_alone()) {
            self.holding.hold(self.bytes);
            self.is_counted = true;
        }
        self.is_counted
    }

    /// Counts it for those who can do without the wait; tells whether there is room to spare.
    #[must_use]
    pub(crate) fn count_spare(&mut self) -> bool {
        self.is_counted = self.is_counted || self.holding.take_spare(self.bytes);
        self.is_counted
    }
}
