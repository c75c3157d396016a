//! The exchange as Workers offer it: `fetch`, timers, `crypto`.
//!
//! This calls the platform's `fetch` directly rather than through `worker::Fetch`: that wrapper hands out a body
//! only chunk by chunk, and reads back every property of the request and reply it makes.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::futures::JsFuture;
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, RequestInit, RequestRedirect, Response, WorkerGlobalScope};

use super::caller::Caller;
use super::exchange::{Exchange, ExchangeFault, HttpReply};
use crate::body::{BodyFault, read_response};

/// Largest reply that is read. Upstash sends up to 10 MB of values on most plans; escaping adds to that.
const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Address and headers of one database, made ready once per isolate.
pub struct FetchExchange {
    url: String,
    /// A plain JavaScript object, tied to no request, so it may be used by all of them.
    headers: JsValue,
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
        let headers = Object::new();
        let authorization = format!("Bearer {token}");
        // Some servers of this API answer 400 to any other content type; a string body alone would be text/plain.
        for (name, text) in [("authorization", authorization.as_str()), ("content-type", "application/json")]
        {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&headers, &name.into(), &text.into());
        }
        Self { url: url.to_owned(), headers: headers.into() }
    }

    async fn fetch(
        &self,
        path: &'static str,
        body: &[u8],
        signal: &AbortSignal,
    ) -> Result<(u16, Vec<u8>), BodyFault> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&self.headers);
        init.set_body(&Uint8Array::from(body));
        init.set_signal(Some(signal));
        // A redirect would carry the token to wherever it points.
        init.set_redirect(RequestRedirect::Manual);
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let url = [self.url.as_str(), path].concat();
        let response: Response =
            JsFuture::from(scope.fetch_with_str_and_init(&url, &init)).await?.unchecked_into();
        let body = read_response(&response, MAX_REPLY_BYTES).await?;
        Ok((response.status(), body))
    }
}

impl Exchange for FetchExchange {
    async fn post(
        &self,
        path: &'static str,
        body: &[u8],
        timeout_ms: u32,
        caller: &Caller,
    ) -> Result<HttpReply, ExchangeFault> {
        // Making one cannot fail.
        let controller = AbortController::new().map_err(|_| ExchangeFault::Unreachable)?;
        let signal = controller.signal();
        let fetched = pin!(self.fetch(path, body, &signal));
        let (deadline, gone) = (pin!(self.sleep_ms(timeout_ms)), pin!(caller.gone()));
        let fault = match select(fetched, select(deadline, gone)).await {
            Either::Left((fetched, _)) => return reply_of(fetched),
            Either::Right((Either::Left(_), _)) => ExchangeFault::Timeout,
            Either::Right((Either::Right(_), _)) => ExchangeFault::Abandoned,
        };
        // Closes the connection, and settles the promises: what waits for one that never is settled is never freed.
        controller.abort();
        Err(fault)
    }

    fn now_ms(&self) -> f64 {
        js_sys::Date::now()
    }

    async fn sleep_ms(&self, ms: u32) {
        worker::Delay::from(Duration::from_millis(ms.into())).await;
    }

    fn random(&self) -> u32 {
        // Without a random source the middle of the span is as good as any.
        getrandom::u32().unwrap_or(u32::MAX / 2)
    }
}

fn reply_of(fetched: Result<(u16, Vec<u8>), BodyFault>) -> Result<HttpReply, ExchangeFault> {
    match fetched {
        Ok((status, body)) => Ok(HttpReply { status, body }),
        Err(BodyFault::TooLarge) => Err(ExchangeFault::TooLarge),
        Err(BodyFault::Broken) => Err(ExchangeFault::Unreachable),
    }
}
