//! The stored texts of one pool and its bins.

use super::super::listing::PoolListing;
use super::super::number::NumberStyle;
use super::super::pool::PoolRouting;
use super::super::read::{PoolText, read_pool};
use super::super::snapshot::{SnapshotError, SnapshotPool};
use super::super::{field, keys};
use crate::decimals::DecimalTable;
use crate::graph::PoolRef;
use crate::state::PoolState;
use crate::units::{BinId, PoolId};
use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::value::RawValue;

/// What is stored of one pool.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredPool {
    /// The pool value; `None` where the key does not exist.
    value: Option<String>,
    /// Bin values in id order. A snapshot may name one bin twice, which [`read_pool`] refuses.
    bins: Vec<(BinId, String)>,
    /// Id, pair and decimals. A value that cannot be read keeps what was known, so that a quote names its fault.
    routing: Option<PoolRouting>,
    /// Key and reason of a snapshot's bin that carries no id and so has no key.
    fault: Option<(String, String)>,
}

impl StoredPool {
    /// Takes a pool over from a snapshot, the bins out of its value.
    pub(super) fn from_snapshot(pool: &SnapshotPool<'_>) -> Result<Self, SnapshotError> {
        let (mut bins, mut fault) = (Vec::new(), None);
        match pool.bin_texts() {
            Ok(texts) => bins.extend(texts.into_iter().filter_map(|(id, text)| Some((id, text?.to_owned())))),
            Err(named) => fault = Some(named),
        }
        bins.sort_by_key(|(id, _)| *id);
        let value = without_bins(pool.value).map_err(|e| e.to_string())?;
        Ok(Self { value: Some(value), bins, routing: Some(pool.routing.clone()), fault })
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
        self.value = text.map(str::to_owned);
        self.routing = routing;
        changed
    }

    /// Stores a bin value, or removes it.
    pub(super) fn set_bin(&mut self, id: BinId, text: Option<&str>) {
        let from = self.bins.partition_point(|(known, _)| *known < id);
        let to = self.bins.partition_point(|(known, _)| *known <= id);
        self.bins.splice(from..to, text.map(|text| (id, text.to_owned())));
    }

    /// Whether nothing is stored any more.
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none() && self.bins.is_empty()
    }

    /// Id, pair and decimals, if they were ever readable since the pool value is there.
    pub(super) const fn routing(&self) -> Option<&PoolRouting> {
        self.routing.as_ref()
    }

    /// The stored texts of a pool all of whose bins are known.
    pub(super) fn text<'a>(&'a self, pool: &'a PoolRef) -> PoolText<'a> {
        let bins = self.bins.iter().map(|(id, text)| (*id, Some(text.as_str()))).collect();
        PoolText { pool, value: self.value.as_deref(), known: (BinId::MIN, BinId::MAX), bins }
    }

    /// Reads the pool to be quoted.
    pub(super) fn read(&self, pool: &PoolRef, decimals: &DecimalTable, default_fee_bps: u16) -> PoolState {
        match &self.fault {
            Some((key, reason)) => PoolState::Skipped { key: key.clone(), reason: reason.clone() },
            None => read_pool(&self.text(pool), decimals, default_fee_bps),
        }
    }

    /// Reads the pool value to be listed, with the price of the active bin; `None` where there is no value.
    pub(super) fn listing(
        &self,
        decimals: &DecimalTable,
        default_fee_bps: u16,
        numbers: NumberStyle,
    ) -> Option<Result<PoolListing, String>> {
        let value = self.value.as_deref()?;
        let listing = PoolListing::parse(value, decimals, default_fee_bps)
            .and_then(|listing| listing.written_as(numbers))
            .map(|mut listing| {
                let active = listing.active_bin_id();
                if let Some((_, text)) = self.bins.iter().find(|(id, _)| *id == active) {
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
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        listing
            .map_err(|reason| (keys::pool(id), reason))?
            .with_bins(self.bins.iter().map(|(bin, text)| (*bin, text.as_str())))
            .map_err(|(bin, reason)| (keys::bin(id, bin), reason))
    }
}

/// Writes a snapshot's pool value without its `bins`, as Redis has it; the rest keeps its text and order.
fn without_bins(value: &str) -> Result<String, serde_json::Error> {
    let mut rest = String::from("{");
    for (name, raw) in field::entries(value)? {
        if name != "bins" {
            push_entry(&mut rest, &name, raw)?;
        }
    }
    rest.push('}');
    Ok(rest)
}

fn push_entry(object: &mut String, name: &str, raw: &RawValue) -> Result<(), serde_json::Error> {
    if object.len() > 1 {
        object.push(',');
    }
    object.push_str(&serde_json::to_string(name)?);
    object.push(':');
    object.push_str(raw.get());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_bins_out_of_a_value_and_keeps_the_rest_as_it_is() {
        let value = r#"{ "pool_id" : "P", "bins":[{"bin_id":1}], "é\"":1.50, "last_updated": null }"#;
        let text = without_bins(value).expect("JSON");
        assert_eq!(text, r#"{"pool_id":"P","é\"":1.50,"last_updated":null}"#);
        assert_eq!(without_bins(r#"{"bins":[]}"#).expect("JSON"), "{}");
    }

    #[test]
    fn keeps_bins_in_id_order() {
        let id = |id| BinId::new(id).expect("an id");
        let mut pool = StoredPool::default();
        for (bin, text) in
            [(5, Some("a")), (3, Some("b")), (5, Some("c")), (4, None), (9, Some("d")), (9, None)]
        {
            pool.set_bin(id(bin), text);
        }
        assert_eq!(pool.bins, [(id(3), "b".to_owned()), (id(5), "c".to_owned())]);
    }
}
