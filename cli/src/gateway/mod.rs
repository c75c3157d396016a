//! The Upstash REST API in front of a plain Redis.
//!
//! A request is checked in this order: host and origin, method, token, headers, body, command. Then it runs on Redis
//! and the replies are written as JSON.

mod access;
mod body;
mod command;
mod command_table;
mod fault;
mod guard;
mod limits;
mod memory;
mod numbers;
mod path_style;
mod policy;
mod reply;
mod server;
mod stream_read;
mod subscribe;
mod upstream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use self::access::Access;
pub(crate) use self::access::Tokens;
use self::body::BodyLimits;
use self::command::Command;
use self::command_table::CommandTable;
use self::fault::Fault;
pub(crate) use self::guard::{AllowedHost, Guard};
pub(crate) use self::limits::Limits;
use self::memory::{Hold, Memory};
use self::numbers::Numbers;
use self::reply::{Encoding, Outcome, write_outcome, write_outcomes};
pub(crate) use self::server::serve;
use self::server::{LocalAddress, Stopping};
pub(crate) use self::upstream::Upstream;

const ENCODING: HeaderName = HeaderName::from_static("upstash-encoding");
const RESPONSE_FORMAT: HeaderName = HeaderName::from_static("upstash-response-format");
const SYNC_TOKEN: HeaderName = HeaderName::from_static("upstash-sync-token");
const JSON: [(HeaderName, HeaderValue); 1] = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];

/// All that a request needs; one for the whole process.
pub(crate) struct Gateway {
    tokens: Tokens,
    guard: Guard,
    limits: Limits,
    memory: Memory,
    upstream: Upstream,
    /// Counts requests that may have written; its value is the sync token.
    writes: AtomicU64,
}

impl Gateway {
    pub(crate) fn new(tokens: Tokens, guard: Guard, limits: Limits, upstream: Upstream) -> Self {
        let memory = Memory::new(limits.max_in_flight());
        Self { tokens, guard, limits, memory, upstream, writes: AtomicU64::new(0) }
    }

    /// One handler for every path: what is not one of the three endpoints is a command in path style.
    pub(crate) fn into_router(self) -> Router {
        let gateway = Arc::new(self);
        let router = Router::new().fallback(handle).with_state(Arc::clone(&gateway));
        // Browsers ask before they call, and that question carries no token; so only where pages may call at all.
        let router = match gateway.guard.cors() {
            Some(cors) => router.layer(cors.expose_headers([SYNC_TOKEN])),
            None => router,
        };
        router.layer(middleware::from_fn_with_state(gateway, keep_out))
    }

    fn body_limits(&self) -> BodyLimits {
        BodyLimits { bytes: self.limits.max_body(), time: self.limits.body_timeout() }
    }

    async fn answer(&self, parts: &Parts, body: Body) -> Result<Bytes, Fault> {
        let access = match check_method(&parts.method).and_then(|()| self.authorize(parts)) {
            Ok(access) => access,
            Err(fault) => {
                self.body_limits().drain(body).await;
                return Err(fault);
            }
        };
        let mut hold = self.memory.hold();
        let body = self.body_limits().read(body, &mut hold).await?;
        let encoding = encoding(&parts.headers)?;
        match parts.uri.path() {
            "/pipeline" => {
                let commands = command::read_pipeline(&body, self.limits.max_commands(), &mut hold)?;
                drop(body);
                let outcomes = self.run_pipeline(commands, access).await?;
                list_json(hold, outcomes, encoding)
            }
            "/multi-exec" => {
                let commands = command::read_pipeline(&body, self.limits.max_commands(), &mut hold)?;
                drop(body);
                let outcomes = self.run_transaction(commands, access).await?;
                list_json(hold, outcomes, encoding)
            }
            path => {
                let by_path = path != "/" || matches!(parts.method, Method::GET | Method::HEAD);
                let command = if by_path {
                    path_style::read_path(path, parts.uri.query(), body)?
                } else {
                    let command = command::read_command(&body, &mut hold)?;
                    drop(body);
                    command
                };
                let outcome = Ok(self.run_single(command, access).await?);
                hold_replies(&mut hold, std::slice::from_ref(&outcome))?;
                hold.text(|text| write_outcome(text, &outcome, encoding))
            }
        }
    }

    /// Answers a subscription, which is checked in the same order and has no end of its own.
    async fn listen(&self, parts: &Parts, body: Body, channel: &[u8]) -> Result<Response, Fault> {
        let access = check_method(&parts.method).and_then(|()| self.authorize(parts));
        self.body_limits().drain(body).await;
        subscribe::allow(channel, access?)?;
        let stopping = parts.extensions.get::<Stopping>().cloned().ok_or(Fault::Unreachable)?;
        Ok(subscribe::answer(channel, self.upstream.subscribe(channel).await?, stopping))
    }

    fn authorize(&self, parts: &Parts) -> Result<Access, Fault> {
        self.tokens.access(&parts.headers, parts.uri.query()).ok_or(Fault::Unauthorized)
    }

