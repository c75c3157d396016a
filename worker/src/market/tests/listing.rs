//! Which pools are found, and when the list is looked at again.

use super::desk::{Desk, code, pool_value};
use super::memory::{NOW, Stored};
use crate::market::Task;
use crate::market::listing::{check_in_background, checked};

fn ids(desk: &Desk) -> Vec<String> {
    let topology = desk.on_market(async |market| checked(market).await).unwrap();
    topology.ids().iter().map(ToString::to_string).collect()
}

fn named(desk: &Desk) -> Vec<(String, String)> {
    let left_out = desk.known.listing.left_out();
    left_out.named().map(|one| (one.key, one.reason)).collect()
}

#[test]
fn the_set_gives_the_first_answer_and_a_scan_what_it_left_out() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.list(&["P"]);
    assert_eq!(ids(&desk), ["P"]);
    assert_eq!(desk.do_tasks(), [Task::Check(Vec::new())]);
    assert_eq!(ids(&desk), ["P", "Q"]);
    assert!(desk.do_tasks().is_empty(), "nothing is due");
}

#[test]
fn a_token_that_may_not_scan_walks_from_the_tokens_of_the_request() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.forbid("SCAN");
    assert!(ids(&desk).is_empty());
    desk.redis.set("tokens:A", r#"["P"]"#);
    assert_eq!(desk.sell(7, "").unwrap().amount_out, 7);
    assert!(!desk.known.listing.current().unwrap().whole);
}

#[test]
fn a_new_pool_is_found_before_its_token_is_called_unknown_once_the_list_may_be_old() {
    let desk = Desk::with_pool(&[], 5);
    desk.list(&["P"]);
    ids(&desk);
    desk.do_tasks();
    let mut value = pool_value("N", 500);
    value["token_y"] = "C".into();
    desk.redis.set("pool:N", value);
    desk.redis.set("bin:N:500", super::desk::bin_value(500, 500));
    desk.list(&["N", "P"]);
    let request = r#"{"token_in":"A","token_out":"C","amount_in_atomic":"5"}"#;
    let ask = || desk.batch(&[request]).remove(0).map(|loaded| loaded.answer.quote.amount_out);
    assert_eq!(code(&ask().unwrap_err()), "UNKNOWN_TOKEN", "it was listed a moment ago");
    desk.redis.wait_ms(2_000.0);
    assert_eq!(ask(), Ok(5));
}

#[test]
fn a_check_that_has_only_begun_confirms_no_list_and_no_refusal() {
    let desk = Desk::with_pool(&[], 5);
    desk.list(&["P"]);
    ids(&desk);
    desk.do_tasks();
    let begin = || desk.on_market(async |market| check_in_background(market, &[]));
    let ask = || desk.batch(&[r#"{"token_in":"A","token_out":"C","amount_in_atomic":"5"}"#]).remove(0);
    desk.redis.wait_ms(2_000.0);
    begin();
    desk.redis.go_down();
    begin();
    assert!(desk.on_market(async |market| checked(market).await).is_err(), "the list may be old");
    assert_ne!(code(&ask().unwrap_err()), "UNKNOWN_TOKEN");
    assert_eq!(desk.known.listing.report(NOW + 2_000.0).checked_ms_ago, Some(2_000));
    desk.redis.come_back();
    assert_eq!(desk.do_tasks(), [Task::Check(Vec::new())], "no other is begun before it is due again");
    assert_eq!(code(&ask().unwrap_err()), "UNKNOWN_TOKEN");
}

#[test]
fn a_pool_whose_value_cannot_be_read_is_named_instead_of_being_called_unknown() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.set("pool:BROKEN", "{");
    let refusal = desk.sell(5, r#","pools":["BROKEN"]"#).unwrap_err();
    assert_eq!(code(&refusal), "STATE_INVALID");
    let refusal = desk.sell(5, r#","pools":["NONE"]"#).unwrap_err();
    assert_eq!(code(&refusal), "UNKNOWN_POOL");
    assert_eq!(named(&desk)[0].0, "pool:BROKEN");
}

#[test]
fn a_pool_that_was_mended_is_listed_by_the_next_check_though_no_counter_moved() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.set("pool:Q", "{");
    assert_eq!(ids(&desk), ["P", "Q"]);
    desk.do_tasks();
    assert_eq!(desk.known.listing.current().unwrap().graph.pools().len(), 1);
    desk.add_pool("Q", 500, 0);
    // As many keys as before: a bin of another pool went.
    desk.redis.remove("bin:P:495");
    desk.redis.wait_ms(2_000.0);
    ids(&desk);
    assert_eq!(desk.known.listing.current().unwrap().graph.pools().len(), 2);
}

#[test]
fn a_pool_whose_tokens_were_changed_and_changed_back_is_quoted_again_though_no_counter_moved() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.list(&["P", "Q"]);
    let pools = |desk: &Desk| desk.sell(700, r#","allow_partial":true"#).unwrap().amount_out;
    assert_eq!(pools(&desk), 700);
    desk.do_tasks();
    let mut value = pool_value("Q", 500);
    value["token_x"] = "a".into();
    desk.redis.set("pool:Q", value);
    assert_eq!(pools(&desk), 600, "the quote that reads it notices that it is no pool of A");
    desk.redis.set("pool:Q", pool_value("Q", 500));
    assert_eq!(pools(&desk), 600, "no quote of A reads it");
    desk.redis.wait_ms(2_000.0);
    pools(&desk);
    desk.do_tasks();
    assert_eq!(pools(&desk), 700);
    let listings = |desk: &Desk| desk.known.listing.report(0.0).counters.listings;
    let before = listings(&desk);
    desk.redis.wait_ms(2_000.0);
    ids(&desk);
    assert_eq!(listings(&desk), before, "nothing changed since");
}

#[test]
fn what_is_left_out_beyond_the_names_is_put_in_order_once_a_listing() {
    let desk = Desk::with_pool(&[], 5);
    // None of them can be an id, and the last come first.
    let unfit: Vec<String> = (0..150).rev().map(|n| format!("bad {n:03}")).collect();
    desk.list(&unfit.iter().map(String::as_str).chain(["P"]).collect::<Vec<_>>());
    assert_eq!(ids(&desk), ["P"]);
    let left_out = desk.known.listing.left_out();
    assert_eq!((left_out.named().count(), left_out.more()), (100, 50));
    let mut settled = (*left_out).clone();
    settled.settle();
    assert_eq!(*left_out, settled, "nobody who asks puts it in order again");
}

#[test]
fn keys_of_another_type_cost_no_listing_and_are_named() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.put("pools", Stored::Hash([("a".to_owned(), "b".to_owned())].into()));
    desk.redis.set("metadata", "x");
    assert_eq!(ids(&desk), ["P"]);
    let named = named(&desk);
    let reason = |key: &str| named.iter().find(|(known, _)| known == key).map(|(_, reason)| reason.as_str());
    assert_eq!((reason("pools"), reason("metadata")), (Some("is no set"), Some("is no hash")));
}

#[test]
fn a_pool_that_is_gone_from_redis_has_the_list_made_anew() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.list(&["P", "Q"]);
    desk.sell(5, "").unwrap();
    desk.do_tasks();
    desk.redis.remove("pool:Q");
    assert_eq!(desk.sell(5, "").unwrap().amount_out, 5);
    assert!(desk.do_tasks().iter().any(|task| matches!(task, Task::Relist(_))));
    assert_eq!(desk.known.listing.current().unwrap().graph.pools().len(), 1);
}

