//! Redis replies as the JSON that Upstash gives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use redis::{ServerError, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

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

/// `{"result": ...}` or `{"error": ...}` of one command.
pub(crate) struct Item<'a>(pub(crate) &'a Outcome, pub(crate) Encoding);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.0 {
            Ok(value) => map.serialize_entry("result", &Reply(value, self.1))?,
            // Error texts are never encoded.
            Err(text) => map.serialize_entry("error", text)?,
        }
        map.end()
    }
}

/// A Redis value in RESP2 shapes: integer, string, null, array.
struct Reply<'a>(&'a Value, Encoding);

impl Serialize for Reply<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, encoding) = *self;
        match value {
            Value::Nil => serializer.serialize_unit(),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Okay => serializer.serialize_str("OK"),
            Value::BulkString(bytes) => write_string(serializer, bytes, encoding),
            Value::SimpleString(text) => write_string(serializer, text.as_bytes(), encoding),
            Value::Array(items) | Value::Set(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Reply(item, encoding))?;
                }
                list.end()
            }
            // An error inside an array, as a script can return it, has no place of its own in the JSON.
            Value::ServerError(error) => write_string(serializer, error_text(error).as_bytes(), encoding),
            // The rest is RESP3, which the gateway does not ask for.
            _ => Err(serde::ser::Error::custom("a reply that RESP2 does not have")),
        }
    }
}

fn write_string<S: Serializer>(serializer: S, bytes: &[u8], encoding: Encoding) -> Result<S::Ok, S::Error> {
    match encoding {
        Encoding::Text => serializer.serialize_str(&String::from_utf8_lossy(bytes)),
        Encoding::Base64 => serializer.serialize_str(&STANDARD.encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(outcome: &Outcome, encoding: Encoding) -> String {
        serde_json::to_string(&Item(outcome, encoding)).unwrap()
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
        assert!(serde_json::to_string(&Item(&Ok(Value::Double(1.5)), Encoding::Text)).is_err());
    }
}
