//! Requests that take nothing on trust.

use super::desk::{Desk, bin_value, code, codes};
use super::memory::Stored;

const STRICT: &str = r#","strict":true"#;

#[test]
fn it_waits_for_the_look_at_keys_that_gave_no_value() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.redis.put("bin:Q:500", Stored::Hash([("a".to_owned(), "b".to_owned())].into()));
    assert_eq!(code(&desk.sell(5, STRICT).unwrap_err()), "STATE_INVALID");
    assert_eq!(codes(&desk.sell(5, "").unwrap()), ["POOL_SKIPPED"], "and others know it from then on");
}

#[test]
fn keys_that_were_just_found_sound_are_not_looked_at_again() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.remove("bin:P:499");
    let types = |desk: &Desk| {
        let commands = desk.redis.take_commands();
        commands.iter().filter(|command| command[0] == "TYPE").count()
    };
    desk.sell(150, STRICT).unwrap();
    assert!(types(&desk) > 0);
    desk.sell(150, STRICT).unwrap();
    assert_eq!(types(&desk), 0);
    desk.redis.wait_ms(2_000.0);
    desk.sell(150, STRICT).unwrap();
    assert!(types(&desk) > 0);
}

#[test]
fn a_contradiction_that_a_second_read_does_not_show_is_no_refusal() {
    let desk = Desk::with_pool(&[], 5);
    // A producer amid its writes: the bin below the active one still holds X.
    let amid = r#"{"bin_id":499,"reserve_x":"100","reserve_y":"100","price_e8":"100000000"}"#;
    desk.redis.set("bin:P:499", amid);
    desk.redis.after_bins(|values| {
        values.insert("bin:P:499".to_owned(), Stored::Text(bin_value(499, 500).to_string()));
    });
    assert_eq!(desk.sell(150, STRICT).unwrap().amount_out, 150);
    assert_eq!(desk.redis.take_reads().len(), 2);
    desk.redis.set("bin:P:499", amid);
    assert_eq!(code(&desk.sell(150, STRICT).unwrap_err()), "STATE_INVALID");
    assert_eq!(desk.redis.take_reads().len(), 2, "seen twice, it is believed");
    assert!(codes(&desk.sell(150, "").unwrap()).contains(&"STATE_SUSPECT"));
}

#[test]
fn what_cannot_be_looked_at_is_not_vouched_for() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.remove("bin:P:499");
    desk.sell(150, "").unwrap();
    desk.redis.wait_ms(5_000.0);
    let redis = desk.redis.clone();
    desk.redis.after_bins(move |_| redis.go_down());
    assert_eq!(code(&desk.sell(150, STRICT).unwrap_err()), "REDIS_UNAVAILABLE");
}
