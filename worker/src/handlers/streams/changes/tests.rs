//! Looks of a stream of changes over a Redis in memory.

use super::*;
use crate::market::tests::desk::{Desk, bin_value, pool_value};
use crate::market::tests::memory::{Stored, Values};
use crate::market::watched::HeldPool;
use crate::market::watched::Watched;
use crate::observe::InFlight;
use crate::stream::Message;

fn stream() -> ChangeStream {
    let id = PoolId::new("P").unwrap();
    ChangeStream {
        watched: Watched::Pools([id.clone()].into()),
        held: Some([(id, HeldPool::default())].into_iter().collect()),
        block_height: None,
        heartbeat: None,
        refused: None,
        has_sample: false,
        is_answered: true,
        polls: 0,
        seen: Seen::default(),
        memory: InFlight::default().begin(),
        wanted: 1,
        taken: None,
        claimed: None,
        default_fee_bps: 0,
    }
}

#[test]
fn nothing_says_that_the_producer_lives_while_a_refusal_is_told() {
    let mut stream = stream();
    assert_eq!(stream.beats_by().as_deref(), Some("pool:P"));
    stream.refused = Some([0; 32]);
    assert_eq!(stream.beats_by(), None, "it would end the refusal");
    stream.refused = None;
    stream.forget();
    assert_eq!(stream.beats_by(), None, "there is nothing that could be said of it");
}

