//! Pools that are there and of which nobody can tell which tokens they trade.
//!
//! Any quote might have passed one, so each concerns every quote whose filter allows it: answers name it, `strict`
//! refuses, and what has no route without it is not called unknown.

use super::filter::RouteFilter;
use super::keys::POOL_PATTERN;
use crate::error::QuoteError;
use crate::units::PoolId;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Those that a quote names; the rest are counted.
const NAMED: usize = 16;

/// Such a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// The offending Redis key.
    pub key: String,
    /// What is wrong with its value.
    pub reason: String,
}

impl Unplaced {
    /// Why there is no quote, where there might be one with it.
    pub(crate) fn refusal(&self) -> QuoteError {
        QuoteError::StateInvalid { key: self.key.clone(), reason: self.reason.clone() }
    }
}

/// All such pools of one listing, in id order.
#[derive(Clone, Debug, Default)]
pub(super) struct UnplacedPools {
    all: Vec<(PoolId, Unplaced)>,
    /// What a request without a filter names: shared by the candidates of all pairs.
    open: Arc<[Unplaced]>,
}

impl UnplacedPools {
    pub(super) fn new(all: Vec<(PoolId, Unplaced)>) -> Self {
        let open = named(all.iter().map(|(_, why)| why));
        Self { all, open }
    }

    pub(super) fn all(&self) -> &[(PoolId, Unplaced)] {
        &self.all
    }

    pub(super) fn contains(&self, id: &PoolId) -> bool {
        self.all.binary_search_by(|(known, _)| known.cmp(id)).is_ok()
    }

    /// Those that a request may not ignore.
    pub(super) fn allowed_by(&self, filter: &RouteFilter) -> Arc<[Unplaced]> {
        if filter.is_open() || self.all.is_empty() {
            return Arc::clone(&self.open);
        }
        named(self.all.iter().filter(|(id, _)| filter.allows(id)).map(|(_, why)| why))
    }
}

fn named<'u>(mut pools: impl Iterator<Item = &'u Unplaced>) -> Arc<[Unplaced]> {
    let mut named: Vec<Unplaced> = pools.by_ref().take(NAMED).cloned().collect();
    let more = pools.count();
    if more > 0 {
        let reason = format!("{more} more pool values cannot be used");
        named.push(Unplaced { key: POOL_PATTERN.to_owned(), reason });
    }
    named.into()
}
