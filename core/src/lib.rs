//! Exact quotes for DLMM pools.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod bin;
pub mod fee;
pub mod math;
pub mod pool;
pub mod units;
pub mod walk;
