//! Lines in which each one is asked by hand; many that sleep are in `stream::crowds`.

use super::*;

fn client(name: &str) -> Option<Rc<str>> {
    Some(name.into())
}

fn line_up(turns: &Turns, name: &str, work_ms: f64) -> Turn {
    turns.line_up(client(name).as_ref(), work_ms)
}

#[test]
fn whoever_comes_to_an_idle_line_has_its_turn_at_once_however_dear() {
    let turns = Turns::default();
    for (now_ms, work_ms) in [(1e12, 2.0), (1e12 + 1_000.0, 300.0), (1e12 + 2_000.0, 1.0)] {
        let mut turn = line_up(&turns, "a", work_ms);
        assert_eq!(turn.wait_ms(now_ms), None, "{work_ms}");
        turn.end(work_ms, now_ms + 5.0);
    }
}

#[test]
fn turns_are_as_many_at_a_time_as_their_work_allows() {
    for (work_ms, at_once) in [(1.0, 12), (5.0, 3), (20.0, 1), (500.0, 1)] {
        let turns = Turns::default();
        let mut line: Vec<Turn> = (0..40).map(|_| turns.line_up(None, work_ms)).collect();
        let mut count = 0;
        // However long it goes on: none of them ends.
        for now in 0..10_000 {
            count += line
                .iter_mut()
                .filter_map(|turn| turn.began_ms.is_none().then(|| turn.wait_ms(now.into())))
                .filter(Option::is_none)
                .count();
        }
        assert_eq!(count, at_once, "{work_ms}");
    }
}

#[test]
fn what_a_turn_took_is_paid_for_by_those_behind_it() {
    let turns = Turns::default();
    let (mut first, mut second) = (turns.line_up(None, 2.0), turns.line_up(None, 2.0));
    assert_eq!(first.wait_ms(1e6), None);
    first.end(202.0, 1e6);
    let wait_ms = second.wait_ms(1e6).unwrap();
    assert!((350..=404).contains(&wait_ms), "{wait_ms}");
    assert_eq!(second.wait_ms(1e6 + f64::from(wait_ms)), None, "and it is right about when its turn comes");
    second.end(1.0, 2e6);
    // What was guessed too high comes back.
    let mut third = turns.line_up(None, 500.0);
    assert_eq!(third.wait_ms(2e6), None);
    third.end(1.0, 2e6);
    assert_eq!(turns.line_up(None, 2.0).wait_ms(2e6 + 3.0), None);
}

#[test]
fn whoever_stands_far_behind_looks_again_later() {
    let turns = Turns::default();
    let mut line: Vec<Turn> = (0..400).map(|_| turns.line_up(None, 2.0)).collect();
    let begun = line.iter_mut().map(|turn| turn.wait_ms(1e6)).filter(Option::is_none).count();
    assert_eq!(begun, 8);
    line.drain(..begun).for_each(|turn| turn.end(2.0, 1e6));
    let waits = [5, 50, 387].map(|at| line[at].wait_ms(1e6).unwrap());
    assert_eq!(waits, [6, 186, 1_000], "by the work in front");
}

#[test]
fn clients_have_turns_alike_whatever_each_asks_for() {
    let turns = Turns::default();
    let mut waiting: Vec<(char, Turn)> = Vec::new();
    for (name, many) in [('a', 40), ('b', 2), ('c', 1)] {
        waiting.extend((0..many).map(|_| (name, line_up(&turns, &name.to_string(), 2.0))));
    }
    let (mut now_ms, mut order) = (1e6, String::new());
    while order.len() < 7 {
        now_ms += 1.0;
        let at = waiting.iter_mut().position(|(_, turn)| turn.wait_ms(now_ms).is_none());
        if let Some((name, turn)) = at.map(|at| waiting.swap_remove(at)) {
            order.push(name);
            turn.end(2.0, now_ms);
        }
    }
    let of = |name| order.matches(name).count();
    assert_eq!((of('b'), of('c')), (2, 1), "{order}");
}

