//! What the API says when it cannot answer: the error codes, their HTTP status, and the JSON around them.

use std::borrow::Cow;

use dlmm_core::api::error_details;
use dlmm_core::error::QuoteError;
use serde::Serialize;
use serde_json::{Map, Value};

/// An error code of the API. Codes are never renamed; messages may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    SameToken,
    Unauthorized,
    UnknownToken,
    UnknownPool,
    NotFound,
    NoRoute,
    MethodNotAllowed,
    BodyTooLarge,
    InsufficientLiquidity,
    TooManyBins,
    AmountTooSmall,
    AmountOverflow,
    AnswerTooLarge,
    RateLimited,
    ConfigInvalid,
    Internal,
    StateInvalid,
    UpstreamInvalid,
    UpstreamRefused,
    ClusterUnsupported,
    RedisAuth,
    RedisUnavailable,
    StaleState,
    RedisTimeout,
}

impl Code {
    /// Every code, in the order of the table in the HTTP documentation.
    pub const ALL: [Self; 25] = [
        Self::InvalidRequest,
        Self::SameToken,
        Self::Unauthorized,
        Self::UnknownToken,
        Self::UnknownPool,
        Self::NotFound,
        Self::NoRoute,
        Self::MethodNotAllowed,
        Self::BodyTooLarge,
        Self::InsufficientLiquidity,
        Self::TooManyBins,
        Self::AmountTooSmall,
        Self::AmountOverflow,
        Self::AnswerTooLarge,
        Self::RateLimited,
        Self::ConfigInvalid,
        Self::Internal,
        Self::StateInvalid,
        Self::UpstreamInvalid,
        Self::UpstreamRefused,
        Self::ClusterUnsupported,
        Self::RedisAuth,
        Self::RedisUnavailable,
        Self::StaleState,
        Self::RedisTimeout,
    ];

    /// The one place that ties a code to its text and its HTTP status.
    const fn row(self) -> (&'static str, u16) {
        match self {
            Self::InvalidRequest => ("INVALID_REQUEST", 400),
            Self::SameToken => ("SAME_TOKEN", 400),
            Self::Unauthorized => ("UNAUTHORIZED", 401),
            Self::UnknownToken => ("UNKNOWN_TOKEN", 404),
            Self::UnknownPool => ("UNKNOWN_POOL", 404),
            Self::NotFound => ("NOT_FOUND", 404),
            Self::NoRoute => ("NO_ROUTE", 404),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", 405),
            Self::BodyTooLarge => ("BODY_TOO_LARGE", 413),
            Self::InsufficientLiquidity => ("INSUFFICIENT_LIQUIDITY", 422),
            Self::TooManyBins => ("TOO_MANY_BINS", 422),
            Self::AmountTooSmall => ("AMOUNT_TOO_SMALL", 422),
            Self::AmountOverflow => ("AMOUNT_OVERFLOW", 422),
            Self::AnswerTooLarge => ("ANSWER_TOO_LARGE", 422),
            Self::RateLimited => ("RATE_LIMITED", 429),
            Self::ConfigInvalid => ("CONFIG_INVALID", 500),
            Self::Internal => ("INTERNAL", 500),
            Self::StateInvalid => ("STATE_INVALID", 502),
            Self::UpstreamInvalid => ("UPSTREAM_INVALID", 502),
            Self::UpstreamRefused => ("UPSTREAM_REFUSED", 502),
            Self::ClusterUnsupported => ("CLUSTER_UNSUPPORTED", 502),
            Self::RedisAuth => ("REDIS_AUTH", 502),
            Self::RedisUnavailable => ("REDIS_UNAVAILABLE", 503),
            Self::StaleState => ("STALE_STATE", 503),
            Self::RedisTimeout => ("REDIS_TIMEOUT", 504),
        }
    }

    /// The code as it stands in JSON, such as `NO_ROUTE`.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// Finds the code with this text; core names its errors by the same texts.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

/// A refusal on its way to the client.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub code: Code,
    /// One sentence for a person. Holds no secret, URL, key list or stored value.
    pub message: Cow<'static, str>,
    /// Facts for a program; which ones depends on the code.
    pub details: Map<String, Value>,
    /// Headers that belong to this refusal, such as `allow`.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Map::new(), headers: Vec::new() }
    }

    /// Adds a fact to `details`.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), fact.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, text.into()));
        self
    }

    /// A request that cannot be understood, naming the field at fault.
    pub fn invalid_request(field: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, message).with("field", field)
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing at this path.")
    }

    /// A known path asked with the wrong method; `allow` lists the right ones.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self::new(Code::MethodNotAllowed, "This path does not answer that method.")
            .with("allow", allow)
            .with_header("allow", allow)
    }

    pub fn body_too_large(limit: usize) -> Self {
        Self::new(Code::BodyTooLarge, "The request body is larger than this path reads.").with("limit", limit)
    }

    /// A caller who has not shown that they may call.
    pub fn unauthorized(message: &'static str) -> Self {
        Self::new(Code::Unauthorized, message).with_header("www-authenticate", "Bearer")
    }

    /// Too many requests of one client.
    pub fn rate_limited(retry_after_seconds: u32) -> Self {
        Self::new(Code::RateLimited, "This client has asked too often; wait before the next request.")
            .with("retry_after", retry_after_seconds)
            .with_header("retry-after", retry_after_seconds.to_string())
    }

    /// Too many large answers at once.
    pub fn busy(retry_after_seconds: u32) -> Self {
        let message = "Other large answers are under way; wait before the next request, or ask for less.";
        Self { message: message.into(), ..Self::rate_limited(retry_after_seconds) }
    }

    /// Whether Redis is to blame, so that the sample state may stand in where that is switched on.
    pub fn is_redis_fault(&self) -> bool {
        matches!(
            self.code,
            Code::RedisUnavailable
                | Code::RedisTimeout
                | Code::RedisAuth
                | Code::UpstreamInvalid
                | Code::UpstreamRefused
                | Code::ClusterUnsupported
        )
    }

    /// A fault of ours. The cause goes to the log, not to the client.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "The request could not be answered because of a fault in the service.")
    }

    /// The JSON body of the answer.
    pub fn to_json(&self, request_id: &str) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            success: bool,
            error: Inner<'a>,
            request_id: &'a str,
        }
        #[derive(Serialize)]
        struct Inner<'a> {
            code: &'static str,
            message: &'a str,
            details: &'a Map<String, Value>,
        }
        let error = Inner { code: self.code.as_str(), message: &self.message, details: &self.details };
        // Strings and plain values always serialize; an empty body would only lose the explanation.
        serde_json::to_string(&Body { success: false, error, request_id }).unwrap_or_default()
    }
}

