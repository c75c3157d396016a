//! A JSON string inside a larger text.
//!
//! A stored value is JSON, so in the reply of a database each of its quotes is escaped: some dozen bytes lie between two of
//! them, and there are megabytes of it. What looks at eight bytes at a time gains as little on that as it loses on more quotes;
//! a general reader copies piece by piece, which is slower than this.

use alloc::vec::Vec;

/// A string that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unescaped<'b> {
    /// What it takes of the buffer.
    pub length: usize,
    /// What stands behind its closing quote.
    pub after: &'b [u8],
    /// Whether it was escaped as shortly as can be, and only where it had to be.
    pub is_canonical: bool,
}

/// Reads a string from behind its opening quote up to its closing one into a buffer, from its beginning on. What the buffer held
/// stays behind it, so the longest string alone makes it grow.
///
/// Bytes that are no text in UTF-8 are read as they stand. Gives `None` where the text ends before it, has a bare control
/// character, or an escape that is none of `\"`, `\\`, `\/`, `\n`, `\r` and `\t`; others are rare.
pub fn unescape<'b>(text: &'b [u8], into: &mut Vec<u8>) -> Option<Unescaped<'b>> {
    let (mut bytes, mut length, mut is_canonical) = (text.iter(), 0, true);
    loop {
        let byte = match *bytes.next()? {
            b'"' => return Some(Unescaped { length, after: bytes.as_slice(), is_canonical }),
            b'\\' => match *bytes.next()? {
                byte @ (b'"' | b'\\') => byte,
                b'/' => {
                    is_canonical = false;
                    b'/'
                }
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                _ => return None,
            },
            0..=0x1f => return None,
            byte => byte,
        };
        // Beside pushing, writing over an earlier text has no growth to look after.
        match into.get_mut(length) {
            Some(place) => *place = byte,
            None => into.push(byte),
        }
        length += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{JsonText, Reader};
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    #[test]
    fn a_buffer_is_used_again() {
        let mut buffer = Vec::new();
        let long = format!("{}\"", "x".repeat(1_000));
        assert_eq!(unescape(long.as_bytes(), &mut buffer).map(|read| read.length), Some(1_000));
        let kept = buffer.capacity();
        let read = unescape(b"a\\\"b\",null", &mut buffer).expect("a string");
        assert_eq!((read.length, read.after, read.is_canonical), (3, &b",null"[..], true));
        assert_eq!((buffer.get(..3), buffer.capacity()), (Some(&b"a\"b"[..]), kept));
    }

    proptest! {
        #[test]
        fn reads_what_the_general_reader_reads(text in r#"([ -~]{0,9}|\\["\\/nrt]|\\[bfux]|[\x00-\x1f"]|\PC){0,40}"#) {
            let whole = format!("\"{text}\"");
            let mut buffer = Vec::from(*b"what was there before");
            let Some(Unescaped { length, after, .. }) = unescape(whole.as_bytes().get(1..).unwrap_or_default(), &mut buffer) else {
                let has_rare = ["\\b", "\\f", "\\u"].iter().any(|escape| text.contains(escape));
                prop_assert!(has_rare || JsonText::parse(&whole).is_err());
                return Ok(());
            };
            let string = whole.get(..whole.len() - after.len()).unwrap_or_default();
            let read = Reader::new(string).string().map(String::from);
            prop_assert_eq!(read.as_deref().map(str::as_bytes), Ok(buffer.get(..length).unwrap_or_default()));
        }
    }
}
