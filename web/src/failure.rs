//! Failures as they are thrown: the JSON text of `{code, message, details}`, codes and details as over HTTP.

use dlmm_core::error::QuoteError;
use dlmm_core::wire::error_details;
use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

/// Why a call has no result.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    code: &'static str,
    message: String,
    details: Value,
}

impl Failure {
    /// An argument that cannot be used.
    pub(crate) fn invalid(field: &str, reason: &str) -> Self {
        QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() }.into()
    }

    /// What was given as a snapshot is none.
    pub(crate) fn snapshot(reason: impl ToString) -> Self {
        let message = reason.to_string();
        Self { code: "SNAPSHOT_INVALID", details: json!({ "reason": &message }), message }
    }
}

impl From<QuoteError> for Failure {
    fn from(error: QuoteError) -> Self {
        Self { code: error.code(), message: error.to_string(), details: error_details(&error) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self {
            code: "INTERNAL",
            message: "an answer could not be written".to_owned(),
            details: json!({ "reason": error.to_string() }),
        }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        serde_json::to_string(&failure).map_or(JsValue::NULL, JsValue::from)
    }
}
