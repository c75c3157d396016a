//! What a handler gives back, and how it becomes a response.

use std::borrow::Cow;

use serde::Serialize;

use super::cors::{Header, answer_headers};
use crate::config::Origins;
use crate::http::ApiError;
use crate::seam::{Call, Headers};

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
    /// Headers that every answer to any origin has, made once per isolate: with a body in JSON, and without a body.
    static TO_ANY: [Headers; 2] = usual(&answer_headers(&Origins::Any, None));
    /// The same where only some origins may read answers; what CORS says then depends on the request.
    static TO_SOME: [Headers; 2] = usual(&[]);
}

fn usual(cors: &[Header]) -> [Headers; 2] {
    let mut lines = Lines::default();
    EVERY_ANSWER.into_iter().for_each(|(name, text)| lines.add(name, text));
    cors.iter().for_each(|(name, text)| lines.add(name, text));
    let bare = Headers::new(&lines.0);
    lines.add(CONTENT_TYPE, "application/json");
    [Headers::new(&lines.0), bare]
}

/// Headers as the seam takes them: names and values, each on a line of its own.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, text: &str) {
        self.line(name);
        self.line(text);
    }

    /// A value with an end of line cannot be sent as one; no header of ours has any.
    fn line(&mut self, text: &str) {
        self.0.extend(text.split('\n'));
        self.0.push('\n');
    }
}

/// An answer on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// JSON unless a header says otherwise; empty only where the status has no body.
    pub body: String,
    pub headers: Vec<Header>,
    /// Whether the body is written from now on, piece by piece.
    pub is_stream: bool,
}

impl Answer {
    /// 200 with JSON text that was already written.
    pub fn json_text(body: String) -> Self {
        Self { status: 200, body, headers: Vec::new(), is_stream: false }
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

    /// 200, with events that are written later. No proxy may collect them.
    pub fn stream() -> Self {
        let empty = Self { is_stream: true, ..Self::json_text(String::new()) };
        empty.with_header(CONTENT_TYPE, "text/event-stream").with_header("x-accel-buffering", "no")
    }

    /// 204, for OPTIONS.
    pub fn no_content() -> Self {
        Self::json_text(String::new()).with_status(204)
    }

    /// 304: the client's own copy is still right.
    pub fn not_modified() -> Self {
        Self::json_text(String::new()).with_status(304)
    }

    pub fn error(error: &ApiError, request_id: &str) -> Self {
        let body = error.to_json(request_id);
        Self { headers: error.headers.clone(), ..Self::json_text(body).with_status(error.code.status()) }
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

    /// Sends it with what every answer carries; `head` leaves the body out but tells its length. Of the request there are
    /// its id and how long it took, where that is known.
    pub(crate) fn send(self, call: &Call, head: bool, (request_id, timing): (&str, &str), origins: &Origins) {
        let mut lines = Lines(String::with_capacity(160));
        // The seam knows the names of these two.
        lines.line(request_id);
        lines.line(timing);
        for (name, text) in &self.headers {
            lines.add(name, text);
        }
        let has_body = !self.body.is_empty();
        if head && has_body {
            lines.add("content-length", &self.body.len().to_string());
        }
        let body = (has_body && !head).then_some(self.body.as_bytes());
        let send = |lines: &Lines, [usual, bare]: &[Headers; 2]| match self.is_stream && !head {
            true => call.stream(self.status, bare, &lines.0),
            false => call.answer(self.status, if has_body { usual } else { bare }, &lines.0, body),
        };
        match origins {
            Origins::Any => TO_ANY.with(|usual| send(&lines, usual)),
            Origins::List(_) => {
                let origin = call.header("origin");
                let own = self.headers.iter().find(|(name, _)| *name == "vary");
                for (name, text) in &answer_headers(origins, origin.as_deref()) {
                    match own.filter(|(own, _)| own == name) {
                        Some((_, own)) => lines.add(name, &format!("{own}, {text}")),
                        None => lines.add(name, text),
                    }
                }
                TO_SOME.with(|usual| send(&lines, usual));
            }
        }
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
