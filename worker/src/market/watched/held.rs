//! What a client knows of pools: a hash of every text it was given.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use dlmm_core::stored::{StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};

/// All pools of a stream.
pub(crate) type Held = BTreeMap<PoolId, HeldPool>;

/// One pool.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldPool {
    /// The producer's count of the state that it is.
    pub(crate) seq: u64,
    value: Option<u64>,
    /// In id order.
    bins: Vec<(BinId, u64)>,
}

/// Of the same build the same text has the same hash.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl HeldPool {
    /// What a client knows that was given these texts.
    pub(crate) fn of(pool: &StoredPool<'_>, seq: u64) -> Self {
        let bins = pool.bins.iter().filter_map(|(id, text)| Some(((*id)?, hash(text))));
        Self { seq, value: pool.value.as_deref().map(hash), bins: bins.collect() }
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        64 + self.bins.len() * size_of::<(BinId, u64)>()
    }

    /// The keys that it has.
    pub(crate) fn keys<'p>(&'p self, id: &'p PoolId) -> impl Iterator<Item = String> + 'p {
        let bins = self.bins.iter().map(|(bin, _)| keys::bin(id, *bin));
        std::iter::once(keys::pool(id)).chain(bins)
    }

    /// Takes the text of the pool's value; tells whether it is another one.
    pub(crate) fn set_value(&mut self, text: Option<&str>) -> bool {
        let new = text.map(hash);
        std::mem::replace(&mut self.value, new) != new
    }

    /// Takes the text of a bin; tells whether it is another one.
    pub(crate) fn set_bin(&mut self, bin: BinId, text: Option<&str>) -> bool {
        let found = self.bins.binary_search_by_key(&bin, |(id, _)| *id);
        match (found, text.map(hash)) {
            (Ok(at), Some(new)) => match self.bins.get_mut(at) {
                Some((_, known)) => std::mem::replace(known, new) != new,
                None => false,
            },
            (Ok(at), None) => {
                self.bins.remove(at);
                true
            }
            (Err(at), Some(new)) => {
                self.bins.insert(at, (bin, new));
                true
            }
            (Err(_), None) => false,
        }
    }

    /// Ids of the bins that it has.
    pub(crate) fn bin_ids(&self) -> Vec<BinId> {
        self.bins.iter().map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_another_one_only_if_it_differs() {
        let bin = |id| BinId::new(id).unwrap();
        let mut pool = HeldPool::default();
        assert!(pool.set_value(Some("a")) && !pool.set_value(Some("a")) && pool.set_value(None));
        assert!(pool.set_bin(bin(7), Some("x")) && pool.set_bin(bin(5), Some("x")));
        assert!(!pool.set_bin(bin(7), Some("x")) && pool.set_bin(bin(7), Some("y")));
        assert!(pool.set_bin(bin(7), None) && !pool.set_bin(bin(7), None));
        assert_eq!(pool.bin_ids(), [bin(5)]);
        let id = PoolId::new("P").unwrap();
        assert_eq!(pool.keys(&id).collect::<Vec<_>>(), ["pool:P", "bin:P:5"]);
    }
}
