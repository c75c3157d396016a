//! Every field of an answer altered, by a forger who computes the rest anew: what is not caught against the caller's own
//! state stands in the list of what is not proven.

use crate::market::NOW;
use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::quote::QuoteRequest;
use dlmm_core::verify::{Own, Verification, verify_quote, verify_quote_against};
use serde_json::{Value, json};

const DEPLOYER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
const ROUTER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.dlmm-swap-router-v-1-1";
const STRANGER: &str = "ST000000000000000000002AMW42H.dlmm-swap-router-v-1-1";
const MINUTE: u64 = 60_000;
const READ_AT: u64 = NOW + 30 * MINUTE;
const BEAT: u64 = NOW + 10 * MINUTE;

/// Two pools of one pair, with contracts, 20 minutes after the producer's last beat.
fn snapshot() -> Value {
    let pool = |id: &str, reserve: &str| {
        json!({
            "pool_id": id, "token_x": "A", "token_y": "B", "token_x_decimals": 6, "token_y_decimals": 6,
            "active_bin_id": 500, "status": "active", "bin_step": 25, "last_updated": NOW, "block_height": 90,
            "x_provider_fee": 10, "y_provider_fee": 10,
            "pool_contract": format!("{DEPLOYER}.{}", id.to_lowercase()),
            "token_x_contract": format!("{DEPLOYER}.ta"), "token_x_asset": format!("{DEPLOYER}.ta::a"),
            "token_y_contract": format!("{DEPLOYER}.tb"), "token_y_asset": format!("{DEPLOYER}.tb::b"),
            "bins": [
                {"pool_id": id, "bin_id": 499, "reserve_x": "0", "reserve_y": reserve, "price_e8": "99000000"},
                {"pool_id": id, "bin_id": 500, "reserve_x": reserve, "reserve_y": reserve, "price_e8": "100000000"}],
        })
    };
    json!({
        "format": "dlmm-snapshot/1", "taken_at": READ_AT, "heartbeat_ms": BEAT.to_string(), "block_height": 100,
        "tokens": {}, "pools": [pool("P", "5000000"), pool("Q", "3000000")],
    })
}

fn market(snapshot: &Value, router: Option<&str>) -> Market {
    let settings =
        MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: READ_AT };
    let mut market = Market::from_snapshot(&snapshot.to_string(), settings).expect("a snapshot");
    market.set_router(router);
    market
}

fn asked() -> Value {
    json!({"token_in": "A", "token_out": "B", "amount_in_atomic": "1000000", "include_state": true})
}

fn with(mut object: Value, fields: Value) -> Value {
    object.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    object
}

fn planned() -> Value {
    with(asked(), json!({"plan": {"sender": DEPLOYER, "mode": "auto"}}))
}

fn request(body: &Value) -> QuoteRequest {
    request_from_json(&body.to_string()).expect("a request")
}

fn answer(market: &mut Market, body: &Value) -> String {
    market.answer(&request(body), NumberStyle::Json).expect("a quote")
}

/// What the caller is told of an answer that is sound in itself.
fn told(answer: &str, body: &Value, own: &mut Market) -> Verification {
    let alone = verify_quote(answer).expect("a quote with its input");
    assert!(alone.is_equal(), "a forgery that is not even sound: {alone:?}");
    against(answer, body, own)
}

fn against(answer: &str, body: &Value, own: &mut Market) -> Verification {
    let request = request(body);
    let own = Own { request: Some(&request), market: Some(own), default_fee_bps: Some(10), ..Own::default() };
    verify_quote_against(answer, own).expect("a quote with its input")
}

fn unproven(found: &Verification) -> Vec<&str> {
    found.unproven.iter().map(|one| one.path.as_str()).collect()
}

fn paths(found: &Verification) -> Vec<&str> {
    found.differences.iter().map(|one| one.path.as_str()).collect()
}

