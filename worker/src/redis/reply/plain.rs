//! The usual reply to MGET, read in one pass.
//!
//! A stored value is JSON, so inside a reply each of its quotes is escaped: a general reader copies a text piece by piece, a
//! dozen bytes each. Here every text is unescaped into one buffer that has the length of the longest.

use dlmm_core::json::{Unescaped, unescape};

use super::text::Text;

const OPENS: &[u8] = b"{\"result\":[";

/// Hands out the texts of a body that is an object of one flat array of texts, written without space, and gives how many there
/// are.
///
/// # Errors
/// How many were handed out before something else came: that says nothing about what is wrong with it, if anything is.
pub(super) fn each_plain(body: &[u8], mut each: impl FnMut(usize, Option<Text<'_>>)) -> Result<usize, usize> {
    let mut given = 0;
    let mut put = |text: Option<Text<'_>>| {
        each(given, text);
        given += 1;
    };
    match read(body, &mut put) {
        Some(b"") => Ok(given),
        _ => Err(given),
    }
}

/// As [`each_plain`] for one command of a pipeline, with so many others before and behind it; gives what `open` makes of the
/// bodies of those, too.
///
/// # Errors
/// As [`each_plain`].
pub(super) fn each_plain_among<'b, O>(
    body: &'b [u8],
    (before, behind): (usize, usize),
    mut each: impl FnMut(usize, Option<Text<'_>>),
    mut item: impl FnMut(&'b [u8]) -> Option<(O, &'b [u8])>,
) -> Result<(Vec<O>, usize), usize> {
    let mut given = 0;
    let mut put = |text: Option<Text<'_>>| {
        each(given, text);
        given += 1;
    };
    let mut all = || {
        let mut rest = body.strip_prefix(b"[")?;
        let mut others = Vec::with_capacity(before + behind);
        for _ in 0..before {
            let (other, after) = item(rest)?;
            others.push(other);
            rest = after.strip_prefix(b",")?;
        }
        rest = read(rest, &mut put)?;
        for _ in 0..behind {
            let (other, after) = item(rest.strip_prefix(b",")?)?;
            others.push(other);
            rest = after;
        }
        (rest == b"]").then_some(others)
    };
    match all() {
        Some(others) => Ok((others, given)),
        None => Err(given),
    }
}

/// Reads the texts; gives what stands behind them.
fn read<'b>(body: &'b [u8], put: &mut dyn FnMut(Option<Text<'_>>)) -> Option<&'b [u8]> {
    let mut rest = body.strip_prefix(OPENS)?;
    if let Some(ends) = rest.strip_prefix(b"]") {
        rest = ends;
    } else {
        let mut unescaped = Vec::new();
        loop {
            if let Some(text) = rest.strip_prefix(b"\"") {
                let Unescaped { length, after, is_canonical } = unescape(text, &mut unescaped)?;
                let sent = text.get(..text.len() - after.len() - 1).filter(|_| is_canonical);
                put(Some(Text::new(str::from_utf8(unescaped.get(..length)?).ok()?, sent)));
                rest = after;
            } else {
                rest = rest.strip_prefix(b"null")?;
                put(None);
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
    rest.strip_prefix(b"}")
}

#[cfg(test)]
mod tests {
    use super::super::{Reply, Value};
    use super::*;

    fn plain(body: &[u8]) -> Option<Vec<Option<String>>> {
        let mut texts = Vec::new();
        let read = each_plain(body, |index, text| {
            assert_eq!(index, texts.len());
            texts.push(text.as_deref().map(str::to_owned));
        });
        match read {
            Ok(count) => {
                assert_eq!(count, texts.len());
                Some(texts)
            }
            Err(given) => {
                assert_eq!(given, texts.len());
                None
            }
        }
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
    fn the_general_reader_goes_on_behind_what_was_handed_out() {
        for (body, given) in [
            ("{\"result\":[\"a\",null,\"\\u00e9\",\"b\"]}", 2),
            ("{\"result\":[\"a\", \"b\",null,\"c\"]}", 1),
            ("{\"result\":[\"a\",null,\"b\",\"c\"]}\n", 4),
            (" {\"result\":[\"a\",null,\"b\",\"c\"]}", 0),
        ] {
            assert_eq!(each_plain(body.as_bytes(), |_, _| {}), Err(given), "{body}");
            let mut texts = Vec::new();
            let read = Reply::new(body.as_bytes().to_vec(), 1).each_text(4, |index, text| {
                assert_eq!(index, texts.len(), "{body}");
                texts.push(text.as_deref().map(str::to_owned));
            });
            assert_eq!((read, Some(texts)), (Ok(()), general(body.as_bytes())), "{body}");
        }
    }

    #[test]
    fn a_text_has_nothing_of_a_longer_one_before_it() {
        let body = br#"{"result":["a long one","",null,"b","longer than the long one","c"]}"#;
        assert_eq!(plain(body), general(body));
        assert!(plain(body).is_some());
    }

    #[test]
    fn a_text_is_as_sent_where_json_would_write_it_so() {
        let body = br#"{"result":["{\"a\":\"\\\\n\"}","a\/b","\n\t\r",null,""]}"#;
        let mut sent = Vec::new();
        let read = each_plain(body, |_, text| {
            let canonical = text.and_then(|text| serde_json::to_string(&*text).ok());
            let as_sent = text.and_then(|text| text.as_sent().map(str::to_owned));
            if let (Some(canonical), Some(as_sent)) = (canonical, &as_sent) {
                assert_eq!(canonical, format!("\"{as_sent}\""));
            }
            sent.push(as_sent);
        });
        assert_eq!(read, Ok(5));
        assert_eq!(sent.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, false, true]);
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
