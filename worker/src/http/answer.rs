//! What a handler gives back, and how it becomes a response.

use std::borrow::Cow;

use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{Response, ResponseInit};

use super::cors::Header;
use crate::http::ApiError;

/// Headers of every answer; a handler may set one of them otherwise.
///
/// A quote holds for one moment, so nobody may keep it. A browser that is led to an answer shows it as text and
/// nothing else: no script, no frame, no guess at its type.
const EVERY_ANSWER: [(&str, &str); 4] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

const CONTENT_TYPE: &str = "content-type";

thread_local! {
    /// Headers of an answer in JSON, made once per isolate. Tied to no request, so all of them may copy it.
    static USUAL: Object = usual();
}

fn usual() -> Object {
    let headers = Object::new();
    for (name, text) in EVERY_ANSWER.into_iter().chain([(CONTENT_TYPE, "application/json")]) {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&headers, &name.into(), &text.into());
    }
    headers
}

/// An answer on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// JSON unless a header says otherwise; empty only where the status has no body.
    pub body: String,
    pub headers: Vec<Header>,
}

impl Answer {
    /// 200 with JSON text that was already written.
    pub fn json_text(body: String) -> Self {
        Self { status: 200, body, headers: Vec::new() }
    }

    /// 200 with text of another type.
    pub fn text(content_type: &'static str, body: String) -> Self {
        Self::json_text(body).with_header(CONTENT_TYPE, content_type)
    }

    /// 200 with this value as JSON.
    ///
    /// # Errors
    /// INTERNAL if the value cannot be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, ApiError> {
        serde_json::to_string(value).map(Self::json_text).map_err(|_| ApiError::internal())
    }

    /// 204, for OPTIONS.
    pub fn no_content() -> Self {
        Self { status: 204, body: String::new(), headers: Vec::new() }
    }

    /// 304: the client's own copy is still right.
    pub fn not_modified() -> Self {
        Self { status: 304, body: String::new(), headers: Vec::new() }
    }

    pub fn error(error: &ApiError, request_id: &str) -> Self {
        Self { status: error.code.status(), body: error.to_json(request_id), headers: error.headers.clone() }
    }

    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, text.into()));
        self
    }

    /// Makes the response; `head` leaves the body out but tells its length.
    ///
    /// # Errors
    /// What JavaScript threw. Statuses and headers come from this crate, so that means a bug.
    pub fn into_response(self, head: bool, request_id: &str) -> Result<Response, JsValue> {
        // Plain objects: the platform makes its own of one `Headers` less, and frees them all at once.
        let headers = USUAL.with(|usual| Object::assign(&Object::new(), usual));
        let set = |name: &str, text: &str| Reflect::set(&headers, &name.into(), &text.into());
        set("x-request-id", request_id)?;
        let has_body = !self.body.is_empty();
        if !has_body {
            Reflect::delete_property(&headers, &CONTENT_TYPE.into())?;
        }
        for (name, text) in &self.headers {
            set(name, text)?;
        }
        let init = ResponseInit::new();
        init.set_status(self.status);
        if head && has_body {
            set("content-length", &self.body.len().to_string())?;
        }
        init.set_headers(&headers);
        if head || !has_body {
            return Response::new_with_opt_str_and_init(None, &init);
        }
        // Bytes, not a string: one copy instead of a decoding here and an encoding there.
        let bytes = Uint8Array::from(self.body.as_bytes());
        Response::new_with_opt_buffer_source_and_init(Some(&bytes), &init)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;

    #[test]
    fn an_error_answers_with_the_status_and_headers_of_its_code() {
        let answer = Answer::error(&ApiError::method_not_allowed("GET, OPTIONS"), "id");
        assert_eq!(answer.status, 405);
        assert_eq!(answer.headers, [("allow", "GET, OPTIONS".into())]);
        assert!(answer.body.contains(Code::MethodNotAllowed.as_str()));
    }

    #[test]
    fn a_value_becomes_json_with_status_200() {
        let answer = Answer::json(&["BTC", "USDC"]).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"["BTC","USDC"]"#));
        assert_eq!(answer.with_status(503).status, 503);
    }
}
