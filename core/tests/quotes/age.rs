//! How old a state is, who is told, and who is refused.

use crate::market::{Market, NOW};
use dlmm_core::api::request_from_json;
use dlmm_core::error::QuoteError;
use dlmm_core::network::age::{AgeLimit, AgeRule, CLOCK_SKEW_MS, Pulse};
use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::{Effort, Outcome, Quote, QuoteInput, Warning, quote};
use dlmm_core::stored::{Snapshot, parse_heartbeat};
use serde_json::json;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 3_600_000;
const POOL: &str = "BTC-USDC-25";

/// One BTC through one pool that was written at `written_ms`.
fn quoted(written_ms: u64, age_rule: AgeRule, max_age_ms: Option<u64>) -> Result<Quote, QuoteError> {
    let mut market = Market::sample();
    market.pool(POOL)["last_updated"] = json!(written_ms);
    let text = market.0.to_string();
    let snapshot = Snapshot::parse(&text).expect("a snapshot");
    let body =
        json!({"token_in":"BTC","token_out":"USDC","amount_in":1,"pools":[POOL],"max_age_ms":max_age_ms});
    let request = request_from_json(&body.to_string()).expect("sound");
    let (token_in, token_out) = (&request.token_in, &request.token_out);
    let candidates =
        find_candidates(&snapshot.graph(), token_in, token_out, 3, 64, &request.filter).expect("routes");
    let mut state = snapshot.state(&candidates, 10);
    state.age_rule = age_rule;
    let input = QuoteInput {
        request: &request,
        candidates: &candidates,
        state: &state,
        now_ms: NOW,
        can_read_more: false,
        effort: Effort::WHOLE,
    };
    match quote(&input)? {
        Outcome::Quote(quote, _) => Ok(*quote),
        Outcome::ReadMore(more) => panic!("{more:?}"),
    }
}

/// The rule of staging and production, where nothing is set by name.
fn rule(heartbeat: Option<&str>) -> AgeRule {
    AgeRule {
        pulse: Pulse { heartbeat: heartbeat.map(parse_heartbeat), block_height: None },
        warn: Some(AgeLimit::named(MINUTE)),
        refuse: Some(AgeLimit::by_heartbeat(2 * MINUTE)),
    }
}

fn told(quote: &Quote) -> (Option<u64>, Vec<&'static str>) {
    (quote.pools[0].age_ms, quote.warnings.iter().map(Warning::code).collect())
}

fn age_refused(outcome: Result<Quote, QuoteError>) -> (Option<u64>, u64) {
    match outcome {
        Err(QuoteError::StaleState { age_ms, max_age_ms: Some(max_age_ms), .. }) => (age_ms, max_age_ms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_old_state_without_a_heartbeat_is_told_and_refused_only_by_name() {
    let old = NOW - 20 * MINUTE;
    let quote = quoted(old, rule(None), None).expect("a quote");
    assert_eq!(told(&quote), (Some(20 * MINUTE), vec!["STATE_OLD"]));
    assert!(
        matches!(&quote.warnings[0], Warning::StateOld { pool_id, age_ms } if pool_id.as_str() == POOL && *age_ms == 20 * MINUTE)
    );
    let quiet = AgeRule { warn: Some(AgeLimit::by_heartbeat(MINUTE)), ..rule(None) };
    assert_eq!(told(&quoted(old, quiet, None).expect("a quote")), (Some(20 * MINUTE), vec![]));
    let named = AgeRule { refuse: Some(AgeLimit::named(5 * MINUTE)), ..rule(None) };
    assert_eq!(age_refused(quoted(old, named, None)), (Some(20 * MINUTE), 5 * MINUTE));
    assert_eq!(age_refused(quoted(old, rule(None), Some(7))), (Some(20 * MINUTE), 7));
}

#[test]
fn a_quiet_pool_under_a_live_producer_is_not_old() {
    let alive = (NOW - 400).to_string();
    let quote = quoted(NOW - HOUR, rule(Some(&alive)), Some(1_000)).expect("a quote");
    assert_eq!(told(&quote), (Some(400), vec![]));
    assert_eq!((quote.pulse.heartbeat.expect("one").text, quote.warn_age_ms), (alive, Some(MINUTE)));
}

#[test]
fn a_dead_producer_is_warned_of_and_then_refused() {
    let died = |ms: u64| (NOW - ms).to_string();
    let at = |ms| quoted(NOW - HOUR, rule(Some(&died(ms))), None);
    assert_eq!(told(&at(MINUTE).expect("a quote")), (Some(MINUTE), vec![]), "above, not at");
    assert_eq!(told(&at(MINUTE + 1).expect("a quote")), (Some(MINUTE + 1), vec!["STATE_OLD"]));
    assert!(at(2 * MINUTE).is_ok());
    assert_eq!(age_refused(at(2 * MINUTE + 1)), (Some(2 * MINUTE + 1), 2 * MINUTE));
    // The stricter of the two holds.
    let dead = || quoted(NOW - HOUR, rule(Some(&died(MINUTE))), Some(HOUR));
    assert!(dead().is_ok());
    assert_eq!(age_refused(quoted(NOW - HOUR, rule(Some(&died(3 * MINUTE))), Some(HOUR))).1, 2 * MINUTE);
    assert_eq!(age_refused(quoted(NOW - HOUR, rule(Some(&died(3 * MINUTE))), Some(9))).1, 9);
}

#[test]
fn a_pool_of_hours_ahead_is_of_unknown_age_whatever_the_heartbeat() {
    for heartbeat in [None, Some(NOW.to_string())] {
        let heartbeat = heartbeat.as_deref();
        let open = AgeRule { refuse: None, ..rule(heartbeat) };
        let ahead = quoted(NOW + 8 * HOUR, open.clone(), None).expect("a quote");
        assert_eq!(told(&ahead), (None, vec!["TIME_AHEAD"]));
        assert_eq!(age_refused(quoted(NOW + 8 * HOUR, open, Some(u64::MAX))), (None, u64::MAX));
    }
    assert_eq!(age_refused(quoted(NOW + HOUR, rule(Some(&NOW.to_string())), None)), (None, 2 * MINUTE));
    let skew = quoted(NOW + CLOCK_SKEW_MS, rule(None), Some(0)).expect("clocks differ");
    assert_eq!(told(&skew), (Some(0), vec!["TIME_AHEAD"]));
}

#[test]
fn a_heartbeat_that_says_nothing_is_named_and_does_not_count() {
    let ahead = (NOW + CLOCK_SKEW_MS + 1).to_string();
    for (heartbeat, ahead_ms) in [("soon", None), ("", None), ("1800000000", None), (&ahead, Some(5_001))] {
        let quote = quoted(NOW - HOUR, rule(Some(heartbeat)), None).expect("no heartbeat, no limit");
        assert_eq!(told(&quote), (Some(HOUR), vec!["STATE_OLD", "HEARTBEAT_INVALID"]), "{heartbeat}");
        assert!(quote.warnings.contains(&Warning::HeartbeatInvalid { ahead_ms }));
        assert_eq!(age_refused(quoted(NOW - HOUR, rule(Some(heartbeat)), Some(5))), (Some(HOUR), 5));
    }
}
