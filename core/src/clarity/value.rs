//! One value and the questions to it.

use super::error::ClarityError;
use super::principal::Principal;
use crate::gather::Gather;
use crate::sorted::sort_by;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest name in a tuple (`MAX_STRING_LEN` of the chain).
const MAX_NAME: usize = 128;

/// A value of any type that contracts take, give or print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A signed number.
    Int(i128),
    /// A number from 0 on.
    Uint(u128),
    /// Bytes.
    Buffer(Vec<u8>),
    /// `true` or `false`.
    Bool(bool),
    /// An account or a contract.
    Principal(Principal),
    /// A response that went well.
    Ok(Box<Self>),
    /// A response that did not.
    Err(Box<Self>),
    /// An optional without a value.
    None,
    /// An optional with one.
    Some(Box<Self>),
    /// Values in a row.
    List(Vec<Self>),
    /// Values by name.
    Tuple(Tuple),
    /// Text of ASCII characters.
    StringAscii(String),
    /// Text of any characters.
    StringUtf8(String),
}

impl Value {
    /// The name of its type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Buffer(_) => "buff",
            Self::Bool(_) => "bool",
            Self::Principal(_) => "principal",
            Self::Ok(_) | Self::Err(_) => "response",
            Self::None | Self::Some(_) => "optional",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::StringAscii(_) => "string-ascii",
            Self::StringUtf8(_) => "string-utf8",
        }
    }

    /// The number of a `uint`.
    #[must_use]
    pub const fn as_uint(&self) -> Option<u128> {
        if let Self::Uint(number) = self { Some(*number) } else { None }
    }

    /// The number of an `int`.
    #[must_use]
    pub const fn as_int(&self) -> Option<i128> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The truth of a `bool`.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The principal, if it is one.
    #[must_use]
    pub const fn as_principal(&self) -> Option<&Principal> {
        if let Self::Principal(principal) = self { Some(principal) } else { None }
    }

    /// The text of a string of either kind.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::StringAscii(text) | Self::StringUtf8(text) => Some(text),
            _ => None,
        }
    }

    /// The values of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }

    /// The entries of a tuple.
    #[must_use]
    pub const fn as_tuple(&self) -> Option<&Tuple> {
        if let Self::Tuple(tuple) = self { Some(tuple) } else { None }
    }

    /// The entry of a tuple.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.as_tuple()?.get(name)
    }
}

/// Values by name, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tuple {
    entries: Vec<(Cow<'static, str>, Value)>,
}

impl Tuple {
    /// Puts entries in order.
    ///
    /// # Errors
    /// [`ClarityError::InvalidName`], or [`ClarityError::TupleOrder`] if two entries have one name.
    pub fn new<N: Into<Cow<'static, str>>>(
        entries: impl IntoIterator<Item = (N, Value)>,
    ) -> Result<Self, ClarityError> {
        let mut entries: Vec<_> = entries.into_iter().map(|(name, value)| (name.into(), value)).gather();
        sort_by(&mut entries, |(one, _), (other, _)| one.cmp(other));
        Self::sorted(entries)
    }

    /// Takes entries that are in order.
    pub(super) fn sorted(entries: Vec<(Cow<'static, str>, Value)>) -> Result<Self, ClarityError> {
        if !entries.iter().all(|(name, _)| is_name(name)) {
            return Err(ClarityError::InvalidName);
        }
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            return Err(ClarityError::TupleOrder);
        }
        Ok(Self { entries })
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let place = self.entries.binary_search_by(|(entry, _)| (**entry).cmp(name)).ok()?;
        self.entries.get(place).map(|(_, value)| value)
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }
}

/// A name as Clarity has them: letters, digits and signs from a letter on, or a sign of arithmetic alone.
fn is_name(name: &str) -> bool {
    let ordinary = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'-' | b'_' | b'!' | b'?' | b'+' | b'<' | b'>' | b'=' | b'/' | b'*')
        });
    (ordinary && name.len() <= MAX_NAME)
        || matches!(name, "-" | "+" | "=" | "/" | "*" | "<" | ">" | "<=" | ">=")
}
