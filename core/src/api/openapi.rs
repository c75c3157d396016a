//! Holds `docs/openapi.json` to what this crate reads and writes.

use super::error_details;
use super::fields::FIELDS;
use super::{Place, RequestField, request_from_json};
use crate::error::{PlanFault, QuoteError};
use crate::narrowed::Narrowed;
use crate::quote::{AmountText, LostReason, Mode, QuoteRequest, Warning};
use crate::units::{PoolId, Symbol};
use crate::verify::verify_quote;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use serde_json::{Value, json};

/// Lists one value of each variant, and does not compile while a variant is missing.
macro_rules! one_of_each {
    ($type:ty: $($pattern:pat => $sample:expr),+ $(,)?) => {{
        const fn listed(value: &$type) { match value { $($pattern => {}),+ } }
        let samples: Vec<$type> = vec![$($sample),+];
        samples.iter().for_each(listed);
        samples
    }};
}

fn error_value(refusal: &QuoteError) -> Value {
    serde_json::from_str(&error_details(refusal)).expect("JSON")
}

fn document() -> Value {
    serde_json::from_str(include_str!("../../../docs/openapi.json")).expect("docs/openapi.json is JSON")
}

fn schemas() -> Value {
    document()["components"]["schemas"].clone()
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("text")).collect()
}

fn accepts(field: &str, value: &Value) -> bool {
    let mut request = json!({"token_in": "BTC", "token_out": "USDC", "amount_in": 1});
    request[field] = value.clone();
    request_from_json(&request.to_string()).is_ok()
}

#[test]
fn every_request_field_is_described_and_no_other() {
    let schemas = schemas();
    let properties = &schemas["QuoteRequest"]["properties"];
    let in_bodies = FIELDS.iter().filter(|field| !matches!(field.place, Place::PlanPart(_)));
    assert_eq!(names(properties), in_bodies.map(|field| field.name).collect());
    for (name, field) in properties.as_object().expect("an object") {
        let described = field["description"].as_str().unwrap_or_default();
        assert!(described.len() > 10, "{name}");
    }
}

#[test]
fn bounds_of_request_fields_are_those_that_are_checked() {
    let schemas = schemas();
    let mut bounded = 0;
    for (name, field) in schemas["QuoteRequest"]["properties"].as_object().expect("an object") {
        let (Some("integer"), Some(low)) = (field["type"].as_str(), field["minimum"].as_i64()) else {
            continue;
        };
        bounded += 1;
        assert!(accepts(name, &json!(low)) && !accepts(name, &json!(low - 1)), "{name} from {low}");
        if let Some(high) = field["maximum"].as_i64() {
            assert!(accepts(name, &json!(high)) && !accepts(name, &json!(high + 1)), "{name} to {high}");
        }
    }
    let is_number = |place: &Place| {
        matches!(
            place,
            Place::Small(..)
                | Place::Number(..)
                | Place::Limit(..)
                | Place::Milliseconds(_)
                | Place::Height(_)
        )
    };
    assert_eq!(bounded, FIELDS.iter().filter(|field| is_number(&field.place)).count());
    let lists = FIELDS.iter().filter(|field| matches!(field.place, Place::Pools(_) | Place::Tokens(_)));
    for name in lists.map(|field| field.name) {
        let field = &schemas["QuoteRequest"]["properties"][name];
        let bound =
            |keyword: &str| usize::try_from(field[keyword].as_u64().expect("a bound")).expect("small");
        let list = |length: usize| json!((0..length).map(|n| format!("P{n}")).collect::<Vec<_>>());
        for (length, fits) in [
            (bound("minItems"), true),
            (bound("minItems") - 1, false),
            (bound("maxItems"), true),
            (bound("maxItems") + 1, false),
        ] {
            assert_eq!(accepts(name, &list(length)), fits, "{length} {name}");
        }
    }
}

