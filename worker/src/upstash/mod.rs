//! A small client of the Upstash REST API: what a reader of quotes needs, and no more.
//!
//! [`Client`] sends one command or one pipeline over HTTP, within the [`Budget`] of the request it works for, and
//! tries again where that can help. [`Reply`] turns the body into typed values. Everything it sends only reads, so
//! repeating a request is always safe.

mod backoff;
mod budget;
mod client;
mod command;
mod error;
mod exchange;
mod fault;
mod fetch;
mod reply;
mod value;

pub use backoff::RetryPolicy;
pub use budget::{Budget, Spent};
pub use client::Client;
pub use command::Command;
pub use error::{AuthFault, Oddity, Outage, UpstashError};
pub use exchange::{Exchange, ExchangeFault, HttpReply};
pub use fetch::FetchExchange;
pub use reply::Reply;
pub use value::Value;

/// The client as it runs on Workers.
pub type RedisClient = Client<FetchExchange>;
