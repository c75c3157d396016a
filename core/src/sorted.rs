//! Sorted lists and sets that cost one compiled copy of the sort, whatever they hold.
//!
//! The standard library compiles its sort anew for every type and every order, some 5 kB each; the package that
//! browsers download had fifteen of them. These sort positions instead, and then put the items there.

use crate::gather::Gather;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Sorts a list in place; items that compare as equal keep their order.
pub(crate) fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places = places(items.len(), &mut |a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    put(places, &mut |a, b| items.swap(a, b));
}

/// Tells the place where each item belongs; nothing for a list in order.
fn places(length: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..length).all(|at| compare(at - 1, at).is_le()) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..length).gather();
    order.sort_by(|&a, &b| compare(a, b));
    // `order` tells where the item of each place is now; the answer is the inverse.
    let mut places = alloc::vec![0; length];
    for (place, at) in order.into_iter().enumerate() {
        if let Some(slot) = places.get_mut(at) {
            *slot = place;
        }
    }
    places
}

/// Puts each item where it belongs.
fn put(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for at in 0..places.len() {
        // Every swap puts one item where it belongs.
        while let Some(&place) = places.get(at).filter(|place| **place != at) {
            swap(at, place);
            places.swap(at, place);
        }
    }
}

/// Distinct items in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SortedSet<T> {
    /// A set without items.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Tells whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many items are in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The greatest item.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.0.last()
    }

    /// Takes all items out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps those items that `keeps` says yes to.
    pub fn retain(&mut self, keeps: impl FnMut(&T) -> bool) {
        self.0.retain(keeps);
    }

    /// The items in order.
    pub fn iter(&self) -> core::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T: Ord> SortedSet<T> {
    /// Tells whether the item is in it.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool {
        self.0.binary_search(item).is_ok()
    }

    /// Puts an item in; `false` if it was there.
    pub fn insert(&mut self, item: T) -> bool {
        match self.0.binary_search(&item) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, item);
                true
            }
        }
    }

    /// Takes an item out; `false` if it was not there.
    pub fn remove(&mut self, item: &T) -> bool {
        let found = self.0.binary_search(item);
        if let Ok(at) = found {
            self.0.remove(at);
        }
        found.is_ok()
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items: Vec<T> = items.into_iter().gather();
        sort_by(&mut items, T::cmp);
        items.dedup();
        Self(items)
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(items in prop::collection::vec((0_u8..20, any::<u32>()), 0..200)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|(key, _)| core::cmp::Reverse(*key));
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn a_set_holds_each_item_once_and_in_order(
            items in prop::collection::vec(0_u8..40, 0..80),
            more in prop::collection::vec(0_u8..40, 0..20),
            one: u8,
        ) {
            let mut kept: BTreeSet<u8> = items.iter().copied().collect();
            let mut set: SortedSet<u8> = items.iter().copied().collect();
            kept.extend(&more);
            set.extend(more);
            prop_assert!(set.iter().eq(kept.iter()));
            prop_assert_eq!(set.contains(&one), kept.contains(&one));
            prop_assert_eq!(set.insert(one), !kept.contains(&one));
            prop_assert!(set.contains(&one));
            prop_assert!(set.remove(&one) && !set.remove(&one) && !set.contains(&one));
            set.retain(|item| item % 2 == 0);
            prop_assert!(set.iter().eq(kept.iter().filter(|item| **item % 2 == 0 && **item != one)));
            prop_assert_eq!(set.last(), set.iter().next_back());
            set.clear();
            prop_assert!(set.is_empty());
        }
    }
}
