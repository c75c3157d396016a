//! Requests and updates: objects whose values may be bigints, numbers, strings or lists.

use dlmm_core::error::QuoteError;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::route::MAX_HOPS;
use dlmm_core::units::Symbol;
use dlmm_core::wire::{FieldValue, JsonText, request_from_fields};
use js_sys::{Array, BigInt, Map, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::failure::Failure;
use crate::plain_data::{digits_of, json_of};

/// The entries of an object or a Map, as they are.
pub(crate) fn entries(name: &str, object: &JsValue) -> Result<Vec<(String, JsValue)>, QuoteError> {
    let refuse = || invalid(name, "must be an object");
    let pairs = match object.dyn_ref::<Map>() {
        Some(map) => Array::from(&map.entries()),
        None => Object::entries(object.dyn_ref().ok_or_else(refuse)?),
    };
    let entry = |pair: JsValue| {
        let pair: Array = pair.unchecked_into();
        Ok((pair.get(0).as_string().ok_or_else(refuse)?, pair.get(1)))
    };
    pairs.iter().map(entry).collect()
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
        fields.push((name, json));
    }
    let mut values = Vec::with_capacity(fields.len());
    for (name, json) in &fields {
        let value = JsonText::parse(json).map_err(|reason| invalid(name, &reason))?;
        values.push((name.as_str(), FieldValue::Json(value)));
    }
    request_from_fields(values)
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
