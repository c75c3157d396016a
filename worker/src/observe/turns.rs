//! Whose turn it is, where many want to do the same and only some can at a time.
//!
//! No request may wait for another on Workers, so nobody is woken here: each one that has to wait looks again by a timer of its
//! own, when its turn should have come. When that is follows from the work in front of it, not from how fast the line moves: a
//! line that is slow because all of it sleeps would stay slow.
//!
//! The clock of Workers stands still while code runs, so nobody can be told what a turn takes: those that line up say what they
//! guess, those that end what they did.

use litemap::LiteMap;
use std::cell::RefCell;
use std::rc::Rc;

/// What part of the time turns take together. The rest is for those who do not line up.
const SHARE: f64 = 0.5;
/// Timers that end later than this on average tell that others wait as well: the machine is slower than guesses say, or busy with
/// something else. Then turns take less, down to a part of their share.
const LATE_MS: f64 = 10.0;
/// A dear turn makes timers late by itself, half of it on average; how much of the dearest one is still known a turn later.
const KEPT: f64 = 0.98;
const LEAST_PART: f64 = 0.25;
/// A line that was idle, or slept too long, makes up for so much of its time at once.
const BURST_MS: f64 = 50.0;
/// How many have a turn at a time: more would only wait for each other at Redis, within the time that each has for it. And how
/// much work theirs is, unless one alone takes more: whoever does not line up waits for so much at most, and twice where it asks
/// Redis.
const AT_ONCE: usize = 12;
const WORK_AT_ONCE_MS: f64 = 16.0;
/// A client's turn counts as so many usual ones at most. Without that bound a dear one would come once where all others together
/// have had as much, among hundreds of cheap ones minutes later.
const DEAREST: f64 = 4.0;
const LEAST_USUAL_MS: f64 = 1.0;
/// How much the last turn counts when it is guessed what the next ones take.
const WEIGHT: f64 = 0.1;
/// Waits are no shorter and no longer than this.
const WAIT_MS: (f64, f64) = (5.0, 1_000.0);
/// Nobody waits longer than this for work that is done already, even if it took far more than was guessed, or the clock was set
/// back since.
const MOST_OWED_MS: f64 = 2_000.0;

/// A request that the platform ended never wakes, and nobody drops what it has: its place is lost where it looks so much too late,
/// and its turn when no look lasts so long.
const LOST_PLACE_MS: f64 = 5_000.0;
const LOST_TURN_MS: f64 = 60_000.0;

/// The turns of one isolate.
#[derive(Debug, Default)]
pub struct Turns {
    line: Rc<RefCell<Line>>,
}

/// A place in the line: how much work comes before it, in microseconds, if all clients are served alike; then the order of asking.
type Rank = (u64, u64);

#[derive(Debug, Default)]
struct Line {
    given: u64,
    /// Who waits, for how much work, and when it looks again.
    waiting: LiteMap<Rank, (f64, Option<f64>)>,
    /// Where the work has come to that was done for each client if all are served alike, and the last place of each that is
    /// further on than that.
    at: u64,
    clients: LiteMap<Rc<str>, u64>,
    /// Turns that are under way, their work as it was guessed, and when they began.
    held: LiteMap<Rank, (f64, f64)>,
    /// Up to when the time for what has begun is over.
    paid_ms: f64,
    /// The work of a turn on average, that of the dearest of late, and how long one lasts with its waits for Redis.
    usual_ms: f64,
    dearest_ms: f64,
    lasts_ms: f64,
    /// How late timers end, on average.
    late_ms: f64,
}

/// A place in the line, and the turn itself once it has come. Whoever drops it has had it.
#[derive(Debug)]
pub struct Turn {
    rank: Rank,
    /// What it counts for its client, in microseconds.
    counted: u64,
    guess_ms: f64,
    /// When it was told to look again.
    looks_at_ms: Option<f64>,
    /// When it began.
    began_ms: Option<f64>,
    line: Rc<RefCell<Line>>,
}

impl Turns {
    /// The end of the client's part of the line, for work of about so long. All clients are served alike, however many turns each
    /// asks for and however much each takes. One that nothing tells from others stands alone.
    pub fn line_up(&self, client: Option<&Rc<str>>, work_ms: f64) -> Turn {
        let mut line = self.line.borrow_mut();
        let counted_ms = work_ms.min(DEAREST * line.usual_ms.max(LEAST_USUAL_MS));
        let counted = (counted_ms * 1_000.0).max(1.0) as u64;
        let rank = line.rank(client, counted);
        line.waiting.insert(rank, (work_ms, None));
        Turn {
            rank,
            counted,
            guess_ms: work_ms,
            looks_at_ms: None,
            began_ms: None,
            line: Rc::clone(&self.line),
        }
    }
}

impl Line {
    /// What part of the time turns may take now.
    fn share(&self) -> f64 {
        let usual_ms = LATE_MS.max(self.dearest_ms / 2.0);
        SHARE * (usual_ms / self.late_ms.max(1.0)).clamp(LEAST_PART, 1.0)
    }

