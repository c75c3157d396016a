//! What the API says when it cannot answer, and the JSON around it.

use std::borrow::Cow;

use dlmm_core::api::Source;
use serde::Serialize;
use serde_json::{Map, Value};

use super::code::Code;
use super::patterns::PATHS;

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
    /// Whether the bundled sample refused it, which stands in for Redis.
    pub by_sample: bool,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Map::new(), headers: Vec::new(), by_sample: false }
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

    /// Says where what was asked has been looked up, if that is not a market, and if it is not refused for itself.
    #[must_use]
    pub fn looked_up_in(mut self, source: Source) -> Self {
        let is_of_request =
            matches!(self.code, Code::InvalidRequest | Code::SameToken) || self.is_amount_alone();
        if source == Source::Sample && !self.by_sample && !is_of_request {
            self.by_sample = true;
            self.message =
                format!("{} (in the bundled sample, which stands in for Redis)", self.message).into();
        }
        self
    }

    /// Whether an amount is too large for any market.
    fn is_amount_alone(&self) -> bool {
        self.code == Code::AmountOverflow && self.details.contains_key("field")
    }

    /// A request that cannot be understood, naming the field at fault.
    pub fn invalid_request(field: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, message).with("field", field)
    }

    /// Nothing is at the path that was asked for. It stands in the details alone, because messages are logged, and whoever
    /// has mistyped a path may have put a key into it.
    pub fn not_found(path: &str) -> Self {
        let shown: String = path.chars().take(200).collect();
        let message = "there is nothing at this path; details.paths has those that there are";
        Self::new(Code::NotFound, message).with("path", shown).with("paths", PATHS.to_vec())
    }

    /// A known path asked with the wrong method; `allow` lists the right ones.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self::new(Code::MethodNotAllowed, "this path does not answer that method")
            .with("allow", allow)
            .with_header("allow", allow)
    }

    pub fn body_too_large(limit: usize) -> Self {
        Self::new(Code::BodyTooLarge, "the request body is larger than this path reads").with("limit", limit)
    }

    /// A caller who has not shown that they may call.
    pub fn unauthorized(message: &'static str) -> Self {
        Self::new(Code::Unauthorized, message).with_header("www-authenticate", "Bearer")
    }

    /// Too many requests of one client.
    pub fn rate_limited(retry_after_seconds: u32) -> Self {
        Self::new(Code::RateLimited, "this client has asked too often: wait before the next request")
            .with("retry_after", retry_after_seconds)
            .with_header("retry-after", retry_after_seconds.to_string())
    }

    /// Too many large answers at once.
    pub fn busy(retry_after_seconds: u32) -> Self {
        let message = "other large answers are under way: wait before the next request, or ask for less";
        Self { message: message.into(), ..Self::rate_limited(retry_after_seconds) }
    }

    /// As many streams are open as this isolate keeps.
    pub fn streams_full(retry_after_seconds: u32) -> Self {
        Self::new(Code::StreamsFull, "too many streams are open here: wait before the next try, or poll")
            .with("retry_after", retry_after_seconds)
            .with_header("retry-after", retry_after_seconds.to_string())
    }

    /// A fault of ours. The cause goes to the log, not to the client.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "a fault in the service kept it from answering")
    }

    /// The JSON body of the answer.
    pub fn to_json(&self, request_id: &str) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            success: bool,
            error: Inner<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            source: Option<&'static str>,
            request_id: &'a str,
        }
        #[derive(Serialize)]
        struct Inner<'a> {
            code: &'static str,
            message: &'a str,
            details: &'a Map<String, Value>,
        }
        let error = Inner { code: self.code.as_str(), message: &self.message, details: &self.details };
        let source = self.by_sample.then(|| Source::Sample.as_str());
        // Strings and plain values always serialize; an empty body would only lose the explanation.
        serde_json::to_string(&Body { success: false, error, source, request_id }).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_carries_code_message_details_and_request_id() {
        let error = ApiError::invalid_request("amount_in", "amount_in must be more than \"0\".");
        assert_eq!(
            error.to_json("abc"),
            r#"{"success":false,"error":{"code":"INVALID_REQUEST","message":"amount_in must be more than \"0\".","details":{"field":"amount_in"}},"request_id":"abc"}"#
        );
    }

    #[test]
    fn what_the_sample_refuses_says_so_once() {
        let refused = ApiError::new(Code::UnknownToken, "BTC is in no pool");
        assert_eq!(refused.clone().looked_up_in(Source::Redis), refused);
        let of_request = [
            ApiError::invalid_request("amount_in", "is 0"),
            ApiError::new(Code::SameToken, "BTC twice"),
            ApiError::new(Code::AmountOverflow, "too much").with("field", "amount_in"),
        ];
        for refused in of_request {
            assert_eq!(refused.clone().looked_up_in(Source::Sample), refused, "whatever is there");
        }
        let by_sample = refused.looked_up_in(Source::Sample).looked_up_in(Source::Sample);
        assert_eq!(
            by_sample.to_json("abc"),
            r#"{"success":false,"error":{"code":"UNKNOWN_TOKEN","message":"BTC is in no pool (in the bundled sample, which stands in for Redis)","details":{}},"source":"sample","request_id":"abc"}"#
        );
    }

    #[test]
    fn a_wrong_method_names_the_right_ones_in_header_and_details() {
        let error = ApiError::method_not_allowed("GET, HEAD, OPTIONS");
        assert_eq!(error.headers, [("allow", Cow::Borrowed("GET, HEAD, OPTIONS"))]);
        assert_eq!(error.details.get("allow"), Some(&Value::from("GET, HEAD, OPTIONS")));
    }
}
