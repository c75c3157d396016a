//! One JSON value as it was written.

use super::reader::Reader;
use alloc::string::String;

/// The text of one JSON value, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonText<'a>(pub(super) &'a str);

impl<'a> JsonText<'a> {
    /// Takes a text that is one JSON value, with or without space around it.
    ///
    /// # Errors
    /// Why it is none, and where.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// The text, without space around it.
    #[must_use]
    pub const fn get(self) -> &'a str {
        self.0
    }

    /// Tells whether it is `null`.
    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Tells whether it is a number.
    pub(crate) fn is_number(self) -> bool {
        self.0.starts_with(|c: char| c == '-' || c.is_ascii_digit())
    }
}
