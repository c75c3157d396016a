//! The Worker: answers DLMM quotes over HTTP from state in Redis.
//!
//! A request comes in here, is looked up in the path table ([`http`]), runs its handler with a [`RequestContext`],
//! and leaves as JSON whatever happened. Redis is reached through [`upstash`]; arithmetic on amounts is core's.

pub mod answer_size;
pub mod bindings;
pub mod body;
pub mod config;
pub mod context;
pub mod error;
pub mod handlers;
pub mod heartbeat;
mod held;
pub mod hints;
pub mod http;
pub mod in_flight;
pub mod isolate;
pub mod key_types;
mod limiter;
pub mod load;
pub mod metrics;
pub mod observe;
#[cfg(feature = "panic-on-purpose")]
mod on_purpose;
#[cfg(test)]
mod openapi;
pub mod oversize;
pub mod quote_event;
pub mod sample;
mod serve;
pub mod snapshot;
pub mod state_ages;
pub mod topology;
pub mod upstash;
pub mod window;

pub use context::RequestContext;

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
    on_purpose::panic_if_asked(&request).await;
    // An error here would become a bare 500; `serve` has turned all it can into JSON before.
    serve::respond(request, env, context).await.map_err(worker::Error::from)
}
