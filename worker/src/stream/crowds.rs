//! How streams get along with each other and with quotes: a machine of one CPU on which their clocks and turns decide who looks.
//! Its time is counted in steps of a millisecond. Whoever waits sleeps by its own timer, as on Workers.

use std::collections::VecDeque;
use std::rc::Rc;

use super::pace::Pace;
use crate::observe::{Turn, Turns};

/// How often a market moves: usually, and in a hurry.
const MOVE_MS: u32 = 200;
const HURRY_MS: u32 = 10;
const RUN_MS: u32 = 20_000;
/// Plain quotes come this often, each takes so much of the CPU, and asks Redis in between.
const QUOTE_MS: u32 = 20;
const QUOTE_CPU_MS: u32 = 1;
/// Timers end late.
const LATE_MS: u32 = 1;

/// Streams of one kind: how many clients have how many each, how long a look waits for Redis, and what it then takes of the CPU.
#[derive(Clone, Copy)]
struct Kind {
    clients: usize,
    each: usize,
    redis_ms: u32,
    cpu_ms: u32,
    /// What is guessed of that.
    guess_ms: u32,
}

enum Doing {
    /// It has seen what there is to see.
    Nothing,
    /// Until then, with its place in line if it has one.
    Sleeps(u32, Option<Turn>),
    /// Until the reply of Redis is there.
    Reads(u32, Turn),
    /// What is next stands in the queue of the CPU.
    Queues(Option<Turn>),
}

struct Stream {
    kind: usize,
    client: Rc<str>,
    pace: Pace,
    doing: Doing,
    /// What its last look took, as far as it knows.
    work_ms: f64,
    began_ms: u32,
    /// The oldest change that it has not looked at, and that of the look under way.
    unseen_ms: Option<u32>,
    looks_at_ms: Option<u32>,
    /// From a change to its event, those of the second half.
    lags_ms: Vec<u32>,
}

/// What waits for the CPU.
#[derive(Clone, Copy)]
enum Job {
    /// A stream wakes, which takes nothing.
    Wakes(usize),
    Looks(usize),
    /// A quote that came then, before and after it has asked Redis.
    Comes(u32),
    Quotes(u32),
}

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    /// By kind.
    middle_lag_ms: Vec<u32>,
    worst_lag_ms: Vec<u32>,
    worst_quote_ms: u32,
    /// What part of the time was spent on looks, in the second half.
    share: f64,
}

