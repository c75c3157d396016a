//! A text of a reply.

use std::fmt;
use std::ops::Deref;

/// A text of a reply, for as long as it is handed out.
#[derive(Clone, Copy)]
pub struct Text<'r> {
    text: &'r str,
    sent: Option<&'r [u8]>,
}

impl fmt::Debug for Text<'_> {
    /// Stored values stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("bytes", &self.text.len()).finish()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl<'r> Text<'r> {
    /// A text, and what stood between its quotes if canonical JSON would write it so.
    pub(super) const fn new(text: &'r str, sent: Option<&'r [u8]>) -> Self {
        Self { text, sent }
    }

    /// As it stood between its quotes, where that is known and canonical JSON would write it so.
    pub fn as_sent(&self) -> Option<&'r str> {
        str::from_utf8(self.sent?).ok()
    }
}
