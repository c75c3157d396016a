//! Values of contracts, as bytes and as text, and principals.

use core::str::from_utf8;

use dlmm_core::clarity::{Principal, Value};

/// What is read must be written again to the byte: a value has one form.
pub fn clarity(bytes: &[u8]) {
    if let Ok(value) = Value::read(bytes) {
        assert_eq!(value.to_bytes(), bytes, "{value}");
        assert_eq!(Value::from_hex(&value.to_hex()).as_ref(), Ok(&value));
    }
    let Ok(text) = from_utf8(bytes) else { return };
    if let Ok(principal) = Principal::parse(text) {
        assert_eq!(principal.to_string(), text);
        let value = Value::Principal(principal);
        assert_eq!(Value::read(&value.to_bytes()), Ok(value));
    }
}
