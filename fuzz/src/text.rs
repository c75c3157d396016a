//! How the bytes of an input become texts.

use serde::de::IgnoredAny;

/// Separates the documents of one input: the record separator of JSON text sequences (RFC 7464).
const SEPARATOR: char = '\u{1e}';

/// The input as text; whatever reads bytes refuses the others before they come this far.
pub(crate) fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A byte of settings and a text.
pub(crate) fn with_settings(bytes: &[u8]) -> Option<(u8, &str)> {
    let (settings, text) = bytes.split_first()?;
    Some((*settings, text_of(text)?))
}

/// The documents of an input.
pub(crate) fn documents(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATOR)
}

/// Another library reads as JSON what the engine wrote.
pub(crate) fn assert_json(text: &str) {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        panic!("{error}: {text}");
    }
}
