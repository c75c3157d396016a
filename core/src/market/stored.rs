//! The stored texts of one pool and its bins.

use crate::api::NumberStyle;
use crate::api::PoolListing;
use crate::network::decimals::DecimalTable;
use crate::network::graph::PoolRef;
use crate::network::state::PoolState;
use crate::sorted::sort_by;
use crate::stored::PoolRouting;
use crate::stored::SkippedPool;
use crate::stored::keys;
use crate::stored::{SnapshotPool, nameless_bin_key};
use crate::units::{BinId, PoolId};
use crate::verify::InputPool;
use alloc::borrow::{Cow, ToOwned};
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
        Self { stored: InputPool::absent(), routing: None }
    }

    /// Takes a pool over from a snapshot.
    pub(super) fn from_snapshot(pool: &SnapshotPool<'_>) -> Self {
        let mut stored = InputPool::from(pool).into_owned();
        // In id order, as Redis is read, so that the same one of two faults is named. Those without an id lead.
        sort_by(&mut stored.bins, |(a, _), (b, _)| a.cmp(b));
        Self { stored, routing: Some(pool.routing.clone()) }
    }

    /// A pool of which a snapshot only says why it is not there. Its bins are unknown, so new values of some of them do not
    /// make it whole.
    pub(super) fn left_out(pool: PoolRef, why: SkippedPool) -> Self {
        let routing = PoolRouting { pool, decimals_x: None, decimals_y: None, active_bin: None };
        let stored = InputPool { left_out: Some(why), ..InputPool::absent() };
        Self { stored, routing: Some(routing) }
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
        if text.is_none() {
            self.stored.left_out = None;
        }
        self.stored.value = text.map(|text| Cow::Owned(text.to_owned()));
        self.routing = routing;
        changed
    }

    /// Says why the pool is left out, or that it is not.
    pub(super) fn set_left_out(&mut self, why: Option<SkippedPool>) {
        self.stored.left_out = why;
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
        let InputPool { value, bins, left_out, .. } = &self.stored;
        value.is_none() && bins.is_empty() && left_out.is_none()
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

    /// Reads the pool value to be listed, with the price of the active bin; `None` where there is no value. In place of one
    /// that cannot be used it names the key and the reason.
    pub(super) fn listing(
        &self,
        id: &PoolId,
        decimals: &DecimalTable,
        default_fee_bps: u16,
        numbers: NumberStyle,
    ) -> Option<Result<PoolListing, SkippedPool>> {
        if let Some(left_out) = &self.stored.left_out {
            return Some(Err(left_out.clone()));
        }
        let listing = PoolListing::parse(self.value()?, decimals, default_fee_bps);
        let listing = listing.map_err(|reason| SkippedPool { key: keys::pool(id), reason });
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
        listing: Result<PoolListing, SkippedPool>,
    ) -> Result<PoolListing, SkippedPool> {
        let mut bins = Vec::with_capacity(self.stored.bins.len());
        for (bin, text) in &self.stored.bins {
            let nameless = || SkippedPool {
                key: nameless_bin_key(id),
                reason: "bin_id is missing or no bin id".to_owned(),
            };
            let bin = bin.ok_or_else(nameless)?;
            bins.push((bin, &**text));
        }
        listing?.with_bins(bins).map_err(|(bin, reason)| SkippedPool { key: keys::bin(id, bin), reason })
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