/// Has streams follow a market that moves at these times. What comes of the first half does not count.
fn run(kinds: &[Kind], moves: impl Fn(u32) -> bool) -> Outcome {
    let turns = Turns::default();
    let stream = |kind: usize, client: usize| Stream {
        kind,
        client: format!("{kind}/{client}").into(),
        pace: Pace::new(0.0, 60_000, 3_600),
        doing: Doing::Nothing,
        work_ms: super::FIRST_MS,
        began_ms: 0,
        unseen_ms: None,
        looks_at_ms: None,
        lags_ms: Vec::new(),
    };
    let clients = kinds.iter().enumerate().flat_map(|(at, kind)| (0..kind.clients).map(move |one| (at, one)));
    let mut all: Vec<Stream> =
        clients.flat_map(|(kind, client)| (0..kinds[kind].each).map(move |_| stream(kind, client))).collect();
    let mut queue: VecDeque<(Job, u32)> = VecDeque::new();
    let mut outcome = Outcome::default();
    let mut looked_ms = 0;
    for now in 0..RUN_MS {
        let counts = now >= RUN_MS / 2;
        if moves(now) {
            all.iter_mut().for_each(|stream| stream.unseen_ms = stream.unseen_ms.or(Some(now)));
        }
        if now % QUOTE_MS == 7 {
            queue.push_back((Job::Comes(now), 0));
        }
        for (at, stream) in all.iter_mut().enumerate() {
            stream.doing = match std::mem::replace(&mut stream.doing, Doing::Nothing) {
                Doing::Nothing if stream.unseen_ms.is_some() => {
                    queue.push_back((Job::Wakes(at), 0));
                    Doing::Queues(None)
                }
                Doing::Sleeps(until, turn) if now >= until => {
                    queue.push_back((Job::Wakes(at), 0));
                    Doing::Queues(turn)
                }
                Doing::Reads(until, turn) if now >= until => {
                    queue.push_back((Job::Looks(at), kinds[stream.kind].cpu_ms));
                    Doing::Queues(Some(turn))
                }
                doing => doing,
            };
        }
        let mut is_free = true;
        while let Some((job, left_ms)) = queue.front_mut() {
            if *left_ms > 0 {
                if !is_free {
                    break;
                }
                is_free = false;
                *left_ms -= 1;
                looked_ms += u32::from(counts && matches!(job, Job::Looks(_)));
            }
            if *left_ms > 0 {
                break;
            }
            let Some((job, _)) = queue.pop_front() else { break };
            match job {
                Job::Wakes(at) => all[at].wakes(&turns, kinds, now),
                Job::Looks(at) => all[at].looked(kinds, now, counts),
                Job::Comes(came) => queue.push_back((Job::Quotes(came), QUOTE_CPU_MS)),
                Job::Quotes(came) if counts => {
                    outcome.worst_quote_ms = outcome.worst_quote_ms.max(now - came)
                }
                Job::Quotes(_) => {}
            }
        }
    }
    outcome.share = f64::from(looked_ms) / f64::from(RUN_MS / 2);
    for kind in 0..kinds.len() {
        let of_kind = || all.iter().filter(|stream| stream.kind == kind);
        let mut lags: Vec<u32> = of_kind().flat_map(|stream| stream.lags_ms.iter().copied()).collect();
        // What nobody looked at until the end is late as well.
        lags.extend(
            of_kind().filter_map(|stream| stream.looks_at_ms.or(stream.unseen_ms)).map(|at| RUN_MS - at),
        );
        lags.sort_unstable();
        outcome.middle_lag_ms.push(lags.get(lags.len() / 2).copied().unwrap_or_default());
        outcome.worst_lag_ms.push(lags.last().copied().unwrap_or_default());
    }
    outcome
}

impl Stream {
    /// Lines up once it has rested, and asks Redis once its turn has come.
    fn wakes(&mut self, turns: &Turns, kinds: &[Kind], now: u32) {
        let now_ms = f64::from(now);
        let turn = match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Queues(Some(turn)) => Some(turn),
            _ if self.pace.rests(now_ms) => None,
            _ => Some(turns.line_up(Some(&self.client), self.work_ms)),
        };
        let Some(mut turn) = turn else {
            let rest_ms = self.pace.idle_ms(now_ms).ceil() as u32;
            self.doing = Doing::Sleeps(now + rest_ms + LATE_MS, None);
            return;
        };
        self.doing = match turn.wait_ms(now_ms) {
            Some(ms) => Doing::Sleeps(now + ms + LATE_MS, Some(turn)),
            None => {
                self.began_ms = now;
                self.looks_at_ms = self.unseen_ms.take();
                Doing::Reads(now + kinds[self.kind].redis_ms, turn)
            }
        };
    }

    fn looked(&mut self, kinds: &[Kind], now: u32, counts: bool) {
        if let Doing::Queues(Some(turn)) = std::mem::replace(&mut self.doing, Doing::Nothing) {
            self.work_ms = kinds[self.kind].guess_ms.into();
            turn.end(self.work_ms, now.into());
        }
        self.pace.looked(self.began_ms.into(), now.into());
        if let Some(changed) = self.looks_at_ms.take().filter(|_| counts) {
            self.lags_ms.push(now - changed);
        }
    }
}

fn usual(now: u32) -> bool {
    now.is_multiple_of(MOVE_MS)
}

/// So many streams, each of another client.
const fn alone(clients: usize, redis_ms: u32, cpu_ms: u32) -> Kind {
    Kind { clients, each: 1, redis_ms, cpu_ms, guess_ms: cpu_ms }
}

#[test]
fn a_change_is_told_within_a_quarter_of_a_second_though_looks_are_slow() {
    for (streams, redis_ms) in [(1, 1), (1, 48), (1, 100), (3, 48), (6, 48), (12, 20), (50, 2)] {
        let outcome = run(&[alone(streams, redis_ms, 1)], usual);
        assert!(outcome.worst_lag_ms[0] <= 250, "{streams} streams, {redis_ms} ms: {outcome:?}");
    }
}

