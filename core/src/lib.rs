//! Exact quotes for DLMM pools.
//!
//! A DLMM pool keeps its liquidity in price bins. Inside a bin the price is fixed; a swap starts in the
//! active bin and walks outwards: down for X in, up for Y in. This crate answers what a swap takes and gives,
//! to the last unit of the on-chain contracts, and which route over several pools gives most.
//!
//! No I/O, no clock, no randomness, and no float in any amount or price. Inside, [`math`] and [`fee`] carry
//! [`bin`], that carries [`pool`] and [`walk`], those carry [`graph`] and [`route`], and [`quote`] sits on top.
//! JSON is read and written by `json`, and its shapes (Redis values, snapshot, HTTP) are in `wire`; both are behind the
//! default feature `wire`.
//!
//! ```
//! use dlmm_core::bin::Bin;
//! use dlmm_core::fee::SideFees;
//! use dlmm_core::math::Price;
//! use dlmm_core::units::Direction;
//!
//! // A bin with 500 Y at 2 Y per X, and a fee of 1 %.
//! let bin = Bin { reserve_x: 0, reserve_y: 500, price: Price::from_e8(200_000_000).unwrap() };
//! let fees = SideFees::new(0, 100, 0).unwrap();
//! let fill = bin.fill_exact_in(Direction::XForY, &fees, 100).unwrap();
//! assert_eq!((fill.taken, fill.given, fill.fees.total()), (100, 198, 1));
//! ```
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod age;
pub mod bin;
mod curve;
pub mod decimals;
pub mod error;
pub mod fee;
pub mod graph;
pub mod impact;
#[cfg(feature = "wire")]
pub mod json;
pub mod math;
pub mod pool;
pub mod quote;
pub mod route;
pub mod share;
pub mod sorted;
mod split;
pub mod state;
pub mod suspect;
pub mod units;
pub mod walk;
#[cfg(feature = "wire")]
pub mod wire;
