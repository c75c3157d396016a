//! The Upstash REST API in front of a plain Redis.
//!
//! A request is checked in this order: method, token, headers, body, command. Then it runs on Redis and the
//! replies are written as JSON.

mod access;
mod body;
mod command;
mod fault;
mod path_style;
mod policy;
mod reply;
mod upstream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use self::access::Access;
pub(crate) use self::access::Tokens;
use self::command::Command;
use self::fault::Fault;
use self::reply::{Encoding, Item, Outcome};
pub(crate) use self::upstream::Upstream;

const ENCODING: HeaderName = HeaderName::from_static("upstash-encoding");
const RESPONSE_FORMAT: HeaderName = HeaderName::from_static("upstash-response-format");
const SYNC_TOKEN: HeaderName = HeaderName::from_static("upstash-sync-token");

/// All that a request needs; one for the whole process.
pub(crate) struct Gateway {
    tokens: Tokens,
    upstream: Upstream,
    /// Counts requests that may have written; its value is the sync token.
    writes: AtomicU64,
}

impl Gateway {
    pub(crate) fn new(tokens: Tokens, upstream: Upstream) -> Self {
        Self { tokens, upstream, writes: AtomicU64::new(0) }
    }

    /// One handler for every path: what is not one of the three endpoints is a command in path style.
    pub(crate) fn into_router(self) -> Router {
        Router::new().fallback(handle).with_state(Arc::new(self))
    }

    async fn answer(&self, parts: &Parts, body: axum::body::Body) -> Result<String, Fault> {
        let access = match check_method(&parts.method).and_then(|()| self.authorize(parts)) {
            Ok(access) => access,
            Err(fault) => {
                body::drain(body).await;
                return Err(fault);
            }
        };
        let body = body::read(body, body::MAX_BODY).await?;
        let encoding = encoding(&parts.headers)?;
        match parts.uri.path() {
            "/pipeline" => {
                let outcomes = self.run_pipeline(&command::read_pipeline(&body)?, access).await?;
                to_json(&items(&outcomes, encoding))
            }
            "/multi-exec" => {
                let outcomes = self.run_transaction(&command::read_pipeline(&body)?, access).await?;
                to_json(&items(&outcomes, encoding))
            }
            path => {
                let by_path = path != "/" || matches!(parts.method, Method::GET | Method::HEAD);
                let command = if by_path {
                    path_style::read_path(path, parts.uri.query(), body)?
                } else {
                    command::read_command(&body)?
                };
                let outcome = self.run_single(&command, access).await?;
                to_json(&Item(&Ok(outcome), encoding))
            }
        }
    }

    fn authorize(&self, parts: &Parts) -> Result<Access, Fault> {
        self.tokens.access(&parts.headers, parts.uri.query()).ok_or(Fault::Unauthorized)
    }

    async fn run_single(&self, command: &Command, access: Access) -> Result<redis::Value, Fault> {
        if let Some(text) = policy::refusal(command, access) {
            return Err(Fault::Refused(text));
        }
        self.note_writes(&[command]);
        let outcome = self.upstream.run(&[command]).await?.pop();
        outcome.ok_or(Fault::Unreachable)?.map_err(Fault::Redis)
    }

    /// Every command has its own outcome; refused ones are left out of what Redis gets.
    async fn run_pipeline(&self, items: &[Option<Command>], access: Access) -> Result<Vec<Outcome>, Fault> {
        let judged: Vec<Result<&Command, String>> = items.iter().map(|item| judge(item, access)).collect();
        let accepted: Vec<&Command> = judged.iter().flatten().copied().collect();
        self.note_writes(&accepted);
        let mut replies = self.upstream.run(&accepted).await?.into_iter();
        judged
            .into_iter()
            .map(|verdict| match verdict {
                Ok(_) => replies.next().ok_or(Fault::Unreachable),
                Err(text) => Ok(Err(text)),
            })
            .collect()
    }

    /// All or nothing: one command that may not run discards the transaction, as Redis does.
    async fn run_transaction(
        &self,
        items: &[Option<Command>],
        access: Access,
    ) -> Result<Vec<Outcome>, Fault> {
        let commands = items
            .iter()
            .map(|item| judge(item, access))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|text| Fault::Refused(upstream::discarded(&text)))?;
        self.note_writes(&commands);
        self.upstream.run_transaction(&commands).await
    }

    fn note_writes(&self, commands: &[&Command]) {
        if !commands.iter().all(|command| policy::is_read(command)) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Opaque to clients. There is one Redis and no replica, so nothing ever has to be waited for.
    fn sync_token(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("dlmm-{}", self.writes.load(Ordering::Relaxed))).ok()
    }
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = match gateway.answer(&parts, body).await {
        Ok(text) => (json, text).into_response(),
        Err(fault) => (fault.status(), json, error_body(&fault)).into_response(),
    };
    if response.status() == axum::http::StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT"));
    }
    if response.status() != axum::http::StatusCode::UNAUTHORIZED
        && let Some(token) = gateway.sync_token()
    {
        response.headers_mut().insert(SYNC_TOKEN, token);
    }
    response
}

fn check_method(method: &Method) -> Result<(), Fault> {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT => Ok(()),
        _ => Err(Fault::MethodNotAllowed),
    }
}

fn judge(item: &Option<Command>, access: Access) -> Result<&Command, String> {
    let command = item.as_ref().ok_or_else(|| "ERR empty pipeline command".to_owned())?;
    match policy::refusal(command, access) {
        Some(text) => Err(text),
        None => Ok(command),
    }
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Fault> {
    // Raw RESP2 is the other format Upstash knows. Asking for it must not silently give JSON.
    if headers.get(RESPONSE_FORMAT).is_some_and(|format| !format.as_bytes().eq_ignore_ascii_case(b"json")) {
        return Err(Fault::Syntax("ERR this gateway answers in JSON only"));
    }
    let base64 = headers.get(ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"base64"));
    Ok(if base64 { Encoding::Base64 } else { Encoding::Text })
}

fn items(outcomes: &[Outcome], encoding: Encoding) -> Vec<Item<'_>> {
    outcomes.iter().map(|outcome| Item(outcome, encoding)).collect()
}

fn to_json(body: &impl Serialize) -> Result<String, Fault> {
    // Fails only for a RESP3 reply, which Redis has no reason to send.
    serde_json::to_string(body).map_err(|_| Fault::Unreachable)
}

fn error_body(fault: &Fault) -> String {
    serde_json::json!({ "error": fault.text() }).to_string()
}
