//! Bytes as hexadecimal text.

use super::error::ClarityError;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::from_utf8;

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
    // A follower reads tens of thousands of them a block, so nothing is asked digit by digit.
    let mut seen = 0;
    let byte = |[high, low]: &[u8; 2]| {
        let (high, low) = (digit(*high), digit(*low));
        seen |= high | low;
        (high << 4) | low
    };
    let bytes = pairs.iter().map(byte).collect();
    if seen == WRONG { Err(ClarityError::InvalidHex) } else { Ok(bytes) }
}

/// Writes bytes as lower-case hexadecimal digits.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    out.reserve(bytes.len().saturating_mul(2));
    // Some at a time: that takes a quarter of the time of one character after the other.
    let mut digits = [[0; 2]; 32];
    for some in bytes.chunks(digits.len()) {
        for (pair, byte) in digits.iter_mut().zip(some) {
            *pair = [character(byte >> 4), character(byte & 0xf)];
        }
        let written = digits.get(..some.len()).unwrap_or_default().as_flattened();
        out.push_str(from_utf8(written).unwrap_or_default());
    }
}

const fn character(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' - 10 + half }
}

/// No digit: more bits than any has, and together with digits still itself.
const WRONG: u8 = 0xff;

/// What a character counts as a digit.
const DIGITS: [u8; 256] = {
    let mut digits = [WRONG; 256];
    let mut value = 0;
    while value < 16 {
        #[allow(clippy::indexing_slicing, reason = "both places are below 128")]
        {
            digits[b"0123456789abcdef"[value] as usize] = value as u8;
            digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        }
        value += 1;
    }
    digits
};

fn digit(character: u8) -> u8 {
    DIGITS.get(usize::from(character)).copied().unwrap_or(WRONG)
}
