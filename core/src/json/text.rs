//! One JSON value as it was written.

/// The text of one JSON value, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonText<'a>(pub(super) &'a str);

impl<'a> JsonText<'a> {
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
