//! The exchange as Workers offer it: `fetch`, timers, `crypto`.

use std::fmt;

use dlmm_core::stored::MAX_REPLY_BYTES;

use super::caller::Caller;
use super::exchange::{Exchange, ExchangeFault, HttpReply, PIPELINE, TRANSACTION};
use crate::seam::{Bytes, Connection, Ended, now_ms};

/// One database.
pub struct FetchExchange {
    connection: Connection,
}

impl fmt::Debug for FetchExchange {
    /// Keeps address and token out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchExchange { .. }")
    }
}

impl FetchExchange {
    /// `url` has no slash at its end.
    pub fn new(url: &str, token: &str) -> Self {
        Self { connection: Connection::new(url, token) }
    }

    /// The database as the seam knows it.
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// The number by which the seam knows a path.
fn place(path: &str) -> u32 {
    match path {
        PIPELINE => 1,
        TRANSACTION => 2,
        _ => 0,
    }
}

impl Exchange for FetchExchange {
    type Body = Bytes;

    fn body(&self, bytes: Vec<u8>) -> Bytes {
        Bytes::of(&[&bytes])
    }

    async fn post(
        &self,
        path: &'static str,
        body: &Bytes,
        timeout_ms: u32,
        caller: &Caller,
    ) -> Result<HttpReply, ExchangeFault> {
        // There always is one where there is a platform.
        let call = caller.call().ok_or(ExchangeFault::Unreachable)?;
        // A reply is in the memory of wasm once more as what is read from it. What is larger is asked for in parts.
        match call.post(&self.connection, place(path), body, timeout_ms, MAX_REPLY_BYTES).await {
            Ended::Well { status, bytes } => {
                Ok(HttpReply { status: u16::try_from(status).unwrap_or(u16::MAX), body: bytes })
            }
            Ended::Timeout => Err(ExchangeFault::Timeout),
            Ended::Broken => Err(ExchangeFault::Unreachable),
            Ended::TooLarge => Err(ExchangeFault::TooLarge),
            Ended::Abandoned => Err(ExchangeFault::Abandoned),
        }
    }

    fn now_ms(&self) -> f64 {
        now_ms()
    }

    async fn sleep_ms(&self, ms: u32, caller: &Caller) {
        if let Some(call) = caller.call() {
            call.sleep(ms).await;
        }
    }

    fn random(&self) -> u32 {
        // Without a random source the middle of the span is as good as any.
        getrandom::u32().unwrap_or(u32::MAX / 2)
    }
}
