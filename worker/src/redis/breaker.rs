//! Stops asking a Redis that does not answer, and finds out when it does again.
//!
//! Closed, every call goes out. After a number of calls in a row that found no Redis it opens: calls are refused at
//! once, so that clients do not wait for what will not come and Redis can get up without a crowd. After the
//! cool-down one call goes out as a probe, and what becomes of it decides. No call waits for another.
//!
//! It counts calls, not tries: a blip that the retries of a call get over opens nothing.

use std::cell::Cell;

use serde::Serialize;

/// When to stop asking and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Calls in a row without an answer after which it opens; 0: never.
    pub faults: u32,
    /// How long it stays open before a probe.
    pub cool_down_ms: u32,
}

/// The breaker of one isolate. Holds `Cell`s only, so interleaved requests may share it.
#[derive(Debug)]
pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: Cell<State>,
    opened: Cell<u64>,
    refused: Cell<u64>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Calls go out; so many in a row found no Redis.
    Closed { faults: u32 },
    /// Calls are refused until then.
    Open { until_ms: f64 },
    /// One call is out to see. If nothing is heard of it until its own deadline, another may go.
    Probing { until_ms: f64 },
}

/// Leave to send. What became of the call goes to [`Breaker::settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Usual,
    Probe,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Redis, or the service in front of it, gave an answer of its own, be it a refusal.
    Answered,
    /// Time ran out, or nothing that could serve was reached.
    NoAnswer,
    /// The call was given up for reasons that are not Redis'.
    Abandoned,
}

/// What operators are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BreakerReport {
    /// `closed`, `open`, or `probing` while one call finds out.
    pub state: &'static str,
    /// Calls in a row without an answer so far; counted while it is closed.
    pub faults: u32,
    /// Times it opened since the isolate started.
    pub opened: u64,
    /// Calls it refused.
    pub refused: u64,
}

