//! How large an answer may be, and how large one will be at least before it is written.

use std::cell::Cell;

use dlmm_core::api::Answer;

use crate::http::{ApiError, Code};

/// Bytes of one answer at most.
pub(super) const MAX_ANSWER_BYTES: usize = 4_000_000;

/// Bytes of answers of one batch that may be written and then not fit. What an answer takes at least is known before it is
/// written, so that few are; but a hundred that miss by a little would cost as much as a hundred whole ones.
const MAX_IN_VAIN: usize = 2 * MAX_ANSWER_BYTES;

/// Answers that take at least this are no longer tried then.
const SMALL: usize = 40_000;

/// Bytes of a step without the names in it and without digits beyond the first.
const STEP_BYTES: usize = 340;

/// The refusal of an answer that would be larger.
pub(super) fn too_large() -> ApiError {
    let message = "the answer would be larger than this service gives: leave out include_state, or the steps with \
                   include_steps false, or name fewer pools";
    ApiError::new(Code::AnswerTooLarge, message).with("limit", MAX_ANSWER_BYTES)
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

/// Bytes that the steps of an answer take at least: what one over many bins consists of.
pub(super) fn least_bytes<B>(answer: &Answer<B>) -> usize {
    if !answer.basis.request.include_steps {
        return 0;
    }
    let hops = answer.quote.routes.iter().flat_map(|route| &route.hops);
    let bytes = hops.map(|hop| {
        let names = [hop.pool_id.as_str(), hop.token_in.as_str(), hop.token_out.as_str()];
        let step = names.iter().map(|name| name.len()).sum::<usize>().saturating_add(STEP_BYTES);
        hop.steps.len().saturating_mul(step)
    });
    bytes.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::market::sample::quote_from_sample;
    use dlmm_core::api::{NumberStyle, request_from_json};

    #[test]
    fn what_is_written_in_vain_is_bounded() {
        let vain = WrittenInVain::default();
        let tried = (0..100).filter(|_| vain.may_try(3_900_000)).inspect(|_| vain.note(4_100_000)).count();
        assert_eq!(tried, 2);
        assert!(vain.may_try(1_000), "short ones may still fit");
    }

    #[test]
    fn an_estimate_is_never_above_the_size_and_not_far_below() {
        let config =
            Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned())).unwrap();
        for (token_in, token_out, amount) in
            [("BTC", "USDC", 3_000), ("SOL", "USDC", 30_000), ("SOL", "BTC", 30_000)]
        {
            let body = format!(
                r#"{{"token_in":"{token_in}","token_out":"{token_out}","amount_in":{amount},"allow_partial":true}}"#
            );
            let loaded = quote_from_sample(&config.limits, &request_from_json(&body).unwrap(), 0, 0).unwrap();
            let size = loaded.answer.to_json(NumberStyle::Json, None).unwrap().len();
            let least = least_bytes(&loaded.answer);
            assert!(least > size / 4 && least <= size, "{least} of {size}");
        }
    }
}
