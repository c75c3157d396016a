//! What a quote was computed from, kept only where its answer is to carry it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use dlmm_core::quote::{Effort, QuoteRequest};
use dlmm_core::route::{CandidatePool, Candidates};
use dlmm_core::units::PoolId;
use dlmm_core::wire::{InputPool, QuoteAnswer, SharedState, StoredInput};

/// Bytes of a bin in an answer beside its text: brackets, id, commas and quotes.
const BIN_BYTES: usize = 7;

/// The stored texts of one read.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pools: BTreeMap<PoolId, InputPool<'static>>,
    /// What each takes in an answer; counted once for all answers of the read.
    bytes: OnceCell<BTreeMap<PoolId, usize>>,
}

impl Texts {
    pub(crate) fn get(&self, id: &PoolId) -> Option<&InputPool<'static>> {
        self.pools.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &PoolId) -> Option<&mut InputPool<'static>> {
        self.pools.get_mut(id)
    }

    pub(crate) fn insert(&mut self, id: PoolId, pool: InputPool<'static>) {
        self.pools.insert(id, pool);
    }

    /// Bytes that a pool takes in an answer at least.
    fn bytes(&self, id: &PoolId) -> usize {
        let counted = self
            .bytes
            .get_or_init(|| self.pools.iter().map(|(id, pool)| (id.clone(), written_bytes(pool))).collect());
        counted.get(id).copied().unwrap_or(0)
    }
}

impl FromIterator<(PoolId, InputPool<'static>)> for Texts {
    fn from_iter<T: IntoIterator<Item = (PoolId, InputPool<'static>)>>(pools: T) -> Self {
        Self { pools: pools.into_iter().collect(), bytes: OnceCell::new() }
    }
}

/// The texts of a pool as they stand in an answer: inside of JSON, where each of their quotes is escaped.
fn written_bytes(pool: &InputPool<'_>) -> usize {
    let escapes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
    let written = |text: &str| text.len().saturating_add(escapes(text));
    let value = pool.value.as_deref().map_or(0, written);
    let bins = pool.bins.iter().map(|(_, text)| written(text).saturating_add(BIN_BYTES));
    bins.fold(value, usize::saturating_add)
}

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
    /// Bytes that it takes in an answer at least: those of the texts as they are written.
    pub(crate) fn least_bytes(&self) -> usize {
        self.bytes_of(&self.candidates.pools)
    }

    /// The same for all pools of the read.
    pub(crate) fn least_bytes_of_all(&self) -> usize {
        self.bytes_of(&self.pools)
    }

    fn bytes_of(&self, pools: &[CandidatePool]) -> usize {
        pools.iter().map(|one| self.texts.bytes(&one.pool.id)).fold(0, usize::saturating_add)
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

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::graph::PoolRef;
    use dlmm_core::units::{BinId, Symbol};
    use std::borrow::Cow;

    #[test]
    fn what_texts_take_in_an_answer_is_known_before_they_are_written() {
        let id = PoolId::new("P").unwrap();
        let symbol = |name| Symbol::new(name).unwrap();
        let pool = PoolRef { id: id.clone(), token_x: symbol("A"), token_y: symbol("B") };
        let text = r#"{"pool_id":"P","bin_id":500,"reserve_x":"1000","reserve_y":"7","note":"a\\b"}"#;
        let bins = (1..=1_000).filter_map(BinId::new).map(|id| (Some(id), Cow::Borrowed(text)));
        let stored =
            InputPool { value: Some(Cow::Borrowed(text)), bins: bins.collect(), ..InputPool::absent() };
        let written = SharedState::new([(&pool, stored.borrowed())], 10).bytes();
        let texts: Texts = [(id.clone(), stored.into_owned())].into_iter().collect();
        let told = texts.bytes(&id);
        assert!(told <= written && told * 100 > written * 97, "{told} of {written}");
    }
}
