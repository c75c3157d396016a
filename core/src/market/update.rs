//! New values as one JSON document.

use super::Market;
use crate::error::QuoteError;
use crate::json::JsonText;
use crate::json::field;
use alloc::borrow::{Cow, ToOwned};
use alloc::vec::Vec;

impl Market {
    /// As [`Self::apply`], of a JSON object by key: a stored text, an object that is stored as it stands, or `null` for a
    /// key that is gone.
    ///
    /// # Errors
    /// As [`Self::apply`]; `INVALID_REQUEST` on `values` if the text is not a JSON object, and on the key of a value
    /// that is none of the three.
    pub fn apply_json(&mut self, values: &str) -> Result<(), QuoteError> {
        let refuse = |field: &str, reason| QuoteError::InvalidRequest { field: field.to_owned(), reason };
        let values = field::entries(values).map_err(|reason| refuse("values", reason))?;
        let texts = values.into_iter().map(|(key, value)| match stored_text(value) {
            Some(text) => Ok((key, text)),
            None => {
                Err(refuse(&key, field::no_text(value, b'"', "must be text, an object or null").to_owned()))
            }
        });
        let texts: Vec<_> = texts.collect::<Result<_, _>>()?;
        self.apply(texts.iter().map(|(key, text)| (&**key, text.as_deref())))
    }
}

/// What is to be stored for a value, if that is possible.
fn stored_text(value: JsonText<'_>) -> Option<Option<Cow<'_, str>>> {
    match value.get().as_bytes().first() {
        Some(b'"') => field::text("", value).ok().map(Some),
        Some(b'{') => Some(Some(Cow::Borrowed(value.get()))),
        _ => value.is_null().then_some(None),
    }
}
