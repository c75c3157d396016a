//! Quotes with their input, as somebody hands them in to be verified.

use dlmm_core::verify::verify_quote;

use crate::text::text_of;

/// Longest text: beyond it an input says nothing new and takes long.
const MAX_BYTES: usize = 64 << 10;

/// The text of a quote.
pub fn verified_quote(bytes: &[u8]) {
    let Some(text) = text_of(bytes).filter(|text| text.len() <= MAX_BYTES) else { return };
    match verify_quote(text) {
        Ok(verification) => {
            assert!(verification.differences.len() <= 100);
            assert_eq!(verify_quote(text), Ok(verification), "the same twice");
        }
        Err(refusal) => assert_eq!(refusal.code(), "INVALID_REQUEST"),
    }
}
