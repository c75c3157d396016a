//! Whose turn it is, where many want to do the same and only some can at a time.
//!
//! No request may wait for another on Workers, so nobody is woken here: each one that has to wait looks again by a timer of its
//! own, about when its turn should have come.

use std::cell::Cell;
use std::rc::Rc;

/// How many have a turn at a time. More would only wait for each other at Redis, within the time that each has for it.
const AT_ONCE: u64 = 12;
/// How much the last turn counts when it is guessed how long the next ones take.
const WEIGHT: f64 = 0.1;
/// Waits are no shorter and no longer than this.
const WAIT_MS: (f64, f64) = (5.0, 1_000.0);
/// Over about so long it is averaged how many of the turns are taken.
const SHARE_MS: f64 = 1_000.0;

/// The turns of one isolate.
#[derive(Debug, Default)]
pub struct Turns {
    all: Rc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    given: Cell<u64>,
    over: Cell<u64>,
    /// When a turn ended last, and how long it is from one end to the next while others wait.
    ended_ms: Cell<f64>,
    apart_ms: Cell<f64>,
    /// What part of the turns was taken of late, up to then.
    share: Cell<f64>,
    shared_ms: Cell<f64>,
}

impl Shared {
    /// Takes note of how many turns were taken up to now, before that changes.
    fn note(&self, now_ms: f64) {
        let since_ms = now_ms - self.shared_ms.replace(now_ms);
        // A clock that was set back tells nothing.
        if since_ms > 0.0 {
            let held = self.given.get().saturating_sub(self.over.get()).min(AT_ONCE);
            let taken = held as f64 / AT_ONCE as f64;
            let share = self.share.get();
            self.share.set(share + (taken - share) * since_ms / (since_ms + SHARE_MS));
        }
    }
}

/// A place in the line, and the turn itself once it has come. Whoever drops it has had it.
#[derive(Debug)]
pub struct Turn {
    number: u64,
    all: Rc<Shared>,
    /// The clock when it ended, where that is known.
    ended_ms: Cell<Option<f64>>,
}

impl Turns {
    /// The end of the line.
    pub fn line_up(&self, now_ms: f64) -> Turn {
        self.all.note(now_ms);
        let number = self.all.given.get();
        self.all.given.set(number.saturating_add(1));
        Turn { number, all: Rc::clone(&self.all), ended_ms: Cell::new(None) }
    }
}

impl Turn {
    /// How long to wait before the next look; none if the turn has come.
    pub fn wait_ms(&self) -> Option<u32> {
        let before = self.number.checked_sub(self.all.over.get().saturating_add(AT_ONCE - 1))?;
        if before == 0 {
            return None;
        }
        let (least, most) = WAIT_MS;
        Some((before as f64 * self.all.apart_ms.get()).clamp(least, most) as u32)
    }

    /// Ends it; gives what part of all turns was taken of late: 0 if none was, 1 if whoever came had to wait.
    pub fn end(self, now_ms: f64) -> f64 {
        self.all.note(now_ms);
        self.ended_ms.set(Some(now_ms));
        self.all.share.get()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let all = &self.all;
        all.over.set(all.over.get().saturating_add(1));
        let Some(now_ms) = self.ended_ms.get() else { return };
        // Where nobody waits the time between two turns says nothing.
        let is_line = all.given.get().saturating_sub(all.over.get()) > AT_ONCE;
        let apart_ms = (now_ms - all.ended_ms.replace(now_ms)).clamp(0.0, WAIT_MS.1);
        if is_line {
            all.apart_ms.set(all.apart_ms.get() + (apart_ms - all.apart_ms.get()) * WEIGHT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_the_order_of_the_line() {
        let turns = Turns::default();
        let mut line: Vec<Turn> = (0..AT_ONCE + 3).map(|_| turns.line_up(0.0)).collect();
        let ready = |line: &[Turn]| line.iter().filter(|turn| turn.wait_ms().is_none()).count() as u64;
        assert_eq!(ready(&line), AT_ONCE);
        line.remove(0).end(10.0);
        line.remove(0).end(30.0);
        assert_eq!(ready(&line), AT_ONCE);
        assert!(line.last().unwrap().wait_ms().is_some());
        // One that goes away has had its turn.
        drop(line.pop());
        assert_eq!(ready(&line), line.len() as u64);
        line.clear();
        assert_eq!((turns.all.given.get(), turns.all.over.get()), (AT_ONCE + 3, AT_ONCE + 3));
    }

    #[test]
    fn it_is_known_how_many_of_the_turns_are_taken() {
        let turns = Turns::default();
        // A lone look of 20 ms in each 120.
        let lone = (0..100).map(|at| {
            let began_ms = f64::from(at) * 120.0;
            turns.line_up(began_ms).end(began_ms + 20.0)
        });
        let share = lone.fold(0.0, |_, share| share);
        assert!((0.01..0.02).contains(&share), "{share}");
        // Twice as many as have a turn at once, again and again.
        let crowd = (0..200).map(|at| {
            let began_ms = 20_000.0 + f64::from(at) * 25.0;
            let line: Vec<Turn> = (0..AT_ONCE * 2).map(|_| turns.line_up(began_ms)).collect();
            line.into_iter().map(|turn| turn.end(began_ms + 24.0)).last().unwrap()
        });
        let share = crowd.fold(0.0, |_, share| share);
        assert!((0.9..=1.0).contains(&share), "{share}");
        assert!(turns.line_up(60_000.0).end(60_000.0) < 0.05, "it is forgotten while nobody looks");
        assert!(turns.line_up(1_000.0).end(2_000.0).is_finite(), "a clock that was set back");
    }

    #[test]
    fn whoever_stands_far_behind_looks_again_later() {
        let turns = Turns::default();
        let mut line: Vec<Turn> = (0..200).map(|_| turns.line_up(0.0)).collect();
        for at in 1..=60 {
            line.remove(0).end(f64::from(at) * 20.0);
        }
        let near = line[AT_ONCE as usize + 1].wait_ms().unwrap();
        let far = line[100].wait_ms().unwrap();
        assert!(near < far && far <= 1_000, "{near} {far}");
        assert!((10..=60).contains(&near), "{near}");
    }
}
