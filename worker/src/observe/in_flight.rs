//! How much of an isolate's memory large answers may take together while they wait for Redis.

use std::cell::Cell;
use std::rc::Rc;

/// Bytes that snapshots under way hold together at most, and batches as well; one alone may hold what its own bound says.
const MAX_BYTES: usize = 12_000_000;

/// Bytes that requests of one isolate hold over their reads, or streams for as long as they last.
#[derive(Debug)]
pub struct InFlight {
    bytes: Rc<Cell<usize>>,
    most: usize,
}

impl Default for InFlight {
    fn default() -> Self {
        Self::of(MAX_BYTES)
    }
}

/// The part of one request, given back when it is dropped.
#[derive(Debug)]
pub struct Holding {
    all: Rc<Cell<usize>>,
    most: usize,
    own: usize,
}

impl Default for Holding {
    fn default() -> Self {
        InFlight::default().begin()
    }
}

impl InFlight {
    /// With another bound than the usual one.
    pub fn of(most: usize) -> Self {
        Self { bytes: Rc::default(), most }
    }

    pub fn begin(&self) -> Holding {
        Holding { all: Rc::clone(&self.bytes), most: self.most, own: 0 }
    }

    /// Whether nobody should begin to hold anything.
    pub fn is_full(&self) -> bool {
        self.bytes.get() >= self.most
    }
}

impl Holding {
    /// Takes more if there is room for it beside what others hold; tells whether there was.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        let is_alone = self.all.get() == self.own;
        self.take_if(bytes, is_alone || self.fits(bytes, self.most))
    }

    /// The same for those who can do without: only where half of all stays free.
    #[must_use]
    pub fn take_spare(&mut self, bytes: usize) -> bool {
        self.take_if(bytes, self.fits(bytes, self.most / 2))
    }

    /// Whether it may hold so many in place of what it holds.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.all.get().saturating_sub(self.own).saturating_add(bytes) <= self.most
    }

    /// Holds so many from now on, in place of what it held.
    pub fn hold(&mut self, bytes: usize) {
        self.all.set(self.all.get().saturating_sub(self.own).saturating_add(bytes));
        self.own = bytes;
    }

    /// Another part of the same memory, with nothing in it yet.
    pub fn another(&self) -> Self {
        Self { all: Rc::clone(&self.all), most: self.most, own: 0 }
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

    #[test]
    fn what_is_held_changes_while_it_lasts() {
        let memory = InFlight::of(100);
        let mut first = memory.begin();
        let mut second = first.another();
        first.hold(60);
        assert!(first.has_room(100) && second.has_room(40) && !second.has_room(41));
        second.hold(50);
        assert!(memory.is_full(), "what is there already is counted, fit or not");
        first.hold(10);
        assert!(!memory.is_full() && second.has_room(90));
        drop((first, second));
        assert_eq!(memory.bytes.get(), 0);
    }
}
