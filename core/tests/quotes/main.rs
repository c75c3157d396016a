//! Whole quotes over snapshots: what they answer, and one test for every refusal.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod age;
mod answers;
mod explain;
mod height;
mod market;
mod networks;
mod refusals;
mod size;
mod state;
mod unknown;
mod unread;
