//! How large an answer may be, and how large one will be at least before it is written.

use super::Answer;
use crate::api::NumberStyle;
use crate::error::QuoteError;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Bytes of one answer at most, wherever it is given.
pub const MAX_ANSWER_BYTES: usize = 4_000_000;

/// Bytes of a step at least, whatever its names and digits are.
const STEP_BYTES: usize = 330;

impl<B> Answer<B> {
    /// Bytes that its steps take at least: what one over many bins consists of.
    #[must_use]
    pub fn least_bytes(&self) -> usize {
        if !self.basis.request.include_steps {
            return 0;
        }
        let steps = self.quote.routes.iter().flat_map(|route| &route.hops).map(|hop| hop.steps.len());
        steps.fold(0, usize::saturating_add).saturating_mul(STEP_BYTES)
    }
}

impl Answer {
    /// The JSON text of the answer, if it has at most [`MAX_ANSWER_BYTES`].
    ///
    /// # Errors
    /// `ANSWER_TOO_LARGE`, mostly seen before anything is written.
    pub fn to_json_in_bounds(&self, numbers: NumberStyle) -> Result<String, QuoteError> {
        let least = self.least_bytes().saturating_add(self.least_state_bytes());
        let written = (least <= MAX_ANSWER_BYTES).then(|| self.to_json(numbers, None)).transpose();
        let json = written.map_err(|error| unwritable(&error))?.filter(|json| json.len() <= MAX_ANSWER_BYTES);
        json.ok_or(QuoteError::AnswerTooLarge { limit: MAX_ANSWER_BYTES })
    }

    /// Bytes that what it was computed from takes at least.
    fn least_state_bytes(&self) -> usize {
        if !self.basis.request.include_state {
            return 0;
        }
        let pools = self.basis.candidates.pools.iter().map(|one| self.basis.stored(&one.pool.id));
        let bins = pools.flat_map(|pool| &pool.bins);
        bins.map(|(_, text)| text.len()).fold(0, usize::saturating_add)
    }
}

/// A text that passed as JSON once and does not a second time: no input does that.
fn unwritable(error: &str) -> QuoteError {
    let reason = format!("the answer cannot be written: {error}");
    QuoteError::StateInvalid { key: String::new(), reason, warnings: Vec::new() }
}