#[test]
fn whoever_comes_back_is_answered_by_an_event_though_nothing_was_missed() {
    let desk = Desk::with_pool(&[], 2);
    let held = begun(&desk, &["P"]).held;
    let mut stream = ChangeStream { held, is_answered: false, ..stream() };
    assert_eq!(stream.beats_by(), None, "nothing was looked at yet");
    let news = lost();
    let found = look(&desk, &mut stream, Some(&news)).unwrap();
    let (event, _) = stream.event(found, false);
    let (kind, json) = event.unwrap();
    assert!(kind == "changes" && json.ends_with(r#""keys":{}}"#), "{json}");
    assert!(stream.beats_by().is_some());
    let found = look(&desk, &mut stream, Some(&news)).unwrap();
    assert!(stream.event(found, false).0.is_none(), "once");
}

/// What asks for a look at everything.
fn lost() -> Inbox {
    let mut news = Inbox::new(Some(InFlight::default().begin()));
    news.lose();
    news
}

/// The keys that a look found to have changed.
fn changed(found: Result<Found, Refusal>) -> Vec<String> {
    match found {
        Ok(Found::Changes(changes)) => changes.diff.0.into_iter().map(|(key, _)| key).collect(),
        Ok(Found::Behind(_)) => vec!["behind".to_owned()],
        Ok(Found::Snapshot { .. }) => vec!["a snapshot".to_owned()],
        Err(refusal) => vec![format!("{refusal:?}")],
    }
}

fn look(desk: &Desk, stream: &mut ChangeStream, news: Option<&Inbox>) -> Result<Found, Refusal> {
    desk.on_counted_market(async |market| stream.find(market, news).await)
}

/// A stream that has its snapshot of these pools.
fn begun(desk: &Desk, pools: &[&str]) -> ChangeStream {
    let ids = pools.iter().map(|id| PoolId::new(id).unwrap()).collect();
    let mut stream = ChangeStream { watched: Watched::Pools(ids), held: None, ..stream() };
    assert_eq!(changed(look(desk, &mut stream, None)), ["a snapshot"]);
    stream
}

fn hear(news: &mut Inbox, message: &str) {
    news.hear(&Message::parse(message).unwrap());
}

#[test]
fn what_was_told_is_told_again_where_the_read_beside_it_failed() {
    let desk = Desk::with_pool(&[], 2);
    desk.add_pool("Q", 500, 2);
    let mut stream = begun(&desk, &["P", "Q"]);
    let mut news = Inbox::new(Some(InFlight::default().begin()));
    hear(&mut news, r#"{"seq":1,"pools":["P"],"keys":{"bin:P:500":"new"}}"#);
    hear(&mut news, r#"{"seq":2,"pools":["Q"]}"#);
    desk.redis.set("bin:P:500", "new");
    desk.redis.go_down();
    assert!(look(&desk, &mut stream, Some(&news)).is_err());
    desk.redis.come_back();
    news.lose();
    assert_eq!(changed(look(&desk, &mut stream, Some(&news))), ["bin:P:500"]);
}

#[test]
fn a_poll_of_several_reads_takes_nothing_in_where_one_of_them_fails() {
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "4")], 2);
    let mut stream = begun(&desk, &["P"]);
    desk.redis.set("bin:P:498", "new");
    let redis = desk.redis.clone();
    desk.redis.after_bins(move |_| redis.go_down());
    assert!(look(&desk, &mut stream, None).is_err());
    desk.redis.come_back();
    assert_eq!(changed(look(&desk, &mut stream, None)), ["bin:P:498"]);
}

/// Has the producer count this far.
fn count(values: &mut Values, seq: u64) {
    let fields = [("seq".to_owned(), seq.to_string())].into();
    values.insert("metadata".to_owned(), Stored::Hash(fields));
}

fn write(desk: &Desk, seq: u64, key: &str, text: &str) {
    desk.redis.set(key, text);
    desk.redis.change(|values| count(values, seq));
}

#[test]
fn what_was_told_before_a_poll_read_it_takes_nothing_back() {
    let desk = Desk::with_pool(&[("MAX_KEYS_PER_QUOTE", "4")], 2);
    write(&desk, 10, "bin:P:502", "old");
    let mut stream = begun(&desk, &["P"]);
    write(&desk, 12, "bin:P:498", "twelfth");
    // Something is written between the first read and the second one.
    desk.redis.after_bins(|values| count(values, 13));
    let found = look(&desk, &mut stream, None).unwrap();
    assert_eq!(found.seq(), Some(12), "as old as its first read");
    assert_eq!(changed(Ok(found)), ["bin:P:498"]);
    let mut news = Inbox::new(Some(InFlight::default().begin()));
    hear(&mut news, r#"{"seq":11,"pools":["P"],"keys":{"bin:P:498":"eleventh"}}"#);
    hear(&mut news, r#"{"seq":12,"pools":["P"],"keys":{"bin:P:498":"twelfth"}}"#);
    hear(&mut news, r#"{"seq":13,"pools":["P"],"keys":{"bin:P:499":"thirteenth"}}"#);
    let found = look(&desk, &mut stream, Some(&news)).unwrap();
    assert_eq!(found.seq(), Some(13));
    assert_eq!(changed(Ok(found)), ["bin:P:499"], "the thirteenth was in no read");
}

#[test]
fn a_database_that_begins_anew_is_followed_on() {
    let desk = Desk::with_pool(&[], 2);
    write(&desk, 1_000, "bin:P:502", "of the old days");
    let mut stream = begun(&desk, &["P"]);
    let mut inbox = Inbox::new(Some(InFlight::default().begin()));
    hear(&mut inbox, r#"{"seq":1000,"pools":[]}"#);
    let _ = inbox.take();
    write(&desk, 5, "bin:P:502", "fifth");
    hear(&mut inbox, r#"{"seq":5,"pools":["P"],"keys":{"bin:P:502":"fifth"}}"#);
    assert_eq!(changed(look(&desk, &mut stream, Some(&inbox.take()))), ["bin:P:502"]);
    hear(&mut inbox, r#"{"seq":6,"pools":["P"],"keys":{"bin:P:502":"sixth"}}"#);
    assert_eq!(changed(look(&desk, &mut stream, Some(&inbox.take()))), ["bin:P:502"]);
}

#[test]
fn a_replica_that_lags_takes_nothing_back_and_is_asked_again() {
    let desk = Desk::with_pool(&[], 2);
    write(&desk, 10, "bin:P:502", "tenth");
    let mut stream = begun(&desk, &["P"]);
    let mut inbox = Inbox::new(Some(InFlight::default().begin()));
    hear(&mut inbox, r#"{"seq":11,"pools":["P"],"keys":{"bin:P:502":"eleventh"}}"#);
    assert_eq!(changed(look(&desk, &mut stream, Some(&inbox.take()))), ["bin:P:502"]);
    // Polls, looks at everything, and those at a pool without texts.
    assert_eq!(changed(look(&desk, &mut stream, None)), ["behind"]);
    assert_eq!(changed(look(&desk, &mut stream, Some(&lost()))), ["behind"]);
    hear(&mut inbox, r#"{"seq":12,"pools":["P"]}"#);
    write(&desk, 11, "bin:P:502", "eleventh");
    assert_eq!(changed(look(&desk, &mut stream, Some(&inbox.take()))), ["behind"]);
    write(&desk, 12, "bin:P:502", "twelfth");
    assert_eq!(changed(look(&desk, &mut stream, Some(&lost()))), ["bin:P:502"]);
}

#[test]
fn whoever_has_all_of_it_from_another_isolate_needs_no_snapshot() {
    let desk = Desk::with_pool(&[], 2);
    let id = PoolId::new("P").unwrap();
    let come = |claimed: Option<u64>, default_fee_bps: u16| ChangeStream {
        watched: Watched::Pools([id.clone()].into()),
        held: None,
        is_answered: false,
        claimed: claimed.map(|state| state ^ u64::from(default_fee_bps)),
        default_fee_bps,
        ..stream()
    };
    let told = begun(&desk, &["P"]).state();
    let mut same = come(told, 0);
    let found = look(&desk, &mut same, Some(&lost())).unwrap();
    assert_eq!(same.state(), told);
    let (event, _) = same.event(found, false);
    let (kind, json) = event.unwrap();
    assert!(kind == "changes" && json.ends_with(r#""keys":{}}"#), "{json}");
    desk.redis.set("bin:P:500", "new");
    assert_eq!(changed(look(&desk, &mut same, Some(&lost()))), ["bin:P:500"], "and it goes on");
    for (claimed, default_fee_bps) in [(told, 0), (same.state(), 5), (None, 0)] {
        let mut other = come(claimed, default_fee_bps);
        assert_eq!(changed(look(&desk, &mut other, Some(&lost()))), ["a snapshot"]);
    }
    // What was not sent is told as a whole the next time.
    let mut unsent = come(same.state(), 0);
    unsent.forget();
    assert_eq!(changed(look(&desk, &mut unsent, None)), ["a snapshot"]);
}

#[test]
fn where_the_memory_of_streams_is_full_a_stream_waits_with_its_snapshot() {
    let desk = Desk::with_pool(&[], 50);
    let memory = InFlight::of(1_000);
    let mut other = memory.begin();
    let mut stream = ChangeStream { held: None, memory: memory.begin(), ..stream() };
    assert!(matches!(look(&desk, &mut stream, None), Err(Refusal::Busy { .. })), "too much for all of it");
    assert!(stream.held.is_none());
    other.hold(10);
    desk.redis.take_commands();
    assert!(matches!(look(&desk, &mut stream, None), Err(Refusal::Busy { .. })));
    assert!(desk.redis.take_reads().is_empty(), "nor is it read again while there is no more room");
    stream.memory = InFlight::default().begin();
    assert_eq!(changed(look(&desk, &mut stream, None)), ["a snapshot"]);
    assert!(!stream.memory.another().has_room(12_000_000), "and what it holds is counted");
}

/// The keys that the document of a snapshot leaves out.
fn skipped(found: Result<Found, Refusal>) -> Vec<String> {
    let Ok(Found::Snapshot { document, .. }) = found else { return changed(found) };
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let keys = document["skipped"].as_array().into_iter().flatten();
    keys.map(|left_out| left_out["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_bin_that_is_no_text_any_more_is_not_told_as_one_that_is_gone() {
    let desk = Desk::with_pool(&[], 2);
    desk.add_pool("Q", 500, 2);
    let mut stream = begun(&desk, &["P", "Q"]);
    desk.redis.put("bin:P:501", Stored::Set(["x".to_owned()].into()));
    desk.redis.set("bin:Q:500", bin_value(500, 502));
    assert_eq!(skipped(look(&desk, &mut stream, None)), ["bin:P:501"], "in the first poll");
    assert_eq!(changed(look(&desk, &mut stream, None)), [""; 0]);
    assert_eq!(changed(look(&desk, &mut stream, Some(&lost()))), [""; 0], "it is known");
    // Nothing is held of the bin, so only a look at everything finds that it is mended.
    desk.redis.set("bin:P:501", bin_value(501, 500));
    assert_eq!(skipped(look(&desk, &mut stream, Some(&lost()))), [""; 0]);
    desk.redis.remove("bin:P:501");
    assert_eq!(changed(look(&desk, &mut stream, None)), ["bin:P:501"], "now it is gone");
}

#[test]
fn a_bin_of_another_type_where_there_was_none_is_told_by_a_snapshot_too() {
    let desk = Desk::with_pool(&[], 2);
    let mut stream = begun(&desk, &["P"]);
    desk.redis.put("bin:P:700", Stored::Set(["x".to_owned()].into()));
    assert_eq!(changed(look(&desk, &mut stream, None)), [""; 0], "a poll of what is held");
    assert_eq!(skipped(look(&desk, &mut stream, Some(&lost()))), ["bin:P:700"]);
    let told = stream.state();
    desk.redis.remove("bin:P:700");
    assert_eq!(skipped(look(&desk, &mut stream, Some(&lost()))), [""; 0]);
    assert_ne!(stream.state(), told, "whoever comes back with the other one gets a snapshot");
}

#[test]
fn a_client_has_the_sample_once_until_it_has_something_else() {
    let desk = Desk::with_pool(&[], 2);
    let sample_of = |stream: &mut ChangeStream| stream.stand_in(1_800_000_000_000, 25);
    let mut stream = begun(&desk, &["P"]);
    assert!(matches!(sample_of(&mut stream), Err(Refusal::Quote(_))), "the sample has no such pool");
    assert!(stream.state().is_some() && !stream.has_sample);
    stream.watched = Watched::Pools([PoolId::new("BTC-USDC-25").unwrap()].into());
    stream.refused = Some([0; 32]);
    let (kind, json) = sample_of(&mut stream).unwrap().unwrap();
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    let pools = told["pools"].as_array().unwrap();
    assert_eq!((kind, pools.len(), &pools[0]["pool_id"]), ("snapshot", 1, &"BTC-USDC-25".into()));
    assert_eq!((&told["source"], &told["part"]), (&"sample".into(), &true.into()));
    assert!(stream.refused.is_none(), "it ends a refusal");
    assert!(stream.state().is_none() && stream.beats_by().is_none(), "of Redis nothing is known");
    assert!(sample_of(&mut stream).unwrap().is_none(), "nothing changes in it");
    stream.forget();
    assert!(sample_of(&mut stream).unwrap().is_some(), "it was not sent");
    stream.watched = Watched::Pools([PoolId::new("P").unwrap()].into());
    assert_eq!(changed(look(&desk, &mut stream, None)), ["a snapshot"], "whatever was held before");
}

#[test]
fn a_pool_that_changed_has_the_fees_that_the_snapshot_before_filled_in() {
    let desk = Desk::with_pool(&[], 2);
    let mut stream = ChangeStream { default_fee_bps: 30, ..begun(&desk, &["P"]) };
    let mut value = pool_value("P", 500);
    value.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_fee"));
    desk.redis.set("pool:P", &value);
    let found = look(&desk, &mut stream, Some(&lost())).unwrap();
    let (_, json) = stream.event(found, false).0.unwrap();
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    let told: serde_json::Value = serde_json::from_str(told["keys"]["pool:P"].as_str().unwrap()).unwrap();
    assert_eq!((&told["x_provider_fee"], &told["y_provider_fee"]), (&30.into(), &30.into()), "{told}");
}
