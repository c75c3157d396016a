//! Answers that are larger than any may be.

use std::cell::Cell;

pub(super) use dlmm_core::api::MAX_ANSWER_BYTES;
use dlmm_core::error::QuoteError;

use crate::http::ApiError;

/// Bytes of answers of one batch that may be written and then not fit. What an answer takes at least is known before it is
/// written, so that few are; but a hundred that miss by a little would cost as much as a hundred whole ones.
const MAX_IN_VAIN: usize = 2 * MAX_ANSWER_BYTES;

/// Answers that take at least this are no longer tried then.
const SMALL: usize = 40_000;

/// The refusal of an answer that would be larger.
pub(super) fn too_large() -> ApiError {
    QuoteError::AnswerTooLarge { limit: MAX_ANSWER_BYTES }.into()
}

/// What was written of a batch and did not fit.
#[derive(Debug, Default)]
pub(super) struct WrittenInVain(Cell<usize>);

impl WrittenInVain {
    /// Tells whether an answer of at least this may still be written without knowing that it fits.
    pub(super) fn may_try(&self, least: usize) -> bool {
        least < SMALL || self.0.get() < MAX_IN_VAIN
    }

    /// Notes an answer that did not fit.
    pub(super) fn note(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_add(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_vain_is_bounded() {
        let vain = WrittenInVain::default();
        let tried = (0..100).filter(|_| vain.may_try(3_900_000)).inspect(|_| vain.note(4_100_000)).count();
        assert_eq!(tried, 2);
        assert!(vain.may_try(1_000), "short ones may still fit");
    }
}
