//! The market over a Redis in memory: real reads and quotes on the host, with no HTTP around them.

mod batches;
mod broken_bins;
mod copies;
pub(crate) mod desk;
mod fairness;
mod learning;
mod listing;
mod long_values;
pub(crate) mod memory;
mod reads;
mod shared_reads;
mod strict;
mod widening;