#[test]
fn routes_are_kept_until_the_pools_change() {
    let desk = Desk::with_pool(&[], 5);
    let hits = |desk: &Desk| {
        let counters = desk.known.listing.report(0.0).counters;
        (counters.route_hits, counters.route_misses, counters.rebuilds)
    };
    desk.sell(5, "").unwrap();
    desk.sell(6, "").unwrap();
    assert_eq!(hits(&desk), (1, 1, 0));
    desk.add_pool("Q", 500, 5);
    desk.redis.wait_ms(2_000.0);
    ids(&desk);
    desk.sell(5, "").unwrap();
    assert_eq!(hits(&desk), (1, 2, 1));
}

#[test]
fn bins_that_come_and_go_list_no_pools_where_a_set_and_a_version_tell_of_them() {
    for (version, listings) in [(Some("v1"), 0), (None, 3)] {
        let desk = Desk::with_pool(&[], 5);
        desk.list(&["P"]);
        let version = version.map(|text| ("data_version".to_owned(), text.to_owned()));
        desk.redis.put("metadata", Stored::Hash(version.into_iter().collect()));
        ids(&desk);
        desk.do_tasks();
        let before = desk.known.listing.report(0.0).counters.listings;
        for block in 0..3 {
            desk.redis.set(&format!("bin:P:{}", 600 + block), super::desk::bin_value(600 + block, 500));
            desk.redis.wait_ms(2_000.0);
            desk.sell(5, "").unwrap();
            desk.do_tasks();
        }
        let report = desk.known.listing.report(0.0).counters;
        assert_eq!((report.listings - before, report.rebuilds), (listings, 0), "{listings}");
        assert!(report.checks >= 3, "{report:?}");
    }
}

#[test]
fn a_pool_that_the_set_gains_is_found_whatever_the_version_says() {
    let desk = Desk::with_pool(&[], 5);
    desk.list(&["P"]);
    let version = [("data_version".to_owned(), "v1".to_owned())];
    desk.redis.put("metadata", Stored::Hash(version.into()));
    ids(&desk);
    desk.do_tasks();
    desk.add_pool("Q", 500, 5);
    desk.list(&["P", "Q"]);
    desk.redis.wait_ms(2_000.0);
    assert_eq!(ids(&desk), ["P", "Q"]);
}

#[test]
fn values_that_no_reply_holds_together_are_read_in_parts() {
    let desk = Desk::new(&[]);
    for n in 0..9 {
        let mut value = pool_value(&format!("P{n}"), 500);
        value["note"] = "x".repeat(1_000 * n).into();
        desk.redis.set(&format!("pool:P{n}"), value);
    }
    let all: Vec<String> = (0..9).map(|n| format!("P{n}")).collect();
    desk.list(&all.iter().map(String::as_str).collect::<Vec<_>>());
    desk.redis.limit_replies(20_000);
    assert_eq!(ids(&desk), all);
    desk.redis.limit_replies(5_000);
    desk.known.clear();
    let topology = desk.on_market(async |market| checked(market).await);
    assert_eq!(
        topology.unwrap_err().code(),
        "UPSTREAM_INVALID",
        "one that no reply holds, and nothing tells which"
    );
}
