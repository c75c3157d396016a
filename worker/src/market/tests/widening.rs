//! How far a quote reads: once where that suffices, wider where core asks for more, and never beyond the bounds.

use dlmm_core::error::QuoteError;
use dlmm_core::quote::Warning;

use super::desk::{Desk, bin_value, code, codes, pool_value, sell};
use super::memory::Stored;
use crate::market::Refusal;

fn sizes(desk: &Desk) -> Vec<usize> {
    desk.redis.take_reads().iter().map(Vec::len).collect()
}

#[test]
fn one_read_answers_a_trade_that_ends_within_it() {
    let desk = Desk::with_pool(&[], 80);
    let quote = desk.sell(500, "").unwrap();
    assert_eq!(quote.amount_out, 500);
    // The value, the active bin, 8 and a margin of two towards the trade, and two behind.
    assert_eq!(sizes(&desk), [14]);
}

#[test]
fn a_trade_that_runs_out_of_known_bins_reads_wider_until_it_is_filled() {
    let desk = Desk::with_pool(&[], 400);
    assert_eq!(desk.sell(30_000, r#","max_bins":350"#).unwrap().amount_out, 30_000);
    assert_eq!(sizes(&desk), [14, 46, 342], "four times as far, then eight times");
    // The next one of its size knows how far it was.
    assert_eq!(desk.sell(30_000, r#","max_bins":350"#).unwrap().amount_out, 30_000);
    assert_eq!(sizes(&desk).len(), 1);
    // A smaller one is read as before; the pool stands where it was listed, so the margins are one bin.
    desk.sell(500, "").unwrap();
    assert_eq!(sizes(&desk), [12]);
    // Its like needed 5 bins, so those and a few more are read.
    desk.sell(400, "").unwrap();
    assert_eq!(sizes(&desk), [11]);
}

#[test]
fn a_bound_on_keys_that_cuts_the_read_short_is_told() {
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "20")], 400);
    let quote = desk.sell(30_000, r#","allow_partial":true"#).unwrap();
    assert_eq!(sizes(&desk), [14], "the 6 keys that are left bring nothing more");
    assert!(codes(&quote).contains(&"KEYS_LIMITED"), "{:?}", codes(&quote));
    // 10 bins below the active one, and that one itself.
    assert_eq!(quote.amount_out, 1_100);
    let refusal = desk.sell(30_000, "").unwrap_err();
    assert!(matches!(code(&refusal), "TOO_MANY_BINS" | "INSUFFICIENT_LIQUIDITY"), "{refusal:?}");
    let refusal = desk.sell(30_000, r#","max_bins":1001"#).unwrap_err();
    let Refusal::Quote(QuoteError::InsufficientLiquidity { warnings, .. }) = &refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(*warnings, [Warning::KeysLimited { keys: 20 }], "a refusal says so too");
}

#[test]
fn bins_that_were_left_unread_are_not_called_too_many() {
    // All 80 bins are read, but not the empty ones behind the 270 that a trade may visit.
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "400")], 80);
    let refusal = desk.sell(30_000, "").unwrap_err();
    let Refusal::Quote(QuoteError::InsufficientLiquidity { fillable, warnings, .. }) = &refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!((*fillable, &warnings[..]), (8_100, &[Warning::KeysLimited { keys: 400 }][..]));
    // Where more than may be visited is known and gives more, that is still the reason.
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "400")], 400);
    assert_eq!(code(&desk.sell(60_000, "").unwrap_err()), "TOO_MANY_BINS");
}

