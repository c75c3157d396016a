//! Bytes as hexadecimal text.

use super::error::ClarityError;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads pairs of hexadecimal digits, with or without `0x` before them.
///
/// # Errors
/// [`ClarityError::InvalidHex`] for anything else.
pub fn hex_bytes(text: &str) -> Result<Vec<u8>, ClarityError> {
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ClarityError::InvalidHex);
    }
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
            return Err(ClarityError::InvalidHex);
        };
        bytes.push((high << 4) | low);
    }
    Ok(bytes)
}

/// Writes bytes as lower-case hexadecimal digits.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    out.reserve(bytes.len().saturating_mul(2));
    for byte in bytes {
        for half in [byte >> 4, byte & 0xf] {
            out.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
