//! Which of several readings that overlap may stay.

use std::cell::Cell;

/// Hands out turns to readings as they begin. One that began before another that has ended, or before everything was
/// forgotten, comes too late: what it found is older than what is known.
#[derive(Debug, Default)]
pub(super) struct Turns {
    begun: Cell<u64>,
    newest: Cell<u64>,
}

impl Turns {
    /// The turn of a reading that begins.
    pub(super) fn begin(&self) -> u64 {
        self.begun.set(self.begun.get() + 1);
        self.begun.get()
    }

    /// Ends a reading; whether what it found may stay.
    pub(super) fn end(&self, turn: u64) -> bool {
        let stays = turn > self.newest.get();
        if stays {
            self.newest.set(turn);
        }
        stays
    }

    /// Lets nothing stay that has begun already.
    pub(super) fn overrule(&self) {
        self.newest.set(self.begun.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_reading_does_not_replace_a_newer_one() {
        let turns = Turns::default();
        let (older, newer) = (turns.begin(), turns.begin());
        assert!(turns.end(newer));
        assert!(!turns.end(older));
        assert!(turns.end(turns.begin()));
    }

    #[test]
    fn in_order_both_stay() {
        let turns = Turns::default();
        let (older, newer) = (turns.begin(), turns.begin());
        assert!(turns.end(older) && turns.end(newer));
    }

    #[test]
    fn what_had_begun_before_all_was_forgotten_does_not_come_back() {
        let turns = Turns::default();
        let under_way = turns.begin();
        turns.overrule();
        assert!(!turns.end(under_way));
        assert!(turns.end(turns.begin()));
    }
}
