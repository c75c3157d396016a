//! Reads the body of a reply: `{"result": …}`, `{"error": …}`, or a list of them for a pipeline.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::error::Category;

use super::error::{Oddity, RedisError};
use super::fault::of_words;
use super::value::{Value, check_length, not_a};
use plain::{each_plain, each_plain_among};
pub use text::Text;

/// The body of a reply. Values are read out of it on request and borrow from it.
pub struct Reply {
    body: Vec<u8>,
    /// Tries it took; named in errors that the body may still hold.
    attempts: u32,
}

impl fmt::Debug for Reply {
    /// Stored values stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("bytes", &self.body.len()).finish()
    }
}

impl Reply {
    /// Takes a body as it came. Its own text decides later what it is.
    pub fn new(body: Vec<u8>, attempts: u32) -> Self {
        Self { body, attempts }
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How large it is.
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    /// The value of a single command.
    ///
    /// # Errors
    /// What Redis answered instead, or [`RedisError::Invalid`] for a body of another shape.
    pub fn value(&self) -> Result<Value<'_>, RedisError> {
        self.read(PhantomData::<Value<'_>>, "a Redis value")
    }

    /// Hands each text of a flat array (MGET) to `each` with its index, `None` where Redis has no value.
    ///
    /// No text is kept: each lives in the body or in a buffer that all of them share, only during the call. On an error some texts may have been handed out already.
    ///
    /// # Errors
    /// As [`Self::value`]; also if the array is not of the expected length.
    pub fn each_text(
        &self,
        expected: usize,
        mut each: impl FnMut(usize, Option<Text<'_>>),
    ) -> Result<(), RedisError> {
        let wanted = |index, text: Option<Text<'_>>| {
            if index < expected {
                each(index, text);
            }
        };
        let given = match each_plain(&self.body, wanted) {
            Ok(received) => return check_length(expected, received),
            Err(given) => given,
        };
        let seed = EachText { wanted: given..expected, each };
        match self.read(seed, "an array of texts")? {
            Some(received) => check_length(expected, received),
            None => Err(not_a("an array of texts")),
        }
    }

    /// The values of a pipeline, each with its own fate: one refused command leaves the others alone.
    ///
    /// # Errors
    /// What Redis answered to the pipeline as a whole, or [`RedisError::Invalid`] if the list is not of the
    /// expected length.
    pub fn items(&self, expected: usize) -> Result<Vec<Result<Value<'_>, RedisError>>, RedisError> {
        if self.is_refused_whole() {
            return Err(self.value().err().unwrap_or(not_a("a list of replies")));
        }
        let items: Vec<Envelope<'_, Value<'_>>> = self.parse("a list of replies", |deserializer| {
            Vec::<Item<'_>>::deserialize(deserializer)
                .map(|items| items.into_iter().map(|item| item.0).collect())
        })?;
        check_length(expected, items.len())?;
        Ok(items.into_iter().map(|item| self.open(item)).collect())
    }

    /// As [`Self::each_text`] for one command of a pipeline, with so many others before and behind it; gives what became of
    /// those.
    ///
    /// # Errors
    /// As [`Self::each_text`]. That another command was refused is no error of this one.
    pub fn texts_among(
        &self,
        (before, behind): (usize, usize),
        expected: usize,
        mut each: impl FnMut(usize, Option<Text<'_>>),
    ) -> Result<Vec<Result<Value<'_>, RedisError>>, RedisError> {
        if self.is_refused_whole() {
            return Err(self.value().err().unwrap_or(not_a("a list of replies")));
        }
        let wanted = |index, text: Option<Text<'_>>| {
            if index < expected {
                each(index, text);
            }
        };
        let given = match each_plain_among(&self.body, (before, behind), wanted, one_item) {
            Ok((others, received)) => {
                check_length(expected, received)?;
                return Ok(others.into_iter().map(|Item(other)| self.open(other)).collect());
            }
            Err(given) => given,
        };
        let seed = EachText { wanted: given..expected, each };
        let (others, texts) = self.parse("values and an array of texts", |deserializer| {
            deserializer.deserialize_seq(Among { seed, before, behind })
        })?;
        match self.open(texts)? {
            Some(received) => check_length(expected, received)?,
            None => return Err(not_a("an array of texts")),
        }
        Ok(others.into_iter().map(|Item(other)| self.open(other)).collect())
    }

    /// A refused pipeline is one object, not a list.
    fn is_refused_whole(&self) -> bool {
        self.body.trim_ascii_start().first() == Some(&b'{')
    }

    fn read<'de, S: DeserializeSeed<'de>>(
        &'de self,
        seed: S,
        expected: &'static str,
    ) -> Result<S::Value, RedisError> {
        let envelope = self.parse(expected, |deserializer| EnvelopeSeed(seed).deserialize(deserializer))?;
        self.open(envelope)
    }

    /// Parses the whole body; nothing may follow the JSON.
    fn parse<'de, T>(
        &'de self,
        expected: &'static str,
        parse: impl FnOnce(
            &mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>,
        ) -> Result<T, serde_json::Error>,
    ) -> Result<T, RedisError> {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.body);
        parse(&mut deserializer).and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
            // serde's own words may quote the body, so only the kind of fault is kept.
            match error.classify() {
                Category::Data => not_a(expected),
                Category::Io | Category::Syntax | Category::Eof => RedisError::Invalid(Oddity::NotJson),
            }
        })
    }

    fn open<T>(&self, envelope: Envelope<'_, T>) -> Result<T, RedisError> {
        match envelope {
            // Either key may be there with null beside the other, so a text under `error` decides.
            Envelope { error: Some(words), .. } => Err(of_words(&words).into_error(self.attempts, 0)),
            Envelope { result: Some(value), .. } => Ok(value),
            Envelope { .. } => Err(not_a("a reply with a result")),
        }
    }
}

