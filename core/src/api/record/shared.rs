//! The state of a batch, written once for all answers that came from it.
//!
//! Such an answer has `input_ref` in the place of `input`: the same document, but `pools` are places in the list of
//! pools of a state, and `state` is the place of that state in the batch. Its digest is that of the answer with the
//! whole input, so that it can be checked once the two are put together.

use super::entry::PoolEntry;
use crate::json::ToJson;
use crate::network::graph::PoolRef;
use crate::stored::StoredPool;
use crate::units::PoolId;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// The stored texts of the pools of one read, as the inputs of its answers have them.
#[derive(Clone, Debug, Default)]
pub struct SharedState {
    /// The entries, with commas between them.
    text: String,
    /// Where each pool's entry stands, by id.
    entries: Vec<(PoolId, Range<usize>)>,
}

impl SharedState {
    /// Writes what was read of these pools, which come in id order.
    pub fn new<'a, B: ToJson + 'a>(
        pools: impl IntoIterator<Item = (&'a PoolRef, &'a StoredPool<'a, B>)>,
        default_fee_bps: u16,
    ) -> Self {
        let mut shared = Self::default();
        for (pool, stored) in pools {
            if !shared.text.is_empty() {
                shared.text.push(',');
            }
            let start = shared.text.len();
            PoolEntry { pool, stored, default_fee_bps }.write(&mut shared.text);
            shared.entries.push((pool.id.clone(), start..shared.text.len()));
        }
        shared
    }

    /// Bytes of its text.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Writes the state, as it stands in the batch.
    pub fn write(&self, out: &mut String) {
        out.push_str("{\"pools\":[");
        out.push_str(&self.text);
        out.push_str("]}");
    }

    /// The place and the text of a pool's entry.
    pub(super) fn entry(&self, id: &PoolId) -> Option<(usize, &str)> {
        let at = self.entries.binary_search_by(|(known, _)| known.cmp(id)).ok()?;
        let (_, range) = self.entries.get(at)?;
        Some((at, self.text.get(range.clone())?))
    }
}
