//! Quotes with their input, over whole pools and over windows of bins as a server reads them.

use crate::market::Market;
use dlmm_core::api::{Answer, Basis, NumberStyle, ReadAt, SharedState, Source, request_from_json};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Step, step};
use dlmm_core::network::age::AgeRule;
use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::Effort;
use dlmm_core::stored::{PoolRouting, Snapshot, StoredPool};
use dlmm_core::units::{BinId, PoolId};
use dlmm_core::verify::{Verification, verify_quote};
use serde_json::Value;
use std::sync::Arc;

/// Some milliseconds after the pools were written.
pub(crate) const READ_AT: u64 = crate::market::NOW + 1_234;

/// How much of the pools is read at first, and how the answer comes about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Bins on either side of the active one; doubled while core asks for more.
    pub(crate) width: u16,
    /// Core is told that nothing more can be read, and the answer that keys were limited.
    pub(crate) cut_short: bool,
    pub(crate) source: Source,
}

pub(crate) const WHOLE: Reading = Reading { width: 1_000, cut_short: false, source: Source::Snapshot };

/// Quotes with `include_state` and gives the answer's text.
pub(crate) fn answer(market: &Market, request: &Value, reading: Reading) -> Result<String, QuoteError> {
    let text = market.0.to_string();
    let snapshot = Snapshot::parse(&text).expect("a snapshot");
    let mut request = request.clone();
    request["include_state"] = Value::Bool(true);
    let request = request_from_json(&request.to_string())?;
    let (token_in, token_out) = (&request.token_in, &request.token_out);
    let most = if reading.cut_short { 2 } else { 64 };
    let candidates =
        find_candidates(&snapshot.graph(), token_in, token_out, request.max_hops, most, &request.filter)?;
    let candidates = Arc::new(candidates);
    let mut width = reading.width;
    loop {
        let is_candidate = |id: &PoolId| candidates.pools.iter().any(|candidate| candidate.pool.id == *id);
        let pools = snapshot.pools.iter().filter(|(routing, _)| is_candidate(&routing.pool.id));
        let stored = pools.map(|(routing, pool)| {
            let read = if reading.width == 1_000 { pool.clone() } else { window(routing, pool, width) };
            (routing.pool.id.clone(), read.into_owned())
        });
        let basis = Basis {
            request: request.clone(),
            candidates: Arc::clone(&candidates),
            decimals: snapshot.decimals().into(),
            default_fee_bps: 10,
            stored: Arc::new(stored.collect()),
            keys_limited: reading.cut_short.then_some(77),
            effort: Effort::WHOLE,
            router: None,
        };
        let read_at = ReadAt { ms: READ_AT, source: reading.source };
        let state = basis.state(AgeRule::default());
        let step = match reading.cut_short {
            true => Step::Answer(dlmm_core::market::answer(basis, &state, read_at)?.into()),
            false => step(basis, &state, read_at)?,
        };
        let answer = match step {
            Step::Answer(answer) => answer,
            Step::ReadMore(_) => {
                width = width.saturating_mul(2);
                continue;
            }
        };
        let json = answer.to_json(NumberStyle::Json, Some("0123456789abcdef")).expect("JSON");
        assert_eq!(resolved(&answer), json, "the state may be written apart");
        return Ok(json);
    }
}

/// The answer with its state apart and a reference to it, put together again.
fn resolved(answer: &Answer) -> String {
    let candidates = || answer.basis.candidates.pools.iter().map(|candidate| &candidate.pool);
    let stored = candidates().map(|pool| (pool, answer.basis.stored(&pool.id)));
    let shared = SharedState::new(stored, answer.basis.default_fee_bps);
    let id = Some("0123456789abcdef");
    let (written, whole) = answer.undigested_with_ref(NumberStyle::Json, id, (7, &shared)).expect("JSON");
    let sha256 = written.sha256();
    let json = written.clone().finish(&sha256, id);
    let (mut later, place) = written.finish_before(id);
    assert_ne!(later, json);
    place.fill(&mut later, &sha256);
    assert_eq!(later, json);
    let mut state = String::new();
    shared.write(&mut state);
    let pools = state.strip_prefix("{\"pools\":").and_then(|list| list.strip_suffix('}')).expect("a list");
    let places: Vec<_> = (0..candidates().count()).map(|at| at.to_string()).collect();
    let places = format!("\"pools\":[{}]", places.join(","));
    let json =
        json.replacen("\"input_ref\":", "\"input\":", 1).replacen(&places, &format!("\"pools\":{pools}"), 1);
    let json = json.replacen(",\"state\":7}", "}", 1);
    let (_, input) = json.split_once("\"input\":").expect("an input");
    assert_eq!(input.find(",\"digest\":"), Some(whole));
    json
}

/// The bins of a pool around its active one.
fn window<'a>(routing: &PoolRouting, whole: &'a StoredPool<'_>, width: u16) -> StoredPool<'a> {
    let active = routing.active_bin.unwrap_or(BinId::MIN);
    let reach = i32::from(width);
    let known = (active.saturating_offset(-reach), active.saturating_offset(reach));
    let bins = whole.bins.iter().filter_map(|(id, text)| Some(((*id)?, &**text)));
    StoredPool::new(whole.value.as_deref(), known, bins.filter(|(id, _)| known.0 <= *id && *id <= known.1))
}

/// What an exact check of a text comes to.
pub(crate) fn verified(text: &str) -> Verification {
    verify_quote(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Checks an answer, and what a program makes of it that reads numbers as doubles and writes them again.
pub(crate) fn assert_verifies(text: &str) {
    for text in [text, &through_doubles(text)] {
        let verification = verified(text);
        assert!(verification.is_equal(), "{verification:?}: {text}");
    }
}

/// Reads and writes every number as a double, as `JSON.parse` and `JSON.stringify` do.
pub(crate) fn through_doubles(text: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let mut escaped = true;
                let end = rest.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                end.expect("the end of a text") + 1
            }
            '-' | '0'..='9' => rest.find(|c| !is_number(c)).unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match token.parse::<f64>() {
            Ok(double) if first != '"' => out.push_str(&double.to_string()),
            _ => out.push_str(token),
        }
        rest = after;
    }
    out
}

#[test]
fn doubles_lose_digits_and_texts_do_not() {
    let text = r#"{"a":99900.0,"b":0.123456789012345678,"c":"\"1.0\\","d":[1,-2.50,true]}"#;
    let expected = r#"{"a":99900,"b":0.12345678901234568,"c":"\"1.0\\","d":[1,-2.5,true]}"#;
    assert_eq!(through_doubles(text), expected);
}
