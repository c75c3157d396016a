//! The details of an error as HTTP shows them.

use crate::error::QuoteError;
use alloc::string::ToString;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Writes the `details` object of an error; amounts are strings of smallest units.
#[derive(Clone, Copy, Debug)]
pub struct ErrorDetails<'a>(pub &'a QuoteError);

impl Serialize for ErrorDetails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.0 {
            QuoteError::InvalidRequest { field, .. } | QuoteError::AmountOverflow { field: Some(field) } => {
                map.serialize_entry("field", field)?;
            }
            QuoteError::SameToken { token } | QuoteError::UnknownToken { token } => {
                map.serialize_entry("token", token.as_str())?;
            }
            QuoteError::UnknownPool { pool_id } => map.serialize_entry("pool_id", pool_id.as_str())?,
            QuoteError::NoRoute { token_in, token_out, max_hops } => {
                map.serialize_entry("token_in", token_in.as_str())?;
                map.serialize_entry("token_out", token_out.as_str())?;
                map.serialize_entry("max_hops", max_hops)?;
            }
            QuoteError::InsufficientLiquidity { requested, fillable } => {
                map.serialize_entry("requested", &requested.to_string())?;
                map.serialize_entry("fillable", &fillable.to_string())?;
            }
            QuoteError::TooManyBins { needed, allowed } => {
                map.serialize_entry("needed", needed)?;
                map.serialize_entry("allowed", allowed)?;
            }
            QuoteError::AmountTooSmall | QuoteError::AmountOverflow { field: None } => {}
            QuoteError::StateInvalid { key, reason } => {
                map.serialize_entry("key", key)?;
                map.serialize_entry("reason", reason)?;
            }
            QuoteError::StaleState { pool_id, age_ms, max_age_ms } => {
                map.serialize_entry("pool_id", pool_id.as_str())?;
                map.serialize_entry("age_ms", age_ms)?;
                map.serialize_entry("max_age_ms", max_age_ms)?;
            }
        }
        map.end()
    }
}

/// Gives the `details` object of an error as a value.
#[must_use]
pub fn error_details(error: &QuoteError) -> Value {
    serde_json::to_value(ErrorDetails(error)).unwrap_or_default()
}
