//! Failures as they are thrown: the JSON text of `{code, message, details}`, codes and details as over HTTP.

use dlmm_core::error::QuoteError;
use dlmm_core::wire::ErrorDetails;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What core refuses, as over HTTP.
    Refused(QuoteError),
    /// What was given as a snapshot is none.
    Snapshot(String),
    /// An answer could not be written.
    Internal(String),
}

impl Failure {
    /// An argument that cannot be used.
    pub(crate) fn invalid(field: &str, reason: &str) -> Self {
        Self::Refused(QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() })
    }

    /// What was given as a snapshot is none.
    pub(crate) fn snapshot(reason: impl ToString) -> Self {
        Self::Snapshot(reason.to_string())
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Reason<'a> {
            reason: &'a str,
        }
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Refused(error) => {
                map.serialize_entry("code", error.code())?;
                map.serialize_entry("message", &error.to_string())?;
                map.serialize_entry("details", &ErrorDetails(error))?;
            }
            Self::Snapshot(reason) => {
                map.serialize_entry("code", "SNAPSHOT_INVALID")?;
                map.serialize_entry("message", reason)?;
                map.serialize_entry("details", &Reason { reason })?;
            }
            Self::Internal(reason) => {
                map.serialize_entry("code", "INTERNAL")?;
                map.serialize_entry("message", "an answer could not be written")?;
                map.serialize_entry("details", &Reason { reason })?;
            }
        }
        map.end()
    }
}

impl From<QuoteError> for Failure {
    fn from(error: QuoteError) -> Self {
        Self::Refused(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        serde_json::to_string(&failure).map_or(JsValue::NULL, JsValue::from)
    }
}
