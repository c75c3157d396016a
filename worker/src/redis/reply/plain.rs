//! The usual reply to MGET, read in one pass.
//!
//! A stored value is JSON, so inside a reply each of its quotes is escaped: a general reader copies a text piece by piece, a
//! dozen bytes each. Here every text is unescaped byte by byte into one buffer, and all of them are judged as UTF-8 at once.

use std::ops::Range;

const OPENS: &[u8] = b"{\"result\":[";
/// Larger replies are rare, and a second buffer of their size is worth more than the time that it saves.
const MAX_BYTES: usize = 256 * 1024;

/// The texts of a reply, one after the other.
pub(super) struct PlainTexts {
    text: String,
    /// Where each of them is; `None` where Redis has no value.
    places: Vec<Option<Range<usize>>>,
}

impl PlainTexts {
    /// Reads a body that is an object of one flat array of texts, written without space. `None` for a large one, and for any
    /// other: that says nothing about what is wrong with it, if anything is.
    pub(super) fn read(body: &[u8], expected: usize) -> Option<Self> {
        let mut rest = body.strip_prefix(OPENS).filter(|_| body.len() <= MAX_BYTES)?;
        // Never longer than what it is read from. Beside pushing, writing in place has no growth to look after.
        let mut unescaped = vec![0; rest.len()];
        let (mut at, mut places) = (0, Vec::with_capacity(expected));
        if let Some(ends) = rest.strip_prefix(b"]") {
            rest = ends;
        } else {
            loop {
                if let Some(text) = rest.strip_prefix(b"\"") {
                    let from = at;
                    rest = unescape(text, &mut unescaped, &mut at)?;
                    places.push(Some(from..at));
                } else {
                    rest = rest.strip_prefix(b"null")?;
                    places.push(None);
                }
                let (next, after) = rest.split_first()?;
                rest = after;
                match next {
                    b',' => {}
                    b']' => break,
                    _ => return None,
                }
            }
        }
        if rest != b"}" {
            return None;
        }
        unescaped.truncate(at);
        let text = String::from_utf8(unescaped).ok()?;
        // Two texts of which each is broken may make a whole one.
        let is_whole = |place: &Option<Range<usize>>| {
            place.as_ref().is_none_or(|place| text.get(place.clone()).is_some())
        };
        places.iter().all(is_whole).then_some(Self { text, places })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// In order, `None` where Redis has no value.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.places.iter().map(|place| self.text.get(place.clone()?))
    }
}

/// Reads a text up to its closing quote; gives what stands behind that.
fn unescape<'b>(text: &'b [u8], into: &mut [u8], at: &mut usize) -> Option<&'b [u8]> {
    let mut bytes = text.iter();
    loop {
        let byte = match *bytes.next()? {
            b'"' => return Some(bytes.as_slice()),
            b'\\' => match *bytes.next()? {
                byte @ (b'"' | b'\\' | b'/') => byte,
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                // Code points by number are rare.
                _ => return None,
            },
            0..=0x1f => return None,
            byte => byte,
        };
        *into.get_mut(*at)? = byte;
        *at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reply, Value};
    use super::*;

    fn plain(body: &[u8]) -> Option<Vec<Option<String>>> {
        PlainTexts::read(body, 3).map(|texts| texts.iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// The same by the general reader.
    fn general(body: &[u8]) -> Option<Vec<Option<String>>> {
        let reply = Reply::new(body.to_vec(), 1);
        let texts = reply.value().ok()?.into_array().ok()?;
        let text = |text: Value<'_>| text.into_text().map(|text| text.map(|text| text.into_owned()));
        texts.into_iter().map(text).collect::<Result<_, _>>().ok()
    }

    #[test]
    fn reads_what_a_general_reader_reads() {
        let bodies: [&[u8]; 7] = [
            br#"{"result":[]}"#,
            br#"{"result":[null]}"#,
            br#"{"result":[""]}"#,
            br#"{"result":["{\"pool_id\":\"P\",\"bin_id\":500}",null,"plain"]}"#,
            br#"{"result":["a\\b\/c\n\t\r",null,null,"\\\\","\""]}"#,
            "{\"result\":[\"\u{e9}\",\"\u{1f600}\u{2028}\",\"\\\"\u{e9}\\\"\"]}".as_bytes(),
            b"{\"result\":[\"\x7f\"]}",
        ];
        for body in bodies {
            let found = plain(body);
            assert!(found.is_some(), "{}", body.escape_ascii());
            assert_eq!(found, general(body), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn leaves_everything_else_to_the_general_reader() {
        let bodies: [&[u8]; 24] = [
            b"",
            b"{}",
            br#"{"result":null}"#,
            br#"{"result":7}"#,
            br#"{"result":[1]}"#,
            br#"{"result":[["a"]]}"#,
            br#"{"result":["a",]}"#,
            br#"{"result":[,"a"]}"#,
            br#"{"result":["a"]"#,
            br#"{"result":["a"}"#,
            br#"{"result":["a]}"#,
            br#"{"result":["a\"]}"#,
            br#"{"result":["a"]}}"#,
            br#"{"result":["a"],"error":"ERR x"}"#,
            br#"{"error":null,"result":["a"]}"#,
            br#"{"result": ["a"]}"#,
            b"{\"result\":[\"a\"]}\n",
            br#"{"result":["\u00e9"]}"#,
            br#"{"result":["\x"]}"#,
            b"{\"result\":[\"\x01\"]}",
            b"{\"result\":[\"\n\"]}",
            b"{\"result\":[\"\xff\"]}",
            b"{\"result\":[\"\xc3\",\"\xa9\"]}",
            br#"{"result":["a" "b"]}"#,
        ];
        for body in bodies {
            assert_eq!(plain(body), None, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn every_cut_of_a_reply_is_read_as_before() {
        let body = "{\"result\":[\"{\\\"a\\\":\\\"\u{e9}\\\\\\\"}\",null,\"b\"]}".as_bytes();
        for end in 0..=body.len() {
            let cut = body.get(..end).unwrap_or_default();
            assert_eq!(plain(cut), general(cut), "{}", cut.escape_ascii());
        }
    }
}
