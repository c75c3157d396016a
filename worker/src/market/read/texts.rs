//! The stored texts of one read, and what they will take in an answer.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use dlmm_core::units::PoolId;
use dlmm_core::verify::InputPool;

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
    pub(crate) fn bytes(&self, id: &PoolId) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::network::graph::PoolRef;
    use dlmm_core::units::{BinId, Symbol};
    use dlmm_core::verify::SharedState;
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
