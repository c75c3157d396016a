//! Why there is no quote, as HTTP says it.

use std::fmt;
use std::process::ExitCode;

use dlmm_core::api::error_details;
use dlmm_core::error::QuoteError;
use serde::Serialize;
use serde_json::{Value, json};

use crate::pool_store::TIMEOUTS;
use crate::redis_fault::RedisFault;
use crate::usage::{FAILED, USAGE};

/// A request that is not answered with a quote.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: &'static str,
    message: String,
    details: Value,
    /// Whether the request itself is wrong, so that no other state would answer it.
    is_usage: bool,
}

impl Refusal {
    /// A batch line that is not text.
    pub(super) fn not_utf8() -> Self {
        let error =
            QuoteError::InvalidRequest { field: "body".to_owned(), reason: "is not UTF-8".to_owned() };
        error.into()
    }

    /// Pools are there or not, and this user has no way to tell.
    pub(super) fn pools_hidden() -> Self {
        let message = "the pools cannot be listed: the pools set is absent, empty or forbidden, and this Redis user may not SCAN";
        Self { code: "REDIS_AUTH", message: message.to_owned(), details: json!({}), is_usage: false }
    }

    /// A fault of this program.
    pub(super) fn internal() -> Self {
        let message = "the request could not be answered because of a fault in this program";
        Self { code: "INTERNAL", message: message.to_owned(), details: json!({}), is_usage: false }
    }

    /// What the process ends with for it.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.is_usage { USAGE } else { FAILED })
    }

    /// The body of the HTTP answer.
    pub(super) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            success: bool,
            error: Inner<'a>,
            request_id: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct Inner<'a> {
            code: &'a str,
            message: &'a str,
            details: &'a Value,
        }
        let Self { code, message, details, .. } = self;
        let body = Body { success: false, error: Inner { code, message, details }, request_id: None };
        // Texts and plain values always serialize; an empty body would only lose the explanation.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl From<QuoteError> for Refusal {
    fn from(error: QuoteError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            details: serde_json::from_str(&error_details(&error)).unwrap_or_default(),
            is_usage: is_usage(&error),
        }
    }
}

/// Whether options alone are to blame: a field that cannot be, or fields that contradict each other.
fn is_usage(error: &QuoteError) -> bool {
    matches!(
        error,
        QuoteError::InvalidRequest { .. }
            | QuoteError::SameToken { .. }
            | QuoteError::AmountOverflow { field: Some(_) }
    )
}

impl From<RedisFault> for Refusal {
    fn from(fault: RedisFault) -> Self {
        let code = fault.code();
        let details = match code {
            "REDIS_UNAVAILABLE" => json!({ "attempts": 1 }),
            "REDIS_TIMEOUT" => json!({ "deadline_ms": deadline_ms(&fault) }),
            "UPSTREAM_INVALID" => json!({ "reason": fault.to_string() }),
            "UPSTREAM_REFUSED" | "CLUSTER_UNSUPPORTED" => json!({ "reason": fault.reason() }),
            _ => json!({}),
        };
        Self { code, message: fault.to_string(), details, is_usage: false }
    }
}

fn deadline_ms(fault: &RedisFault) -> u128 {
    match fault {
        RedisFault::Connect(_) => TIMEOUTS.connect.as_millis(),
        _ => TIMEOUTS.reply.as_millis(),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_core_is_the_body_that_http_gives() {
        let refusal = Refusal::from(QuoteError::InsufficientLiquidity { requested: 5, fillable: 4 });
        assert_eq!(
            refusal.to_json(),
            r#"{"success":false,"error":{"code":"INSUFFICIENT_LIQUIDITY","message":"the pools can fill 4 of the 5 smallest units asked for","details":{"fillable":"4","requested":"5"}},"request_id":null}"#
        );
    }

    #[test]
    fn a_fault_of_redis_has_the_details_of_its_code() {
        let lost = Refusal::from(RedisFault::Lost { command: "MGET".to_owned() }).to_json();
        assert!(
            lost.contains(r#""code":"REDIS_UNAVAILABLE""#) && lost.contains(r#"{"attempts":1}"#),
            "{lost}"
        );
        let late = Refusal::from(RedisFault::NoAnswer { command: "MGET".to_owned() }).to_json();
        assert!(
            late.contains(r#""code":"REDIS_TIMEOUT""#) && late.contains(r#"{"deadline_ms":10000}"#),
            "{late}"
        );
    }
}