    /// A place at the end of the client's part.
    fn rank(&mut self, client: Option<&Rc<str>>, counted: u64) -> Rank {
        // Places ahead of the line are those of turns that wait.
        match self.waiting.is_empty() {
            true => self.clients.clear(),
            false => self.clients.retain(|_, last| *last > self.at),
        }
        let last = client.and_then(|client| self.clients.get(client).copied()).unwrap_or_default();
        let place = last.max(self.at).saturating_add(counted);
        if let Some(client) = client {
            self.clients.insert(Rc::clone(client), place);
        }
        self.given = self.given.saturating_add(1);
        (place, self.given)
    }

    fn forget_lost(&mut self, now_ms: f64) {
        // Of a clock that was set back nothing follows.
        self.waiting
            .retain(|_, (_, looks_at_ms)| looks_at_ms.is_none_or(|at_ms| now_ms - at_ms < LOST_PLACE_MS));
        self.held.retain(|_, (_, began_ms)| now_ms - *began_ms < LOST_TURN_MS);
    }

    /// Begins a turn if it has come; else gives how long until it should.
    fn begin(&mut self, rank: Rank, counted: u64, work_ms: f64, now_ms: f64) -> Option<f64> {
        self.paid_ms = self.paid_ms.min(now_ms + MOST_OWED_MS);
        self.forget_lost(now_ms);
        let (mut before, mut before_ms, mut dearest_ms) = (0, 0.0, 0.0_f64);
        for (other, (other_ms, _)) in &self.waiting {
            dearest_ms = dearest_ms.max(*other_ms);
            if *other < rank {
                before += 1;
                before_ms += other_ms;
            }
        }
        // Time is there before the work: a dear turn waits for it, a cheap one after a dear one hardly does.
        let share = self.share();
        let own_ms = work_ms / share;
        let spare_ms = (now_ms - self.paid_ms).min(BURST_MS.max(dearest_ms / share));
        let lacks_ms = before_ms / share + own_ms - spare_ms;
        // Whoever is in front may still sleep. Then others go first, if it can all the same begin when it wakes.
        let ahead = self.held.len() + before;
        let held_ms: f64 = self.held.values().map(|(guess_ms, _)| guess_ms).sum();
        let has_room = ahead == 0 || ahead < AT_ONCE && held_ms + before_ms + work_ms <= WORK_AT_ONCE_MS;
        if lacks_ms <= 0.0 && has_room {
            self.waiting.remove(&rank);
            self.held.insert(rank, (work_ms, now_ms));
            // One turn brings all that are in line a part of it further.
            let part = counted / (self.held.len() + self.waiting.len()) as u64;
            self.at = self.at.saturating_add(part).max(rank.0.saturating_sub(counted));
            self.paid_ms = now_ms - spare_ms + own_ms;
            return None;
        }
        let slots = (WORK_AT_ONCE_MS / self.usual_ms).clamp(1.0, AT_ONCE as f64);
        let ends_ms = self.lasts_ms * before as f64 / slots;
        Some(if has_room { lacks_ms } else { lacks_ms.max(ends_ms) })
    }
}

impl Turn {
    /// Begins the turn if it has come; else gives how long to wait before the next look.
    pub fn wait_ms(&mut self, now_ms: f64) -> Option<u32> {
        if self.began_ms.is_some() {
            return None;
        }
        let mut line = self.line.borrow_mut();
        // Whoever comes earlier was woken by something else.
        if let Some(late_ms) =
            self.looks_at_ms.map(|at_ms| now_ms - at_ms).filter(|ms| (0.0..MOST_OWED_MS).contains(ms))
        {
            line.late_ms += (late_ms - line.late_ms) * WEIGHT;
        }
        let Some(wait_ms) = line.begin(self.rank, self.counted, self.guess_ms, now_ms) else {
            self.began_ms = Some(now_ms);
            return None;
        };
        let (least_ms, most_ms) = WAIT_MS;
        let wait_ms = wait_ms.clamp(least_ms, most_ms).ceil();
        self.looks_at_ms = Some(now_ms + wait_ms);
        line.waiting.insert(self.rank, (self.guess_ms, self.looks_at_ms));
        Some(wait_ms as u32)
    }

    /// Ends it: its work took so long.
    pub fn end(self, work_ms: f64, now_ms: f64) {
        let Some(began_ms) = self.began_ms else { return };
        let mut line = self.line.borrow_mut();
        line.paid_ms += (work_ms - self.guess_ms) / line.share();
        let usual_ms = line.usual_ms.max(LEAST_USUAL_MS);
        line.usual_ms = usual_ms + (work_ms.min(DEAREST * usual_ms) - usual_ms) * WEIGHT;
        line.dearest_ms = (line.dearest_ms * KEPT).max(work_ms);
        line.lasts_ms += ((now_ms - began_ms).clamp(0.0, WAIT_MS.1) - line.lasts_ms) * WEIGHT;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut line = self.line.borrow_mut();
        line.waiting.remove(&self.rank);
        line.held.remove(&self.rank);
    }
}

#[cfg(test)]
mod tests;
