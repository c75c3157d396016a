//! Redis replies as the JSON that Upstash gives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dlmm_core::json::to_json;
use redis::{ServerError, Value};
use std::io::{self, Write};

use crate::redis::bounded_replies::cut_out;

/// How strings inside a result are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As text; bytes that are not UTF-8 become U+FFFD, as on Upstash.
    Text,
    /// Each string in base64, except the status `OK`.
    Base64,
}

/// What one command gave: Redis' value, or the text of its error.
pub(crate) type Outcome = Result<Value, String>;

/// The value of a command as an outcome. Of a reply that was cut nothing is given: half an answer looks like a whole one.
pub(crate) fn outcome(value: Value, max_reply: usize) -> Outcome {
    if let Some(text) = cut_out(&value, max_reply) {
        return Err(text);
    }
    match value {
        Value::ServerError(error) => Err(error_text(&error)),
        value => Ok(value),
    }
}

/// The error line as Redis sent it: first word, then the rest.
pub(crate) fn error_text(error: &ServerError) -> String {
    match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().to_owned(),
    }
}

/// What an outcome takes in memory.
pub(crate) fn weight(outcome: &Outcome) -> usize {
    match outcome {
        Ok(value) => value_weight(value),
        Err(text) => size_of::<Outcome>() + text.len(),
    }
}

fn value_weight(value: &Value) -> usize {
    let inside = match value {
        Value::BulkString(bytes) => bytes.len(),
        Value::SimpleString(text) => text.len(),
        Value::Array(items) | Value::Set(items) => items.iter().map(value_weight).sum(),
        _ => 0,
    };
    size_of::<Value>() + inside
}

/// Most of a string that is escaped at once; the piece is not counted as held.
const PIECE: usize = 16 << 10;

/// Writes `{"result": ...}` or `{"error": ...}` of one command.
///
/// Core's writer escapes the strings, because it is compiled for speed in the development build too: serde's would be compiled
/// with this crate, which is not.
///
/// # Errors
/// What `out` refuses, and a reply that RESP2 does not have.
pub(crate) fn write_outcome(out: &mut impl Write, outcome: &Outcome, encoding: Encoding) -> io::Result<()> {
    match outcome {
        Ok(value) => {
            out.write_all(b"{\"result\":")?;
            write_value(out, value, encoding)?;
        }
        // Error texts are never encoded.
        Err(text) => {
            out.write_all(b"{\"error\":")?;
            write_text(out, text)?;
        }
    }
    out.write_all(b"}")
}

/// Writes the outcomes of several commands as a list.
///
/// # Errors
/// As [`write_outcome`].
pub(crate) fn write_outcomes(
    out: &mut impl Write,
    outcomes: &[Outcome],
    encoding: Encoding,
) -> io::Result<()> {
    write_list(out, outcomes, |out, outcome| write_outcome(out, outcome, encoding))
}

/// Writes a Redis value in RESP2 shapes: integer, string, null, array.
fn write_value(out: &mut impl Write, value: &Value, encoding: Encoding) -> io::Result<()> {
    match value {
        Value::Nil => out.write_all(b"null"),
        Value::Int(number) => write!(out, "{number}"),
        Value::Okay => out.write_all(b"\"OK\""),
        Value::BulkString(bytes) => write_string(out, bytes, encoding),
        Value::SimpleString(text) => write_string(out, text.as_bytes(), encoding),
        Value::Array(items) | Value::Set(items) => {
            write_list(out, items, |out, item| write_value(out, item, encoding))
        }
        // An error inside an array, as a script can return it, has no place of its own in the JSON.
        Value::ServerError(error) => write_string(out, error_text(error).as_bytes(), encoding),
        // The rest is RESP3, which the gateway does not ask for.
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a reply that RESP2 does not have")),
    }
}

fn write_list<W: Write, T>(
    out: &mut W,
    items: &[T],
    write: impl Fn(&mut W, &T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        write(out, item)?;
    }
    out.write_all(b"]")
}

fn write_string(out: &mut impl Write, bytes: &[u8], encoding: Encoding) -> io::Result<()> {
    match encoding {
        Encoding::Text => write_text(out, &String::from_utf8_lossy(bytes)),
        Encoding::Base64 => write_text(out, &STANDARD.encode(bytes)),
    }
}

fn write_text(out: &mut impl Write, mut text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PIECE));
        let quoted = to_json(&piece);
        let inside = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
        out.write_all(inside.unwrap_or_default().as_bytes())?;
        text = rest;
    }
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(outcome: &Outcome, encoding: Encoding) -> String {
        let mut text = Vec::new();
        write_outcome(&mut text, outcome, encoding).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn writes_each_resp2_shape() {
        for (value, expected) in [
            (Value::Nil, r#"{"result":null}"#),
            (Value::Int(i64::MAX), r#"{"result":9223372036854775807}"#),
            (Value::Okay, r#"{"result":"OK"}"#),
            (Value::SimpleString("PONG".into()), r#"{"result":"PONG"}"#),
            (bulk("🫶\n"), r#"{"result":"🫶\n"}"#),
            (Value::Array(vec![]), r#"{"result":[]}"#),
        ] {
            assert_eq!(json(&Ok(value), Encoding::Text), expected);
        }
    }

    #[test]
    fn encodes_strings_at_any_depth_but_not_ok_numbers_or_null() {
        let value = Value::Array(vec![
            Value::Okay,
            Value::Int(7),
            Value::Nil,
            bulk("bar"),
            Value::Array(vec![bulk(""), Value::Array(vec![Value::SimpleString("PONG".into())])]),
        ]);
        assert_eq!(
            json(&Ok(value), Encoding::Base64),
            r#"{"result":["OK",7,null,"YmFy",["",["UE9ORw=="]]]}"#
        );
    }

    #[test]
    fn writes_long_strings_as_short_ones() {
        for long in [
            "ä\u{1}\"".repeat(PIECE),
            "🫶".repeat(PIECE),
            "x".repeat(PIECE),
            format!("x{}", "ö".repeat(PIECE)),
        ] {
            let written = json(&Ok(bulk(&long)), Encoding::Text);
            assert_eq!(written, serde_json::json!({ "result": long }).to_string());
        }
    }

    #[test]
    fn writes_lists_of_outcomes() {
        let mut text = Vec::new();
        let outcomes = [Ok(Value::Int(1)), Err("ERR no".to_owned()), Ok(Value::Nil)];
        write_outcomes(&mut text, &outcomes, Encoding::Text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), r#"[{"result":1},{"error":"ERR no"},{"result":null}]"#);
    }

    #[test]
    fn encodes_a_stored_ok() {
        assert_eq!(json(&Ok(bulk("OK")), Encoding::Base64), r#"{"result":"T0s="}"#);
    }

    #[test]
    fn keeps_bytes_in_base64_and_marks_them_as_lost_in_text() {
        let value = Ok(Value::BulkString(vec![0x00, 0xff, b'a']));
        assert_eq!(json(&value, Encoding::Base64), r#"{"result":"AP9h"}"#);
        assert_eq!(json(&value, Encoding::Text), "{\"result\":\"\\u0000\u{fffd}a\"}");
    }

    #[test]
    fn never_encodes_errors() {
        let error = Err("WRONGTYPE Operation against a key".to_owned());
        assert_eq!(json(&error, Encoding::Base64), r#"{"error":"WRONGTYPE Operation against a key"}"#);
    }

    #[test]
    fn refuses_a_reply_that_resp2_does_not_have() {
        assert!(write_outcome(&mut Vec::new(), &Ok(Value::Double(1.5)), Encoding::Text).is_err());
    }
}
