//! What a quote does about what it reads: pools that changed, values that cannot be read, a Redis that is gone.

use dlmm_core::error::QuoteError;
use dlmm_core::quote::Warning;
use dlmm_core::units::{BinId, PoolId};

use dlmm_core::api::request_from_json;

use super::desk::{Desk, bin_value, code, codes, pool_value, sell};
use super::memory::Stored;
use crate::market::rounds::refuse_for_itself;
use crate::market::{Refusal, Task};

#[test]
fn a_pool_that_trades_other_tokens_now_is_routed_anew_in_the_same_answer() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.sell(5, "").unwrap();
    let mut moved = pool_value("Q", 500);
    moved["token_y"] = "C".into();
    desk.redis.set("pool:Q", moved);
    desk.redis.take_reads();
    let quote = desk.sell(5, "").unwrap();
    assert_eq!(quote.pools.iter().map(|pool| pool.pool_id.as_str()).collect::<Vec<_>>(), ["P"]);
    assert_eq!(desk.redis.take_reads().len(), 2);
    // And the pair that is new is there at once.
    let other = r#"{"token_in":"A","token_out":"C","amount_in_atomic":"5"}"#;
    assert_eq!(desk.batch(&[other]).remove(0).unwrap().answer.quote.amount_out, 5);
}

#[test]
fn a_value_that_is_too_large_for_a_reply_leaves_out_its_pool_alone() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.sell(5, "").unwrap();
    desk.redis.limit_replies(60_000);
    desk.redis.set("bin:Q:499", "x".repeat(70_000));
    let quote = desk.sell(5, "").unwrap();
    assert_eq!((quote.amount_out, codes(&quote)), (5, vec!["POOL_SKIPPED"]));
    let refusal = desk.sell(5_000, r#","max_bins":1001"#).unwrap_err();
    let Refusal::Quote(QuoteError::InsufficientLiquidity { warnings, .. }) = &refusal else {
        panic!("{refusal:?}")
    };
    assert!(
        matches!(warnings.as_slice(), [Warning::PoolSkipped { key, .. }] if key == "bin:Q:499"),
        "{warnings:?}"
    );
    // What is too large is not read again before a look finds it mended.
    desk.redis.take_commands();
    desk.sell(5, "").unwrap();
    let commands = desk.redis.take_commands();
    assert_eq!(commands.len(), 1);
    assert!(!commands[0].contains(&"bin:Q:499".to_owned()));
    desk.redis.set("bin:Q:499", bin_value(499, 500));
    desk.redis.wait_ms(2_000.0);
    desk.sell(5, "").unwrap();
    desk.do_tasks();
    assert_eq!(codes(&desk.sell(5, "").unwrap()), Vec::<&str>::new());
}

#[test]
fn a_reply_that_is_too_large_although_no_value_is_stays_a_fault() {
    let desk = Desk::with_pool(&[], 5);
    desk.sell(5, "").unwrap();
    desk.redis.limit_replies(500);
    assert_eq!(code(&desk.sell(5, "").unwrap_err()), "UPSTREAM_INVALID");
}

#[test]
fn a_key_of_another_type_is_noticed_after_the_answer_and_left_out_of_the_next() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.redis.put("bin:Q:500", Stored::Hash([("a".to_owned(), "b".to_owned())].into()));
    assert_eq!(codes(&desk.sell(5, "").unwrap()), Vec::<&str>::new(), "nobody waits for a look");
    let looks = desk.do_tasks();
    assert!(looks.iter().any(|task| matches!(task, Task::Look(_))), "{looks:?}");
    assert_eq!(codes(&desk.sell(5, "").unwrap()), ["POOL_SKIPPED"]);
    // With a text in its place the pool is back in the very next answer.
    desk.redis.set("bin:Q:500", bin_value(500, 500));
    assert_eq!(codes(&desk.sell(5, "").unwrap()), Vec::<&str>::new());
}

#[test]
fn a_redis_that_is_gone_is_told_to_every_request_of_a_batch() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.go_down();
    for answer in desk.batch(&[&sell(5, ""), &sell(6, "")]) {
        let refusal = answer.unwrap_err();
        assert_eq!(code(&refusal), "REDIS_UNAVAILABLE");
        assert!(refusal.is_redis_fault());
    }
}

#[test]
fn an_answer_that_carries_its_state_carries_what_was_read_for_it() {
    let desk = Desk::with_pool(&[], 5);
    let plain = desk.batch(&[&sell(5, "")]).remove(0).unwrap();
    assert!(plain.answer.basis.stored.is_empty());
    let with = desk.batch(&[&sell(5, r#","include_state":true"#)]).remove(0).unwrap();
    let stored = with.answer.basis.stored.get(&PoolId::new("P").unwrap()).unwrap();
    assert_eq!(stored.value.as_deref(), Some(&*pool_value("P", 500).to_string()));
    let texts = (497..=501).map(|bin| (BinId::new(bin), bin_value(bin, 500).to_string().into()));
    assert_eq!(stored.bins, texts.collect());
    assert_eq!(with.least_bytes(), stored.bins.bytes() + pool_value("P", 500).to_string().len());
}

#[test]
fn what_a_request_and_the_settings_suffice_to_refuse_asks_redis_nothing() {
    let desk = Desk::with_pool(&[], 5);
    let sender = r#","plan":{"sender":"SP3FBR2AGK5H9QBDH3EEN6DF8EK8JY7RX8QJ5SVTE"}"#;
    assert_eq!(code(&desk.sell(5, sender).unwrap_err()), "PLAN_UNAVAILABLE");
    assert_eq!(desk.redis.take_commands(), Vec::<Vec<String>>::new());
}

#[test]
fn a_stream_is_refused_for_its_request_and_not_for_the_market() {
    let desk = Desk::with_pool(&[], 5);
    let refused = |body: &str| {
        let request = request_from_json(body).unwrap();
        desk.on_market(async |market| refuse_for_itself(market, &request).await)
            .err()
            .map(|refusal| code(&refusal))
    };
    assert_eq!(refused(&sell(0, "")), Some("INVALID_REQUEST"));
    assert_eq!(refused(r#"{"token_in":"A","token_out":"B","amount_in":"0.5"}"#), Some("INVALID_REQUEST"));
    // The next one may be a quote.
    for market in [sell(5, ""), sell(1_000_000, ""), sell(5, "").replace("\"B\"", "\"C\"")] {
        assert_eq!(refused(&market), None, "{market}");
    }
    desk.redis.go_down();
    assert_eq!(refused(&sell(5, "")), None);
}

#[test]
fn a_reply_that_says_the_same_is_decoded_once_and_any_other_anew() {
    let desk = Desk::with_pool(&[], 5);
    let sold = || desk.sell(150, "").unwrap().amount_out;
    for _ in 0..3 {
        assert_eq!(sold(), 150);
    }
    let mut half = bin_value(499, 500);
    half["price_e8"] = "50000000".into();
    for (value, out) in [(half, 125), (bin_value(499, 500), 150)] {
        desk.redis.take_reads();
        desk.redis.set("bin:P:499", value);
        assert_eq!((sold(), sold()), (out, out));
        assert_eq!(desk.redis.take_reads().len(), 2, "Redis is asked each time");
    }
}