#[test]
fn what_bounded_reads_teach_is_nothing() {
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "20")], 400);
    desk.sell(30_000, r#","allow_partial":true"#).unwrap();
    desk.redis.take_reads();
    desk.sell(30_000, r#","allow_partial":true"#).unwrap();
    assert_eq!(sizes(&desk), [12]);
}

#[test]
fn a_pool_that_moved_far_is_read_around_its_new_place() {
    let desk = Desk::with_pool(&[], 80);
    desk.sell(1_000, "").unwrap();
    desk.redis.take_reads();
    // The producer moves the pool to 800; the list and the hints still say 500.
    for bin in 720..=880 {
        desk.redis.set(&format!("bin:P:{bin}"), bin_value(bin, 800));
    }
    desk.redis.set("pool:P", pool_value("P", 800));
    assert_eq!(desk.sell(1_000, "").unwrap().amount_out, 1_000);
    let reads = desk.redis.take_reads();
    assert_eq!(reads.len(), 2);
    assert!(reads[0].contains(&"bin:P:500".to_owned()) && reads[1].contains(&"bin:P:800".to_owned()));
    assert_eq!(desk.sell(1_000, "").unwrap().amount_out, 1_000);
    assert_eq!(desk.redis.take_reads().len(), 1, "where it is is known now");
}

#[test]
fn a_batch_over_the_same_pools_is_one_read() {
    let desk = Desk::with_pool(&[], 80);
    let requests = [sell(100, ""), sell(200, ""), sell(7, r#","max_hops":1"#)];
    let answers = desk.batch(&requests.each_ref().map(String::as_str));
    let out: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().answer.quote.amount_out).collect();
    assert_eq!(out, [100, 200, 7]);
    assert_eq!(sizes(&desk), [14]);
}

#[test]
fn a_batch_over_many_pools_is_split_so_that_each_request_keeps_its_bins() {
    let desk = Desk::new(&[("MAX_KEYS_PER_QUOTE", "60")]);
    let pairs = 0..8;
    for n in pairs.clone() {
        let mut value = pool_value(&format!("P{n}"), 500);
        (value["token_x"], value["token_y"]) = (format!("A{n}").into(), format!("B{n}").into());
        desk.redis.set(&format!("pool:P{n}"), value);
        for bin in 480..=520 {
            desk.redis.set(&format!("bin:P{n}:{bin}"), bin_value(bin, 500));
        }
    }
    let requests: Vec<String> = pairs
        .map(|n| format!(r#"{{"token_in":"A{n}","token_out":"B{n}","amount_in_atomic":"500"}}"#))
        .collect();
    let answers = desk.batch(&requests.iter().map(String::as_str).collect::<Vec<_>>());
    for answer in answers {
        assert_eq!(answer.unwrap().answer.quote.amount_out, 500);
    }
    let reads = desk.redis.take_reads();
    assert!(reads.len() > 1 && reads.iter().all(|keys| keys.len() <= 60), "{:?}", sizes(&desk));
    let pools: Vec<&String> = reads.iter().flatten().filter(|key| key.starts_with("pool:")).collect();
    assert_eq!(pools.len(), 8, "no pool is read twice: {pools:?}");
}

#[test]
fn a_request_that_is_refused_leaves_the_others_of_its_batch_alone() {
    let desk = Desk::with_pool(&[], 10);
    desk.list(&["P"]);
    let unknown = r#"{"token_in":"A","token_out":"NONE","amount_in_atomic":"5"}"#;
    let answers = desk.batch(&[unknown, &sell(5, "")]);
    assert_eq!(code(answers[0].as_ref().unwrap_err()), "UNKNOWN_TOKEN");
    assert_eq!(answers[1].as_ref().unwrap().answer.quote.amount_out, 5);
}

#[test]
fn a_heartbeat_that_is_old_rides_along_with_the_read() {
    let desk = Desk::with_pool(&[], 10);
    let beat = |text: &str| Stored::Hash([("heartbeat_ms".to_owned(), text.to_owned())].into());
    desk.redis.put("metadata", beat("1799999999000"));
    desk.sell(5, "").unwrap();
    let rides = |desk: &Desk| {
        desk.redis
            .take_commands()
            .iter()
            .filter(|command| *command == &["HMGET", "metadata", "heartbeat_ms", "block_height"])
            .count()
    };
    assert_eq!(rides(&desk), 0, "one second is young");
    desk.redis.wait_ms(1_500.0);
    desk.redis.put("metadata", beat("1800000001400"));
    desk.sell(5, "").unwrap();
    assert_eq!(rides(&desk), 1);
    desk.sell(5, "").unwrap();
    assert_eq!(rides(&desk), 0, "it is young again");
}

#[test]
fn a_demanded_block_is_asked_for_with_the_pools_and_no_other_request_pays_for_it() {
    let desk = Desk::with_pool(&[], 10);
    let at = |height: &str| {
        let beat = ("heartbeat_ms".to_owned(), "1800000000000".to_owned());
        Stored::Hash([beat, ("block_height".to_owned(), height.to_owned())].into())
    };
    desk.redis.put("metadata", at("100"));
    let height = |fields| desk.sell(5, fields).unwrap().block_height();
    assert_eq!(height(""), Some(100));
    desk.redis.put("metadata", at("101"));
    desk.redis.take_commands();
    assert_eq!(height(""), Some(100), "as it was read a moment ago: behind, never ahead");
    let asked =
        |desk: &Desk| desk.redis.take_commands().iter().filter(|command| command[0] == "HMGET").count();
    assert_eq!(asked(&desk), 0);
    assert_eq!(height(r#","min_block_height":101"#), Some(101));
    assert_eq!(asked(&desk), 1);
    let refusal = desk.sell(5, r#","min_block_height":102"#).unwrap_err();
    assert_eq!(code(&refusal), "STALE_STATE");
    // Of a batch all gain by it.
    desk.redis.put("metadata", at("102"));
    desk.redis.take_commands();
    let answers = desk.batch(&[&sell(5, ""), &sell(7, r#","min_block_height":102"#)]);
    let heights: Vec<_> =
        answers.iter().map(|one| one.as_ref().unwrap().answer.quote.block_height()).collect();
    assert_eq!((heights, asked(&desk)), (vec![Some(102), Some(102)], 1));
}
