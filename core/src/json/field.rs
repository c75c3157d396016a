//! Fields of a JSON object, read with an error that names them.

use crate::json::{JsonText, Reader};
use crate::math::Decimal;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Picks fields of a JSON object by name; all others are passed over, and `null` counts as not given.
///
/// One compiled reader serves every kind of object.
///
/// # Errors
/// If the text is no JSON object, or has one of the fields twice.
pub(crate) fn pick<'a, const N: usize>(
    json: &'a str,
    names: &[&'static str; N],
) -> Result<[Option<JsonText<'a>>; N], String> {
    let mut found = [None; N];
    pick_into(json, names, &mut found)?;
    Ok(found)
}

/// For 32 names at most.
fn pick_into<'a>(json: &'a str, names: &[&str], found: &mut [Option<JsonText<'a>>]) -> Result<(), String> {
    let (mut seen, mut expected) = (0_u32, 0);
    let mut reader = Reader::new(json);
    reader.object(&mut |reader| {
        let at = reader.name_among(names, expected)?;
        let value = reader.value()?;
        let Some((at, name)) = at.and_then(|at| Some((at, names.get(at)?))) else { return Ok(()) };
        expected = at.saturating_add(1);
        let bit = 1_u32.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)).unwrap_or(0);
        if seen & bit != 0 {
            return Err(format!("{name} appears twice"));
        }
        seen |= bit;
        if let Some(slot) = found.get_mut(at) {
            *slot = Some(value).filter(|value| !value.is_null());
        }
        Ok(())
    })?;
    reader.end()
}

/// Declares a struct of fields of a JSON object and the way to [`pick`] them, so that each name is written once.
macro_rules! picked {
    ($(#[$about:meta])* struct $name:ident { $($field:ident),+ $(,)? }) => {
        $(#[$about])*
        struct $name<'a> {
            $($field: Option<JsonText<'a>>,)+
        }

        impl<'a> $name<'a> {
            fn pick(json: &'a str) -> Result<Self, String> {
                let [$($field),+] = field::pick(json, &[$(stringify!($field)),+])?;
                Ok(Self { $($field),+ })
            }
        }
    };
}
pub(crate) use picked;

/// Reads the entries of a JSON object as they come, so that doubles are seen.
pub(crate) fn entries(json: &str) -> Result<Vec<(Cow<'_, str>, JsonText<'_>)>, String> {
    let mut entries = Vec::new();
    let mut reader = Reader::new(json);
    reader.object(&mut |reader| {
        entries.push((reader.name()?, reader.value()?));
        Ok(())
    })?;
    reader.end()?;
    Ok(entries)
}

/// Reads the items of a JSON list.
pub(crate) fn items(json: &str) -> Result<Vec<JsonText<'_>>, String> {
    let mut items = Vec::new();
    let mut reader = Reader::new(json);
    reader.list(&mut |reader| {
        items.push(reader.value()?);
        Ok(())
    })?;
    reader.end()?;
    Ok(items)
}

/// Reads a field that must be text.
pub(crate) fn text<'a>(name: &str, raw: JsonText<'a>) -> Result<Cow<'a, str>, String> {
    let json = raw.get();
    // The usual text has no escapes and is borrowed as it stands.
    if let Some(inner) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && !inner.as_bytes().contains(&b'\\')
    {
        return Ok(Cow::Borrowed(inner));
    }
    Reader::new(json).string().map_err(|_| format!("{name} {}", no_text(raw, b'"', "is not text")))
}

/// Why a value is not text, or not the object that it should be. All of it was passed over before, escape by escape: what
/// begins as it should can only hold one that needs another.
pub(crate) fn no_text(raw: JsonText<'_>, begin: u8, otherwise: &'static str) -> &'static str {
    if raw.get().as_bytes().first() == Some(&begin) { "holds a lone surrogate" } else { otherwise }
}

/// Reads a field that must be a name (pool id or symbol).
pub(crate) fn name<T, E: fmt::Display>(
    name: &str,
    raw: JsonText<'_>,
    new: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    new(&text(name, raw)?).map_err(|e| format!("{name} {e}"))
}

/// Reads a non-negative decimal number, written as a JSON number or as text, exactly.
pub(crate) fn decimal(name: &str, raw: JsonText<'_>) -> Result<Decimal, String> {
    let json = raw.get();
    let parsed = match json.as_bytes().first() {
        Some(b'"') => Decimal::parse(&text(name, raw)?),
        Some(b'-' | b'0'..=b'9') => Decimal::parse(json),
        _ => return Err(format!("{name} is not a number")),
    };
    parsed.map_err(|e| format!("{name} {e}"))
}

/// Reads a whole number of at most `max`.
pub(crate) fn whole(name: &str, raw: JsonText<'_>, max: u16) -> Result<u16, String> {
    let units = match plain_units(raw) {
        Some(units) => Some(units),
        None => decimal(name, raw)?.to_units(0).ok(),
    };
    let fitting = units.and_then(|units| u16::try_from(units).ok()).filter(|units| *units <= max);
    fitting.ok_or_else(|| format!("{name} is not a whole number from 0 to {max}"))
}

/// Reads a whole number of smallest units.
pub(crate) fn units(name: &str, raw: JsonText<'_>) -> Result<u128, String> {
    match plain_units(raw) {
        Some(units) => Ok(units),
        None => {
            decimal(name, raw)?.to_units(0).map_err(|_| format!("{name} is not a whole number of 128 bits"))
        }
    }
}

/// Digits and nothing else, in quotes or not.
fn plain_units(raw: JsonText<'_>) -> Option<u128> {
    let json = raw.get();
    Decimal::plain_units(json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json))
}

/// Reads true or false.
pub(crate) fn boolean(name: &str, raw: JsonText<'_>) -> Result<bool, String> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{name} is neither true nor false")),
    }
}

/// Demands that a field is there.
pub(crate) fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("{name} is missing"))
}
