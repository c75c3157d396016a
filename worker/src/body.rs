//! Reads the body of a request or reply into memory, up to a limit.

use js_sys::futures::JsFuture;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, ReadableStream, ReadableStreamDefaultReader};

/// Why a body was not read to its end.
#[derive(Debug)]
pub enum BodyFault {
    /// It is larger than the limit. The rest was cancelled.
    TooLarge,
    /// The connection broke or the time was up; the reason as JavaScript gave it.
    Broken(JsValue),
}

impl From<JsValue> for BodyFault {
    fn from(reason: JsValue) -> Self {
        Self::Broken(reason)
    }
}

/// Reads a request of a client.
///
/// # Errors
/// [`BodyFault::TooLarge`] above `limit` bytes, declared or found.
pub async fn read_request(request: &web_sys::Request, limit: usize) -> Result<Vec<u8>, BodyFault> {
    match declared_length(&request.headers()) {
        Some(length) if length > limit => cancel(request.body()).await,
        Some(_) => Ok(bytes_of(&JsFuture::from(request.array_buffer()?).await?)),
        None => read_chunks(request.body(), limit).await,
    }
}

/// Reads a reply of a server. The time limit is that of the fetch that got it.
///
/// # Errors
/// [`BodyFault::TooLarge`] above `limit` bytes, declared or found.
pub async fn read_response(response: &web_sys::Response, limit: usize) -> Result<Vec<u8>, BodyFault> {
    match declared_length(&response.headers()) {
        Some(length) if length > limit => cancel(response.body()).await,
        // One promise for the whole body instead of one a chunk.
        Some(_) => Ok(bytes_of(&JsFuture::from(response.array_buffer()?).await?)),
        None => read_chunks(response.body(), limit).await,
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

async fn read_chunks(body: Option<ReadableStream>, limit: usize) -> Result<Vec<u8>, BodyFault> {
    let mut bytes = Vec::new();
    let Some(body) = body else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let next = JsFuture::from(reader.read()).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(bytes);
        }
        let chunk = Uint8Array::new(&Reflect::get(&next, &"value".into())?);
        let start = bytes.len();
        let end = start.saturating_add(chunk.length() as usize);
        if end > limit {
            let _ = JsFuture::from(reader.cancel()).await;
            return Err(BodyFault::TooLarge);
        }
        bytes.resize(end, 0);
        if let Some(room) = bytes.get_mut(start..) {
            chunk.copy_to(room);
        }
    }
}

fn bytes_of(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}