/// The paths that differ in the answer of a liar, of whose market and request something was bent.
fn lie(body: &Value, bend: impl FnOnce(&mut Value), set: impl FnOnce(&mut Market)) -> Vec<String> {
    let mut state = snapshot();
    bend(&mut state);
    let mut liar = market(&state, Some(ROUTER));
    set(&mut liar);
    let text = answer(&mut liar, body);
    let found = told(&text, body, &mut market(&snapshot(), Some(ROUTER)));
    assert!(found.moved.is_empty() && found.unproven.is_empty(), "{found:?}");
    found.differences.into_iter().map(|one| one.path).collect()
}

#[test]
fn a_true_answer_is_equal_and_nothing_of_it_is_unproven() {
    for body in [asked(), planned()] {
        assert_eq!(lie(&body, |_| {}, |_| {}), [""; 0]);
    }
}

#[test]
fn a_plan_of_a_strangers_router_is_named() {
    assert_eq!(lie(&planned(), |_| {}, |liar| liar.set_router(Some(STRANGER))), ["input.router"]);
    let text = answer(&mut market(&snapshot(), Some(STRANGER)), &planned());
    assert!(text.contains(r#""proven":false"#), "of a stranger nothing was run");
    assert!(answer(&mut market(&snapshot(), Some(ROUTER)), &planned()).contains(r#""proven":true"#));
    // Nobody says which one is right.
    let found = told(&text, &planned(), &mut market(&snapshot(), None));
    assert!(found.is_equal() && unproven(&found) == ["input.router"], "{found:?}");
    assert_eq!(unproven(&verify_quote(&text).expect("a quote")), ["input.router"]);
    for (router, differs) in [(ROUTER, true), (STRANGER, false), ("", true)] {
        let own = Own { router: Some(router), ..Own::default() };
        let found = verify_quote_against(&text, own).expect("a quote");
        assert_eq!(paths(&found) == ["input.router"], differs, "{router}: {found:?}");
        assert!(found.unproven.is_empty());
    }
    // The market is left with the router that it had.
    let mut own = market(&snapshot(), Some(ROUTER));
    assert_eq!(paths(&told(&text, &planned(), &mut own)), ["input.router"]);
    assert_eq!(paths(&told(&text, &planned(), &mut own)), ["input.router"]);
}

#[test]
fn the_contracts_that_a_plan_calls_are_those_of_the_own_state() {
    for field in ["pool_contract", "token_x_contract", "token_x_asset", "token_y_contract", "token_y_asset"] {
        let bend = |state: &mut Value| {
            let bent = state["pools"][0][field].as_str().expect("text").replacen('.', ".stranger-", 1);
            state["pools"][0][field] = json!(bent);
        };
        assert_eq!(lie(&planned(), bend, |_| {}), ["pool:P"], "{field}");
        assert_eq!(lie(&asked(), bend, |_| {}), [""; 0], "{field}: without a plan nobody takes it");
    }
    for (field, value) in [("bin_step", json!(10)), ("fee_exempt", json!([DEPLOYER]))] {
        let bend = |state: &mut Value| state["pools"][0][field] = value;
        assert_eq!(lie(&planned(), bend, |_| {}), ["pool:P"], "{field}");
    }
}

#[test]
fn heartbeat_warning_and_heights_are_those_of_the_own_state() {
    let now = READ_AT.to_string();
    let younger = |liar: &mut Market| liar.set_heartbeat(Some(&now));
    assert_eq!(lie(&asked(), |_| {}, younger), ["state.heartbeat_ms"]);
    let young = with(asked(), json!({"max_age_ms": 5_000}));
    assert_eq!(lie(&young, |_| {}, younger), ["state.heartbeat_ms"], "the truth is STALE_STATE");
    assert_eq!(lie(&asked(), |_| {}, |liar| liar.set_warn_age(None)), ["state.warn_age_ms"]);
    assert_eq!(lie(&asked(), |_| {}, |liar| liar.set_heartbeat(None)), ["state.heartbeat_ms"]);
    let high = with(asked(), json!({"min_block_height": 999}));
    for body in [asked(), high] {
        assert_eq!(lie(&body, |_| {}, |liar| liar.set_block_height(Some("999"))), ["state.block_height"]);
    }
    assert_eq!(lie(&asked(), |_| {}, |liar| liar.set_block_height(None)), ["state.block_height"]);
}

#[test]
fn a_later_reading_has_no_older_heartbeat_and_no_lower_block() {
    let text = answer(&mut market(&snapshot(), None), &asked());
    let against = |read_at_ms: u64, beat: u64, height: u64| {
        let mut own = market(&snapshot(), None);
        own.set_read_at_ms(read_at_ms);
        own.set_heartbeat(Some(&beat.to_string()));
        own.set_block_height(Some(&height.to_string()));
        told(&text, &asked(), &mut own)
    };
    let (later, earlier) = (READ_AT + MINUTE, READ_AT - MINUTE);
    assert!(against(later, BEAT + 5, 101).is_equal());
    assert_eq!(paths(&against(later, BEAT - 5, 100)), ["state.heartbeat_ms"]);
    assert_eq!(paths(&against(later, BEAT, 99)), ["state.block_height"]);
    let found = against(earlier, BEAT - 5, 99);
    assert!(
        found.is_equal() && unproven(&found) == ["state.heartbeat_ms", "state.block_height"],
        "{found:?}"
    );
    assert_eq!(paths(&against(earlier, BEAT + 5, 101)), ["state.heartbeat_ms", "state.block_height"]);
    // Clocks are no better than that.
    let found = against(READ_AT - 300, BEAT + 5, 100);
    assert!(!found.is_different() && !found.is_equal(), "{found:?}");
}

#[test]
fn a_share_of_the_work_is_that_of_a_batch() {
    let text = answer(&mut market(&snapshot(), None), &asked());
    let with_share = |share: u64| {
        let mut bent: Value = serde_json::from_str(&text).expect("JSON");
        bent["input"]["work_share"] = json!(share);
        bent.to_string()
    };
    for share in [0, 1, 10, 400, 65_535] {
        let refusal = verify_quote(&with_share(share)).expect_err("of no batch").to_string();
        assert!(refusal.contains("input.work_share"), "{share}: {refusal}");
    }
    let shared = |batch: Option<usize>| {
        let own = Own { batch, ..Own::default() };
        verify_quote_against(&with_share(3), own).expect("a quote")
    };
    assert_eq!(unproven(&shared(None)), ["input.work_share"]);
    assert!(paths(&shared(Some(24))).contains(&"input.work_share"));
    assert!(shared(Some(36)).differences.is_empty() && shared(Some(36)).unproven.is_empty());
}

/// What nothing the caller knows can show, in the words of `docs/http.md`.
const NOT_PROVEN: [&str; 11] = [
    "input.paths",
    "request_id",
    "state.source",
    "state.read_at",
    "input.keys_limited",
    "input.unplaced",
    "input.unknown_names",
    "input.decimals.TOKEN.decimals_from",
    "input.decimals.TOKEN.disagreement",
    "input.pools[].known",
    "input.pools[].left_out.reason",
];

#[test]
fn the_guide_lists_what_is_not_proven() {
    let guide = include_str!("../../../docs/http.md");
    let (_, list) = guide.split_once("<!-- not proven -->").expect("a list");
    let (list, _) = list.split_once("<!-- /not proven -->").expect("its end");
    for field in NOT_PROVEN {
        assert!(list.contains(&format!("`{field}`")), "{field} is not in docs/http.md");
    }
}

/// Every field that is a value, with the way to it.
fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), out))
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| leaves(value, &format!("{path}/{at}"), out))
        }
        _ => out.push(path.to_owned()),
    }
}