#[test]
fn whoever_goes_away_leaves_nothing_behind() {
    let turns = Turns::default();
    let mut line: Vec<Turn> =
        (0..50).map(|at| line_up(&turns, &at.to_string(), 0.1 * f64::from(at))).collect();
    assert!(line.iter_mut().any(|turn| turn.wait_ms(1e6).is_none()));
    drop(line);
    let mut turn = line_up(&turns, "z", 2.0);
    let line = turns.line.borrow();
    assert_eq!((line.waiting.len(), line.clients.len(), line.held.len()), (1, 1, 0));
    drop(line);
    assert_eq!(turn.wait_ms(2e6), None);
}

#[test]
fn what_is_known_of_clients_stays_small_though_new_ones_come_all_the_time() {
    let turns = Turns::default();
    let mut line: Vec<Turn> = (0..20).map(|at| line_up(&turns, &at.to_string(), 2.0)).collect();
    let mut now_ms = 1e6;
    for at in 20..5_000 {
        let next = loop {
            now_ms += 1.0;
            if let Some(next) = line.iter_mut().position(|turn| turn.wait_ms(now_ms).is_none()) {
                break next;
            }
        };
        line.swap_remove(next).end(2.0, now_ms);
        line.push(line_up(&turns, &at.to_string(), 2.0));
    }
    assert!(turns.line.borrow().clients.len() < 200, "{}", turns.line.borrow().clients.len());
}

#[test]
fn a_clock_that_was_set_back_holds_nobody_up_for_long() {
    let turns = Turns::default();
    let mut first = turns.line_up(None, 2.0);
    assert_eq!(first.wait_ms(1e12), None);
    first.end(2.0, 1e12);
    let mut second = turns.line_up(None, 2.0);
    assert!(second.wait_ms(1_000.0).is_some());
    let waits = (1..).map(|at| second.wait_ms(1_000.0 + f64::from(at) * 100.0));
    let waited = waits.take_while(Option::is_some).count() as f64 * 100.0;
    assert!(waited <= MOST_OWED_MS + 200.0, "{waited}");
}

#[test]
fn timers_that_end_late_slow_the_line_down_until_they_do_not_any_more() {
    let turns = Turns::default();
    let share_after = |late_ms: f64, from_ms: f64| {
        let mut now_ms = from_ms;
        for _ in 0..200 {
            let mut turn = turns.line_up(None, 2.0);
            while let Some(ms) = turn.wait_ms(now_ms) {
                now_ms += f64::from(ms) + late_ms;
            }
            turn.end(2.0, now_ms);
        }
        turns.line.borrow().share()
    };
    let shares =
        [(1.0, 1e6), (500.0, 2e6), (1.0, 3e6)].map(|(late_ms, from_ms)| share_after(late_ms, from_ms));
    assert_eq!(shares, [SHARE, SHARE * LEAST_PART, SHARE]);
}

#[test]
fn what_the_platform_ended_holds_nobody_up_for_long() {
    let turns = Turns::default();
    // Never dropped, as of requests whose context is gone.
    let mut under_way: Vec<Turn> = (0..12).map(|_| turns.line_up(None, 1.0)).collect();
    assert!(under_way.iter_mut().all(|turn| turn.wait_ms(1e6).is_none()));
    let mut in_line: Vec<Turn> = (0..100).map(|_| turns.line_up(None, 10.0)).collect();
    assert!(in_line.iter_mut().all(|turn| turn.wait_ms(1e6).is_some()));
    let begins = |now_ms: f64| {
        let mut turn = turns.line_up(None, 1.0);
        turn.wait_ms(now_ms).is_none()
    };
    assert!(!begins(1e6 + 59_000.0), "turns may still be under way");
    assert!(begins(1e6 + 61_000.0));
    // One that was only late goes on where it was.
    assert_eq!(in_line[0].wait_ms(1e6 + 61_001.0), None);
    drop((under_way, in_line));
    assert!(begins(1e6 + 62_000.0));
}
