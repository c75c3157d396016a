//! What one request of ours may spend on Redis, and what it has spent.

use std::cell::Cell;

use super::caller::Caller;
use crate::observe::{Log, Spent};

/// The time left for Redis, the counters and the log of one unit of work.
///
/// Made once per incoming request (and once per background task) and lent to every call, so that all of them
/// together keep one deadline. Holds `Cell`s only: nothing stays borrowed across an await.
#[derive(Debug)]
pub struct Budget {
    deadline_at_ms: Cell<f64>,
    total_ms: u32,
    log: Log,
    caller: Caller,
    spent: Spent,
    counting: Option<Counting>,
}

/// For those who have to know which of the producer's changes are in what they read: the metadata is asked for with each
/// read, in one step with it, and its count of changes is noted.
#[derive(Debug, Default)]
pub struct Counting {
    seq: Cell<Option<u64>>,
    /// A read that another one made does as well, if it has this count at least.
    shares_from: Cell<Option<u64>>,
}

impl Counting {
    /// The count of the read before.
    pub const fn seq(&self) -> Option<u64> {
        self.seq.get()
    }

    /// Has reads that others made do as well, if they have this count at least.
    pub(crate) fn share_from(&self, seq: Option<u64>) {
        self.shares_from.set(seq);
    }

    pub(crate) const fn shares_from(&self) -> Option<u64> {
        self.shares_from.get()
    }

    pub(crate) fn note(&self, seq: Option<u64>) {
        self.seq.set(seq);
    }
}

impl Budget {
    /// Starts the clock: `total_ms` from `now_ms` (both Unix time of the platform's clock).
    pub fn new(now_ms: f64, total_ms: u32, log: Log) -> Self {
        let deadline_at_ms = Cell::new(now_ms + f64::from(total_ms));
        let (caller, spent) = (Caller::default(), Spent::default());
        Self { deadline_at_ms, total_ms, log, caller, spent, counting: None }
    }

    /// The same for a client, whose going ends the work.
    #[must_use]
    pub fn for_caller(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    /// The same for reads that are counted.
    #[must_use]
    pub fn counted(self) -> Self {
        Self { counting: Some(Counting::default()), ..self }
    }

    pub const fn counting(&self) -> Option<&Counting> {
        self.counting.as_ref()
    }

    /// Milliseconds left, 0 once the deadline has passed.
    pub fn left_ms(&self, now_ms: f64) -> u32 {
        // The cast saturates: negative becomes 0.
        (self.deadline_at_ms.get() - now_ms).ceil() as u32
    }

    /// Moves the deadline by time that went by without anybody waiting for Redis: our own work, and that of others.
    pub fn excuse(&self, ms: f64) {
        self.deadline_at_ms.set(self.deadline_at_ms.get() + ms.max(0.0));
    }

    /// The length of the whole budget.
    pub fn total_ms(&self) -> u32 {
        self.total_ms
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    pub fn spent(&self) -> &Spent {
        &self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Level;

    #[test]
    fn the_budget_runs_down_to_zero_and_stays_there() {
        let budget = Budget::new(1_000.0, 250, Log::new(Level::Error, String::new()));
        assert_eq!(budget.left_ms(1_000.0), 250);
        assert_eq!(budget.left_ms(1_249.5), 1);
        assert_eq!(budget.left_ms(1_250.0), 0);
        assert_eq!(budget.left_ms(9_999.0), 0);
    }

    #[test]
    fn time_that_is_excused_does_not_count() {
        let budget = Budget::new(1_000.0, 250, Log::new(Level::Error, String::new()));
        budget.excuse(600.0);
        assert_eq!((budget.left_ms(1_600.0), budget.left_ms(1_850.0)), (250, 0));
        // A clock that was set back takes nothing away.
        budget.excuse(-9_000.0);
        assert_eq!(budget.left_ms(1_600.0), 250);
    }
}
