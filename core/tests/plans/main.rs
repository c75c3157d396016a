//! Plans: the recorded calls to the byte, and the routers of the contracts, run by big integers of their own.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod drifted;
mod interpreter;
mod market;
#[path = "../search/random.rs"]
#[allow(dead_code)]
mod numbers;
mod random;
mod recorded;
mod refusals;
mod safety;
