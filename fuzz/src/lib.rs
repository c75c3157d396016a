//! Fuzz targets: what reads text that others wrote, and what computes on it.
//!
//! A target is a function of bytes that panics on a finding. `tests/corpus.rs` runs all of them over the committed
//! inputs and over a few random changes of these; `npm run fuzz` hands them to libFuzzer.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a target reports a finding by a panic"
)]

mod clarity;
mod compare;
mod network;
mod pool_case;
mod reply;
mod request;
mod snapshot;
mod stored;
mod text;
mod verified;

pub use clarity::clarity;
pub use compare::{Pair, Tally, swap};
pub use network::network;
pub use pool_case::PoolCase;
pub use reply::reply;
pub use request::{batch, body, url};
pub use snapshot::snapshot;
pub use stored::{bin_value, list, pool_value};
pub use verified::verified_quote;

/// A function of bytes that panics on a finding.
pub type Target = fn(&[u8]);

/// Every target, under the name of its folder in `corpus`.
pub const TARGETS: [(&str, Target); 12] = [
    ("batch", batch),
    ("bin_value", bin_value),
    ("body", body),
    ("clarity", clarity),
    ("list", list),
    ("network", network),
    ("pool_value", pool_value),
    ("reply", reply),
    ("snapshot", snapshot),
    ("swap", swap),
    ("url", url),
    ("verified_quote", verified_quote),
];
