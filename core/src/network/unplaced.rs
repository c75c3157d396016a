//! Pools that are there and of which nobody can tell which tokens they trade.
//!
//! Any quote might have passed one, so each concerns every quote whose filter allows it: answers name it, `strict`
//! refuses, and what has no route without it is not called unknown.

use super::filter::RouteFilter;
use super::keys::{POOL_PATTERN, pool_in};
use super::skipped::SkippedPool;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;

/// Those that a quote names; the rest are counted.
const NAMED: usize = 16;

/// Those of all such pools that a request may not ignore.
pub(super) fn allowed_by(filter: &RouteFilter, all: &[SkippedPool]) -> Vec<SkippedPool> {
    let (mut named, mut more) = (Vec::new(), 0_usize);
    for pool in all {
        if !pool_in(&pool.key).is_some_and(|id| filter.allows(&id)) {
            continue;
        }
        if named.len() < NAMED {
            named.push(pool.clone());
        } else {
            more = more.saturating_add(1);
        }
    }
    if more > 0 {
        let reason = [itoa::Buffer::new().format(more), " more pool values cannot be used"].concat();
        named.push(SkippedPool { key: POOL_PATTERN.to_owned(), reason });
    }
    named
}
