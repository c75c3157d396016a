//! A JSON string inside a larger text, read eight bytes at a time.
//!
//! A stored value is JSON, so in the reply of a database each of its quotes is escaped: some dozen bytes lie between two of
//! them, and there are megabytes of it.

use alloc::vec::Vec;

const EACH: u64 = u64::from_ne_bytes([1; 8]);
const TOP: u64 = EACH << 7;
/// Bytes that are looked at together.
const TOGETHER: usize = 8;
/// Bytes that a buffer grows by at least.
const GROWTH: usize = 256;

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
    let (mut rest, mut at, mut is_canonical) = (text, 0, true);
    loop {
        if into.len() < at + TOGETHER {
            into.resize(at + GROWTH, 0);
        }
        // What is copied too much is written over by what follows.
        if let Some(word) = rest.first_chunk::<TOGETHER>() {
            into.get_mut(at..at + TOGETHER)?.copy_from_slice(word);
            let plain = plain_bytes(u64::from_le_bytes(*word));
            (rest, at) = (rest.get(plain..)?, at + plain);
            if plain == TOGETHER {
                continue;
            }
        }
        let (byte, after) = rest.split_first()?;
        rest = after;
        let byte = match byte {
            b'"' => return Some(Unescaped { length: at, after, is_canonical }),
            b'\\' => {
                let (kind, after) = rest.split_first()?;
                rest = after;
                is_canonical &= *kind != b'/';
                match kind {
                    b'"' | b'\\' | b'/' => *kind,
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    _ => return None,
                }
            }
            0..=0x1f => return None,
            byte => *byte,
        };
        *into.get_mut(at)? = byte;
        at += 1;
    }
}

/// How many of eight bytes, the first being the lowest, stand in front of a quote, a backslash or a control character.
const fn plain_bytes(word: u64) -> usize {
    // The lowest mark is always right: a byte borrows from those above it alone, and only where it is marked itself.
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(EACH) & !word & TOP
    }
    let control = word.wrapping_sub(EACH * 0x20) & !word & TOP;
    let marks = control | zeros(word ^ (EACH * b'"' as u64)) | zeros(word ^ (EACH * b'\\' as u64));
    marks.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    /// The same byte by byte.
    fn slowly(text: &[u8]) -> Option<(Vec<u8>, &[u8], bool)> {
        let (mut bytes, mut out, mut is_canonical) = (text.iter(), Vec::new(), true);
        loop {
            out.push(match *bytes.next()? {
                b'"' => return Some((out, bytes.as_slice(), is_canonical)),
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
            });
        }
    }

    #[test]
    fn each_byte_is_told_at_each_place() {
        for place in 0..TOGETHER {
            for byte in 0..=u8::MAX {
                // Neighbours that borrow, or that are one beside what is looked for.
                for beside in [0x20, b'!', b'#', b'[', b']', 0x7f, 0x80, 0xff] {
                    let mut word = [beside; TOGETHER];
                    *word.get_mut(place).expect("a place") = byte;
                    let is_special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                    let plain = if is_special { place } else { TOGETHER };
                    assert_eq!(
                        plain_bytes(u64::from_le_bytes(word)),
                        plain,
                        "{byte} among {beside} at {place}"
                    );
                }
            }
        }
    }

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
        fn reads_what_is_read_byte_by_byte(
            texts in proptest::collection::vec(r#"([ -~]{0,9}|\\\\["\\/nrtux]|[\x00-\x1f"]|\PC){0,40}"#, 1..4),
        ) {
            let mut buffer = Vec::new();
            for text in texts.iter().map(|text: &String| text.as_bytes()) {
                let read = unescape(text, &mut buffer);
                let found = read.map(|read| (buffer.get(..read.length).unwrap_or_default().to_vec(), read.after, read.is_canonical));
                prop_assert_eq!(found, slowly(text));
            }
        }
    }
}
