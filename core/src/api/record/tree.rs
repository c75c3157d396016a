//! A JSON document that keeps every number as its text.

use crate::error::QuoteError;
use crate::json::Reader;
use crate::sorted::sort_by;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;
use litemap::LiteMap;

/// Levels of lists and objects inside each other; an answer has seven.
const MAX_DEPTH: usize = 16;

/// The fields of an object, in order of their names.
pub(crate) type Fields = LiteMap<String, Tree>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    Boolean(bool),
    /// The text of a number, as it stands.
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Object(Fields),
}

impl Tree {
    /// Reads a document. A field that is there twice is refused: readers would disagree on which one counts.
    ///
    /// # Errors
    /// `INVALID_REQUEST` on `quote` if it is not JSON, or nested too deeply.
    pub(crate) fn parse(json: &str) -> Result<Self, QuoteError> {
        let mut reader = Reader::new(json);
        let tree = Self::read(&mut reader, MAX_DEPTH).and_then(|tree| reader.end().map(|()| tree));
        tree.map_err(|reason| QuoteError::InvalidRequest {
            field: "quote".to_owned(),
            reason: format!("cannot be read: {reason}"),
        })
    }

    fn read(reader: &mut Reader<'_>, depth: usize) -> Result<Self, String> {
        let below = || depth.checked_sub(1).ok_or_else(|| format!("more than {MAX_DEPTH} levels"));
        match reader.peek() {
            Some(b'{') => {
                let depth = below()?;
                let mut fields = Vec::new();
                reader.object(&mut |reader| {
                    fields.push((reader.name()?.into_owned(), Self::read(reader, depth)?));
                    Ok(())
                })?;
                sort_by(&mut fields, |(a, _), (b, _)| a.cmp(b));
                let twice = fields.iter().zip(fields.iter().skip(1)).find(|(a, b)| a.0 == b.0);
                if let Some(((name, _), _)) = twice {
                    return Err(format!("{name} appears twice"));
                }
                Ok(Self::Object(LiteMap::from_sorted_store_unchecked(fields)))
            }
            Some(b'[') => {
                let depth = below()?;
                let mut items = Vec::new();
                reader.list(&mut |reader| {
                    items.push(Self::read(reader, depth)?);
                    Ok(())
                })?;
                Ok(Self::List(items))
            }
            Some(b'"') => reader.string().map(|text| Self::Text(text.into_owned())),
            _ => Ok(match reader.value()?.get() {
                "null" => Self::Null,
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                number => Self::Number(number.to_owned()),
            }),
        }
    }

    /// The fields, if it is an object.
    pub(crate) const fn fields_mut(&mut self) -> Option<&mut Fields> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field, if it is an object that has it.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits.
    pub(crate) fn whole<T: FromStr>(&self) -> Option<T> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        Tree::parse(json).expect_err("refused").to_string()
    }

    #[test]
    fn keeps_numbers_as_they_are_written() {
        let tree = Tree::parse(r#" {"b":[1.50, "x\u00e9", null],"a":{"t":true}} "#).expect("JSON");
        let Some(Tree::List(items)) = tree.field("b") else { panic!("a list") };
        assert_eq!(items.as_slice(), [Tree::Number("1.50".into()), Tree::Text("xé".into()), Tree::Null]);
        assert_eq!(tree.field("a").and_then(|a| a.field("t")), Some(&Tree::Boolean(true)));
    }

    #[test]
    fn refuses_what_readers_would_disagree_on() {
        assert!(refused(r#"{"a":1,"a":1}"#).contains("a appears twice"));
        for json in ["", "{", "[1,]", "{} {}", "{a:1}", "\"\\ud800\"", "01", "1.", "NaN"] {
            assert!(refused(json).starts_with("quote cannot be read"), "{json}");
        }
    }

    #[test]
    fn deep_documents_end_early() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Tree::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(refused(&nested(MAX_DEPTH + 1)).contains("more than 16 levels"));
        assert!(refused(&nested(200_000)).contains("more than 16 levels"));
    }
}
