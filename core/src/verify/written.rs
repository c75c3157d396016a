//! An answer written together with what it was computed from.

use super::digest::digest_of;
use super::input::StoredInput;
use super::tree::Tree;
use crate::api::QuoteAnswer;
use crate::json::{ToJson, object, to_json};
use alloc::string::{String, ToString};

/// Why an answer has no digest; none of ours is without.
pub(super) const NOT_WHOLE: &str = "a number is not whole";

/// An answer up to and with its input.
pub(super) struct WithInput<'a> {
    pub(super) answer: QuoteAnswer<'a>,
    pub(super) input: &'a StoredInput<'a>,
}

impl ToJson for WithInput<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            self.answer.members(f);
            f.member("input", self.input)
        })
        .write(out);
    }
}

impl QuoteAnswer<'_> {
    /// Writes the answer as JSON text together with what it was computed from, and a digest of both.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn to_json_with_input(&self, input: &StoredInput<'_>) -> Result<String, String> {
        let mut text = to_json(&object(|f| self.members(f)));
        let tree = Tree::parse(&text).map_err(|e| e.to_string())?;
        text.pop();
        text.push_str(",\"input\":");
        let start = text.len();
        input.write(&mut text);
        let written = text.get(start..).unwrap_or_default();
        let digest = digest_of(tree, &[written]).ok_or(NOT_WHOLE)?;
        self.end(&mut text, &digest);
        Ok(text)
    }

    pub(super) fn end(&self, text: &mut String, digest: &str) {
        text.push_str(",\"digest\":\"");
        text.push_str(digest);
        text.push_str("\",\"request_id\":");
        self.context.request_id.write(text);
        text.push('}');
    }
}
