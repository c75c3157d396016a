//! One read, as the answers that come from it know it, and what its texts will take in them.

use litemap::LiteMap;
use std::cell::OnceCell;
use std::rc::Rc;

use dlmm_core::network::route::CandidatePool;
use dlmm_core::stored::{StoredPool, StoredPools};
use dlmm_core::units::PoolId;

/// Bytes of a bin in an answer beside its text: brackets, id, commas and quotes.
const BIN_BYTES: usize = 7;

/// What one read was for.
#[derive(Debug)]
pub struct WholeRead {
    /// All pools of the read, those of every request, in id order.
    pub(crate) pools: Rc<[CandidatePool]>,
    /// Which read of the batch it was.
    pub(crate) number: u32,
    /// What each pool takes in an answer; counted once for all answers of the read.
    bytes: OnceCell<LiteMap<PoolId, usize>>,
}

impl WholeRead {
    pub(crate) fn new(pools: Rc<[CandidatePool]>, number: u32) -> Self {
        Self { pools, number, bytes: OnceCell::new() }
    }

    /// Bytes that some of its pools take in an answer at least.
    pub(crate) fn bytes(&self, stored: &StoredPools, pools: &[CandidatePool]) -> usize {
        let count = || stored.iter().map(|(id, pool)| (id.clone(), written_bytes(pool))).collect();
        let counted = self.bytes.get_or_init(count);
        let bytes = pools.iter().filter_map(|one| counted.get(&one.pool.id).copied());
        bytes.fold(0, usize::saturating_add)
    }
}

/// The texts of a pool as they stand in an answer: inside of JSON, where each of their quotes is escaped.
fn written_bytes(pool: &StoredPool<'_>) -> usize {
    let escapes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
    let written = |text: &str| text.len().saturating_add(escapes(text));
    let value = pool.value.as_deref().map_or(0, written);
    let bins = pool.bins.iter().map(|(_, text)| written(text).saturating_add(BIN_BYTES));
    bins.fold(value, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::api::SharedState;
    use dlmm_core::network::graph::PoolRef;
    use dlmm_core::units::{BinId, Symbol};

    #[test]
    fn what_texts_take_in_an_answer_is_known_before_they_are_written() {
        let id = PoolId::new("P").unwrap();
        let symbol = |name| Symbol::new(name).unwrap();
        let pool = PoolRef { id: id.clone(), token_x: symbol("A"), token_y: symbol("B") };
        let text = r#"{"pool_id":"P","bin_id":500,"reserve_x":"1000","reserve_y":"7","note":"a\\b"}"#;
        let bins = (1..=1_000).filter_map(BinId::new).map(|id| (id, text));
        let stored = StoredPool::new(Some(text), (BinId::MIN, BinId::MAX), bins);
        let written = SharedState::new([(&pool, &stored)], 10).bytes();
        let candidate = CandidatePool { pool: pool.clone(), x_for_y: true, y_for_x: false };
        let read = WholeRead::new([candidate].into(), 1);
        let told = read.bytes(&[(id, stored.into_owned())].into_iter().collect(), &read.pools);
        assert!(told <= written && told * 100 > written * 97, "{told} of {written}");
    }
}
