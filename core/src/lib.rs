//! Exact quotes for DLMM pools.
//!
//! A DLMM pool keeps its liquidity in price bins. Inside a bin the price is fixed; a swap starts in the
//! active bin and walks outwards: down for X in, up for Y in. This crate answers what a swap takes and gives,
//! to the last unit of the on-chain contracts, and which route over several pools gives most.
//!
//! No I/O, no clock, no randomness, and no float in any amount or price. Each room stands on those above it:
//!
//! - [`math`]: exact numbers. [`units`], [`error`], [`narrowed`] and [`sorted`] are words that every room uses.
//! - [`pool`]: one pool with its bins and fees, and the swap that walks them.
//! - [`network`]: all pools together: tokens, routes, decimals, and what is known of each pool's state.
//! - [`quote`]: from a request and a state to the best split over routes.
//! - `json`: JSON text, read and written.
//! - `stored`: the values of Redis and whole snapshots of them.
//! - `api`: requests, answers, listings and errors as HTTP, the command line and the package show them; an answer may carry
//!   what it was computed from.
//! - `plan`: from a quote to the call of the router contract that executes it.
//! - `market`: the one step from a state to an answer, and pools of one moment in memory, quoted from many times.
//! - `verify`: the check that computes an answer again from what it carries.
//!
//! The last six are behind the default feature `json`. Beside them, and knowing nothing of pools, stands `clarity` (with a
//! feature of its own): what contracts take, give and print, as bytes.
//!
//! ```
//! use dlmm_core::pool::bin::Bin;
//! use dlmm_core::pool::fee::SideFees;
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

#[cfg(feature = "json")]
pub mod api;
#[cfg(feature = "clarity")]
pub mod clarity;
pub mod error;
mod gather;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "json")]
pub mod market;
pub mod math;
pub mod narrowed;
pub mod network;
#[cfg(feature = "json")]
pub mod plan;
mod plan_fault;
pub mod pool;
pub mod quote;
pub mod sorted;
#[cfg(feature = "json")]
pub mod stored;
pub mod units;
#[cfg(feature = "json")]
pub mod verify;
mod warning;
