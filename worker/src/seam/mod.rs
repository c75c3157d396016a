//! The seam between this crate and the platform: whole pieces of work, done by `worker/js/seam.js`.
//!
//! JavaScript drives. It calls `begin` with a request; the work runs until it has to wait, which is always for an [`Op`]
//! that JavaScript was asked for, and goes on when JavaScript calls [`done`]. Between the two there is neither a promise,
//! nor a closure, nor a timer on this side: each of them costs more than the arithmetic of a quote.

mod call;
mod clock;
mod ops;
mod platform;
mod tasks;

#[cfg(target_arch = "wasm32")]
pub(crate) use call::url_parts;
pub use call::{Bytes, Call, Connection, Headers, Room};
pub use clock::now_ms;
pub(crate) use clock::tick;
pub use ops::{Ended, Op};
pub use tasks::run;
