//! Answers that are sound in themselves and yet not true: what only the caller's own request and state can show.

use crate::kinds::{network, x_for_y};
use crate::market::Market as Bent;
use crate::record::{READ_AT, Reading, WHOLE, answer, verified};
use dlmm_core::api::{Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::verify::{Own, Verification, verify_quote_against};
use serde_json::{Value, json};

const LATER: &str = "2027-01-15T08:01:00Z";

fn own_market(bent: &Bent, default_fee_bps: u16) -> Market {
    let settings =
        MarketSettings { default_fee_bps, max_pools: 64, source: Source::Snapshot, clock_ms: READ_AT };
    let mut market = Market::from_snapshot(&bent.0.to_string(), settings).expect("a snapshot");
    market.set_read_at_ms(READ_AT + 1_000);
    market
}

fn against(answer: &str, asked: &Value, truth: &Bent) -> Verification {
    let request = request_from_json(&asked.to_string()).expect("a request");
    let own = Own {
        request: Some(&request),
        market: Some(&mut own_market(truth, 10)),
        default_fee_bps: Some(10),
        ..Own::default()
    };
    verify_quote_against(answer, own).expect("a quote with its input")
}

fn moved(found: &Verification) -> Vec<&str> {
    found.moved.iter().map(|difference| &*difference.path).collect()
}

/// The paths that differ, of an answer that is sound in itself.
fn forged(bend: impl FnOnce(&mut Bent)) -> Vec<String> {
    let truth = network();
    let mut lie = network();
    bend(&mut lie);
    let text = answer(&lie, &x_for_y("100"), WHOLE).expect("a quote");
    assert!(verified(&text).is_equal(), "a forgery that is not even sound");
    let found = against(&text, &x_for_y("100"), &truth);
    assert!(found.is_different() && found.moved.is_empty(), "{found:?}");
    found.differences.into_iter().map(|difference| difference.path).collect()
}

fn remove_pool(market: &mut Bent, id: &str) {
    market.0["pools"].as_array_mut().expect("a list").retain(|pool| pool["pool_id"] != id);
}

#[test]
fn a_true_answer_is_equal_however_much_of_the_pools_was_read() {
    let truth = network();
    for amount in ["1", "100", "5000"] {
        for width in [1, 4, 1_000] {
            let reading = Reading { width, cut_short: false, source: Source::Redis };
            let Ok(text) = answer(&truth, &x_for_y(amount), reading) else { continue };
            let found = against(&text, &x_for_y(amount), &truth);
            assert!(found.is_equal(), "{amount} {width}: {found:?}");
        }
    }
}

#[test]
fn a_pool_left_out_is_named() {
    assert_eq!(forged(|lie| remove_pool(lie, "A")), ["pool:A"]);
}

/// A network with another pool, of which its value tells these fields.
fn with_pool(id: &str, fields: Value) -> Bent {
    let mut market = network();
    let mut pool = market.pool("A").clone();
    pool["pool_id"] = json!(id);
    pool["bins"].as_array_mut().expect("a list").iter_mut().for_each(|bin| bin["pool_id"] = json!(id));
    for (name, value) in fields.as_object().expect("fields") {
        pool[name] = value.clone();
    }
    market.0["pools"].as_array_mut().expect("a list").push(pool);
    market
}

/// As [`against`], with a state of the caller's that was read at that time.
fn against_at(answer: &str, truth: &Bent, read_at_ms: u64) -> Verification {
    let mut market = own_market(truth, 10);
    market.set_read_at_ms(read_at_ms);
    let own = Own { request: None, market: Some(&mut market), default_fee_bps: None, ..Own::default() };
    verify_quote_against(answer, own).expect("a quote with its input")
}

#[test]
fn a_pool_that_only_the_earlier_side_has_may_have_been_removed() {
    let with = with_pool("Z", json!({"created_at": READ_AT - 60_000}));
    let text = answer(&with, &x_for_y("100"), WHOLE).expect("a quote");
    let found = against_at(&text, &network(), READ_AT + 1_000);
    assert!(moved(&found) == ["pool:Z"] && !found.is_different(), "nobody can tell: {found:?}");
    let found = against_at(&text, &network(), READ_AT - 10_000);
    assert!(found.is_different(), "it is older than that, and was not there: {found:?}");
    let text = answer(&network(), &x_for_y("100"), WHOLE).expect("a quote");
    assert_eq!(moved(&against_at(&text, &with, READ_AT - 1_000)), ["pool:Z"]);
    assert!(against_at(&text, &with, READ_AT + 1_000).is_different(), "it was left out");
}

#[test]
fn a_pool_that_tells_no_creation_was_there_when_it_was_written() {
    let text = answer(&network(), &x_for_y("100"), WHOLE).expect("a quote");
    let with = |at: u64| with_pool("Z", json!({"created_at": null, "last_updated": at}));
    assert!(against(&text, &x_for_y("100"), &with(READ_AT)).is_different());
    assert_eq!(moved(&against(&text, &x_for_y("100"), &with(READ_AT + 500))), ["pool:Z"]);
}

#[test]
fn a_pool_that_is_listed_and_gone_is_no_difference() {
    let text = answer(&with_pool("Z", json!({})), &x_for_y("100"), WHOLE).expect("a quote");
    let mut gone: Value = serde_json::from_str(&text).expect("JSON");
    let pools = gone["input"]["pools"].as_array_mut().expect("a list");
    let pool = pools.iter_mut().find(|pool| pool["pool_id"] == "Z").expect("a candidate");
    (pool["value"], pool["bins"]) = (Value::Null, json!([]));
    let found = against(&gone.to_string(), &x_for_y("100"), &network());
    assert!(!found.differences.iter().any(|one| one.path == "pool:Z"), "{found:?}");
    assert!(found.moved.is_empty(), "{found:?}");
}

#[test]
fn a_bin_left_out_made_up_or_changed_is_named() {
    let first = network().pool("A")["bins"][0]["bin_id"].as_u64().expect("an id");
    let key = format!("bin:A:{first}");
    assert_eq!(
        forged(|lie| {
            lie.pool("A")["bins"].as_array_mut().expect("a list").remove(0);
        }),
        [key.as_str()]
    );
    assert_eq!(forged(|lie| lie.pool("A")["bins"][0]["reserve_x"] = json!("123456")), [key.as_str()]);
    let made_up = forged(|lie| {
        let mut bin = lie.pool("A")["bins"][0].clone();
        bin["bin_id"] = json!(17);
        lie.pool("A")["bins"].as_array_mut().expect("a list").push(bin);
    });
    assert_eq!(made_up, ["bin:A:17"]);
}

#[test]
fn a_value_of_the_pool_that_was_changed_is_named() {
    for (field, value) in [
        ("x_provider_fee", json!(7)),
        ("active_bin_id", json!(501)),
        ("last_updated", json!("2027-01-15T07:59:00.001Z")),
    ] {
        let truth = network();
        let mut lie = network();
        lie.pool("A")[field] = value;
        let Ok(text) = answer(&lie, &x_for_y("100"), WHOLE) else { panic!("no quote with another {field}") };
        let found = against(&text, &x_for_y("100"), &truth);
        assert!(!found.is_equal(), "{field}: {found:?}");
        assert_eq!(found.is_different(), field != "last_updated", "{field}: {found:?}");
    }
}

#[test]
fn decimals_and_the_fee_default_must_be_the_callers() {
    let truth = network();
    let text = answer(&truth, &x_for_y("100"), WHOLE).expect("a quote");
    let request = request_from_json(&x_for_y("100").to_string()).expect("a request");
    let own = Own { request: Some(&request), market: None, default_fee_bps: Some(9), ..Own::default() };
    let found = verify_quote_against(&text, own).expect("a quote");
    let [difference] = &found.differences[..] else { panic!("{found:?}") };
    assert_eq!(difference.path, "input.default_fee_bps");
    assert_eq!((difference.given.as_deref(), difference.computed.as_deref()), (Some("10"), Some("9")));

    let mut fee = network();
    let pool = fee.pool("A").as_object_mut().expect("an object");
    pool.retain(|name, _| !name.ends_with("_fee"));
    let text = answer(&fee, &x_for_y("100"), WHOLE).expect("a quote");
    let own = Own {
        request: Some(&request),
        market: Some(&mut own_market(&fee, 9)),
        default_fee_bps: None,
        ..Own::default()
    };
    let found = verify_quote_against(&text, own).expect("a quote");
    assert_eq!(found.differences.iter().map(|one| &*one.path).collect::<Vec<_>>(), ["pool:A"]);

    let mut decimals = network();
    for pool in decimals.0["pools"].as_array_mut().expect("a list") {
        for side in ["x", "y"] {
            if pool[format!("token_{side}")] == "X" {
                pool[format!("token_{side}_decimals")] = json!(1);
            }
        }
    }
    let text = answer(&decimals, &x_for_y("100"), WHOLE).expect("a quote");
    let found = against(&text, &x_for_y("100"), &truth);
    assert!(found.differences.iter().any(|one| one.path == "input.decimals.X.decimals"), "{found:?}");
}

#[test]
fn another_request_than_the_callers_is_named_field_by_field() {
    let truth = network();
    let changes = [
        ("amount_in_atomic", json!("99")),
        ("slippage_bps", json!(51)),
        ("max_hops", json!(1)),
        ("max_splits", json!(1)),
        ("max_bins", json!(7)),
        ("exclude_pools", json!(["A"])),
        ("via", json!(["Z"])),
        ("allow_partial", json!(true)),
        ("include_steps", json!(false)),
    ];
    for (field, value) in changes {
        let mut served = x_for_y("100");
        served[field] = value;
        let Ok(text) = answer(&truth, &served, WHOLE) else { continue };
        assert!(verified(&text).is_equal());
        let found = against(&text, &x_for_y("100"), &truth);
        let path = format!("input.request.{field}");
        assert!(found.differences.iter().any(|one| one.path == path), "{field}: {found:?}");
        assert!(against(&text, &served, &truth).is_equal(), "{field}");
    }
    // The operator may only refuse more than the caller does, which changes no number.
    let mut strict = x_for_y("100");
    strict["strict"] = json!(true);
    strict["max_age_ms"] = json!(60_000);
    let text = answer(&truth, &strict, WHOLE).expect("a quote");
    assert!(against(&text, &x_for_y("100"), &truth).is_equal());
    let text = answer(&truth, &x_for_y("100"), WHOLE).expect("a quote");
    assert!(against(&text, &strict, &truth).is_different());
    // One amount has many texts.
    let whole = |amount: Value| json!({"token_in": "X", "token_out": "Y", "amount_in": amount});
    let text = answer(&truth, &whole(json!("100")), WHOLE).expect("a quote");
    assert!(against(&text, &whole(json!(1e2)), &truth).is_equal());
    assert!(against(&text, &whole(json!(101)), &truth).is_different());
}

#[test]
fn a_state_that_moved_on_is_neither_equal_nor_forged() {
    let text = answer(&network(), &x_for_y("100"), WHOLE).expect("a quote");
    let mut later = network();
    later.pool("A")["last_updated"] = json!(LATER);
    later.pool("A")["bins"][0]["reserve_x"] = json!("5");
    let found = against(&text, &x_for_y("100"), &later);
    assert_eq!(moved(&found), ["pool:A"]);
    assert!(!found.is_different() && !found.is_equal(), "{found:?}");

    // Paused since is moved too; paused all the time is not.
    let mut paused = network();
    paused.pool("A")["status"] = json!("paused");
    assert!(against(&text, &x_for_y("100"), &paused).is_different());
    paused.pool("A")["last_updated"] = json!(LATER);
    assert_eq!(moved(&against(&text, &x_for_y("100"), &paused)), ["pool:A"]);

    // Only the one that moved is excused.
    later.pool("B")["bins"][0]["reserve_x"] = json!("5");
    let found = against(&text, &x_for_y("100"), &later);
    assert!(found.is_different() && moved(&found) == ["pool:A"], "{found:?}");

    // An answer cannot know of a later state than the one that was read after it.
    let mut lie = network();
    lie.pool("A")["last_updated"] = json!("2027-01-15T08:00:01Z");
    lie.pool("A")["bins"][0]["reserve_x"] = json!("5");
    let text = answer(&lie, &x_for_y("100"), WHOLE).expect("a quote");
    let found = against(&text, &x_for_y("100"), &network());
    assert!(found.is_different() && found.moved.is_empty(), "{found:?}");
}

#[test]
fn a_pool_created_since_may_be_missing() {
    let text = answer(&network(), &x_for_y("100"), WHOLE).expect("a quote");
    let mut later = network();
    let mut pool = later.pool("A").clone();
    pool["pool_id"] = json!("Z");
    pool["created_at"] = json!(READ_AT + 500);
    later.0["pools"].as_array_mut().expect("a list").push(pool.clone());
    let found = against(&text, &x_for_y("100"), &later);
    assert!(moved(&found) == ["pool:Z"] && !found.is_different(), "{found:?}");
    pool["created_at"] = json!(READ_AT - 60_000);
    later.0["pools"].as_array_mut().expect("a list").pop();
    later.0["pools"].as_array_mut().expect("a list").push(pool);
    assert!(against(&text, &x_for_y("100"), &later).is_different());
}

#[test]
fn an_answer_that_hides_bins_behind_what_it_says_it_read_gives_less_than_the_state() {
    let truth = network();
    let cut = Reading { width: 1, cut_short: true, source: Source::Redis };
    let mut request = x_for_y("5000");
    request["allow_partial"] = json!(true);
    let text = answer(&truth, &request, cut).expect("a quote");
    assert!(verified(&text).is_equal());
    let found = against(&text, &request, &truth);
    assert!(found.is_different(), "{found:?}");
}
