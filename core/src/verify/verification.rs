//! What a check comes to.

use super::compare::Difference;
use alloc::vec::Vec;

/// What became of the check of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whether the digest is that of the answer it stands in.
    pub digest_matches: bool,
    /// Fields that are not what the input gives, the first 100 of them; then what is not as the caller knows it, keys of
    /// Redis among the paths.
    pub differences: Vec<Difference>,
    /// Pools that were written between the two readings, by their own times, where a state was compared: they say nothing
    /// for the answer and nothing against it.
    pub moved: Vec<Difference>,
    /// Fields that were taken from the answer because nobody says what is right: they decide something of it, and nothing
    /// compared them.
    pub unproven: Vec<Difference>,
}

impl Verification {
    /// Tells whether the answer is what its input gives, its digest is right, and nothing contradicts what the caller
    /// knows.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        !self.is_different() && self.moved.is_empty()
    }

    /// Tells whether the answer was changed or left something out, whatever has moved since.
    #[must_use]
    pub const fn is_different(&self) -> bool {
        !self.digest_matches || !self.differences.is_empty()
    }
}
