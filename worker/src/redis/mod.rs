//! A small client of the Upstash REST API: what a reader of quotes needs, and no more.
//!
//! [`Client`] sends one command or one pipeline over HTTP, within the [`Budget`] of the request it works for, and
//! tries again where that can help. While Redis does not answer at all, the [breaker](BreakerPolicy) keeps calls back. [`Reply`] turns the body into typed values. Everything it sends only reads, so
//! repeating a request is always safe.

mod backoff;
mod breaker;
mod budget;
mod caller;
mod client;
mod command;
mod error;
mod exchange;
mod fault;
mod fetch;
mod reply;
mod session;
mod value;

pub use backoff::RetryPolicy;
pub use breaker::{BreakerPolicy, BreakerReport};
pub use budget::{Budget, Counting};
pub use caller::Caller;
pub use client::Client;
pub use command::Command;
pub use error::{AuthFault, Oddity, Outage, RedisError};
pub use exchange::{Exchange, ExchangeFault, HttpReply};
pub use fetch::FetchExchange;
pub use reply::{Reply, Text};
pub use session::Session;
pub use value::Value;

/// The client as it runs on Workers.
pub type RedisClient = Client<FetchExchange>;
