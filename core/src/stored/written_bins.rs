//! Bins that were written as they were read.

use crate::json::{ToJson, push_escaped};
use crate::units::BinId;
use alloc::borrow::Cow;
use alloc::string::String;

/// The bins of a pool as they stand in an input. Who reads megabytes only to hand them on keeps this and no text by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenBins {
    /// The items of the list, with commas between them.
    items: String,
}

impl WrittenBins {
    /// None yet, with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { items: String::with_capacity(bytes) }
    }

    /// Bytes that they take in an input.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.items.len()
    }

    /// Writes a bin.
    pub fn push(&mut self, id: Option<BinId>, text: &str) {
        self.begin(id);
        push_escaped(&mut self.items, text);
        self.end();
    }

    /// Writes a bin whose text comes as it stands between the quotes of canonical JSON: of what is escaped there, quotes, backslashes
    /// and control characters, each as short as can be, and nothing else.
    pub fn push_escaped(&mut self, id: Option<BinId>, text: &str) {
        self.begin(id);
        self.items.push_str(text);
        self.end();
    }

    /// Gives back the room that is not taken.
    pub fn shrink_to_fit(&mut self) {
        self.items.shrink_to_fit();
    }

    fn begin(&mut self, id: Option<BinId>) {
        self.items.push_str(if self.items.is_empty() { "[" } else { ",[" });
        id.map(BinId::get).write(&mut self.items);
        self.items.push_str(",\"");
    }

    fn end(&mut self) {
        self.items.push_str("\"]");
    }
}

impl<'a> FromIterator<(Option<BinId>, Cow<'a, str>)> for WrittenBins {
    fn from_iter<I: IntoIterator<Item = (Option<BinId>, Cow<'a, str>)>>(bins: I) -> Self {
        let mut written = Self::default();
        bins.into_iter().for_each(|(id, text)| written.push(id, &text));
        written
    }
}

impl ToJson for WrittenBins {
    fn write(&self, out: &mut String) {
        out.push('[');
        out.push_str(&self.items);
        out.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::to_json;
    use crate::stored::BinTexts;
    use alloc::vec;

    #[test]
    fn they_are_written_as_texts_are() {
        let text = |text: &str| Cow::Owned(String::from(text));
        let bins: BinTexts<'_> = vec![
            (BinId::new(5), text("{\"a\":\"\u{e9}\\n\"}")),
            (None, text("\n\u{1}")),
            (BinId::new(7), text("")),
        ];
        for bins in [BinTexts::new(), bins] {
            let written: WrittenBins = bins.iter().cloned().collect();
            assert_eq!(to_json(&written), to_json(&bins));
        }
    }

    #[test]
    fn what_is_escaped_already_is_taken_as_it_is() {
        let (mut one, mut other) = (WrittenBins::with_capacity(9), WrittenBins::default());
        for id in [BinId::new(5), BinId::new(6)] {
            one.push(id, "\"\\\n");
            other.push_escaped(id, "\\\"\\\\\\n");
        }
        assert_eq!(one, other);
        assert_eq!(to_json(&one), r#"[[5,"\"\\\n"],[6,"\"\\\n"]]"#);
        assert_eq!(one.bytes() + "[]".len(), to_json(&one).len());
    }
}