impl Breaker {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            state: Cell::new(State::Closed { faults: 0 }),
            opened: Cell::new(0),
            refused: Cell::new(0),
        }
    }

    /// Leave to send a call that has `left_ms` to finish, or the milliseconds after which to ask again.
    pub(super) fn admit(&self, now_ms: f64, left_ms: u32) -> Result<Leave, u32> {
        match self.state.get() {
            State::Closed { .. } => Ok(Leave::Usual),
            State::Open { until_ms } if now_ms < until_ms => Err(self.refuse(until_ms - now_ms)),
            State::Probing { until_ms } if now_ms < until_ms => Err(self.refuse(until_ms - now_ms)),
            State::Open { .. } | State::Probing { .. } => {
                self.state.set(State::Probing { until_ms: now_ms + f64::from(left_ms) });
                Ok(Leave::Probe)
            }
        }
    }

    /// Whether calls are refused, so that a call between two tries gives up, too.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state.get(), State::Closed { .. })
    }

    /// Learns what became of a call.
    pub(super) fn settle(&self, leave: Leave, fate: Fate, now_ms: f64) {
        match (fate, self.state.get()) {
            // An answer is an answer, even one to a call from before it opened.
            (Fate::Answered, _) => self.state.set(State::Closed { faults: 0 }),
            (Fate::NoAnswer, State::Closed { faults }) => {
                let faults = faults.saturating_add(1);
                if (1..=faults).contains(&self.policy.faults) {
                    self.opened.set(self.opened.get().saturating_add(1));
                    self.open(now_ms);
                } else {
                    self.state.set(State::Closed { faults });
                }
            }
            (Fate::NoAnswer, _) if leave == Leave::Probe => self.open(now_ms),
            // The probe told nothing, so the next call may be one.
            (Fate::Abandoned, State::Probing { .. }) if leave == Leave::Probe => {
                self.state.set(State::Open { until_ms: now_ms });
            }
            // Calls from before it opened say nothing new.
            (Fate::NoAnswer | Fate::Abandoned, _) => {}
        }
    }

    pub(super) fn report(&self) -> BreakerReport {
        let (state, faults) = match self.state.get() {
            State::Closed { faults } => ("closed", faults),
            State::Open { .. } => ("open", self.policy.faults),
            State::Probing { .. } => ("probing", self.policy.faults),
        };
        BreakerReport { state, faults, opened: self.opened.get(), refused: self.refused.get() }
    }

    fn open(&self, now_ms: f64) {
        self.state.set(State::Open { until_ms: now_ms + f64::from(self.policy.cool_down_ms) });
    }

    fn refuse(&self, wait_ms: f64) -> u32 {
        self.refused.set(self.refused.get().saturating_add(1));
        // A probe may take its whole deadline, but usually an answer is there much sooner.
        (wait_ms.ceil() as u32).min(self.policy.cool_down_ms).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOL_DOWN: u32 = 2_000;

    fn breaker(faults: u32) -> Breaker {
        Breaker::new(BreakerPolicy { faults, cool_down_ms: COOL_DOWN })
    }

    /// A call at this time with this fate; the wait if it was refused.
    fn call(breaker: &Breaker, now_ms: f64, fate: Fate) -> Result<Leave, u32> {
        let leave = breaker.admit(now_ms, 500)?;
        breaker.settle(leave, fate, now_ms);
        Ok(leave)
    }

    fn opened_at(now_ms: f64) -> Breaker {
        let breaker = breaker(2);
        for _ in 0..2 {
            assert_eq!(call(&breaker, now_ms, Fate::NoAnswer), Ok(Leave::Usual));
        }
        breaker
    }

    #[test]
    fn opens_after_faults_in_a_row_and_says_how_long() {
        let breaker = opened_at(100.0);
        assert_eq!(breaker.admit(100.0, 500), Err(COOL_DOWN));
        assert_eq!(breaker.admit(1_600.5, 500), Err(500), "rounded up");
        let report = breaker.report();
        assert_eq!((report.state, report.faults, report.opened, report.refused), ("open", 2, 1, 2));
    }

    #[test]
    fn an_answer_in_between_begins_the_count_anew() {
        let breaker = breaker(3);
        for fate in [Fate::NoAnswer, Fate::NoAnswer, Fate::Answered, Fate::NoAnswer, Fate::NoAnswer] {
            assert_eq!(call(&breaker, 0.0, fate), Ok(Leave::Usual));
        }
        assert_eq!((breaker.report().state, breaker.report().faults), ("closed", 2));
    }

    #[test]
    fn one_probe_goes_out_after_the_cool_down_and_a_good_one_closes() {
        let breaker = opened_at(0.0);
        assert_eq!(breaker.admit(1_999.0, 500), Err(1));
        assert_eq!(breaker.admit(2_000.0, 500), Ok(Leave::Probe));
        assert_eq!(breaker.admit(2_100.0, 500), Err(400), "one at a time");
        assert_eq!(breaker.report().state, "probing");
        breaker.settle(Leave::Probe, Fate::Answered, 2_200.0);
        assert_eq!(breaker.admit(2_200.0, 500), Ok(Leave::Usual));
        assert_eq!((breaker.report().state, breaker.report().opened), ("closed", 1));
    }

    #[test]
    fn a_failed_probe_starts_the_cool_down_again() {
        let breaker = opened_at(0.0);
        assert_eq!(call(&breaker, 2_000.0, Fate::NoAnswer), Ok(Leave::Probe));
        assert_eq!(breaker.admit(3_999.0, 500), Err(1));
        assert_eq!(breaker.admit(4_000.0, 500), Ok(Leave::Probe));
        assert_eq!(breaker.report().opened, 1, "it never closed in between");
    }

    #[test]
    fn a_probe_that_is_never_heard_of_again_blocks_no_longer_than_its_deadline() {
        let breaker = opened_at(0.0);
        assert_eq!(breaker.admit(2_000.0, 500), Ok(Leave::Probe));
        assert_eq!(breaker.admit(2_499.0, 500), Err(1));
        assert_eq!(breaker.admit(2_500.0, 500), Ok(Leave::Probe));
    }

    #[test]
    fn a_probe_whose_client_left_makes_way_for_the_next() {
        let breaker = opened_at(0.0);
        assert_eq!(call(&breaker, 2_000.0, Fate::Abandoned), Ok(Leave::Probe));
        assert_eq!(breaker.admit(2_000.0, 500), Ok(Leave::Probe));
    }

    #[test]
    fn calls_from_before_it_opened_tell_of_answers_only() {
        let breaker = opened_at(0.0);
        breaker.settle(Leave::Usual, Fate::NoAnswer, 1_500.0);
        breaker.settle(Leave::Usual, Fate::Abandoned, 1_500.0);
        assert_eq!(breaker.admit(2_000.0, 500), Ok(Leave::Probe), "the cool-down was not prolonged");
        breaker.settle(Leave::Usual, Fate::NoAnswer, 2_100.0);
        assert_eq!(breaker.report().state, "probing", "the probe decides");
        breaker.settle(Leave::Usual, Fate::Answered, 2_200.0);
        assert_eq!(breaker.report().state, "closed");
    }

    #[test]
    fn leaving_clients_are_no_faults() {
        let breaker = breaker(1);
        for _ in 0..9 {
            assert_eq!(call(&breaker, 0.0, Fate::Abandoned), Ok(Leave::Usual));
        }
        assert_eq!(breaker.report().faults, 0);
    }

    #[test]
    fn zero_faults_switch_it_off() {
        let breaker = breaker(0);
        for _ in 0..1_000 {
            assert_eq!(call(&breaker, 0.0, Fate::NoAnswer), Ok(Leave::Usual));
        }
        assert_eq!(breaker.report().opened, 0);
    }
}
