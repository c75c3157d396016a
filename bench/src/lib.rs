//! What is measured of `dlmm-core`: named cases with checked answers, for every program that measures them.
//!
//! * `cargo bench -p dlmm-bench`: criterion, natively;
//! * `dlmm-bench serve`: a case for so many milliseconds, when asked, so that `npm run bench` can take turns with
//!   other programs;
//! * `dlmm-bench count`: each case once, for callgrind;
//! * `examples/inside.rs`: the same cases inside a wasm module.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench that finds a wrong answer is to stop"
)]

mod cases;
pub mod hostile;
mod ladder;
mod network;
mod planning;

pub use cases::{Case, cases};
pub use ladder::Ladder;
pub use network::market_of;
