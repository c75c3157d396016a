//! How streams get along with each other and with quotes: a machine of one CPU on which their clocks and turns decide who looks.

use std::collections::VecDeque;

use super::pace::Pace;
use crate::observe::{Turn, Turns};

/// How often a market moves: usually, and in a hurry.
const MOVE_MS: u32 = 200;
const HURRY_MS: u32 = 10;
const RUN_MS: u32 = 10_000;
/// Plain quotes come this often, and each takes so much of the CPU.
const QUOTE_MS: u32 = 20;
const QUOTE_CPU_MS: u32 = 1;

/// One look: a wait for Redis, and then work that others wait for.
#[derive(Clone, Copy)]
struct Cost {
    redis_ms: u32,
    cpu_ms: u32,
}

enum Doing {
    /// It has seen what there is to see, or rests.
    Nothing,
    InLine(Turn),
    Looks {
        turn: Turn,
        began_ms: u32,
        redis_ms: u32,
    },
}

struct Stream {
    pace: Pace,
    doing: Doing,
    /// The oldest change that it has not looked at, and that of the look under way.
    unseen_ms: Option<u32>,
    looks_at_ms: Option<u32>,
    /// From a change to its event, the longest one.
    worst_lag_ms: u32,
}

/// What came of it.
#[derive(Debug)]
struct Outcome {
    worst_lag_ms: u32,
    worst_quote_ms: u32,
    idle_ms: u32,
}

/// Has so many streams follow a market for ten seconds; the first second, in which nothing is known yet, does not count.
fn run(streams: usize, cost: Cost, move_ms: u32) -> Outcome {
    let turns = Turns::default();
    let new = || Stream {
        pace: Pace::new(0.0, 60_000, 3_600),
        doing: Doing::Nothing,
        unseen_ms: None,
        looks_at_ms: None,
        worst_lag_ms: 0,
    };
    let mut all: Vec<Stream> = (0..streams).map(|_| new()).collect();
    // Who waits for the CPU: a stream, or a quote with the time at which it came.
    let mut queue: VecDeque<(Result<usize, u32>, u32)> = VecDeque::new();
    let mut outcome = Outcome { worst_lag_ms: 0, worst_quote_ms: 0, idle_ms: 0 };
    for now in 0..RUN_MS {
        let now_ms = f64::from(now);
        if now % move_ms == 0 {
            all.iter_mut().for_each(|stream| stream.unseen_ms = stream.unseen_ms.or(Some(now)));
        }
        if now % QUOTE_MS == 7 {
            queue.push_back((Err(now), QUOTE_CPU_MS));
        }
        for (at, stream) in all.iter_mut().enumerate() {
            stream.doing = match std::mem::replace(&mut stream.doing, Doing::Nothing) {
                Doing::Nothing if stream.unseen_ms.is_some() && !stream.pace.rests(now_ms) => {
                    Doing::InLine(turns.line_up(now_ms))
                }
                Doing::InLine(turn) if turn.wait_ms().is_none() => {
                    stream.looks_at_ms = stream.unseen_ms.take();
                    Doing::Looks { turn, began_ms: now, redis_ms: cost.redis_ms }
                }
                Doing::Looks { turn, began_ms, redis_ms } => {
                    if redis_ms == 1 {
                        queue.push_back((Ok(at), cost.cpu_ms));
                    }
                    Doing::Looks { turn, began_ms, redis_ms: redis_ms.saturating_sub(1) }
                }
                doing => doing,
            };
        }
        let Some((_, left_ms)) = queue.front_mut() else {
            outcome.idle_ms += 1;
            continue;
        };
        *left_ms -= 1;
        if *left_ms > 0 {
            continue;
        }
        match queue.pop_front() {
            Some((Ok(at), _)) => {
                let stream = &mut all[at];
                if let Doing::Looks { turn, began_ms, .. } =
                    std::mem::replace(&mut stream.doing, Doing::Nothing)
                {
                    let crowd = turn.end(now_ms);
                    stream.pace.looked(began_ms.into(), now_ms, crowd);
                }
                let lag_ms = stream.looks_at_ms.map_or(0, |changed_ms| now - changed_ms);
                if now > 1_000 {
                    stream.worst_lag_ms = stream.worst_lag_ms.max(lag_ms);
                }
            }
            Some((Err(came_ms), _)) => outcome.worst_quote_ms = outcome.worst_quote_ms.max(now - came_ms),
            None => {}
        }
    }
    outcome.worst_lag_ms = all.iter().map(|stream| stream.worst_lag_ms).max().unwrap_or_default();
    outcome
}

#[test]
fn a_change_is_told_within_a_quarter_of_a_second_though_looks_are_slow() {
    for (streams, redis_ms) in [(1, 1), (1, 48), (1, 100), (3, 48), (6, 48), (12, 20), (50, 2)] {
        let outcome = run(streams, Cost { redis_ms, cpu_ms: 1 }, MOVE_MS);
        assert!(outcome.worst_lag_ms <= 250, "{streams} streams, {redis_ms} ms: {outcome:?}");
    }
}

#[test]
fn streams_that_take_all_turns_leave_quotes_their_part() {
    let outcome = run(500, Cost { redis_ms: 2, cpu_ms: 2 }, MOVE_MS);
    assert!(outcome.worst_quote_ms <= 50, "{outcome:?}");
    assert!(outcome.worst_lag_ms <= 3_000, "none of them starves: {outcome:?}");
}

#[test]
fn a_market_in_a_hurry_takes_no_more_than_a_part_of_the_machine() {
    for (streams, most_busy) in [(1, 0.15), (3, 0.3), (12, 0.6)] {
        let outcome = run(streams, Cost { redis_ms: 1, cpu_ms: 2 }, HURRY_MS);
        let busy = 1.0 - f64::from(outcome.idle_ms) / f64::from(RUN_MS);
        assert!(busy <= most_busy, "{streams} streams: {busy}");
        assert!(outcome.worst_lag_ms <= 250, "{outcome:?}");
    }
}
