//! From consensus bytes to a value.

use super::error::ClarityError;
use super::hex::hex_bytes;
use super::principal::Principal;
use super::value::{Tuple, Value};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::from_utf8;

/// Deepest value in values (`MAX_TYPE_DEPTH` of the chain).
pub const MAX_DEPTH: usize = 32;
/// Longest value in bytes (`BOUND_VALUE_SERIALIZATION_BYTES` of the chain).
pub const MAX_BYTES: usize = 2 * 1_024 * 1_024;

/// Entries for which there is room at once: as many as most prints have, and little where a count is a lie.
const USUAL: usize = 32;

impl Value {
    /// Reads the consensus bytes of one value, to the last.
    ///
    /// # Errors
    /// [`ClarityError`] for bytes that no value of the chain has.
    pub fn read(bytes: &[u8]) -> Result<Self, ClarityError> {
        if bytes.len() > MAX_BYTES {
            return Err(ClarityError::TooLong);
        }
        let mut reader = Reader { rest: bytes };
        let value = reader.value(MAX_DEPTH)?;
        match reader.rest.len() {
            0 => Ok(value),
            count => Err(ClarityError::TrailingBytes { count }),
        }
    }

    /// Reads consensus bytes from hexadecimal digits, with or without `0x`.
    ///
    /// # Errors
    /// [`ClarityError::InvalidHex`], and as [`Value::read`].
    pub fn from_hex(text: &str) -> Result<Self, ClarityError> {
        if text.len() / 2 > MAX_BYTES + 1 {
            return Err(ClarityError::TooLong);
        }
        Self::read(&hex_bytes(text)?)
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn value(&mut self, depth: usize) -> Result<Value, ClarityError> {
        let inner = depth.checked_sub(1).ok_or(ClarityError::TooDeep)?;
        let byte = self.byte()?;
        Ok(match byte {
            0x00 => Value::Int(i128::from_be_bytes(self.array()?)),
            0x01 => Value::Uint(u128::from_be_bytes(self.array()?)),
            0x02 => Value::Buffer(self.long()?.into()),
            0x03 => Value::Bool(true),
            0x04 => Value::Bool(false),
            0x05 => Value::Principal(self.principal(false)?),
            0x06 => Value::Principal(self.principal(true)?),
            0x07 => Value::Ok(Box::new(self.value(inner)?)),
            0x08 => Value::Err(Box::new(self.value(inner)?)),
            0x09 => Value::None,
            0x0a => Value::Some(Box::new(self.value(inner)?)),
            0x0b => Value::List(self.list(inner)?),
            0x0c => Value::Tuple(self.tuple(inner)?),
            0x0d => Value::StringAscii(self.text(is_ascii_text)?),
            0x0e => Value::StringUtf8(self.text(|_| true)?),
            byte => return Err(ClarityError::UnknownType { byte }),
        })
    }

    /// Every value has a byte at least, so a count beyond the bytes is a lie before any memory is taken.
    fn list(&mut self, inner: usize) -> Result<Vec<Value>, ClarityError> {
        let count = self.count()?;
        let mut values = Vec::with_capacity(count.min(USUAL));
        for _ in 0..count {
            values.push(self.value(inner)?);
        }
        Ok(values)
    }

    fn tuple(&mut self, inner: usize) -> Result<Tuple, ClarityError> {
        let count = self.count()?;
        let mut entries = Vec::with_capacity(count.min(USUAL));
        for _ in 0..count {
            let name = Cow::Owned(String::from(self.short()?));
            entries.push((name, self.value(inner)?));
        }
        Tuple::sorted(entries)
    }

    fn principal(&mut self, contract: bool) -> Result<Principal, ClarityError> {
        let version = self.byte()?;
        let hash = self.array()?;
        let name = if contract { Some(self.short()?) } else { None };
        Principal::new(version, hash, name)
    }

    fn text(&mut self, fits: fn(&str) -> bool) -> Result<String, ClarityError> {
        let text = from_utf8(self.long()?).map_err(|_| ClarityError::InvalidString)?;
        if fits(text) { Ok(text.into()) } else { Err(ClarityError::InvalidString) }
    }

    fn short(&mut self) -> Result<&'b str, ClarityError> {
        let length = self.byte()?;
        from_utf8(self.take(length.into())?).map_err(|_| ClarityError::InvalidName)
    }

    fn long(&mut self) -> Result<&'b [u8], ClarityError> {
        let length = self.count()?;
        self.take(length)
    }

    fn count(&mut self) -> Result<usize, ClarityError> {
        let count = usize::try_from(u32::from_be_bytes(self.array()?)).unwrap_or(usize::MAX);
        if count > self.rest.len() { Err(ClarityError::Truncated) } else { Ok(count) }
    }

    fn byte(&mut self) -> Result<u8, ClarityError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ClarityError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(ClarityError::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], ClarityError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(ClarityError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Characters of a `string-ascii`: those one can see, and white space.
fn is_ascii_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
}
