//! Which pools and tokens a request allows.

use super::graph::Graph;
use crate::error::QuoteError;
use crate::narrowed::Narrowed;
use crate::sorted::SortedSet;
use crate::units::{PoolId, Symbol};
use crate::warning::Warning;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The field that names pools to be left out.
const EXCLUDE_POOLS: &str = "exclude_pools";

/// A name in a filter that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// The field of the request.
    pub field: String,
    /// The name.
    pub name: String,
}

/// What the caller allows a route to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteFilter {
    /// Only these pools, unless empty.
    pub pools: SortedSet<PoolId>,
    /// None of these pools.
    pub exclude_pools: SortedSet<PoolId>,
    /// Only these tokens in between, if given; an empty list allows none.
    pub via: Option<SortedSet<Symbol>>,
}

impl RouteFilter {
    /// Tells whether everything is allowed, so that pre-computed candidates serve.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.pools.is_empty() && self.exclude_pools.is_empty() && self.via.is_none()
    }

    pub(crate) fn allows(&self, id: &PoolId) -> bool {
        (self.pools.is_empty() || self.pools.contains(id)) && !self.exclude_pools.contains(id)
    }

    /// Its fields that rule something out: pools that are not there are in nobody's way.
    pub(crate) fn narrowed(&self, unknown: &[UnknownName]) -> Narrowed {
        let gone = unknown.iter().filter(|one| one.field == EXCLUDE_POOLS).count();
        Narrowed::default()
            .with(Narrowed::POOLS, !self.pools.is_empty())
            .with(Narrowed::EXCLUDE_POOLS, self.exclude_pools.len() > gone)
            .with(Narrowed::VIA, self.via.is_some())
    }

    /// Says which names in it are not there. Who excludes a pool for good is not refused because it is gone; who has misspelt
    /// one must learn that it is traded through. Those of `pools` are refused. Nothing is said of what a pool may hold that
    /// nobody can place, nor where not all pools are known.
    pub(crate) fn unknown_in(&self, graph: &Graph) -> Vec<UnknownName> {
        let mut unknown = Vec::new();
        if graph.is_part() {
            return unknown;
        }
        let mut tell = |field: &str, name: &str, is_known: bool| {
            if !is_known {
                unknown.push(UnknownName { field: field.to_owned(), name: name.to_owned() });
            }
        };
        for id in &self.exclude_pools {
            tell(EXCLUDE_POOLS, id.as_str(), graph.has_pool(id));
        }
        for token in self.via.iter().flatten() {
            tell("via", token.as_str(), graph.has_token(token) || !graph.unplaced().is_empty());
        }
        unknown
    }
}

/// A refusal that tells such names beside what it refuses for: they may be why.
#[cold]
pub(crate) fn told_beside(mut refusal: QuoteError, unknown: &[UnknownName]) -> QuoteError {
    if let Some(warnings) = refusal.warnings_mut() {
        tell_unknown(unknown, warnings);
    }
    refusal
}

/// Adds such names as answers and refusals tell them.
pub(crate) fn tell_unknown(unknown: &[UnknownName], warnings: &mut Vec<Warning>) {
    for UnknownName { field, name } in unknown {
        warnings.push(Warning::FilterUnknown { field: field.clone(), name: name.clone() });
    }
}
