//! What a client knows of pools: a hash of every text it was given.

use litemap::LiteMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use dlmm_core::stored::{StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};

/// All pools of a stream.
pub(crate) type Held = LiteMap<PoolId, HeldPool>;

/// One pool.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldPool {
    /// The producer's count of the state that it is.
    pub(crate) seq: u64,
    value: Option<u64>,
    /// In id order.
    bins: Vec<(BinId, u64)>,
    /// Of the key for which it was left out of what the client was given.
    left_out: Option<u64>,
    /// Of all of it, whatever order it came in.
    sum: u64,
}

/// One hash of all that a client knows: the same for two that know the same.
pub(crate) fn state_of(held: &Held) -> u64 {
    let mut hasher = DefaultHasher::new();
    held.iter().for_each(|(id, pool)| (id.as_str(), pool.sum).hash(&mut hasher));
    hasher.finish()
}

/// Bytes that it takes.
pub(crate) fn bytes_of(held: &Held) -> usize {
    held.values().map(HeldPool::bytes).sum()
}

/// What one text adds to the sum of its pool; of the pool's value `bin` is none.
fn share(bin: Option<BinId>, text: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (bin.map(BinId::get), text).hash(&mut hasher);
    hasher.finish()
}

/// Of the same build the same text has the same hash.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn left_out(pool: &StoredPool<'_>) -> Option<u64> {
    pool.left_out.as_ref().map(|left_out| hash(&left_out.key))
}

impl HeldPool {
    /// What a client knows that was given these texts.
    pub(crate) fn of(pool: &StoredPool<'_>, seq: u64) -> Self {
        let bins = pool.bins.iter().filter_map(|(id, text)| Some(((*id)?, hash(text))));
        let (value, bins): (_, Vec<_>) = (pool.value.as_deref().map(hash), bins.collect());
        let of_bins = bins.iter().fold(0, |sum, (bin, text)| sum ^ share(Some(*bin), *text));
        let left_out = left_out(pool);
        let sum = of_bins ^ value.map_or(0, |text| share(None, text)) ^ left_out.unwrap_or_default();
        Self { seq, value, bins, left_out, sum }
    }

    /// Whether the client was told that this pool is left out, and for which key, as it is now; or that it is not.
    pub(crate) fn is_as_left_out_as(&self, pool: &StoredPool<'_>) -> bool {
        self.left_out == left_out(pool)
    }

    /// Bytes it takes.
    fn bytes(&self) -> usize {
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
        let old = std::mem::replace(&mut self.value, new);
        self.add_up(None, old, new);
        old != new
    }

    /// Takes the text of a bin; tells whether it is another one.
    pub(crate) fn set_bin(&mut self, bin: BinId, text: Option<&str>) -> bool {
        let found = self.bins.binary_search_by_key(&bin, |(id, _)| *id);
        let new = text.map(hash);
        let old = match (found, new) {
            (Ok(at), Some(new)) => self.bins.get_mut(at).map(|(_, known)| std::mem::replace(known, new)),
            (Ok(at), None) => Some(self.bins.remove(at).1),
            (Err(at), Some(new)) => {
                self.bins.insert(at, (bin, new));
                None
            }
            (Err(_), None) => None,
        };
        self.add_up(Some(bin), old, new);
        old != new
    }

    fn add_up(&mut self, bin: Option<BinId>, old: Option<u64>, new: Option<u64>) {
        for text in [old, new].into_iter().flatten() {
            self.sum ^= share(bin, text);
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

    #[test]
    fn the_state_is_that_of_the_texts_whatever_way_they_came() {
        let bin = |id| BinId::new(id).unwrap();
        let stored = |bins: &[(u16, &'static str)]| {
            let bins = bins.iter().map(|(id, text)| (bin(*id), *text));
            StoredPool::new(Some("v"), (BinId::MIN, BinId::MAX), bins).into_owned()
        };
        let state = |name: &str, pool: &HeldPool| {
            state_of(&[(PoolId::new(name).unwrap(), pool.clone())].into_iter().collect())
        };
        let whole = HeldPool::of(&stored(&[(5, "x"), (7, "y")]), 1);
        let mut pool = HeldPool::default();
        for (id, text) in
            [(9, Some("z")), (7, Some("old")), (5, Some("x")), (7, Some("y")), (9, None), (9, None)]
        {
            pool.set_bin(bin(id), text);
        }
        assert_ne!(state("P", &pool), state("P", &whole));
        pool.set_value(Some("v"));
        assert_eq!(state("P", &pool), state("P", &whole), "the count does not matter");
        assert_ne!(state("P", &pool), state("Q", &pool));
        let other = HeldPool::of(&stored(&[(5, "y"), (7, "x")]), 1);
        assert_ne!(state("P", &other), state("P", &whole));
    }
}
