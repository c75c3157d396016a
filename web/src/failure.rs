//! Failures as they are thrown: the JSON text of `{code, message, details}`, codes and details as over HTTP.

use dlmm_core::api::ErrorDetails;
use dlmm_core::error::QuoteError;
use dlmm_core::json::{ToJson, object, to_json};
use wasm_bindgen::JsValue;

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What core refuses, as over HTTP.
    Refused(QuoteError),
    /// What was given as a snapshot is none.
    Snapshot(String),
}

impl Failure {
    /// The caller's own request cannot be read; another one stands in the quote that it is compared with.
    pub(crate) fn own_request(mut error: QuoteError) -> Self {
        if let QuoteError::InvalidRequest { reason, .. } = &mut error {
            reason.push_str(", in the request to compare with");
        }
        Self::Refused(error)
    }

    /// What was given as a snapshot is none.
    pub(crate) fn snapshot(reason: impl ToString) -> Self {
        Self::Snapshot(reason.to_string())
    }
}

impl ToJson for Failure {
    fn write(&self, out: &mut String) {
        object(|f| match self {
            Self::Refused(error) => {
                f.member("code", error.code());
                f.member("message", error.to_string());
                f.member("details", ErrorDetails(error));
            }
            Self::Snapshot(reason) => {
                f.member("code", "SNAPSHOT_INVALID");
                f.member("message", reason);
                f.member("details", object(|f| f.member("reason", reason)));
            }
        })
        .write(out);
    }
}

impl From<QuoteError> for Failure {
    fn from(error: QuoteError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        to_json(&failure).into()
    }
}
