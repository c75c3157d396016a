//! How much of an isolate's memory large work may take together, and whose turn it is where it is full.
//!
//! The memory of wasm grows and never shrinks, so the worst moment decides: all bounds together, and what one answer takes while it
//! is written.

use litemap::LiteMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Where nobody says otherwise.
#[cfg(test)]
const MAX_BYTES: usize = 12_000_000;
/// Whoever waits looks again after so long for each that is in front, in milliseconds, and after this at the latest.
const LOOK_MS: f64 = 4.0;
const LATEST_LOOK_MS: f64 = 40.0;
/// A request that the platform ended never wakes: its place is lost where it looks so much too late.
const LOST_MS: f64 = 5_000.0;

/// Bytes that requests of one isolate hold over their reads, or streams for as long as they last.
#[derive(Debug)]
pub struct InFlight {
    line: Rc<RefCell<Line>>,
    most: usize,
}

#[derive(Debug, Default)]
struct Line {
    bytes: usize,
    given: u64,
    /// Who waits for room, in order, and when each looks again.
    waiting: LiteMap<u64, f64>,
}

#[cfg(test)]
impl Default for InFlight {
    fn default() -> Self {
        Self::of(MAX_BYTES)
    }
}

/// The part of one request, given back when it is dropped.
#[derive(Debug)]
pub struct Holding {
    line: Rc<RefCell<Line>>,
    most: usize,
    own: usize,
}

impl Default for Holding {
    /// A part of a memory of its own.
    fn default() -> Self {
        InFlight::of(usize::MAX).begin()
    }
}

/// A place in the line of those who wait for room.
#[derive(Debug)]
pub struct Waiting {
    rank: u64,
    line: Rc<RefCell<Line>>,
    most: usize,
}

impl InFlight {
    /// With another bound than the usual one.
    pub fn of(most: usize) -> Self {
        Self { line: Rc::default(), most }
    }

    pub fn begin(&self) -> Holding {
        Holding { line: Rc::clone(&self.line), most: self.most, own: 0 }
    }

    /// The end of the line. Nobody wakes those who wait: on Workers no request may wait for another, so each looks again by a
    /// timer of its own.
    pub fn line_up(&self) -> Waiting {
        let mut line = self.line.borrow_mut();
        line.given += 1;
        let rank = line.given;
        line.waiting.insert(rank, f64::INFINITY);
        Waiting { rank, line: Rc::clone(&self.line), most: self.most }
    }

    /// Whether nobody should begin to hold anything.
    pub fn is_full(&self) -> bool {
        self.line.borrow().bytes >= self.most
    }
}

impl Waiting {
    /// Gives so many bytes if nobody waits in front and there is room for them beside what others hold, or nobody holds anything;
    /// else after how many milliseconds to look again.
    ///
    /// # Errors
    /// That time.
    pub fn look(&self, bytes: usize, now_ms: f64) -> Result<Holding, u32> {
        let mut line = self.line.borrow_mut();
        // Of a clock that was set back nothing follows.
        line.waiting.retain(|_, looks_at_ms| now_ms - *looks_at_ms < LOST_MS);
        let before = line.waiting.keys().filter(|rank| **rank < self.rank).count();
        let fits = line.bytes == 0 || line.bytes.saturating_add(bytes) <= self.most;
        if before > 0 || !fits {
            let wait_ms = (LOOK_MS * (before + 1) as f64).min(LATEST_LOOK_MS);
            line.waiting.insert(self.rank, now_ms + wait_ms);
            return Err(wait_ms as u32);
        }
        line.waiting.remove(&self.rank);
        line.bytes = line.bytes.saturating_add(bytes);
        drop(line);
        Ok(Holding { line: Rc::clone(&self.line), most: self.most, own: bytes })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.line.borrow_mut().waiting.remove(&self.rank);
    }
}

impl Holding {
    /// Takes more if there is room for it beside what others hold; tells whether there was.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        self.take_if(bytes, self.is_alone() || self.fits(bytes, self.most))
    }

    /// Whether nobody else holds anything.
    pub fn is_alone(&self) -> bool {
        self.line.borrow().bytes == self.own
    }

    /// Takes what it lacks to hold so many; tells whether there was room.
    #[must_use]
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        self.take(bytes.saturating_sub(self.own))
    }

    /// Takes more for those who can do without: only where half of all stays free, and nobody waits.
    #[must_use]
    pub fn take_spare(&mut self, bytes: usize) -> bool {
        let is_spare = self.line.borrow().waiting.is_empty() && self.fits(bytes, self.most / 2);
        self.take_if(bytes, is_spare)
    }

    /// Whether it may hold so many in place of what it holds.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.line.borrow().bytes.saturating_sub(self.own).saturating_add(bytes) <= self.most
    }

    /// Holds so many from now on, in place of what it held.
    pub fn hold(&mut self, bytes: usize) {
        let mut line = self.line.borrow_mut();
        line.bytes = line.bytes.saturating_sub(self.own).saturating_add(bytes);
        self.own = bytes;
    }

    /// Another part of the same memory, with nothing in it yet.
    pub fn another(&self) -> Self {
        Self { line: Rc::clone(&self.line), most: self.most, own: 0 }
    }

    fn fits(&self, bytes: usize, limit: usize) -> bool {
        self.line.borrow().bytes.saturating_add(bytes) <= limit
    }

    fn take_if(&mut self, bytes: usize, fits: bool) -> bool {
        if fits {
            self.hold(self.own.saturating_add(bytes));
        }
        fits
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.hold(0);
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
        assert_eq!(memory.line.borrow().bytes, 0);
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
        assert_eq!(memory.line.borrow().bytes, 0);
    }

    #[test]
    fn room_is_given_in_the_order_of_asking() {
        let memory = InFlight::of(100);
        let first = memory.line_up().look(80, 0.0).unwrap();
        let (large, small) = (memory.line_up(), memory.line_up());
        assert!(large.look(50, 0.0).is_err());
        assert!(small.look(10, 0.0).is_err(), "there is room, but another one is in front");
        let mut other = memory.begin();
        assert!(!other.take_spare(1), "nor is anything spare while somebody waits");
        drop(first);
        let held = large.look(50, 1.0).unwrap();
        assert!(small.look(10, 1.0).is_ok());
        drop((held, other));
        assert!(memory.line_up().look(1_000, 2.0).is_ok(), "one alone may hold anything");
        assert_eq!(memory.line.borrow().bytes, 0);
        assert!(memory.line.borrow().waiting.len() <= 2);
    }

    #[test]
    fn who_never_looks_again_holds_nobody_up_for_long() {
        let memory = InFlight::of(100);
        let held = memory.line_up().look(80, 0.0).unwrap();
        let (gone, next) = (memory.line_up(), memory.line_up());
        assert!(gone.look(50, 0.0).is_err());
        drop(held);
        assert!(next.look(50, LOST_MS / 2.0).is_err());
        assert!(next.look(50, LOST_MS + LATEST_LOOK_MS).is_ok());
        drop(memory.line_up());
        drop(gone);
        drop(next);
        assert!(memory.line.borrow().waiting.is_empty());
    }
}