    async fn run_single(&self, command: Command, access: Access) -> Result<redis::Value, Fault> {
        let table = self.upstream.table().await?;
        let mut numbers = Numbers::new(self.limits);
        let command = judge(Some(command), access, &table, &mut numbers).map_err(Fault::Refused)?;
        self.note_writes(std::slice::from_ref(&command));
        let outcome = self.upstream.run(vec![command]).await?.pop();
        outcome.ok_or(Fault::Unreachable)?.map_err(Fault::Redis)
    }

    /// Every command has its own outcome; refused ones are left out of what Redis gets.
    async fn run_pipeline(&self, items: Vec<Option<Command>>, access: Access) -> Result<Vec<Outcome>, Fault> {
        let table = self.upstream.table().await?;
        let mut numbers = Numbers::new(self.limits);
        let mut accepted = Vec::with_capacity(items.len());
        let verdicts: Vec<Result<(), String>> = items
            .into_iter()
            .map(|item| judge(item, access, &table, &mut numbers).map(|command| accepted.push(command)))
            .collect();
        self.note_writes(&accepted);
        let mut replies = self.upstream.run(accepted).await?.into_iter();
        verdicts
            .into_iter()
            .map(|verdict| match verdict {
                Ok(()) => replies.next().ok_or(Fault::Unreachable),
                Err(text) => Ok(Err(text)),
            })
            .collect()
    }

    /// All or nothing: one command that may not run discards the transaction, as Redis does.
    async fn run_transaction(
        &self,
        items: Vec<Option<Command>>,
        access: Access,
    ) -> Result<Vec<Outcome>, Fault> {
        let table = self.upstream.table().await?;
        let mut numbers = Numbers::new(self.limits);
        let commands = items
            .into_iter()
            .map(|item| judge(item, access, &table, &mut numbers))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|text| Fault::Refused(upstream::discarded(&text)))?;
        self.note_writes(&commands);
        self.upstream.run_transaction(commands).await
    }

    fn note_writes(&self, commands: &[Command]) {
        if !commands.iter().all(policy::is_read) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Opaque to clients. There is one Redis and no replica, so nothing ever has to be waited for.
    fn sync_token(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("dlmm-{}", self.writes.load(Ordering::Relaxed))).ok()
    }
}

/// Turns away whoever asks for another host, and pages that may not call, before anything else is looked at.
async fn keep_out(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let verdict = match parts.extensions.get::<LocalAddress>() {
        Some(LocalAddress(local)) => gateway.guard.check(&parts, *local),
        None => Err(Fault::HostRefused),
    };
    match verdict {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(fault) => {
            gateway.body_limits().drain(body).await;
            refused(&fault)
        }
    }
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answer = match subscribe::channel_of(&parts) {
        Some(channel) => gateway.listen(&parts, body, &channel).await,
        None => gateway.answer(&parts, body).await.map(|text| (JSON, text).into_response()),
    };
    let mut response = answer.unwrap_or_else(|fault| refused(&fault));
    if response.status() != StatusCode::UNAUTHORIZED
        && let Some(token) = gateway.sync_token()
    {
        response.headers_mut().insert(SYNC_TOKEN, token);
    }
    response
}

fn refused(fault: &Fault) -> Response {
    let mut response = (fault.status(), JSON, error_body(fault)).into_response();
    match fault {
        Fault::MethodNotAllowed => {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT"));
        }
        Fault::Busy { .. } => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => (),
    }
    response
}

fn check_method(method: &Method) -> Result<(), Fault> {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT => Ok(()),
        _ => Err(Fault::MethodNotAllowed),
    }
}

fn judge(
    item: Option<Command>,
    access: Access,
    table: &CommandTable,
    numbers: &mut Numbers,
) -> Result<Command, String> {
    let command = item.ok_or_else(|| "ERR empty pipeline command".to_owned())?;
    if let Some(text) = policy::refusal(&command, access, table) {
        return Err(text);
    }
    numbers.admit(&command).map(|()| command)
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Fault> {
    // Raw RESP2 is the other format Upstash knows. Asking for it must not silently give JSON.
    if headers.get(RESPONSE_FORMAT).is_some_and(|format| !format.as_bytes().eq_ignore_ascii_case(b"json")) {
        return Err(Fault::Syntax("ERR this gateway answers in JSON only"));
    }
    let base64 = headers.get(ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"base64"));
    Ok(if base64 { Encoding::Base64 } else { Encoding::Text })
}

fn list_json(mut hold: Hold, outcomes: Vec<Outcome>, encoding: Encoding) -> Result<Bytes, Fault> {
    hold_replies(&mut hold, &outcomes)?;
    hold.text(|text| write_outcomes(text, &outcomes, encoding))
}

/// Exchanges what the commands took, which are gone by now, for what came back.
fn hold_replies(hold: &mut Hold, outcomes: &[Outcome]) -> Result<(), Fault> {
    hold.shrink_to(0);
    hold.grow(outcomes.iter().map(reply::weight).sum())
}

fn error_body(fault: &Fault) -> String {
    serde_json::json!({ "error": fault.text() }).to_string()
}