#[test]
fn defaults_of_request_fields_are_those_that_are_taken() {
    let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in_atomic":"1"}"#;
    let request = request_from_json(body).expect("sound");
    let symbol = |text| Symbol::new(text).expect("a name");
    assert_eq!(
        request,
        QuoteRequest::new(symbol("BTC"), symbol("USDC"), Mode::ExactIn, AmountText::Atomic(1))
    );
    let document = document();
    let parameters = document["paths"]["/quote"]["get"]["parameters"].as_array().expect("a list");
    let default =
        |field: &Value| Some((field["name"].as_str()?.to_owned(), field["schema"].get("default")?.clone()));
    let documented: Vec<_> = parameters.iter().filter_map(default).collect();
    assert_eq!(documented.len(), FIELDS.iter().filter_map(RequestField::default_value).count());
    for (name, default) in documented {
        // Whoever writes the default out asks for the same as whoever leaves the field away.
        let mut spelt_out: Value = serde_json::from_str(body).expect("JSON");
        spelt_out[&name] = default;
        assert_eq!(request_from_json(&spelt_out.to_string()), Ok(request.clone()), "{name}");
    }
}

#[test]
fn every_warning_is_described_and_no_other() {
    let symbol = || Symbol::new("BTC").expect("a name");
    let pool_id = || PoolId::new("P").expect("a name");
    let text = || "via".to_string();
    let warnings = one_of_each!(Warning:
        Warning::PoolSkipped { .. } => Warning::PoolSkipped { key: String::new(), reason: String::new() },
        Warning::StateSuspect { .. } => Warning::StateSuspect { key: String::new(), reason: String::new() },
        Warning::DecimalsAssumed { .. } => Warning::DecimalsAssumed { token: symbol() },
        Warning::AgeUnknown { .. } => Warning::AgeUnknown { pool_id: pool_id() },
        Warning::TimeAhead { .. } => Warning::TimeAhead { pool_id: pool_id(), ahead_ms: 1_001 },
        Warning::StateOld { .. } => Warning::StateOld { pool_id: pool_id(), age_ms: 60_001 },
        Warning::HeartbeatInvalid { .. } => Warning::HeartbeatInvalid { ahead_ms: None },
        Warning::MaximumSentCapped => Warning::MaximumSentCapped,
        Warning::PriceImpactUnknown => Warning::PriceImpactUnknown,
        Warning::CandidatesLimited { .. } => Warning::CandidatesLimited { pools: 1 },
        Warning::PartialFill { .. } => Warning::PartialFill { unfilled: 1 },
        Warning::SearchLimited { .. } => Warning::SearchLimited { limit: "walks" },
        Warning::SplitsLimited { .. } => Warning::SplitsLimited { wanted: 2, allowed: 1 },
        Warning::BinsLimited { .. } => Warning::BinsLimited { allowed: 1 },
        Warning::FeeExempt { .. } => Warning::FeeExempt { pool_id: pool_id() },
        Warning::FilterUnknown { .. } => Warning::FilterUnknown { field: text(), name: text() },
        Warning::KeysLimited { .. } => Warning::KeysLimited { keys: 1 },
    );
    let mut codes: BTreeSet<&str> = warnings.iter().map(Warning::code).collect();
    // The answer adds this one where the bundled sample stands in.
    codes.insert("SAMPLE_STATE");
    let schemas = schemas();
    let mapping = &schemas["Warning"]["discriminator"]["mapping"];
    assert_eq!(names(mapping), codes);
    let variants = schemas["Warning"]["oneOf"].as_array().expect("a list");
    assert_eq!(variants.len(), codes.len());
    for variant in variants {
        let name = variant["$ref"].as_str().and_then(|path| path.rsplit('/').next()).expect("a reference");
        let code = schemas[name]["properties"]["code"]["const"].as_str().expect("a code");
        assert_eq!(mapping[code], variant["$ref"], "{code}");
    }
}

#[test]
fn every_reason_why_a_candidate_lost_is_described_and_no_other() {
    let reasons = one_of_each!(LostReason:
        LostReason::LowerOutput => LostReason::LowerOutput,
        LostReason::HigherInput => LostReason::HigherInput,
        LostReason::SameResult => LostReason::SameResult,
        LostReason::PartialFill => LostReason::PartialFill,
        LostReason::TooManyBins => LostReason::TooManyBins,
        LostReason::SplitsLimited => LostReason::SplitsLimited,
        LostReason::Overflow => LostReason::Overflow,
        LostReason::BinsUnread => LostReason::BinsUnread,
        LostReason::PoolInactive => LostReason::PoolInactive,
        LostReason::PoolAbsent => LostReason::PoolAbsent,
        LostReason::PoolInvalid => LostReason::PoolInvalid,
    );
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
    let schemas = schemas();
    let reason = &schemas["LostCandidate"]["properties"]["reason"];
    assert_eq!(texts(&reason["enum"]), codes);
    let described = reason["description"].as_str().expect("text");
    assert!(codes.iter().all(|code| described.contains(code)), "{described}");
}

