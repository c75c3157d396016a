//! The stored texts of one pool and its bins.

use super::super::keys;
use super::super::listing::PoolListing;
use super::super::number::NumberStyle;
use super::super::pool::PoolRouting;
use super::super::snapshot::{SnapshotPool, nameless_bin_key};
use super::super::verify::InputPool;
use crate::decimals::DecimalTable;
use crate::graph::PoolRef;
use crate::sorted::sort_by;
use crate::state::PoolState;
use crate::units::{BinId, PoolId};
use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

/// One pool of a market.
#[derive(Clone, Debug)]
pub(super) struct MarketPool {
    /// The texts. A bin without an id comes from a snapshot, and so does one whose id is there twice.
    stored: InputPool<'static>,
    /// Id, pair and decimals. A value that cannot be read keeps what was known, so that a quote names its fault.
    routing: Option<PoolRouting>,
}

impl MarketPool {
    /// A pool of which nothing is stored yet.
    pub(super) const fn absent() -> Self {
        let stored =
            InputPool { value: None, known: (BinId::MIN, BinId::MAX), bins: Vec::new(), left_out: None };
        Self { stored, routing: None }
    }

    /// Takes a pool over from a snapshot.
    pub(super) fn from_snapshot(pool: &SnapshotPool<'_>) -> Self {
        let mut stored = InputPool::from(pool).into_owned();
        // In id order, as Redis is read, so that the same one of two faults is named. Those without an id lead.
        sort_by(&mut stored.bins, |(a, _), (b, _)| a.cmp(b));
        Self { stored, routing: Some(pool.routing.clone()) }
    }

    /// Stores a pool value, or removes it. Tells whether id, pair or decimals changed.
    pub(super) fn set_value(&mut self, id: &PoolId, text: Option<&str>) -> bool {
        let routing = match text.map(PoolRouting::parse) {
            None => None,
            Some(Ok(routing)) if routing.pool.id == *id => Some(routing),
            Some(_) => self.routing.clone(),
        };
        let facts = |routing: &PoolRouting| (routing.pool.clone(), routing.decimals_x, routing.decimals_y);
        let changed = routing.as_ref().map(facts) != self.routing.as_ref().map(facts);
        self.stored.value = text.map(|text| Cow::Owned(text.to_owned()));
        self.routing = routing;
        changed
    }

    /// Stores a bin value, or removes it.
    pub(super) fn set_bin(&mut self, id: BinId, text: Option<&str>) {
        let bins = &mut self.stored.bins;
        let from = bins.partition_point(|(known, _)| *known < Some(id));
        let to = bins.partition_point(|(known, _)| *known <= Some(id));
        bins.splice(from..to, text.map(|text| (Some(id), Cow::Owned(text.to_owned()))));
    }

    /// Whether nothing is stored any more.
    pub(super) fn is_empty(&self) -> bool {
        self.stored.value.is_none() && self.stored.bins.is_empty()
    }

    /// Id, pair and decimals, if they were ever readable since the pool value is there.
    pub(super) const fn routing(&self) -> Option<&PoolRouting> {
        self.routing.as_ref()
    }

    /// The pool value as it is stored.
    pub(super) fn value(&self) -> Option<&str> {
        self.stored.value.as_deref()
    }

    /// What is stored, as an answer carries it.
    pub(super) fn stored(&self) -> InputPool<'_> {
        self.stored.borrowed()
    }

    /// Reads the pool to be quoted.
    pub(super) fn read(&self, pool: &PoolRef, decimals: &DecimalTable, default_fee_bps: u16) -> PoolState {
        self.stored.state(pool, decimals, default_fee_bps)
    }

    /// Reads the pool value to be listed, with the price of the active bin; `None` where there is no value.
    pub(super) fn listing(
        &self,
        decimals: &DecimalTable,
        default_fee_bps: u16,
        numbers: NumberStyle,
    ) -> Option<Result<PoolListing, String>> {
        let listing = PoolListing::parse(self.value()?, decimals, default_fee_bps);
        let listing = listing.map(|listing| {
            let mut listing = listing.written_as(numbers);
            let active = Some(listing.active_bin_id());
            if let Some((_, text)) = self.stored.bins.iter().find(|(id, _)| *id == active) {
                listing.active_bin(text);
            }
            listing
        });
        Some(listing)
    }

    /// Reads the pool to be listed with its bins.
    ///
    /// # Errors
    /// The offending key and what is wrong with its value.
    pub(super) fn listing_with_bins(
        &self,
        id: &PoolId,
        listing: Result<PoolListing, String>,
    ) -> Result<PoolListing, (String, String)> {
        let mut bins = Vec::with_capacity(self.stored.bins.len());
        for (bin, text) in &self.stored.bins {
            let bin =
                bin.ok_or_else(|| (nameless_bin_key(id), "bin_id is missing or no bin id".to_owned()))?;
            bins.push((bin, &**text));
        }
        listing
            .map_err(|reason| (keys::pool(id), reason))?
            .with_bins(bins)
            .map_err(|(bin, reason)| (keys::bin(id, bin), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_bins_in_id_order() {
        let id = |id| BinId::new(id).expect("an id");
        let mut pool = MarketPool::absent();
        for (bin, text) in
            [(5, Some("a")), (3, Some("b")), (5, Some("c")), (4, None), (9, Some("d")), (9, None)]
        {
            pool.set_bin(id(bin), text);
        }
        let bins: Vec<_> = pool.stored.bins.iter().map(|(id, text)| (id.map(BinId::get), &**text)).collect();
        assert_eq!(bins, [(Some(3), "b"), (Some(5), "c")]);
    }
}
