//! How many keys may be read.

/// How many times the keys of one quote all reads of a batch may have together.
const BATCH_QUOTES: usize = 10;
/// Reads that a batch may have beside the others where what its requests want does not fit into one: each takes an isolate some
/// 75 ms.
pub(in crate::market::rounds) const APART: usize = 2;

/// What the reads that are still to come may have.
#[derive(Debug, Clone, Copy)]
pub(in crate::market::rounds) struct Allowance {
    /// In all reads of one quote.
    quote: usize,
    /// In one read.
    read: usize,
    /// In all reads that are still to come.
    pub(super) left: usize,
}

impl Allowance {
    pub(in crate::market::rounds) fn new(quote: usize, read: usize, requests: usize) -> Self {
        let quotes = requests.clamp(1, BATCH_QUOTES);
        Self { quote, read, left: quote.saturating_mul(quotes) }
    }

    /// Keys that one read may have.
    pub(in crate::market::rounds) const fn of_one_read(&self) -> usize {
        self.read
    }

    pub(in crate::market::rounds) fn spend(&mut self, keys: usize) {
        self.left = self.left.saturating_sub(keys);
    }

    /// Takes back what a read was charged that does not count.
    pub(in crate::market::rounds) fn refund(&mut self, keys: usize) {
        self.left = self.left.saturating_add(keys);
    }

    /// The part of it for one of `groups` that are still to be read.
    pub(in crate::market::rounds) fn share(&self, groups: usize) -> Self {
        Self { left: self.left.checked_div(groups).unwrap_or(self.left), ..*self }
    }

    /// Whether one who was read so many keys `before` may be read so many more.
    pub(in crate::market::rounds) fn admits(&self, keys: usize, before: usize) -> bool {
        keys <= self.read.min(self.left) && before.saturating_add(keys) <= self.quote
    }

    /// Whether as many keys could be read once more after that.
    pub(in crate::market::rounds) fn leaves_another(mut self, keys: usize, before: usize) -> bool {
        self.spend(keys);
        self.admits(keys, before.saturating_add(keys))
    }

    /// The part of it for a group whose next read of so many keys is planned, beside others that have theirs planned: none takes what
    /// was promised to another.
    pub(in crate::market::rounds) fn with_planned(self, keys: usize, others: usize, all: &Self) -> Self {
        Self { left: self.left.max(keys).min(all.left.saturating_sub(others)), ..self }
    }
}
