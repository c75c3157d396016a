//! Fields of a JSON object, read with an error that names them.

use crate::math::Decimal;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads the entries of a JSON object as they come, so that doubles are seen.
pub(super) fn entries(json: &str) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let entries = reader.deserialize_map(Entries)?;
    reader.end()?;
    Ok(entries)
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// Reads a field that must be text.
pub(super) fn text<'a>(name: &str, raw: &'a RawValue) -> Result<Cow<'a, str>, String> {
    let json = raw.get();
    // The usual text has no escapes and is borrowed as it stands.
    if let Some(inner) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && !inner.contains('\\')
    {
        return Ok(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(json).map(Cow::Owned).map_err(|_| format!("{name} is not text"))
}

/// Reads a field that must be a name (pool id or symbol).
pub(super) fn name<T, E: fmt::Display>(
    name: &str,
    raw: &RawValue,
    new: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    new(&text(name, raw)?).map_err(|e| format!("{name} {e}"))
}

/// Reads a non-negative decimal number, written as a JSON number or as text, exactly.
pub(super) fn decimal(name: &str, raw: &RawValue) -> Result<Decimal, String> {
    let json = raw.get();
    let parsed = match json.as_bytes().first() {
        Some(b'"') => Decimal::parse(&text(name, raw)?),
        Some(b'-' | b'0'..=b'9') => Decimal::parse(json),
        _ => return Err(format!("{name} is not a number")),
    };
    parsed.map_err(|e| format!("{name} {e}"))
}

/// Reads a whole number of at most `max`.
pub(super) fn whole(name: &str, raw: &RawValue, max: u128) -> Result<u128, String> {
    let number = decimal(name, raw)?;
    number
        .to_units(0)
        .ok()
        .filter(|units| *units <= max)
        .ok_or_else(|| format!("{name} is not a whole number from 0 to {max}"))
}

/// Reads a whole number of smallest units.
pub(super) fn units(name: &str, raw: &RawValue) -> Result<u128, String> {
    decimal(name, raw)?.to_units(0).map_err(|_| format!("{name} is not a whole number of 128 bits"))
}

/// Reads true or false.
pub(super) fn boolean(name: &str, raw: &RawValue) -> Result<bool, String> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{name} is neither true nor false")),
    }
}

/// Demands that a field is there.
pub(super) fn required<'a>(name: &str, raw: Option<&'a RawValue>) -> Result<&'a RawValue, String> {
    raw.ok_or_else(|| format!("{name} is missing"))
}
