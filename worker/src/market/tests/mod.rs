//! The market over a Redis in memory: real reads and quotes on the host, with no HTTP around them.

mod copies;
mod desk;
mod fairness;
mod learning;
mod listing;
mod memory;
mod reads;
mod strict;
mod widening;