impl From<QuoteError> for ApiError {
    fn from(error: QuoteError) -> Self {
        // Core names its errors by the texts of this table; a test holds the two together.
        let code = Code::parse(error.code()).unwrap_or(Code::Internal);
        let mut api = Self::new(code, error.to_string());
        api.details = serde_json::from_str(&error_details(&error)).unwrap_or_default();
        api
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the HTTP documentation, row by row.
    const DOCUMENTED: [(&str, u16); 25] = [
        ("INVALID_REQUEST", 400),
        ("SAME_TOKEN", 400),
        ("UNAUTHORIZED", 401),
        ("UNKNOWN_TOKEN", 404),
        ("UNKNOWN_POOL", 404),
        ("NOT_FOUND", 404),
        ("NO_ROUTE", 404),
        ("METHOD_NOT_ALLOWED", 405),
        ("BODY_TOO_LARGE", 413),
        ("INSUFFICIENT_LIQUIDITY", 422),
        ("TOO_MANY_BINS", 422),
        ("AMOUNT_TOO_SMALL", 422),
        ("AMOUNT_OVERFLOW", 422),
        ("ANSWER_TOO_LARGE", 422),
        ("RATE_LIMITED", 429),
        ("CONFIG_INVALID", 500),
        ("INTERNAL", 500),
        ("STATE_INVALID", 502),
        ("UPSTREAM_INVALID", 502),
        ("UPSTREAM_REFUSED", 502),
        ("CLUSTER_UNSUPPORTED", 502),
        ("REDIS_AUTH", 502),
        ("REDIS_UNAVAILABLE", 503),
        ("STALE_STATE", 503),
        ("REDIS_TIMEOUT", 504),
    ];

    #[test]
    fn every_documented_code_has_its_status() {
        for (text, status) in DOCUMENTED {
            let code = Code::parse(text).unwrap_or_else(|| panic!("{text} is missing"));
            assert_eq!(code.status(), status, "{text}");
        }
    }

    #[test]
    fn no_code_is_left_out_of_the_documented_table() {
        let ours: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
        assert_eq!(ours, DOCUMENTED);
    }

    #[test]
    fn every_refusal_of_core_has_a_code_of_the_table() {
        let token = dlmm_core::units::Symbol::new("BTC").unwrap();
        let pool_id = dlmm_core::units::PoolId::new("P").unwrap();
        let key = || "bin:P:500".to_owned();
        let refusals = [
            QuoteError::InvalidRequest { field: key(), reason: key() },
            QuoteError::SameToken { token: token.clone() },
            QuoteError::UnknownToken { token: token.clone() },
            QuoteError::UnknownPool { pool_id: pool_id.clone() },
            QuoteError::NoRoute { token_in: token.clone(), token_out: token, max_hops: 3 },
            QuoteError::InsufficientLiquidity { requested: 5, fillable: 4 },
            QuoteError::TooManyBins { needed: None, allowed: 350 },
            QuoteError::AmountTooSmall,
            QuoteError::AmountOverflow { field: None },
            QuoteError::StateInvalid { key: key(), reason: key() },
            QuoteError::StaleState { pool_id, age_ms: None, max_age_ms: 5 },
        ];
        for refusal in refusals {
            let code = refusal.code();
            assert_eq!(ApiError::from(refusal).code.as_str(), code);
        }
        let details = ApiError::from(QuoteError::InsufficientLiquidity { requested: 5, fillable: 4 }).details;
        assert_eq!(details.get("fillable"), Some(&Value::from("4")));
    }

    #[test]
    fn an_unknown_text_is_no_code() {
        assert_eq!(Code::parse("no_route"), None);
        assert_eq!(Code::parse(""), None);
    }

    #[test]
    fn the_body_carries_code_message_details_and_request_id() {
        let error = ApiError::invalid_request("amount_in", "amount_in must be more than \"0\".");
        assert_eq!(
            error.to_json("abc"),
            r#"{"success":false,"error":{"code":"INVALID_REQUEST","message":"amount_in must be more than \"0\".","details":{"field":"amount_in"}},"request_id":"abc"}"#
        );
    }

    #[test]
    fn a_wrong_method_names_the_right_ones_in_header_and_details() {
        let error = ApiError::method_not_allowed("GET, HEAD, OPTIONS");
        assert_eq!(error.headers, [("allow", Cow::Borrowed("GET, HEAD, OPTIONS"))]);
        assert_eq!(error.details.get("allow"), Some(&Value::from("GET, HEAD, OPTIONS")));
    }
}
