//! Windows that learn: few bins are read, and seldom twice, whatever the market does.

use super::desk::{Desk, sell};

/// Steps of a walk that anybody can repeat: up to `most` bins either way.
fn steps(most: i32) -> impl Iterator<Item = i32> {
    let mut state = 7_u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i32 % (2 * most + 1) - most
    })
}

#[test]
fn a_market_that_moves_each_time_needs_a_second_read_once_in_fifty() {
    for most in [1, 3, 6] {
        let desk = Desk::with_pool(&[], 60);
        let (mut active, mut further, mut keys) = (500_i32, 0, 0);
        for (quote, step) in (0..450).zip(steps(most)) {
            active = (active + step).clamp(300, 700);
            desk.add_pool("P", active as u16, 60);
            desk.redis.wait_ms(200.0);
            // One to six bins of 100 units.
            desk.sell(50 + quote % 6 * 100, "").unwrap();
            let reads = desk.redis.take_reads();
            if quote >= 50 {
                further += reads.len() - 1;
                keys += reads.iter().map(Vec::len).sum::<usize>();
            }
        }
        assert!(further <= 8, "{further} of 400 quotes, with steps up to {most}");
        assert!(keys <= 14_400, "{keys} keys of 400 quotes, with steps up to {most}");
    }
}

#[test]
fn pools_that_are_not_used_are_read_no_further_than_their_active_bin() {
    let desk = Desk::new(&[]);
    for pool in 0..64 {
        desk.add_pool(&format!("P{pool:02}"), 500, 20);
    }
    desk.sell(50, "").unwrap();
    desk.redis.take_reads();
    desk.sell(50, "").unwrap();
    let reads = desk.redis.take_reads();
    // The value, the active bin and one on each side; of the pool that is used a few more.
    assert!(
        reads.len() == 1 && reads[0].len() <= 64 * 4 + 4,
        "{:?}",
        reads.iter().map(Vec::len).collect::<Vec<_>>()
    );
}

#[test]
fn a_limit_that_a_client_sets_makes_no_other_read_less() {
    let desk = Desk::with_pool(&[], 60);
    for _ in 0..300 {
        desk.sell(600, r#","max_bins":1,"allow_partial":true"#).unwrap();
    }
    desk.redis.take_reads();
    desk.sell(600, "").unwrap();
    assert_eq!(desk.redis.take_reads().len(), 1);
    let batch = [sell(600, ""), sell(550, r#","max_bins":1,"allow_partial":true"#)];
    desk.batch(&batch.each_ref().map(String::as_str));
    assert_eq!(desk.redis.take_reads().len(), 1);
}
