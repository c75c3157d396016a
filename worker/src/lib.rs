//! The Worker: answers DLMM quotes over HTTP from state in Redis.
//!
//! A request comes in here ([`begin`]), is looked up in the path table ([`http`]), runs its handler with a
//! [`RequestContext`](request::RequestContext), and leaves as JSON whatever happened ([`serve`]). What is known of the market, and
//! what is read of it, is in [`market`]; Redis is reached through [`redis`]; arithmetic on amounts is core's.
//!
//! Each room uses those before it and none after it: [`seam`], [`observe`], [`redis`], [`config`], [`market`], [`isolate`], [`http`],
//! [`request`], `stream`, [`handlers`].

mod bindings;
pub mod config;
pub mod handlers;
pub mod http;
pub mod isolate;
pub mod market;
pub mod observe;
#[cfg(feature = "panic-on-purpose")]
mod panic_on_purpose;
pub mod redis;
pub mod request;
pub mod seam;
mod serve;
mod stream;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::event;

#[event(start)]
fn start() {
    observe::install_panic_hook();
}

/// Begins the work on a request: `head` is its method and its URL. The answer goes through `call`.
#[wasm_bindgen]
pub fn begin(call: JsValue, head: &str, now_ms: f64) {
    seam::tick(now_ms);
    let call = seam::Call::new(call);
    let (method, url) = head.split_once(' ').unwrap_or((head, ""));
    let (method, url) = (http::Method::parse(method), url.to_owned());
    seam::run(async move {
        #[cfg(feature = "panic-on-purpose")]
        panic_on_purpose::panic_if_asked(&call, &url).await;
        serve::respond(call, method, url).await;
    });
}
