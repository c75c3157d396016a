//! Between the quotes of a batch others have their turn, as long as there is memory for what is held meanwhile.

use super::desk::{Desk, sell};

fn turns_of(desk: &Desk, requests: &[String]) -> usize {
    let before = desk.turns();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    desk.batch(&requests);
    desk.turns() - before
}

#[test]
fn every_quote_of_a_batch_but_the_first_lets_others_go_first() {
    let desk = Desk::with_pool(&[], 5);
    let quotes = |count: u32| (1..=count).map(|n| sell(n, "")).collect::<Vec<_>>();
    assert_eq!(turns_of(&desk, &quotes(1)), 0, "a single quote waits for nobody");
    assert_eq!(turns_of(&desk, &quotes(40)), 39);
}

#[test]
fn so_does_every_refusal_and_every_further_read() {
    let desk = Desk::with_pool(&[], 5);
    let refused: Vec<_> = (0..20).map(|n| sell(1_000_000 + n, "")).collect();
    desk.redis.take_reads();
    let turns = turns_of(&desk, &refused);
    let reads = desk.redis.take_reads().len();
    assert!(turns >= 19 + reads - 1, "{turns} turns in {reads} reads");
}

#[test]
fn where_memory_is_short_a_batch_is_answered_in_one_go() {
    let desk = Desk::with_pool(&[], 5);
    let mut others = desk.known.reads.begin();
    assert!(others.take(6_000_000));
    let quotes: Vec<_> = (1..=5).map(|n| sell(n, "")).collect();
    assert_eq!(turns_of(&desk, &quotes), 0);
    drop(others);
    assert_eq!(turns_of(&desk, &quotes), 4);
}
