//! What is in Redis and gives no pool to quote.

/// The first 1 000 are named; a terminal shows no more.
pub(crate) type LeftOutKeys = dlmm_core::stored::LeftOutKeys<1_000>;
