//! `SUBSCRIBE` over REST, as Upstash has it: `POST /subscribe/{channel}` with `Accept: text/event-stream`.
//!
//! Each subscription has a connection to Redis of its own, which ends with it: when the caller goes, when Redis does, or
//! when the gateway stops.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use percent_encoding::percent_decode_str;
use redis::Msg;
use redis::aio::{PubSub, PubSubSink, PubSubStream};
use tokio::time::{Instant, Interval, interval_at};

use super::access::Access;
use super::fault::Fault;
use super::server::Stopping;
use crate::redis::changes::CHANNEL;

/// How often a line goes out that says nothing: whoever is gone is noticed by it, and no proxy takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// As Redis says it.
const NO_PERMISSION: &str =
    "NOPERM this user has no permissions to access one of the channels used as arguments";

/// The channel that a request subscribes to, if it is such a request.
pub(super) fn channel_of(parts: &Parts) -> Option<Vec<u8>> {
    let name = parts.uri.path().strip_prefix('/')?;
    let (command, channel) = name.split_once('/')?;
    let accepts = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_stream = accepts.is_some_and(|accept| accept.contains("text/event-stream"));
    // Further channels would be further segments; the official client asks for each by itself.
    (is_stream && command.eq_ignore_ascii_case("subscribe") && !channel.is_empty() && !channel.contains('/'))
        .then(|| percent_decode_str(channel).collect())
}

/// Whether this token may listen there. The read-only one hears what changed, and nothing else.
///
/// # Errors
/// `NOPERM`; a name that no line could hold.
pub(super) fn allow(channel: &[u8], access: Access) -> Result<(), Fault> {
    if channel.iter().any(u8::is_ascii_control) {
        return Err(Fault::Syntax("ERR failed to parse command"));
    }
    match access {
        Access::ReadOnly if channel != CHANNEL.as_bytes() => Err(Fault::Refused(NO_PERMISSION.to_owned())),
        _ => Ok(()),
    }
}

/// What a subscription hears.
struct Listening {
    /// While it is there the connection lives.
    _sink: PubSubSink,
    messages: PubSubStream,
    silence: Interval,
    stopping: Stopping,
}

/// The answer: first that the subscription stands, then every message.
pub(super) fn answer(channel: &[u8], listening: PubSub, stopping: Stopping) -> Response {
    let (sink, messages) = listening.split();
    let first = event(&[b"subscribe", channel, b"1"]);
    let silence = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    let listening = Listening { _sink: sink, messages, silence, stopping };
    let lines = stream::once(async { Ok::<_, std::io::Error>(first) }).chain(heard(listening).map(Ok));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

fn heard(listening: Listening) -> impl Stream<Item = Bytes> {
    stream::unfold(listening, async |mut listening| {
        let line = tokio::select! {
            message = listening.messages.next() => line(&message?),
            _ = listening.silence.tick() => Bytes::from_static(b":\n\n"),
            () = listening.stopping.begun() => return None,
        };
        Some((line, listening))
    })
}

fn line(message: &Msg) -> Bytes {
    event(&[b"message", message.get_channel_name().as_bytes(), message.get_payload_bytes()])
}

/// One event; a line break within it would begin a line of its own.
fn event(parts: &[&[u8]]) -> Bytes {
    let text = String::from_utf8_lossy(&parts.join(&b","[..])).replace('\n', "\ndata: ");
    Bytes::from(format!("data: {text}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn channel(path: &str, accept: Option<&str>) -> Option<Vec<u8>> {
        let mut request = Request::post(path);
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        channel_of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_a_request_for_a_stream_subscribes() {
        let stream = Some("text/event-stream");
        assert_eq!(channel("/subscribe/dlmm:changes", stream), Some(b"dlmm:changes".to_vec()));
        assert_eq!(
            channel("/SUBSCRIBE/a%2Fb?_token=x", Some("a/b, text/event-stream")),
            Some(b"a/b".to_vec())
        );
        for (path, accept) in [
            ("/subscribe/a", None),
            ("/subscribe/a", Some("application/json")),
            ("/subscribe/", stream),
            ("/subscribe", stream),
            ("/subscribe/a/b", stream),
            ("/psubscribe/a", stream),
            ("/get/a", stream),
        ] {
            assert_eq!(channel(path, accept), None, "{path}");
        }
    }

    #[test]
    fn the_read_only_token_hears_what_changed_and_nothing_else() {
        assert!(allow(b"dlmm:changes", Access::ReadOnly).is_ok());
        assert!(
            allow(b"dlmm:changes2", Access::ReadOnly).is_err_and(|fault| fault.text().starts_with("NOPERM"))
        );
        assert!(allow(b"anything", Access::Full).is_ok());
        assert!(allow(b"a\nb", Access::Full).is_err());
    }

    #[test]
    fn an_event_is_one_block_of_lines() {
        assert_eq!(event(&[b"message", b"c", b"{\"a\":1}"]), "data: message,c,{\"a\":1}\n\n");
        assert_eq!(event(&[b"message", b"c", b"x\ny"]), "data: message,c,x\ndata: y\n\n");
    }
}
