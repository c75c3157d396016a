//! How much of an isolate's memory large answers may take together while they wait for Redis.

use std::cell::Cell;
use std::rc::Rc;

/// Bytes that snapshots under way hold together at most, and batches as well; one alone may hold what its own bound says.
const MAX_BYTES: usize = 12_000_000;

/// Bytes that requests of one isolate hold over their reads.
#[derive(Debug, Default)]
pub struct InFlight {
    bytes: Rc<Cell<usize>>,
}

/// The part of one request, given back when it is dropped.
#[derive(Debug, Default)]
pub struct Holding {
    all: Rc<Cell<usize>>,
    own: usize,
}

impl InFlight {
    pub fn begin(&self) -> Holding {
        Holding { all: Rc::clone(&self.bytes), own: 0 }
    }
}

impl Holding {
    /// Takes more if there is room for it beside what others hold; tells whether there was.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        let is_alone = self.all.get() == self.own;
        self.take_if(bytes, is_alone || self.fits(bytes, MAX_BYTES))
    }

    /// The same for those who can do without: only where half of all stays free.
    #[must_use]
    pub fn take_spare(&mut self, bytes: usize) -> bool {
        self.take_if(bytes, self.fits(bytes, MAX_BYTES / 2))
    }

    fn fits(&self, bytes: usize, limit: usize) -> bool {
        self.all.get().saturating_add(bytes) <= limit
    }

    fn take_if(&mut self, bytes: usize, fits: bool) -> bool {
        if fits {
            self.own = self.own.saturating_add(bytes);
            self.all.set(self.all.get().saturating_add(bytes));
        }
        fits
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.all.set(self.all.get().saturating_sub(self.own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_may_hold_anything_and_several_share() {
        let memory = InFlight::default();
        let (mut first, mut second) = (memory.begin(), memory.begin());
        assert!(first.take(2 * MAX_BYTES));
        assert!(!second.take(1));
        drop(first);
        assert!(second.take(MAX_BYTES - 1));
        let mut third = memory.begin();
        assert!(!third.take(2) && third.take(1) && !third.take(1));
        assert!(!second.take(1), "nor has the other one room now");
        drop((second, third));
        assert_eq!(memory.bytes.get(), 0);
    }
}
