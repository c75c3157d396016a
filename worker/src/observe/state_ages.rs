//! How old the state was that this isolate saw last: what `/metrics` tells of it.

use std::cell::Cell;

/// Half of the time for which an age is told: long enough for any usual scrape to see it.
const SLOT_MS: f64 = 60_000.0;

/// The worst ages of the current and of the last minute.
#[derive(Debug, Default)]
pub struct StateAges {
    current: Cell<Option<Slot>>,
    last: Cell<Option<Slot>>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    number: u64,
    worst_ms: u64,
}

impl StateAges {
    /// Takes note of the age of a pool that a quote used, or would have.
    pub fn note(&self, age_ms: u64, now_ms: f64) {
        let number = slot(now_ms);
        let worst_ms = match self.current.get() {
            Some(current) if current.number == number => age_ms.max(current.worst_ms),
            current => {
                self.last.set(current);
                age_ms
            }
        };
        self.current.set(Some(Slot { number, worst_ms }));
    }

    /// The worst of them; `None` where nothing was quoted lately.
    pub fn worst_ms(&self, now_ms: f64) -> Option<u64> {
        let since = slot(now_ms).saturating_sub(1);
        let recent = [self.current.get(), self.last.get()].into_iter().flatten();
        recent.filter(|slot| slot.number >= since).map(|slot| slot.worst_ms).max()
    }
}

fn slot(now_ms: f64) -> u64 {
    (now_ms / SLOT_MS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_age_is_told_for_a_minute_or_two() {
        let ages = StateAges::default();
        assert_eq!(ages.worst_ms(0.0), None);
        ages.note(5_000, 600_000.0);
        ages.note(300, 600_001.0);
        assert_eq!(ages.worst_ms(600_002.0), Some(5_000));
        ages.note(400, 660_000.0);
        assert_eq!(ages.worst_ms(719_999.0), Some(5_000), "the minute before counts");
        assert_eq!(ages.worst_ms(720_000.0), Some(400));
        assert_eq!(ages.worst_ms(780_000.0), None, "nothing was quoted since");
        ages.note(7, 900_000.0);
        assert_eq!(ages.worst_ms(900_000.0), Some(7), "however long ago the others were");
    }
}
