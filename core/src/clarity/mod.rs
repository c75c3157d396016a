//! Values of the Clarity language as contracts take, give and print them: read from and written as consensus bytes.
//!
//! Bytes of strangers come in here, so depth and length are bounded, every byte is looked at, and each value has
//! exactly one text of bytes: what is read and written again is the same.
//!
//! ```
//! use dlmm_core::clarity::{Principal, Tuple, Value};
//!
//! let pool = Principal::parse("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.pool-btc-usd-10").unwrap();
//! let entry = Tuple::new([("pool-trait", Value::Principal(pool)), ("amount", Value::Uint(5))]).unwrap();
//! let value = Value::List(vec![Value::Tuple(entry)]);
//! assert_eq!(Value::from_hex(&value.to_hex()), Ok(value));
//! assert_eq!(Value::Uint(1).to_hex(), "0x0100000000000000000000000000000001");
//! ```

mod error;
mod hex;
mod principal;
mod read;
mod text;
mod value;
mod write;

pub use error::ClarityError;
pub use hex::{hex_bytes, push_hex};
pub use principal::Principal;
pub use read::{MAX_BYTES, MAX_DEPTH};
pub use value::{Tuple, Value};

#[cfg(test)]
mod tests;
