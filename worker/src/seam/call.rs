//! One request as JavaScript holds it, and what may be asked for it.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::ops::Op;
use super::platform;

/// How much of a request that is too large is still read, and thrown away. A client that is cut off while it
/// sends sees a broken connection instead of the answer that tells it why.
const DRAINED: u32 = 8 * 1024 * 1024;

/// What the platform gave one request: the request itself, its environment, its context.
#[derive(Debug, Clone)]
pub struct Call(JsValue);

/// Address and headers of one database, made ready once per isolate. Tied to no request.
#[derive(Debug)]
pub struct Connection(JsValue);

/// Bytes that the platform keeps: they take no memory of wasm, which grows and never shrinks.
#[derive(Debug)]
pub struct Bytes(JsValue);

/// Room for one copy of bytes after the other: megabytes that are thrown away fill the memory of an isolate before it looks.
#[derive(Debug, Default)]
pub struct Room(Option<Uint8Array>);

/// Headers that many answers carry, made ready once per isolate. Tied to no request.
#[derive(Debug)]
pub struct Headers(JsValue);

impl Call {
    /// Takes over what JavaScript hands in.
    pub(crate) fn new(call: JsValue) -> Self {
        Self(call)
    }

    /// Whether the client has closed its connection, so that no answer reaches it.
    pub fn is_gone(&self) -> bool {
        platform::is_gone(&self.0)
    }

    /// A header of the request; `None` where it is absent.
    pub fn header(&self, name: &str) -> Option<String> {
        platform::header(&self.0, name)
    }

    /// Variables, secrets and bindings.
    pub fn environment(&self) -> JsValue {
        platform::environment(&self.0)
    }

    /// Reads the body of the request, at most `limit` bytes.
    pub fn body(&self, limit: usize) -> Op {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Op::begin(|op| platform::body(&self.0, op, limit, DRAINED.max(limit)))
    }

    /// Posts to a database (`path` 0: a command, 1: a pipeline, 2: a transaction) and reads the whole reply, both within `ms`
    /// and while the client waits.
    pub fn post(&self, to: &Connection, path: u32, body: &Bytes, ms: u32, limit: u32) -> Op {
        Op::begin(|op| platform::post(&self.0, op, &to.0, path, &body.0, ms, limit))
    }

    /// Begins an answer, its headers as in [`Self::answer`], whose body is written piece by piece, with [`Self::write`] until [`Self::close`]. The platform waits
    /// for it, and for the work behind it.
    pub fn stream(&self, status: u16, usual: &Headers, lines: &str) {
        platform::stream(&self.0, status, &usual.0, lines);
    }

    /// Writes a piece of the body. Ends when the client has taken it as far as the platform can tell.
    pub fn write(&self, bytes: &[u8]) -> Op {
        Op::begin(|op| platform::write(&self.0, op, bytes))
    }

    /// Ends the body, and all that was begun for it; one that is not whole is broken off.
    pub fn close(&self, is_whole: bool) {
        platform::close(&self.0, is_whole);
    }

    /// Subscribes to a channel of a database. Ends with the status of the reply: 200 where the subscription stands, else
    /// with what was said.
    pub fn subscribe(&self, to: &Connection, channel: &str) -> Op {
        Op::begin(|op| platform::subscribe(&self.0, op, &to.0, channel))
    }

    /// Waits for the next bytes of the subscription.
    pub fn heard(&self) -> Op {
        Op::begin(|op| platform::heard(&self.0, op))
    }

    /// Ends the subscription.
    pub fn unsubscribe(&self) {
        platform::unsubscribe(&self.0);
    }

    /// Waits, no longer than the client does.
    pub fn sleep(&self, ms: u32) -> Op {
        Op::begin(|op| platform::sleep(&self.0, op, ms))
    }

    /// Asks the rate limiter: status 200 is yes, 429 no.
    pub fn limit(&self, key: &str) -> Op {
        Op::begin(|op| platform::limit(&self.0, op, key))
    }

    /// Asks for the SHA-256 of bytes: ends with its 32 bytes. What is to be digested is copied at once, as the standard says, so the
    /// bytes may be written over.
    pub fn sha256(&self, bytes: &Bytes) -> Op {
        Op::begin(|op| platform::sha256(&self.0, op, &bytes.0))
    }

    /// Sends the answer. `lines` are the id of the request, how long it took (nothing where nobody knows), then names and
    /// values of further headers, each with its own end of line.
    pub fn answer(&self, status: u16, usual: &Headers, lines: &str, body: Option<&[u8]>) {
        platform::answer(&self.0, status, &usual.0, lines, body);
    }

    /// Has the platform wait for work that goes on behind the answer, until [`Self::end`] of what this gives.
    #[must_use]
    pub fn behind(&self) -> Self {
        Self(platform::behind(&self.0))
    }

    /// Ends work behind an answer.
    pub fn end(&self) {
        platform::end(&self.0);
    }
}

/// Parts of a URL on lines of their own: all of it, scheme, origin, host, user and password; `None` where it is none.
#[cfg(target_arch = "wasm32")]
pub(crate) fn url_parts(text: &str) -> Option<String> {
    platform::url_parts(text)
}

impl Bytes {
    /// A copy of these pieces, one after the other.
    pub fn of(pieces: &[&[u8]]) -> Self {
        if let [piece] = pieces {
            return Self(Uint8Array::from(*piece).into());
        }
        Room::default().copy(pieces)
    }
}

impl Room {
    /// A copy of these pieces, one after the other, in the place of the last one.
    pub fn copy(&mut self, pieces: &[&[u8]]) -> Bytes {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let is_enough = |room: &Uint8Array| room.length() >= length;
        let room = self.0.take().filter(is_enough).unwrap_or_else(|| Uint8Array::new_with_length(length));
        let mut at = 0;
        for piece in pieces {
            let end = at + piece.len() as u32;
            room.subarray(at, end).copy_from(piece);
            at = end;
        }
        let bytes = Bytes(room.subarray(0, length).into());
        self.0 = Some(room);
        bytes
    }
}

impl Connection {
    /// `url` has no slash at its end.
    pub fn new(url: &str, token: &str) -> Self {
        Self(platform::connect(url, token))
    }
}

impl Headers {
    /// From names and values, each with its own end of line.
    pub fn new(lines: &str) -> Self {
        Self(platform::headers_of(lines))
    }
}