fn altered(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!(1), json!("x"), json!(true)],
        Value::Bool(flag) => vec![json!(!flag), Value::Null],
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            let others = [number + 1.0, number - 1.0, 0.0].into_iter().filter(|other| *other != number);
            others.map(|other| json!(other as i64)).chain([Value::Null]).collect()
        }
        Value::String(text) => match text.parse::<u64>() {
            Ok(number) => vec![json!((number + 1).to_string()), json!("0"), Value::Null],
            Err(_) => vec![json!(format!("{text}x")), Value::Null],
        },
        _ => vec![Value::Null, json!([1])],
    }
}

/// Takes over what the check computes, until the answer is sound or cannot be made so.
fn repaired(mut answer: Value) -> Option<Value> {
    for _ in 0..12 {
        let found = verify_quote(&answer.to_string()).ok()?;
        if found.differences.is_empty() {
            return Some(answer);
        }
        for one in found.differences.iter().rev() {
            let way = format!("/{}", one.path.replace(['.', '['], "/").replace(']', ""));
            let computed = one.computed.as_ref().map(|text| serde_json::from_str::<Value>(text));
            match computed {
                Some(Ok(value)) => {
                    let (parent, name) = way.rsplit_once('/')?;
                    match answer.pointer_mut(parent)? {
                        Value::Object(fields) => fields.insert(name.to_owned(), value),
                        parent => {
                            Some(std::mem::replace(parent.get_mut(name.parse::<usize>().ok()?)?, value))
                        }
                    };
                }
                Some(Err(_)) => return None,
                None => {
                    let (parent, name) = way.rsplit_once('/')?;
                    match answer.pointer_mut(parent)? {
                        Value::Object(fields) => drop(fields.remove(name)),
                        Value::Array(items) => drop(items.pop()),
                        _ => return None,
                    }
                }
            }
        }
    }
    None
}

