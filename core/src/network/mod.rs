//! All pools together: which tokens they connect, over which routes, and what is known of their state.

pub mod age;
pub mod decimals;
mod filter;
pub mod graph;
pub mod keys;
pub mod route;
pub mod routes_kept;
pub(crate) mod similar;
pub mod skipped;
pub mod state;
mod unplaced;
