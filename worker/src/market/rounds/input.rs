//! What a quote was computed from, kept only where its answer is to carry it.

use std::rc::Rc;

use dlmm_core::api::QuoteAnswer;
use dlmm_core::network::route::{CandidatePool, Candidates};
use dlmm_core::quote::{Effort, QuoteRequest};
use dlmm_core::verify::{InputPool, SharedState, StoredInput};

use crate::market::read::Texts;

/// Everything that core was given for one quote.
#[derive(Debug, Clone)]
pub struct QuotedFrom {
    pub(crate) request: QuoteRequest,
    pub(crate) candidates: Rc<Candidates>,
    /// All pools of the read, those of other requests too, in id order; and which read of the batch it was.
    pub(crate) pools: Rc<[CandidatePool]>,
    pub(crate) read: u32,
    /// Shared by the quotes of a batch that were answered from one read.
    pub(crate) texts: Rc<Texts>,
    pub(crate) default_fee_bps: u16,
    /// The limit on keys, if it cut the read short.
    pub(crate) keys_limited: Option<usize>,
    pub(crate) effort: Effort,
}

impl QuotedFrom {
    /// Bytes that it takes in an answer at least: those of the texts.
    pub(crate) fn least_bytes(&self) -> usize {
        self.bytes_of(&self.candidates.pools)
    }

    /// The same for all pools of the read.
    pub(crate) fn least_bytes_of_all(&self) -> usize {
        self.bytes_of(&self.pools)
    }

    fn bytes_of(&self, pools: &[CandidatePool]) -> usize {
        let texts = pools.iter().filter_map(|one| self.texts.get(&one.pool.id));
        let bytes = texts.map(|pool| {
            let value = pool.value.as_ref().map_or(0, |value| value.len());
            pool.bins.iter().map(|(_, text)| text.len()).fold(value, usize::saturating_add)
        });
        bytes.fold(0, usize::saturating_add)
    }

    /// What was read of all pools, for the answers of a batch that refer to it.
    pub(crate) fn shared_state(&self) -> SharedState {
        let read =
            self.pools.iter().filter_map(|one| Some((&one.pool, self.texts.get(&one.pool.id)?.borrowed())));
        SharedState::new(read, self.default_fee_bps)
    }

    /// Writes an answer that refers to the state of this place in its batch; also gives the bytes of the whole input.
    pub(crate) fn write_ref(
        &self,
        answer: &QuoteAnswer<'_>,
        state: (usize, &SharedState),
    ) -> Result<(String, usize), String> {
        answer.to_json_with_input_ref(&self.stored(answer, &[]), state)
    }

    fn stored<'a>(&'a self, answer: &QuoteAnswer<'a>, pools: &'a [InputPool<'a>]) -> StoredInput<'a> {
        StoredInput {
            request: &self.request,
            candidates: &self.candidates,
            decimals: answer.context.decimals,
            default_fee_bps: self.default_fee_bps,
            pools,
            keys_limited: self.keys_limited,
            effort: self.effort,
        }
    }

    /// Writes an answer together with what it was computed from.
    pub(crate) fn write(&self, answer: &QuoteAnswer<'_>) -> Result<String, String> {
        let pools = self.candidates.pools.iter();
        let pools: Vec<_> = pools.filter_map(|one| Some(self.texts.get(&one.pool.id)?.borrowed())).collect();
        answer.to_json_with_input(&self.stored(answer, &pools))
    }
}
