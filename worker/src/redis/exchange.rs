//! The line between the client's rules and the platform: sending, the clock, waiting, chance.

use std::future::Future;

use super::caller::Caller;

/// The paths of the REST API: for one command, for several, and for several in one step.
pub(super) const COMMAND: &str = "/";
pub(super) const PIPELINE: &str = "/pipeline";
pub(super) const TRANSACTION: &str = "/multi-exec";

/// What the client needs from where it runs. Workers give it by [`super::FetchExchange`]; tests by a script.
pub trait Exchange {
    /// What is sent, where the platform keeps it while a reply is waited for: not in the memory of the isolate's wasm, which
    /// many long requests at once would fill.
    type Body;

    /// Hands over what is to be sent, once for all tries.
    fn body(&self, bytes: Vec<u8>) -> Self::Body;

    /// Sends `body` to `path` of the REST API, [`COMMAND`], [`PIPELINE`] or [`TRANSACTION`], and reads the whole reply, both within `timeout_ms` and while
    /// `caller` waits for it.
    fn post(
        &self,
        path: &'static str,
        body: &Self::Body,
        timeout_ms: u32,
        caller: &Caller,
    ) -> impl Future<Output = Result<HttpReply, ExchangeFault>>;

    /// Unix time in milliseconds. Workers' clock stands still while code runs and moves on at I/O.
    fn now_ms(&self) -> f64;

    /// Waits, no longer than `caller` does.
    fn sleep_ms(&self, ms: u32, caller: &Caller) -> impl Future<Output = ()>;

    /// A number uniform over all of `u32`.
    fn random(&self) -> u32;
}

/// A reply as it came: any status, any body.
#[derive(Debug)]
pub struct HttpReply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why there is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeFault {
    /// The time was up, before the headers or amid the body.
    Timeout,
    /// No connection, or it broke.
    Unreachable,
    /// The body is larger than this client reads.
    TooLarge,
    /// Nobody waits for the reply any more.
    Abandoned,
}
