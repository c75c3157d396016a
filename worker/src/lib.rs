//! The Worker: answers DLMM quotes over HTTP from state in Redis.
//!
//! A request comes in here ([`fetch`]), is looked up in the path table ([`http`]), runs its handler with a
//! [`RequestContext`](request::RequestContext), and leaves as JSON whatever happened ([`serve`]). What is known of the market, and
//! what is read of it, is in [`market`]; Redis is reached through [`redis`]; arithmetic on amounts is core's.
//!
//! Each room uses those before it and none after it: [`observe`], [`redis`], [`config`], [`market`], [`isolate`], [`http`],
//! [`request`], [`handlers`].

mod body;
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
mod serve;

use worker::event;

#[event(start)]
fn start() {
    observe::install_panic_hook();
}

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: worker::Env,
    context: worker::Context,
) -> worker::Result<web_sys::Response> {
    #[cfg(feature = "panic-on-purpose")]
    panic_on_purpose::panic_if_asked(&request).await;
    // An error here would become a bare 500; `serve` has turned all it can into JSON before.
    serve::respond(request, env, context).await.map_err(worker::Error::from)
}
