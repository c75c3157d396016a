//! The candidates that lost, as `explain` shows them.

use super::response::{AMOUNT_IN, AMOUNT_OUT, With, amount};
use crate::quote::{LostCandidate, LostRoute, Quote};
use crate::units::{PoolId, Symbol};
use alloc::vec::Vec;
use serde::ser::{SerializeMap, Serializer};
use serde::{Serialize, ser::SerializeSeq};

/// The lost candidates of a quote.
pub(super) struct Lost<'a> {
    pub(super) quote: &'a Quote,
    pub(super) lost: &'a [LostCandidate],
}

impl Serialize for With<'_, Lost<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Lost { quote, lost } = self.item;
        let mut list = serializer.serialize_seq(Some(lost.len()))?;
        for candidate in lost {
            list.serialize_element(&With { item: (quote, candidate), scales: self.scales })?;
        }
        list.end()
    }
}

impl Serialize for With<'_, (&Quote, &LostCandidate)> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (quote, candidate) = self.item;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("reason", candidate.reason.code())?;
        for (names, units, token) in [
            (AMOUNT_IN, candidate.amount_in, &quote.token_in),
            (AMOUNT_OUT, candidate.amount_out, &quote.token_out),
        ] {
            match units {
                Some(units) => amount(&mut map, names, units, self.of(token))?,
                None => {
                    map.serialize_entry(names.0, &())?;
                    map.serialize_entry(names.1, &())?;
                }
            }
        }
        map.serialize_entry("routes", &candidate.routes.iter().map(RouteEntry::of).collect::<Vec<_>>())?;
        map.end()
    }
}

#[derive(Serialize)]
struct RouteEntry<'a> {
    tokens: Vec<&'a str>,
    pools: Vec<&'a str>,
}

impl<'a> RouteEntry<'a> {
    fn of(route: &'a LostRoute) -> Self {
        Self {
            tokens: route.tokens.iter().map(Symbol::as_str).collect(),
            pools: route.pools.iter().map(PoolId::as_str).collect(),
        }
    }
}
