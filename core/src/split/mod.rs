//! Sharing one trade over pools and routes.

mod decompose;
mod flow;
mod levels;
mod pieces;

pub(crate) use decompose::{Planned, decompose, decompose_along};
pub(crate) use flow::{Arc, Network, Target};
