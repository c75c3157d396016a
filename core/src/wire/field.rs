//! Fields of a JSON object, read with an error that names them.

use crate::math::Decimal;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Picks fields of a JSON object by name; all others are passed over, and `null` counts as not given.
///
/// One compiled reader serves every kind of object, where a derived one would be compiled for each.
///
/// # Errors
/// If the text is no JSON object, or has one of the fields twice.
pub(super) fn pick<'a, const N: usize>(
    json: &'a str,
    names: &[&'static str; N],
) -> Result<[Option<&'a RawValue>; N], serde_json::Error> {
    let mut found = [None; N];
    read_object(json, Picker { names, found: &mut found })?;
    Ok(found)
}

/// Declares a struct of fields of a JSON object and the way to [`pick`] them, so that each name is written once.
macro_rules! picked {
    ($(#[$about:meta])* struct $name:ident { $($field:ident),+ $(,)? }) => {
        $(#[$about])*
        struct $name<'a> {
            $($field: Option<&'a RawValue>,)+
        }

        impl<'a> $name<'a> {
            fn pick(json: &'a str) -> Result<Self, serde_json::Error> {
                let [$($field),+] = field::pick(json, &[$(stringify!($field)),+])?;
                Ok(Self { $($field),+ })
            }
        }
    };
}
pub(super) use picked;

/// Reads the entries of a JSON object as they come, so that doubles are seen.
pub(super) fn entries(json: &str) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    read_object(json, Entries)
}

/// Reads the items of a JSON list.
pub(super) fn items(json: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str(json)
}

fn read_object<'de, V: Visitor<'de>>(json: &'de str, visitor: V) -> Result<V::Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let read = reader.deserialize_map(visitor)?;
    reader.end()?;
    Ok(read)
}

struct Picker<'p, 'de> {
    names: &'p [&'static str],
    found: &'p mut [Option<&'de RawValue>],
}

impl<'de> Visitor<'de> for Picker<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = 0_u32;
        while let Some(at) = map.next_key_seed(NameAmong(self.names))? {
            let Some((at, name)) = at.and_then(|at| Some((at, self.names.get(at)?))) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let bit = 1_u32.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)).unwrap_or(0);
            if seen & bit != 0 {
                return Err(A::Error::duplicate_field(name));
            }
            seen |= bit;
            let raw: &RawValue = map.next_value()?;
            if let Some(slot) = self.found.get_mut(at) {
                *slot = (raw.get() != "null").then_some(raw);
            }
        }
        Ok(())
    }
}

/// Tells which of the names a key is, if any.
struct NameAmong<'p>(&'p [&'static str]);

impl<'de> DeserializeSeed<'de> for NameAmong<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NameAmong<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
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
