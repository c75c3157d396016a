//! The state of a batch, written once for all answers that came from it.
//!
//! Such an answer has `input_ref` in the place of `input`: the same document, but `pools` are places in the list of
//! pools of a state, and `state` is the place of that state in the batch. Its digest is that of the answer with the
//! whole input, so that it can be checked once the two are put together.

use super::digest::digest_of;
use super::input::{InputPool, PoolEntry, StoredInput};
use super::tree::Tree;
use super::written::NOT_WHOLE;
use crate::api::QuoteAnswer;
use crate::json::{ToJson, list, object, to_json};
use crate::network::graph::PoolRef;
use crate::units::PoolId;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

/// What stands where the pools of an input belong, and what follows it: the request has pools as well.
const NO_POOLS: (&str, &str) = ("\"pools\":", "null,\"request\":");

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
    pub fn new<'a>(
        pools: impl IntoIterator<Item = (&'a PoolRef, InputPool<'a>)>,
        default_fee_bps: u16,
    ) -> Self {
        let mut shared = Self::default();
        for (pool, stored) in pools {
            if !shared.text.is_empty() {
                shared.text.push(',');
            }
            let start = shared.text.len();
            PoolEntry { pool, stored: &stored, default_fee_bps }.write(&mut shared.text);
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
    fn entry(&self, id: &PoolId) -> Option<(usize, &str)> {
        let at = self.entries.binary_search_by(|(known, _)| known.cmp(id)).ok()?;
        let (_, range) = self.entries.get(at)?;
        Some((at, self.text.get(range.clone())?))
    }
}

impl QuoteAnswer<'_> {
    /// Writes the answer as JSON text with a reference to the state it was computed from, the state of place `state` in
    /// its batch, and the digest that it has with its whole input. `input.pools` is not looked at. Also gives the bytes
    /// of the whole input.
    ///
    /// # Errors
    /// None that input can cause; a candidate pool without an entry in the state.
    pub fn to_json_with_input_ref(
        &self,
        input: &StoredInput<'_>,
        (state, shared): (usize, &SharedState),
    ) -> Result<(String, usize), String> {
        let entries = input.candidates.pools.iter().map(|one| shared.entry(&one.pool.id));
        let entries: Option<Vec<_>> = entries.collect();
        let entries = entries.ok_or("a pool is not in the state")?;
        let mut text = to_json(&object(|f| self.members(f)));
        let tree = Tree::parse(&text).map_err(|e| e.to_string())?;
        text.pop();
        text.push_str(",\"input_ref\":");
        let places = list(|f| f.items(entries.iter().map(|(at, _)| *at)));
        object(|f| {
            input.members(f, &places);
            f.member("state", state);
        })
        .write(&mut text);

        let without = to_json(&object(|f| input.members(f, &None::<bool>)));
        let (before, after) = without.split_once(&[NO_POOLS.0, NO_POOLS.1].concat()).ok_or(NOT_WHOLE)?;
        let mut pieces = Vec::from([before, NO_POOLS.0, "["]);
        for (n, (_, entry)) in entries.iter().enumerate() {
            pieces.extend([if n > 0 { "," } else { "" }, entry]);
        }
        pieces.extend(["],\"request\":", after]);
        let digest = digest_of(tree, &pieces).ok_or(NOT_WHOLE)?;
        let whole = pieces.iter().map(|piece| piece.len()).sum();
        self.end(&mut text, &digest);
        Ok((text, whole))
    }
}
