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
    let written = |text: &str| text.len().saturating_add(escapes(text));
    let value = pool.value.as_deref().map_or(0, written);
    let bins = pool.bins.iter().map(|(_, text)| written(text).saturating_add(BIN_BYTES));
    bins.fold(value, usize::saturating_add)
}

/// Quotes and backslashes in a text: what a stored JSON text has that is escaped. Eight bytes at a time, because an answer may carry
/// millions of them.
fn escapes(text: &str) -> usize {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let is_escaped = |byte: &&u8| matches!(**byte, b'"' | b'\\');
    let of_words: u32 = words.iter().map(|word| escapes_of(u64::from_le_bytes(*word))).sum();
    of_words as usize + rest.iter().filter(is_escaped).count()
}

const fn escapes_of(word: u64) -> u32 {
    /// One in each byte, and all of its bits but the highest.
    const ONES: u64 = u64::MAX / 255;
    const LOW: u64 = ONES * 0x7f;
    const fn zeros(word: u64) -> u64 {
        !(((word & LOW) + LOW) | word | LOW)
    }
    (zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))).count_ones()
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

    #[test]
    fn every_quote_and_backslash_is_counted() {
        for text in [
            "",
            r#"""#,
            r#"{"a":"b\\c"}"#,
            "\"\"\"\"\"\"\"\"\\",
            "!#[]!#[]!#[]é\"é\\\u{1f600}\"",
            "\u{a2}\u{dc}\u{a2}\u{dc}\"",
        ] {
            for pad in 0..9 {
                let text = " ".repeat(pad) + text;
                let expected = text.chars().filter(|one| matches!(one, '"' | '\\')).count();
                assert_eq!(escapes(&text), expected, "{text}");
            }
        }
    }
}
