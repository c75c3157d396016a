//! Looks of streams that a change has woken: the first one reads, the others take what it has read.

use super::desk::{Desk, bin_value, pool_value, sell};
use super::memory::Stored;
use crate::market::rounds::{Loaded, quote_from_redis};
use dlmm_core::api::request_from_json;

/// A look of a stream that was told of changes up to this count; what it read may be another's.
fn look(desk: &Desk, told: Option<u64>, fields: &str) -> Loaded {
    let request = request_from_json(&sell(5, fields)).unwrap();
    desk.on_counted_market(async |market| {
        market.redis.counting().unwrap().share_from(told);
        quote_from_redis(market, &request).await.unwrap()
    })
}

/// Writes a bin with the count of the change, as a producer does.
fn write(desk: &Desk, seq: u64, price: u32) {
    let mut bin = bin_value(500, 500);
    bin["price_e8"] = format!("{price}00000000").into();
    desk.redis.set("bin:P:500", bin);
    let fields = [("seq", seq.to_string()), ("block_height", "1".to_owned())];
    desk.redis.put("metadata", Stored::Hash(fields.map(|(name, text)| (name.to_owned(), text)).into()));
}

fn reads(desk: &Desk) -> usize {
    desk.redis.take_reads().len()
}

#[test]
fn a_change_is_read_once_for_all_who_were_told_of_it() {
    let desk = Desk::with_pool(&[], 5);
    write(&desk, 7, 1);
    look(&desk, None, "");
    reads(&desk);
    write(&desk, 8, 2);
    let first = look(&desk, Some(8), "");
    assert_eq!(reads(&desk), 1);
    for _ in 0..3 {
        let other = look(&desk, Some(8), "");
        assert_eq!(other.answer.quote.amount_out, first.answer.quote.amount_out);
    }
    assert_eq!(reads(&desk), 0);
    assert_eq!(first.answer.quote.amount_out, 10);
    // The next change is in no read before it.
    write(&desk, 9, 3);
    assert_eq!((look(&desk, Some(9), "").answer.quote.amount_out, reads(&desk)), (15, 1));
}

#[test]
fn whoever_was_told_of_nothing_or_asks_for_more_reads_anew() {
    let desk = Desk::with_pool(&[], 5);
    // As new as can be for as long as this takes.
    let mut pool = pool_value("P", 500);
    pool["last_updated"] = "2027-01-15T08:00:01Z".into();
    desk.redis.set("pool:P", pool);
    write(&desk, 7, 1);
    look(&desk, None, "");
    reads(&desk);
    look(&desk, None, "");
    assert_eq!(reads(&desk), 1, "a poll sees what nobody told");
    for fields in [r#","strict":true"#, r#","include_state":true"#, r#","min_block_height":0"#] {
        look(&desk, Some(7), fields);
        assert_eq!(reads(&desk), 1, "{fields}");
    }
    look(&desk, Some(7), r#","max_age_ms":100"#);
    assert_eq!(reads(&desk), 0);
    desk.redis.wait_ms(101.0);
    look(&desk, Some(7), r#","max_age_ms":100"#);
    assert_eq!(reads(&desk), 1, "younger than what was read");
    desk.redis.wait_ms(250.0);
    look(&desk, Some(7), "");
    assert_eq!(reads(&desk), 0);
    desk.redis.wait_ms(1.0);
    look(&desk, Some(7), "");
    assert_eq!(reads(&desk), 1, "and nothing is kept for long");
}

#[test]
fn what_was_read_of_other_bins_or_by_another_list_is_another_read() {
    let desk = Desk::with_pool(&[], 40);
    write(&desk, 7, 1);
    look(&desk, None, "");
    reads(&desk);
    desk.add_pool("Q", 500, 5);
    desk.known.clear();
    look(&desk, Some(7), "");
    assert!(reads(&desk) > 0, "all was forgotten");
}