/// `{"result": T}` or `{"error": "words"}`.
struct Envelope<'a, T> {
    result: Option<T>,
    error: Option<Cow<'a, str>>,
}

/// Reads the envelope that a body begins with; gives what follows it.
fn one_item(body: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let mut items = serde_json::Deserializer::from_slice(body).into_iter();
    let item = items.next()?.ok()?;
    Some((item, body.get(items.byte_offset()..)?))
}

/// An envelope whose result is any Redis value.
struct Item<'a>(Envelope<'a, Value<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EnvelopeSeed(PhantomData::<Value<'a>>).deserialize(deserializer).map(Item)
    }
}

/// Reads a list of envelopes, one of which has a result that goes through the seed `S`.
struct Among<S> {
    seed: S,
    before: usize,
    behind: usize,
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Among<S> {
    type Value = (Vec<Item<'de>>, Envelope<'de, S::Value>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} replies", self.before + 1 + self.behind)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let missing = |found| A::Error::invalid_length(found, &"as many replies as commands");
        let mut others = Vec::with_capacity(self.before + self.behind);
        for found in 0..self.before {
            others.push(items.next_element()?.ok_or_else(|| missing(found))?);
        }
        let texts = items.next_element_seed(EnvelopeSeed(self.seed))?.ok_or_else(|| missing(self.before))?;
        for found in 0..self.behind {
            others.push(items.next_element()?.ok_or_else(|| missing(self.before + 1 + found))?);
        }
        match items.next_element::<IgnoredAny>()? {
            None => Ok((others, texts)),
            Some(_) => Err(missing(self.before + self.behind + 2)),
        }
    }
}

/// Reads an envelope whose result goes through the seed `S`.
struct EnvelopeSeed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for EnvelopeSeed<S> {
    type Value = Envelope<'de, S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for EnvelopeSeed<S> {
    type Value = Envelope<'de, S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with result or error")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut seed = Some(self.0);
        let mut envelope = Envelope { result: None, error: None };
        while let Some(key) = entries.next_key::<Key>()? {
            match key {
                Key::Result => match seed.take() {
                    Some(seed) => envelope.result = Some(entries.next_value_seed(seed)?),
                    None => return Err(A::Error::duplicate_field("result")),
                },
                Key::Error => envelope.error = entries.next_value::<Value<'de>>()?.into_words(),
                Key::Other => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

impl<'a> Value<'a> {
    /// The words of an `error` entry; an entry that is no text is an error all the same.
    fn into_words(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Nil => None,
            Self::Text(words) => Some(words),
            Self::Integer(_) | Self::Array(_) => Some(Cow::Borrowed("")),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Result,
    Error,
    #[serde(other)]
    Other,
}

/// Hands out the texts of an array; its value is their number, or `None` for null in place of the array.
struct EachText<F> {
    /// Texts beyond the expected number are counted but not handed out, nor those that were handed out already.
    wanted: Range<usize>,
    each: F,
}

impl<'de, F: FnMut(usize, Option<Text<'_>>)> DeserializeSeed<'de> for EachText<F> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(usize, Option<Text<'_>>)> Visitor<'de> for EachText<F> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of texts")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut index = 0;
        while items
            .next_element_seed(OneText { index, wanted: self.wanted.contains(&index), each: &mut self.each })?
            .is_some()
        {
            index += 1;
        }
        Ok(Some(index))
    }
}

struct OneText<'a, F> {
    index: usize,
    wanted: bool,
    each: &'a mut F,
}

impl<'de, F: FnMut(usize, Option<Text<'_>>)> DeserializeSeed<'de> for OneText<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(usize, Option<Text<'_>>)> Visitor<'de> for OneText<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or null")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        if self.wanted {
            (self.each)(self.index, None);
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.wanted {
            (self.each)(self.index, Some(Text::new(text, None)));
        }
        Ok(())
    }
}

mod plain;
#[cfg(test)]
mod tests;
mod text;
