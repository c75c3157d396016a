//! The stored texts of one pool, wherever they come from.

use super::bin::bin_id_of;
use super::read::PoolReader;
use super::written_bins::WrittenBins;
use crate::gather::Gather;
use crate::network::decimals::DecimalTable;
use crate::network::graph::PoolRef;
use crate::network::keys;
use crate::network::skipped::SkippedPool;
use crate::network::state::PoolState;
use crate::units::{BinId, PoolId};
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use litemap::LiteMap;

/// The stored texts of one pool, all of one moment: of Redis, of a snapshot, or of an answer that carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPool<'a, B = BinTexts<'a>> {
    /// The pool value; `None` where the key does not exist.
    pub value: Option<Cow<'a, str>>,
    /// First and last bin id that was read.
    pub known: (BinId, BinId),
    /// The bins that are there, in the order they were read.
    pub bins: B,
    /// The key and the reason for which the pool is left out, if it is: a value of it cannot be read at all, such as
    /// a key of another type, or a snapshot does not hold it.
    pub left_out: Option<SkippedPool>,
}

/// Bins with their texts; the id is that of the key. A bin of a snapshot that carries no id has none.
pub type BinTexts<'a> = Vec<(Option<BinId>, Cow<'a, str>)>;

/// The stored texts of pools, by id.
pub type StoredPools<B = BinTexts<'static>> = LiteMap<PoolId, StoredPool<'static, B>>;

impl<B: Default> Default for StoredPool<'_, B> {
    /// A pool of which nothing is stored.
    fn default() -> Self {
        Self { value: None, known: (BinId::MIN, BinId::MAX), bins: B::default(), left_out: None }
    }
}

impl<'a> StoredPool<'a> {
    /// A pool of which nothing is stored.
    #[must_use]
    pub const fn absent() -> Self {
        Self { value: None, known: (BinId::MIN, BinId::MAX), bins: Vec::new(), left_out: None }
    }

    /// A pool of which the bins from the first to the last of `known` were read.
    pub fn new(
        value: Option<&'a str>,
        known: (BinId, BinId),
        bins: impl IntoIterator<Item = (BinId, &'a str)>,
    ) -> Self {
        let bins = bins.into_iter().map(|(id, text)| (Some(id), Cow::Borrowed(text))).gather();
        Self { value: value.map(Cow::Borrowed), known, bins, left_out: None }
    }

    /// The same pool, its bins as an input has them.
    #[must_use]
    pub fn written(self) -> StoredPool<'a, WrittenBins> {
        let Self { value, known, bins, left_out } = self;
        StoredPool { value, known, bins: bins.into_iter().collect(), left_out }
    }

    /// The same pool with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> StoredPool<'static> {
        StoredPool {
            value: self.value.map(|value| Cow::Owned(value.into_owned())),
            known: self.known,
            bins: self.bins.into_iter().map(|(id, text)| (id, Cow::Owned(text.into_owned()))).gather(),
            left_out: self.left_out,
        }
    }

    /// Whether there is nothing of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_none() && self.bins.is_empty() && self.left_out.is_none()
    }

    /// Bytes of its texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let value = self.value.as_ref().map_or(0, |value| value.len());
        self.bins.iter().map(|(_, text)| text.len()).fold(value, usize::saturating_add)
    }

    /// The text of a bin.
    #[must_use]
    pub fn bin(&self, id: BinId) -> Option<&str> {
        let id_of = |(id, text): &(Option<BinId>, Cow<'_, str>)| id.or_else(|| bin_id_of(text).ok());
        self.bins.iter().find(|stored| id_of(stored) == Some(id)).map(|(_, text)| &**text)
    }

    /// Stores a bin value, or removes it; bins are in id order here.
    pub fn set_bin(&mut self, id: BinId, text: Option<&str>) {
        let from = self.bins.partition_point(|(known, _)| *known < Some(id));
        let to = self.bins.partition_point(|(known, _)| *known <= Some(id));
        self.bins.splice(from..to, text.map(|text| (Some(id), Cow::Owned(text.to_owned()))));
    }

    /// Its bins with their ids.
    ///
    /// # Errors
    /// The key (with `?` for the id) and the reason, where a bin carries none.
    pub fn bins_by_id(&self, pool: &PoolId) -> Result<Vec<(BinId, &str)>, SkippedPool> {
        let mut bins = Vec::with_capacity(self.bins.len());
        for (id, text) in &self.bins {
            match id.map_or_else(|| bin_id_of(text), Ok) {
                Ok(id) => bins.push((id, &**text)),
                Err(reason) => return Err(SkippedPool { key: nameless_bin_key(pool), reason }),
            }
        }
        Ok(bins)
    }

    /// Reads the pool as a quote does; see [`PoolReader`].
    #[must_use]
    pub fn state(&self, pool: &PoolRef, decimals: &DecimalTable, default_fee_bps: u16) -> PoolState {
        let bins = match self.left_out.clone().map_or_else(|| self.bins_by_id(&pool.id), Err) {
            Ok(bins) => bins,
            Err(SkippedPool { key, reason }) => return PoolState::Skipped { key, reason },
        };
        let mut reader = PoolReader::new(pool, self.known);
        reader.value(self.value.as_deref(), decimals, default_fee_bps);
        for (id, text) in bins {
            reader.bin(id, Some(text));
        }
        reader.finish()
    }
}

/// Names a bin whose value carries no id.
fn nameless_bin_key(pool: &PoolId) -> String {
    format!("{}{pool}:?", keys::BIN_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_bins_in_id_order() {
        let id = |id| BinId::new(id).expect("an id");
        let mut pool = StoredPool::absent();
        for (bin, text) in
            [(5, Some("a")), (3, Some("b")), (5, Some("c")), (4, None), (9, Some("d")), (9, None)]
        {
            pool.set_bin(id(bin), text);
        }
        let bins: Vec<_> = pool.bins.iter().map(|(id, text)| (id.map(BinId::get), &**text)).collect();
        assert_eq!(bins, [(Some(3), "b"), (Some(5), "c")]);
        assert!(!pool.is_empty());
    }
}
