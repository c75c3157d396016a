//! Requests and updates: objects whose values may be bigints, numbers, strings or lists.

use std::fmt;

use dlmm_core::error::QuoteError;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::route::MAX_HOPS;
use dlmm_core::units::Symbol;
use dlmm_core::wire::{FieldValue, request_from_fields};
use js_sys::BigInt;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use wasm_bindgen::{JsCast, JsValue};

use crate::failure::Failure;
use crate::plain_data::{digits_of, json_of};

/// The value of one entry, as it is.
#[derive(Deserialize)]
struct Kept(#[serde(with = "serde_wasm_bindgen::preserve")] JsValue);

/// The entries of an object or a Map, as they are.
pub(crate) fn entries(name: &str, object: &JsValue) -> Result<Vec<(String, JsValue)>, QuoteError> {
    let read = serde_wasm_bindgen::from_value::<Entries>(object.clone());
    read.map(|entries| entries.0).map_err(|_| invalid(name, "must be an object"))
}

struct Entries(Vec<(String, JsValue)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Kept>()? {
                    entries.push((name, value.0));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

fn invalid(field: &str, reason: &str) -> QuoteError {
    let reason = reason.strip_prefix(field).map_or(reason, str::trim_start);
    QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() }
}

/// Reads a quote request; amounts may be bigints.
pub(crate) fn quote_request(request: &JsValue) -> Result<QuoteRequest, QuoteError> {
    let mut fields = Vec::new();
    for (name, value) in entries("request", request)? {
        let json = field_json(&name, &value).map_err(|reason| invalid(&name, &reason))?;
        let raw = RawValue::from_string(json).map_err(|error| invalid(&name, &error.to_string()))?;
        fields.push((name, raw));
    }
    request_from_fields(fields.iter().map(|(name, raw)| (name.as_str(), FieldValue::Json(raw))))
}

/// Core takes smallest units as a string of digits, as over HTTP; a bigint is exactly that.
fn field_json(name: &str, value: &JsValue) -> Result<String, String> {
    match value.dyn_ref::<BigInt>() {
        Some(units) if name.ends_with("_atomic") => Ok(format!("\"{}\"", digits_of(units)?)),
        _ => json_of(name, value),
    }
}

/// Reads the two tokens of a pair.
pub(crate) fn pair(token_in: &str, token_out: &str) -> Result<(Symbol, Symbol), Failure> {
    let symbol = |field: &str, text: &str| {
        Symbol::new(text).map_err(|error| Failure::invalid(field, &error.to_string()))
    };
    Ok((symbol("token_in", token_in)?, symbol("token_out", token_out)?))
}

/// Reads a hop limit.
pub(crate) fn hops(max_hops: f64) -> Result<u8, Failure> {
    let reason = format!("must be a whole number from 1 to {MAX_HOPS}");
    (1..=MAX_HOPS)
        .find(|hops| f64::from(*hops) == max_hops)
        .ok_or_else(|| Failure::invalid("max_hops", &reason))
}

/// Reads new values by Redis key: stored text, the object parsed from it, or null for a key that is gone.
pub(crate) fn stored_values(values: &JsValue) -> Result<Vec<(String, Option<String>)>, QuoteError> {
    let read = |(key, value): (String, JsValue)| {
        let text = match (value.as_string(), value.is_null()) {
            (Some(text), _) => Some(text),
            (None, true) => None,
            (None, false) if value.is_object() => {
                Some(json_of(&key, &value).map_err(|reason| invalid(&key, &reason))?)
            }
            (None, false) => return Err(invalid(&key, "must be text, an object or null")),
        };
        Ok((key, text))
    };
    entries("values", values)?.into_iter().map(read).collect()
}
