//! Fuzz targets: what reads text that others wrote, and what computes on it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a target reports a finding by a panic"
)]

mod compare;
mod pool_case;

pub use compare::{Pair, Tally};
pub use pool_case::PoolCase;
