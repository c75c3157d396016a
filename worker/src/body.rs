//! Reads the body of a request or reply into memory, up to a limit.

use js_sys::futures::JsFuture;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, ReadableStream, ReadableStreamDefaultReader};

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum BodyFault {
    /// It is larger than the limit. The rest was cancelled.
    TooLarge,
    /// The connection broke or the time was up.
    Broken,
}

impl From<JsValue> for BodyFault {
    /// What JavaScript says of it differs from platform to platform, and helps nobody.
    fn from(_: JsValue) -> Self {
        Self::Broken
    }
}

/// How much of a request that is too large is still read, and thrown away. A client that is cut off while it
/// sends sees a broken connection instead of the answer that tells it why.
const DRAINED: usize = 8 * 1024 * 1024;

/// Reads a request of a client.
///
/// # Errors
/// [`BodyFault::TooLarge`] above `limit` bytes, declared or found.
pub(crate) async fn read_request(request: &web_sys::Request, limit: usize) -> Result<Vec<u8>, BodyFault> {
    match declared_length(&request.headers()) {
        Some(length) if length <= limit => Ok(bytes_of(&JsFuture::from(request.array_buffer()?).await?)),
        Some(length) if length > DRAINED => cancel(request.body()).await,
        _ => read_chunks(request.body(), limit, DRAINED).await,
    }
}

/// Reads a reply of a server. The time limit is that of the fetch that got it.
///
/// # Errors
/// [`BodyFault::TooLarge`] above `limit` bytes, declared or found.
pub(crate) async fn read_response(response: &web_sys::Response, limit: usize) -> Result<Vec<u8>, BodyFault> {
    match declared_length(&response.headers()) {
        // One promise for the whole body instead of one a chunk.
        Some(length) if length <= limit => Ok(bytes_of(&JsFuture::from(response.array_buffer()?).await?)),
        Some(_) => cancel(response.body()).await,
        None => read_chunks(response.body(), limit, limit).await,
    }
}

/// The length of the body if the headers vouch for it: a compressed body grows beyond its declared length.
fn declared_length(headers: &Headers) -> Option<usize> {
    if headers.has("content-encoding").unwrap_or(true) {
        return None;
    }
    headers.get("content-length").ok().flatten()?.parse().ok()
}

/// An unread body would hold its connection; cancelling frees it.
async fn cancel(body: Option<ReadableStream>) -> Result<Vec<u8>, BodyFault> {
    if let Some(body) = body {
        // A body that cannot be cancelled is already gone.
        let _ = JsFuture::from(body.cancel()).await;
    }
    Err(BodyFault::TooLarge)
}

/// Keeps up to `limit` bytes; beyond it, reads on to `drained` bytes in all and keeps nothing.
async fn read_chunks(
    body: Option<ReadableStream>,
    limit: usize,
    drained: usize,
) -> Result<Vec<u8>, BodyFault> {
    let mut bytes = Vec::new();
    let Some(body) = body else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut received = 0_usize;
    loop {
        let next = JsFuture::from(reader.read()).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return if received > limit { Err(BodyFault::TooLarge) } else { Ok(bytes) };
        }
        let chunk = Uint8Array::new(&Reflect::get(&next, &"value".into())?);
        let start = received;
        received = received.saturating_add(chunk.length() as usize);
        if received > drained {
            let _ = JsFuture::from(reader.cancel()).await;
            return Err(BodyFault::TooLarge);
        }
        if received > limit {
            bytes = Vec::new();
            continue;
        }
        bytes.resize(received, 0);
        if let Some(room) = bytes.get_mut(start..) {
            chunk.copy_to(room);
        }
    }
}

fn bytes_of(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}