#[test]
fn every_altered_field_is_caught_or_stands_in_the_list() {
    let (mut tried, mut passed) = (0, Vec::new());
    for body in [
        asked(),
        planned(),
        with(
            asked(),
            json!({"explain": true, "max_age_ms": 3_600_000, "exclude_pools": ["NONE"], "via": ["NONE"]}),
        ),
    ] {
        let text = answer(&mut market(&snapshot(), Some(ROUTER)), &body);
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        let mut ways = Vec::new();
        leaves(&whole, "", &mut ways);
        for way in ways.iter().filter(|way| *way != "/digest") {
            for value in altered(whole.pointer(way).expect("there")) {
                let mut bent = whole.clone();
                *bent.pointer_mut(way).expect("there") = value.clone();
                tried += 1;
                // The digest is no matter: whoever forges an answer computes it anew.
                let forged = repaired(bent.clone()).unwrap_or(bent);
                let forged = forged.to_string();
                let request = request(&body);
                let mut own = market(&snapshot(), Some(ROUTER));
                let own = Own {
                    request: Some(&request),
                    market: Some(&mut own),
                    default_fee_bps: Some(10),
                    ..Own::default()
                };
                let Ok(found) = verify_quote_against(&forged, own) else { continue };
                let caught = !found.differences.is_empty() || !found.moved.is_empty();
                let undone = serde_json::from_str::<Value>(&forged).is_ok_and(|forged| forged == whole);
                if !caught && !undone && !is_listed(way) && !changes_nothing(way, &value) {
                    passed.push(format!("{way} := {value}"));
                }
            }
        }
    }
    assert!(passed.is_empty() && tried > 500, "of {tried} passed: {passed:#?}");
}

fn is_listed(way: &str) -> bool {
    let name = |listed: &str| listed.replace("[]", "/*").replace('.', "/").replace("TOKEN", "*");
    let fits = |listed: &str| {
        let (mut listed, mut steps) = (listed.split('/'), way.trim_start_matches('/').split('/'));
        listed.all(|one| steps.next().is_some_and(|step| one == "*" || one == step))
    };
    NOT_PROVEN.iter().any(|listed| fits(&name(listed)))
}

/// What refuses or warns more than the caller wants, or leaves the id of a bin to its text: no number is another one.
fn changes_nothing(way: &str, value: &Value) -> bool {
    match way {
        "/input/request/strict" => *value == json!(true),
        "/input/request/max_age_ms" => value.as_u64().is_some_and(|ms| ms < 3_600_000),
        "/state/warn_age_ms" => value.as_u64().is_some_and(|ms| ms < MINUTE),
        _ => way.contains("/bins/") && value.is_null(),
    }
}
