//! Pools that are there and of which nobody can tell which tokens they trade.
//!
//! Any quote might have passed one, so each concerns every quote whose filter allows it: answers name it, `strict`
//! refuses, and what has no route without it is not called unknown.

use super::filter::RouteFilter;
use super::keys::POOL_PATTERN;
use super::skipped::SkippedPool;
use crate::units::PoolId;
use alloc::borrow::ToOwned;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Those that a quote names; the rest are counted.
const NAMED: usize = 16;

/// All such pools of one listing, in id order.
#[derive(Clone, Debug, Default)]
pub(super) struct UnplacedPools {
    all: Vec<(PoolId, SkippedPool)>,
    /// What a request without a filter names: shared by the candidates of all pairs.
    open: Arc<Vec<SkippedPool>>,
}

impl UnplacedPools {
    pub(super) fn new(all: Vec<(PoolId, SkippedPool)>) -> Self {
        let open = named(&all, &RouteFilter::default());
        Self { all, open }
    }

    pub(super) fn all(&self) -> &[(PoolId, SkippedPool)] {
        &self.all
    }

    pub(super) fn contains(&self, id: &PoolId) -> bool {
        self.all.binary_search_by(|(known, _)| known.cmp(id)).is_ok()
    }

    /// Those that a request may not ignore.
    pub(super) fn allowed_by(&self, filter: &RouteFilter) -> Arc<Vec<SkippedPool>> {
        if filter.is_open() || self.all.is_empty() {
            return Arc::clone(&self.open);
        }
        named(&self.all, filter)
    }
}

fn named(all: &[(PoolId, SkippedPool)], filter: &RouteFilter) -> Arc<Vec<SkippedPool>> {
    let (mut named, mut more) = (Vec::new(), 0_usize);
    for (_, why) in all.iter().filter(|(id, _)| filter.allows(id)) {
        match named.len() < NAMED {
            true => named.push(why.clone()),
            false => more = more.saturating_add(1),
        }
    }
    if more > 0 {
        let reason = [itoa::Buffer::new().format(more), " more pool values cannot be used"].concat();
        named.push(SkippedPool { key: POOL_PATTERN.to_owned(), reason });
    }
    Arc::new(named)
}
