//! Quotes from Redis: candidates from the topology, one MGET for pools and bins, wider only if core asks.
//!
//! A batch shares its reads: one MGET carries the pools and bins of all its requests. A single quote is a batch
//! of one. Answers are handed on as they come, so that nobody holds the state of more than one read.

mod answering;
mod answers;
mod fairness;
mod group;
mod pending;
mod quotes;
mod unknown;

pub use answers::Loaded;
pub use quotes::{quote_from_redis, quotes_from_redis, refuse_for_itself};
