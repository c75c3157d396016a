//! The details of an error as HTTP shows them.

use crate::error::QuoteError;
use alloc::string::ToString;
use serde_json::{Value, json};

/// Gives the `details` object of an error; amounts are strings of smallest units.
#[must_use]
pub fn error_details(error: &QuoteError) -> Value {
    match error {
        QuoteError::InvalidRequest { field, .. } | QuoteError::AmountOverflow { field: Some(field) } => {
            json!({ "field": field })
        }
        QuoteError::SameToken { token } | QuoteError::UnknownToken { token } => {
            json!({ "token": token.as_str() })
        }
        QuoteError::UnknownPool { pool_id } => json!({ "pool_id": pool_id.as_str() }),
        QuoteError::NoRoute { token_in, token_out, max_hops } => {
            json!({ "token_in": token_in.as_str(), "token_out": token_out.as_str(), "max_hops": max_hops })
        }
        QuoteError::InsufficientLiquidity { requested, fillable } => {
            json!({ "requested": requested.to_string(), "fillable": fillable.to_string() })
        }
        QuoteError::TooManyBins { needed, allowed } => json!({ "needed": needed, "allowed": allowed }),
        QuoteError::AmountTooSmall | QuoteError::AmountOverflow { field: None } => json!({}),
        QuoteError::StateInvalid { key, reason } => json!({ "key": key, "reason": reason }),
        QuoteError::StaleState { pool_id, age_ms, max_age_ms } => {
            json!({ "pool_id": pool_id.as_str(), "age_ms": age_ms, "max_age_ms": max_age_ms })
        }
    }
}
