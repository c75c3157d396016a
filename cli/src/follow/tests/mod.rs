//! The recording of the real contracts, folded without Redis.

mod again;
mod bad_input;
mod checkpoints;
mod forks;
mod generated;
mod mutated;
mod old_records;
mod recording;
mod restart;
mod world;
