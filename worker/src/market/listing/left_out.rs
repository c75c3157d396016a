//! What the listing of pools met and left out.

/// The first 100 are named in answers.
pub type LeftOutKeys = dlmm_core::stored::LeftOutKeys<100>;
