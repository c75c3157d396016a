//! What a store holds and gives no pool to quote.

use super::pool_list::UnfitId;
use crate::network::keys::{self, shown};
use crate::network::skipped::SkippedPool;
use crate::sorted::SortedSet;
use crate::units::NameError;
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use litemap::LiteMap;

/// Keys and names that give no pool to quote, with the reason: the first `MOST` of them by key, and how many there are
/// besides. Names come from whoever writes to the store, so they are made safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOutKeys<const MOST: usize> {
    named: LiteMap<String, String>,
    /// The marks of those besides, which tell them apart in eight bytes each. In no order and perhaps twice until they are
    /// settled: they are many where there are any.
    others: Vec<u64>,
    /// Whether the marks are in order, each of them once.
    settled: bool,
}

/// The FNV-1a hash of a key. Two keys with the same one would count as one.
fn mark(key: &str) -> u64 {
    let add = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    key.bytes().fold(0xcbf2_9ce4_8422_2325, add)
}

fn in_order(marks: &[u64]) -> Vec<u64> {
    marks.iter().copied().collect::<SortedSet<u64>>().into_iter().collect()
}

impl<const MOST: usize> LeftOutKeys<MOST> {
    /// Leaves something out. Of several reasons for one key the first stays.
    pub fn add(&mut self, key: &str, reason: impl Into<String>) {
        let key = shown(key).to_string();
        if self.named.contains_key(&key) {
            return;
        }
        self.named.insert(key, reason.into());
        if self.named.len() > MOST
            && let Some(last) = self.named.last().map(|(key, _)| key.clone())
        {
            self.named.remove(&last);
            self.others.push(mark(&last));
            self.settled = false;
        }
    }

    /// Leaves out a pool whose id cannot be used; `list` is the key that names it, where it was not found by its own.
    pub fn add_unfit_id(&mut self, id: &str, list: Option<&str>) {
        self.add_unfit(&UnfitId { name: id.to_owned(), reason: NameError.to_string() }, list);
    }

    /// The same of a name that was found unfit already.
    pub fn add_unfit(&mut self, UnfitId { name, reason }: &UnfitId, list: Option<&str>) {
        let named = list.map(|list| format!(", named by {list}")).unwrap_or_default();
        self.add(&format!("{}{name}", keys::POOL_PREFIX), format!("its id {reason}{named}"));
    }

    /// The first of them by key.
    pub fn named(&self) -> impl Iterator<Item = SkippedPool> + '_ {
        self.named.iter().map(|(key, reason)| SkippedPool { key: key.clone(), reason: reason.clone() })
    }

    /// Why this key is left out, if it is one of those named.
    #[must_use]
    pub fn reason(&self, key: &str) -> Option<&str> {
        self.named.get(key).map(String::as_str)
    }

    /// How many there are beyond those named.
    #[must_use]
    pub fn more(&self) -> usize {
        self.others().len()
    }

    /// Puts the marks in order, once nothing more is added. Whoever asks before that sorts a copy of them each time.
    pub fn settle(&mut self) {
        self.others = in_order(&self.others);
        self.settled = true;
    }

    fn others(&self) -> Cow<'_, [u64]> {
        if self.settled { Cow::Borrowed(&self.others) } else { Cow::Owned(in_order(&self.others)) }
    }

    /// How many there are beyond those named, where these keys are told as well.
    pub fn more_beside(&self, told: impl IntoIterator<Item = impl AsRef<str>>) -> usize {
        let others = self.others();
        let told =
            told.into_iter().map(|key| mark(key.as_ref())).filter(|mark| others.binary_search(mark).is_ok());
        others.len().saturating_sub(told.collect::<SortedSet<u64>>().len())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.named.len().saturating_add(self.more())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_in_number_and_the_rest_is_counted() {
        let mut left_out = LeftOutKeys::<100>::default();
        for n in 0..250 {
            left_out.add_unfit_id(&format!("bad {n:03}"), Some("pools"));
        }
        // One that is named, and one that is only counted.
        left_out.add_unfit_id("bad 000", None);
        left_out.add_unfit_id("bad 249", None);
        assert_eq!((left_out.named().count(), left_out.more(), left_out.count()), (100, 150, 250));
        let first = left_out.named().next().expect("one");
        assert_eq!(first.key, "pool:bad 000");
        assert!(
            first.reason.starts_with("its id must be 1 to ") && first.reason.ends_with(", named by pools")
        );
    }

    #[test]
    fn those_that_are_told_otherwise_are_not_counted_as_more() {
        let mut left_out = LeftOutKeys::<2>::default();
        ["a", "b", "c", "d", "e"].into_iter().for_each(|key| left_out.add(key, "x"));
        assert_eq!(left_out.more_beside(["a", "d", "d", "z"]), 2);
        assert_eq!(left_out.more_beside([""; 0]), left_out.more());
    }

    #[test]
    fn once_settled_they_are_counted_without_a_copy_until_more_is_added() {
        let mut left_out = LeftOutKeys::<2>::default();
        // The last one is pushed out of the names anew, so it is marked twice.
        ["b", "e", "c", "a", "d", "e"].into_iter().for_each(|key| left_out.add(key, "x"));
        let counted = |left_out: &LeftOutKeys<2>| (left_out.more(), left_out.more_beside(["e", "c", "z"]));
        assert_eq!(counted(&left_out), (3, 1));
        assert!(matches!(left_out.others(), Cow::Owned(_)));
        left_out.settle();
        assert_eq!(counted(&left_out), (3, 1));
        assert!(matches!(left_out.others(), Cow::Borrowed([_, _, _])));
        left_out.add("f", "x");
        assert_eq!((counted(&left_out), left_out.count()), ((4, 2), 6));
    }

    #[test]
    fn names_of_strangers_are_shown_without_what_a_terminal_obeys() {
        let mut left_out = LeftOutKeys::<100>::default();
        left_out.add("pool:\u{1b}[2J\n", "x");
        assert_eq!(left_out.named().next().expect("one").key, r"pool:\u{1b}[2J\n");
    }
}
