//! Quotes that carry their input: each verifies, and none does after a digit has changed.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

mod against;
mod age;
mod forged;
mod height;
mod hostile;
mod kinds;
#[path = "../quotes/market.rs"]
#[allow(dead_code)]
mod market;
#[path = "../splits/networks.rs"]
mod networks;
mod random;
mod record;
mod tamper;