#[test]
fn a_crowd_is_as_fast_as_its_part_of_the_time_allows() {
    for (streams, redis_ms, cpu_ms) in [(500, 2, 2), (200, 20, 3), (100, 20, 4)] {
        let outcome = run(&[alone(streams, redis_ms, cpu_ms)], usual);
        // Half of the time is theirs.
        let round_ms = 2 * streams as u32 * cpu_ms;
        assert!(outcome.share > 0.4 && outcome.share < 0.55, "{streams}, {cpu_ms} ms: {outcome:?}");
        assert!(outcome.middle_lag_ms[0] <= round_ms * 6 / 5 + 100, "{streams}, {cpu_ms} ms: {outcome:?}");
        assert!(outcome.worst_lag_ms[0] <= round_ms * 3 / 2 + 200, "none of them starves: {outcome:?}");
        assert!(outcome.worst_quote_ms <= 60, "{outcome:?}");
    }
}

#[test]
fn a_machine_that_is_slower_than_guesses_say_is_left_to_quotes_all_the_same() {
    for cpu_ms in [4, 8] {
        let slow = Kind { guess_ms: 2, ..alone(500, 2, cpu_ms) };
        let outcome = run(&[slow], usual);
        assert!(outcome.share < 0.9, "{cpu_ms} ms: {outcome:?}");
        assert!(
            outcome.worst_quote_ms <= 60 * cpu_ms / 4 && outcome.worst_lag_ms[0] < RUN_MS / 2,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_crowd_that_redis_holds_up_is_as_fast_as_its_turns_allow() {
    let outcome = run(&[alone(200, 100, 1)], usual);
    // Twelve at a time.
    let round_ms = 200 / 12 * 105;
    assert!(
        outcome.middle_lag_ms[0] <= round_ms * 5 / 4 && outcome.worst_lag_ms[0] <= round_ms * 2,
        "{outcome:?}"
    );
}

#[test]
fn one_change_after_a_quiet_time_reaches_all_of_a_crowd_within_their_work() {
    let outcome = run(&[alone(500, 2, 2)], |now| now == 0 || now == RUN_MS / 2);
    assert!(outcome.worst_lag_ms[0] <= 2_300, "{outcome:?}");
}

#[test]
fn many_dear_streams_of_one_client_hold_others_up_by_one_dear_look_at_most() {
    let dear_ms = 100;
    let dear = Kind { clients: 1, each: 40, redis_ms: 5, cpu_ms: dear_ms, guess_ms: dear_ms };
    let outcome = run(&[dear, alone(5, 5, 2)], usual);
    assert!(outcome.worst_lag_ms[1] <= 250 + dear_ms, "the others: {outcome:?}");
    assert!(outcome.worst_quote_ms <= 2 * dear_ms + 20, "{outcome:?}");
    assert!(outcome.worst_lag_ms[0] <= 40 * 2 * dear_ms * 5 / 4, "nor do these starve: {outcome:?}");
    assert!(outcome.share < 0.6, "{outcome:?}");
}

#[test]
fn many_clients_of_one_dear_stream_each_hold_a_cheap_one_up_little() {
    let outcome = run(&[alone(40, 5, 100), alone(1, 5, 2)], usual);
    assert!(outcome.worst_lag_ms[1] <= 450, "{outcome:?}");
}

#[test]
fn a_dear_stream_among_hundreds_of_cheap_ones_does_not_starve() {
    let outcome = run(&[alone(1, 2, 100), alone(400, 2, 1)], usual);
    let round_ms = 2 * 400;
    assert!(outcome.worst_lag_ms[0] <= 5 * round_ms, "{outcome:?}");
    assert!(outcome.worst_lag_ms[1] <= 2 * round_ms, "{outcome:?}");
}

#[test]
fn a_market_in_a_hurry_takes_no_more_than_a_part_of_the_machine() {
    for (streams, most_share) in [(1, 0.1), (3, 0.3), (12, 0.55)] {
        let outcome = run(&[alone(streams, 1, 2)], |now| now.is_multiple_of(HURRY_MS));
        assert!(outcome.share <= most_share, "{streams} streams: {outcome:?}");
        assert!(outcome.worst_lag_ms[0] <= 250, "{outcome:?}");
    }
}
