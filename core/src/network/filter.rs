//! Which pools and tokens a request allows.

use crate::sorted::SortedSet;
use crate::units::{PoolId, Symbol};

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
}
