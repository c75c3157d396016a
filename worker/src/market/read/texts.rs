//! One read, as the answers that come from it know it, and what its texts will take in them.

use std::rc::Rc;

use dlmm_core::network::route::CandidatePool;
use dlmm_core::stored::{StoredPool, StoredPools, WrittenBins};

/// The value of a pool that was read, and its bins as answers carry them.
pub(super) type ReadPool = StoredPool<'static, WrittenBins>;

/// The pools of a read.
pub type ReadTexts = StoredPools<WrittenBins>;

/// What one read was for.
#[derive(Debug)]
pub struct WholeRead {
    /// All pools of the read, those of every request, in id order.
    pub(crate) pools: Rc<[CandidatePool]>,
    /// Which read of the batch it was.
    pub(crate) number: u32,
}

/// Bytes that some pools take in an answer at least.
pub(crate) fn bytes_of(texts: &ReadTexts, pools: &[CandidatePool]) -> usize {
    let bytes = pools.iter().filter_map(|one| texts.get(&one.pool.id)).map(bytes_of_pool);
    bytes.fold(0, usize::saturating_add)
}

/// Bytes of a pool's texts; its bins are escaped already.
pub(super) fn bytes_of_pool(pool: &ReadPool) -> usize {
    pool.bins.bytes().saturating_add(pool.value.as_ref().map_or(0, |value| value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::api::SharedState;
    use dlmm_core::network::graph::PoolRef;
    use dlmm_core::units::{BinId, PoolId, Symbol};

    #[test]
    fn what_texts_take_in_an_answer_is_known_before_they_are_written() {
        let id = PoolId::new("P").unwrap();
        let symbol = |name| Symbol::new(name).unwrap();
        let pool = PoolRef { id: id.clone(), token_x: symbol("A"), token_y: symbol("B") };
        let text = r#"{"pool_id":"P","bin_id":500,"reserve_x":"1000","reserve_y":"7","note":"a\\b"}"#;
        let bins = (1..=1_000).filter_map(BinId::new).map(|id| (id, text));
        let stored = StoredPool::new(Some(text), (BinId::MIN, BinId::MAX), bins).into_owned().written();
        let written = SharedState::new([(&pool, &stored)], 10).bytes();
        let candidate = CandidatePool { pool: pool.clone(), x_for_y: true, y_for_x: false };
        let told = bytes_of(&[(id, stored)].into_iter().collect(), &[candidate]);
        assert!(told <= written && told * 100 > written * 99, "{told} of {written}");
    }
}
