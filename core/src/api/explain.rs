//! The candidates that lost, as `explain` shows them.

use super::amounts::{AMOUNT_IN, AMOUNT_OUT, With, amount};
use crate::gather::Gather;
use crate::json::{ToJson, list, object};
use crate::quote::{LostCandidate, LostRoute, Quote};
use crate::units::{PoolId, Symbol};
use alloc::string::String;
use alloc::vec::Vec;

/// An amount that a lost candidate never had.
const NONE: Option<&str> = None;

/// The lost candidates of a quote.
pub(super) struct Lost<'a> {
    pub(super) quote: &'a Quote,
    pub(super) lost: &'a [LostCandidate],
}

impl ToJson for With<'_, Lost<'_>> {
    fn write(&self, out: &mut String) {
        let Lost { quote, lost } = &self.item;
        let quote = *quote;
        list(|f| {
            f.items(lost.iter().map(|candidate| With { item: (quote, candidate), scales: self.scales }));
        })
        .write(out);
    }
}

impl ToJson for With<'_, (&Quote, &LostCandidate)> {
    fn write(&self, out: &mut String) {
        let (quote, candidate) = self.item;
        object(|f| {
            f.member("reason", candidate.reason.code());
            for (names, units, token) in [
                (AMOUNT_IN, candidate.amount_in, &quote.token_in),
                (AMOUNT_OUT, candidate.amount_out, &quote.token_out),
            ] {
                match units {
                    Some(units) => amount(f, names, units, self.of(token)),
                    None => {
                        f.member(names.0, NONE);
                        f.member(names.1, NONE);
                    }
                }
            }
            f.member("routes", candidate.routes.iter().map(RouteEntry::of).gather());
        })
        .write(out);
    }
}

struct RouteEntry<'a> {
    tokens: Vec<&'a str>,
    pools: Vec<&'a str>,
}

impl ToJson for RouteEntry<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("tokens", &self.tokens);
            f.member("pools", &self.pools);
        })
        .write(out);
    }
}

impl<'a> RouteEntry<'a> {
    fn of(route: &'a LostRoute) -> Self {
        Self {
            tokens: route.tokens.iter().map(Symbol::as_str).gather(),
            pools: route.pools.iter().map(PoolId::as_str).gather(),
        }
    }
}
