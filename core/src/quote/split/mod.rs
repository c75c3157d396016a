//! Sharing one trade over pools and routes.

mod arc;
mod decompose;
mod flow;
mod levels;
mod pieces;
mod unpaid;

pub(crate) use arc::PoolArc;
pub(crate) use decompose::{Planned, decompose, decompose_along};
pub(crate) use flow::{MAX_LOOKS, Network, Reached, Target};
