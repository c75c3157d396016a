//! A Redis value as the REST API writes it in JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use super::error::{Oddity, RedisError};

/// One reply value. Texts borrow from the body wherever JSON has nothing to unescape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Nil,
    Integer(i64),
    Text(Cow<'a, str>),
    Array(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// # Errors
    /// [`RedisError::Invalid`] for any other type.
    pub fn into_integer(self) -> Result<i64, RedisError> {
        match self {
            Self::Integer(number) => Ok(number),
            _ => Err(not_a("an integer")),
        }
    }

    /// The text, or `None` where Redis has no value.
    ///
    /// # Errors
    /// [`RedisError::Invalid`] for any other type.
    pub fn into_text(self) -> Result<Option<Cow<'a, str>>, RedisError> {
        match self {
            Self::Text(text) => Ok(Some(text)),
            Self::Nil => Ok(None),
            _ => Err(not_a("a text")),
        }
    }

    /// # Errors
    /// [`RedisError::Invalid`] for any other type.
    pub fn into_array(self) -> Result<Vec<Self>, RedisError> {
        match self {
            Self::Array(values) => Ok(values),
            _ => Err(not_a("an array")),
        }
    }

    /// A flat array of texts, `None` where Redis has no value: the reply of MGET and HMGET.
    ///
    /// # Errors
    /// [`RedisError::Invalid`] if it is no array of texts, or not of this length.
    pub fn into_texts(self, expected: usize) -> Result<Vec<Option<Cow<'a, str>>>, RedisError> {
        let values = self.into_array()?;
        check_length(expected, values.len())?;
        values.into_iter().map(Self::into_text).collect()
    }
}

pub(super) fn not_a(expected: &'static str) -> RedisError {
    RedisError::Invalid(Oddity::NotA(expected))
}

pub(super) fn check_length(expected: usize, received: usize) -> Result<(), RedisError> {
    if expected == received {
        Ok(())
    } else {
        Err(RedisError::Invalid(Oddity::Length { expected, received }))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

/// Floats, booleans and objects are left to serde's refusal: Redis has none of them.
impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Redis value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Nil)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        i64::try_from(number).map(Value::Integer).map_err(|_| E::custom("beyond 64 bits"))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Result<Value<'_>, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_shape_of_redis_is_read() {
        assert_eq!(value("null").unwrap(), Value::Nil);
        assert_eq!(value("-9223372036854775808").unwrap(), Value::Integer(i64::MIN));
        assert_eq!(value("9007199254740993").unwrap(), Value::Integer(9_007_199_254_740_993));
        assert_eq!(
            value(r#"["0",["pool:a",null,7]]"#).unwrap(),
            Value::Array(vec![
                Value::Text("0".into()),
                Value::Array(vec![Value::Text("pool:a".into()), Value::Nil, Value::Integer(7)]),
            ])
        );
    }

    #[test]
    fn texts_borrow_unless_something_is_escaped() {
        assert!(matches!(value("\"plain\"").unwrap(), Value::Text(Cow::Borrowed("plain"))));
        let Value::Text(Cow::Owned(text)) = value(r#""{\"a\":\"\ud83d\ude00\"}""#).unwrap() else { panic!() };
        assert_eq!(text, "{\"a\":\"\u{1f600}\"}");
    }

    #[test]
    fn shapes_that_redis_has_not_are_refused() {
        for json in ["1.5", "true", "{}", "9223372036854775808", "[1.0]", "1e400"] {
            assert!(value(json).is_err(), "{json}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_the_stack_ends() {
        let json = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(value(&json).is_err());
    }

    #[test]
    fn a_value_of_another_type_is_an_oddity_that_names_the_expected_one() {
        let not = |expected| Err(RedisError::Invalid(Oddity::NotA(expected)));
        assert_eq!(value("\"3\"").unwrap().into_integer(), not("an integer"));
        assert_eq!(value("3").unwrap().into_text(), Err(not_a("a text")));
        assert_eq!(value("null").unwrap().into_array(), Err(not_a("an array")));
        assert_eq!(value("[1]").unwrap().into_texts(1), Err(not_a("a text")));
    }

    #[test]
    fn arrays_of_texts_have_the_length_that_was_asked_for() {
        let texts = value(r#"["a",null]"#).unwrap().into_texts(2).unwrap();
        assert_eq!(texts, [Some(Cow::Borrowed("a")), None]);
        let length = |received| Err(RedisError::Invalid(Oddity::Length { expected: 2, received }));
        assert_eq!(value(r#"["a"]"#).unwrap().into_texts(2), length(1));
        assert_eq!(value(r#"["a","b","c"]"#).unwrap().into_texts(2), length(3));
    }
}