#[test]
fn the_details_of_every_refusal_are_described() {
    let token = || Symbol::new("BTC").expect("a name");
    let pool_id = || PoolId::new("P").expect("a name");
    let text = || "pool:P".to_string();
    let refusals = one_of_each!(QuoteError:
        QuoteError::InvalidRequest { .. } => QuoteError::InvalidRequest { field: text(), reason: text() },
        QuoteError::SameToken { .. } => QuoteError::SameToken { token: token() },
        QuoteError::UnknownToken { .. } => QuoteError::UnknownToken { token: token(), similar: Vec::new(), no_pools: false, warnings: Vec::new() },
        QuoteError::UnknownPool { .. } => QuoteError::UnknownPool { pool_id: pool_id(), similar: Vec::new(), warnings: Vec::new() },
        QuoteError::NoRoute { .. } => QuoteError::NoRoute { token_in: token(), token_out: token(), max_hops: 3, narrowed_by: Narrowed::ALL, warnings: Vec::new() },
        QuoteError::InsufficientLiquidity { .. } => QuoteError::InsufficientLiquidity {
            requested: 5,
            fillable: 4,
            token: token(),
            decimals: None,
            is_out: false,
            narrowed_by: Narrowed::ALL,
            warnings: Vec::new(),
        },
        QuoteError::TooManyBins { .. } => QuoteError::TooManyBins {
            needed: None,
            allowed: 270,
            warnings: Vec::new(),
        },
        QuoteError::AmountTooSmall { .. } => QuoteError::AmountTooSmall { token: token(), decimals: None, warnings: Vec::new() },
        QuoteError::AmountOverflow { .. } => QuoteError::AmountOverflow { field: Some(text()), warnings: Vec::new() },
        QuoteError::StateInvalid { .. } => QuoteError::StateInvalid { key: text(), reason: text(), warnings: Vec::new() },
        QuoteError::StaleState { .. } => QuoteError::StaleState {
            pool_id: pool_id(),
            age_ms: None,
            max_age_ms: Some(5),
            block_height: None,
            min_block_height: None,
            warnings: Vec::new(),
        },
        QuoteError::PlanUnavailable { .. } => QuoteError::PlanUnavailable { reason: PlanFault::NoRouter, what: text(), warnings: Vec::new() },
        QuoteError::PlanTooLarge { .. } => QuoteError::PlanTooLarge {
            reads: 5,
            limit: 4,
            bins_that_fit: 3,
            warnings: Vec::new(),
        },
        QuoteError::AnswerTooLarge { .. } => QuoteError::AnswerTooLarge { limit: 4_000_000 },
    );
    let schemas = schemas();
    let mapping = &schemas["Error"]["properties"]["error"]["discriminator"]["mapping"];
    let code_of = |schema: &Value| schema["properties"]["code"]["const"].as_str().map(ToString::to_string);
    let of_engine =
        schemas.as_object().expect("an object").values().filter(|schema| schema["x-engine"] == true);
    let own = refusals.iter().map(QuoteError::code).chain(["INTERNAL"]).map(ToString::to_string);
    assert_eq!(of_engine.filter_map(code_of).collect::<BTreeSet<_>>(), own.collect());
    for refusal in refusals {
        let path =
            mapping[refusal.code()].as_str().unwrap_or_else(|| panic!("{} is missing", refusal.code()));
        let schema = &schemas[path.rsplit('/').next().unwrap_or_default()]["properties"];
        assert_eq!(schema["code"]["const"], refusal.code());
        let (details, written) = (&schema["details"], error_value(&refusal));
        let (given, known) = (names(&written), names(&details["properties"]));
        assert!(given.is_subset(&known), "{}: {given:?} but {known:?}", refusal.code());
        let required: BTreeSet<&str> = texts(&details["required"]).into_iter().collect();
        assert!(required.is_subset(&given), "{}: {required:?} but {given:?}", refusal.code());
    }
}

#[test]
fn the_example_with_its_input_verifies() {
    let document = document();
    let answer = &document["paths"]["/quote"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
        ["with_state"]["value"];
    let verified = verify_quote(&answer.to_string()).expect("a quote with its input");
    assert!(verified.digest_matches && verified.differences.is_empty(), "{verified:?}");
}
