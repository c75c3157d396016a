//! `POST /stream/ticket`: leave to open one stream, for those who can send no header, such as a browser's `EventSource`.

use dlmm_core::json::without_mark;
use serde::{Deserialize, Serialize};

use crate::http::{Answer, ApiError, Dispatch, Method, Path, dispatch, split_url, unreadable};
use crate::request::RequestContext;
use crate::stream::{TICKET, Ticket, covered};

/// A path with a query of the longest kind, as JSON.
const MAX_BODY: usize = 20_000;

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Path and query of the stream.
    path: String,
}

#[derive(Serialize)]
struct Given<'a> {
    ticket: String,
    /// Path and query with the ticket in it.
    path: String,
    expires_in_seconds: u64,
    request_id: &'a str,
}

/// Whether the request carries a ticket that opens it.
pub(crate) fn admits(context: &RequestContext, path: &Path) -> bool {
    let Some(keys) = context.config().api_keys.as_ref().filter(|_| path.takes_ticket()) else { return false };
    let query = context.query();
    let mut tickets = query.iter().filter(|(name, _)| name == TICKET);
    let (Some((_, text)), None) = (tickets.next(), tickets.next()) else { return false };
    Ticket::admits(text, keys, &covered(context.path(), context.query_text()), context.now_ms())
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let text = context.text(MAX_BODY).await?;
    let invalid = |message: &'static str| ApiError::invalid_request("path", message);
    let asked: Asked = serde_json::from_str(without_mark(&text)).map_err(|fault| {
        let message = format!("the body must be {{\"path\": \"/quote/stream?…\"}}: {}", unreadable(&fault));
        ApiError::invalid_request("body", message)
    })?;
    // As the address of the stream will be read.
    let (path, query) = split_url(&asked.path);
    match dispatch(Method::Get, path) {
        Dispatch::Run(found) if found.takes_ticket() && asked.path.starts_with('/') => {}
        _ => return Err(invalid("path must be that of a stream, /quote/stream or /changes, with its query")),
    }
    let Some(key) = context.api_key() else {
        // Where no key is needed no ticket is either.
        return Err(ApiError::not_found(context.path()));
    };
    let covered = covered(path, query);
    let ticket = Ticket::new(&key, &covered, context.now_ms());
    let text = ticket.text();
    let joint = if covered.ends_with('?') { "" } else { "&" };
    Answer::json(&Given {
        path: format!("{covered}{joint}{TICKET}={text}"),
        ticket: text,
        expires_in_seconds: Ticket::SECONDS,
        request_id: context.request_id(),
    })
}
