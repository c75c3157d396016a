//! What is in Redis and cannot be quoted.

use litemap::LiteMap;
use serde::Serialize;

use crate::isolate::Isolate;

/// Keys that are named.
const NAMED: usize = 5;

/// How many keys are left out, and the first of them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct LeftOutHealth {
    count: usize,
    first: Vec<LeftOutKey>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct LeftOutKey {
    key: String,
    reason: String,
}

impl LeftOutHealth {
    /// What the last listing left out, and what quotes found since.
    pub(super) fn of(isolate: &Isolate) -> Self {
        let listed = isolate.market().listing.left_out();
        let mut found = isolate.market().unreadable.named();
        found.extend(isolate.market().broken.named());
        let more = listed.more_beside(found.iter().map(|one| &one.key));
        Self::first_of(listed.named().chain(found).map(|one| (one.key, one.reason)), more)
    }

    fn first_of(named: impl Iterator<Item = (String, String)>, more: usize) -> Self {
        let named: LiteMap<String, String> = named.collect();
        let count = named.len().saturating_add(more);
        let first = named.into_iter().take(NAMED).map(|(key, reason)| LeftOutKey { key, reason }).collect();
        Self { count, first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_all_are_counted_once() {
        let named = |n: u32| (format!("pool:{n:02}"), "x".to_owned());
        let health = LeftOutHealth::first_of((0..8).chain(0..3).map(named), 100);
        assert_eq!((health.count, health.first.len()), (108, NAMED));
        assert_eq!(health.first[0].key, "pool:00");
    }
}
