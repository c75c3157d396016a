//! The blocks that are known, and the way from the tip to another one.

use std::collections::{HashMap, HashSet, VecDeque};

use super::block::Header;

/// Known blocks: the line to the tip, and branches beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    known: HashMap<String, Header>,
    /// From the oldest to the tip.
    line: VecDeque<String>,
}

/// Where a block stands to the tip.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is in the line already.
    Twice,
    /// These blocks must be undone, from the tip on, and then these done again, before the block's own turn.
    Reached { undo: Vec<String>, redo: Vec<String>, known: bool },
    /// Its parent is not known.
    Unknown,
}

impl Chain {
    /// Takes up what was written down. The line ends where a block's parent is not known.
    pub(crate) fn of(tip: Header, headers: impl IntoIterator<Item = Header>) -> Self {
        let mut known: HashMap<String, Header> =
            headers.into_iter().map(|header| (header.hash.clone(), header)).collect();
        known.insert(tip.hash.clone(), tip.clone());
        let mut line = VecDeque::from([tip.hash]);
        let mut parent = tip.parent;
        while let Some(header) = known.get(&parent).filter(|_| line.len() < known.len()) {
            line.push_front(header.hash.clone());
            parent = header.parent.clone();
        }
        Self { known, line }
    }

    pub(crate) fn tip(&self) -> Option<&Header> {
        self.known.get(self.line.back()?)
    }

    pub(crate) fn header(&self, hash: &str) -> Option<&Header> {
        self.known.get(hash)
    }

    /// Height of the oldest block of the line.
    pub(crate) fn lowest(&self) -> Option<u64> {
        self.known.get(self.line.front()?).map(|header| header.height)
    }

    /// The block at a height, on the branch that ends with `from`.
    pub(crate) fn ancestor(&self, from: &str, height: u64) -> Option<&Header> {
        let mut at = self.known.get(from)?;
        while at.height > height {
            // Lower with each step, whatever was written down.
            at = self.known.get(&at.parent).filter(|parent| parent.height < at.height)?;
        }
        (at.height == height).then_some(at)
    }

    /// Blocks of the line above one of it, from the tip on.
    pub(crate) fn above(&self, hash: &str) -> Option<Vec<String>> {
        let at = self.line.iter().position(|one| one == hash)?;
        Some(self.line.iter().skip(at + 1).rev().cloned().collect())
    }

    /// Forgets every block from a height on, on whatever branch; the line must end below. Gives their hashes.
    pub(crate) fn forget_from(&mut self, height: u64) -> Vec<String> {
        let above = self.known.values().filter(|header| header.height >= height);
        let gone: Vec<String> = above.map(|header| header.hash.clone()).collect();
        for hash in &gone {
            self.known.remove(hash);
        }
        gone
    }

    /// Forgets the branches that no longer stand on the line; gives their hashes. Heights are what blocks say of themselves,
    /// and say nothing of that.
    fn forget_cut_off(&mut self) -> Vec<String> {
        let mut gone = Vec::new();
        // Usually there is no branch at all.
        if self.known.len() <= self.line.len() {
            return gone;
        }
        let line: HashSet<&String> = self.line.iter().collect();
        loop {
            let beside = self.known.values().filter(|header| !line.contains(&header.hash));
            let cut_off = beside.filter(|header| !self.known.contains_key(&header.parent));
            let cut_off: Vec<String> = cut_off.map(|header| header.hash.clone()).collect();
            if cut_off.is_empty() {
                return gone;
            }
            for hash in &cut_off {
                self.known.remove(hash);
            }
            gone.extend(cut_off);
        }
    }

    /// All blocks that are known.
    pub(crate) fn hashes(&self) -> Vec<String> {
        self.known.keys().cloned().collect()
    }

    pub(crate) fn place(&self, hash: &str, parent: &str) -> Place {
        let is_tip = |hash: &str| self.line.back().is_some_and(|tip| tip == hash);
        let is_known = self.known.contains_key(hash);
        if !is_known && is_tip(parent) {
            return Place::Reached { undo: Vec::new(), redo: Vec::new(), known: false };
        }
        if is_known && self.line.iter().any(|one| one == hash) {
            return Place::Twice;
        }
        let (mut redo, mut at) =
            if is_known { (vec![hash.to_owned()], parent) } else { (Vec::new(), parent) };
        let from = loop {
            if let Some(place) = self.line.iter().rposition(|one| one == at) {
                break place;
            }
            let Some(header) = self.known.get(at).filter(|_| redo.len() <= self.known.len()) else {
                return Place::Unknown;
            };
            redo.push(at.to_owned());
            at = &header.parent;
        };
        redo.reverse();
        let undo = self.line.iter().skip(from + 1).rev().cloned().collect();
        Place::Reached { undo, redo, known: is_known }
    }

    /// Moves the tip as [`Chain::place`] said, and then to `next`; forgets what is more than `keep` blocks below it.
    pub(crate) fn advance(
        &mut self,
        undo: usize,
        redo: Vec<String>,
        next: Option<Header>,
        keep: usize,
    ) -> Vec<String> {
        self.line.truncate(self.line.len().saturating_sub(undo));
        self.line.extend(redo);
        if let Some(header) = next {
            self.line.push_back(header.hash.clone());
            self.known.insert(header.hash.clone(), header);
        }
        // The block that a fork goes back to must be known too.
        let above = self.line.len().saturating_sub(keep.saturating_add(1));
        let mut gone: Vec<String> = self.line.drain(..above).collect();
        for hash in &gone {
            self.known.remove(hash);
        }
        gone.append(&mut self.forget_cut_off());
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, parent: &str, height: u64) -> Header {
        Header {
            height,
            hash: name.into(),
            parent: parent.into(),
            time_ms: 0,
            version: String::new(),
            prints: None,
        }
    }

    fn chain() -> Chain {
        let mut chain = Chain::of(header("r", "", 0), []);
        for (name, parent, height) in [("a", "r", 1), ("b", "a", 2), ("c", "b", 3)] {
            chain.advance(0, vec![], Some(header(name, parent, height)), 10);
        }
        chain
    }

    fn reached(undo: &[&str], redo: &[&str], known: bool) -> Place {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Place::Reached { undo: owned(undo), redo: owned(redo), known }
    }

    #[test]
    fn a_block_on_the_tip_goes_straight_on_and_one_of_the_line_changes_nothing() {
        assert_eq!(chain().place("d", "c"), reached(&[], &[], false));
        assert_eq!((chain().place("c", "b"), chain().place("a", "r")), (Place::Twice, Place::Twice));
        assert_eq!(chain().place("x", "y"), Place::Unknown);
    }

    #[test]
    fn a_fork_goes_back_to_its_parent_and_an_older_branch_comes_back_whole() {
        let mut chain = chain();
        assert_eq!(chain.place("B", "a"), reached(&["c", "b"], &[], false));
        chain.advance(2, vec![], Some(header("B", "a", 2)), 10);
        assert_eq!(chain.tip().unwrap().hash, "B");
        assert_eq!(chain.place("d", "c"), reached(&["B"], &["b", "c"], false));
        assert_eq!(chain.place("c", "b"), reached(&["B"], &["b", "c"], true));
        assert_eq!(chain.place("A", "r"), reached(&["B", "a"], &[], false));
        chain.advance(1, vec!["b".into(), "c".into()], None, 10);
        assert_eq!(chain.place("c", "b"), Place::Twice);
    }

    #[test]
    fn what_is_too_far_below_is_forgotten_with_its_branches() {
        let mut chain = chain();
        chain.advance(2, vec![], Some(header("B", "a", 2)), 10);
        let gone = chain.advance(0, vec![], Some(header("C", "B", 3)), 1);
        assert_eq!(gone.len(), 4, "{gone:?}: what stands on a forgotten block goes with it");
        assert_eq!(chain.place("x", "a"), Place::Unknown);
        assert_eq!(chain.place("x", "B"), reached(&["C"], &[], false));
    }

    #[test]
    fn blocks_of_the_line_stay_known_whatever_height_they_say_they_have() {
        for heights in [[5, 5, 5, 5], [5, 6, 6, 6], [9, 7, 3, 0], [5, u64::MAX, 0, 1]] {
            let mut chain = Chain::of(header("r", "", 4), []);
            let mut parent = "r";
            for (name, height) in ["a", "b", "c", "d"].into_iter().zip(heights) {
                chain.advance(0, vec![], Some(header(name, parent, height)), 2);
                parent = name;
            }
            assert_eq!(chain.tip().map(|tip| tip.hash.as_str()), Some("d"), "{heights:?}");
            for (name, parent) in [("b", "a"), ("c", "b"), ("d", "c")] {
                assert_eq!(chain.place(name, parent), Place::Twice, "{heights:?} {name}");
            }
            assert_eq!(chain.place("C", "b"), reached(&["d", "c"], &[], false), "{heights:?}");
            assert_eq!(chain.hashes().len(), 3, "{heights:?}: what left the line is forgotten");
        }
    }

    #[test]
    fn a_branch_of_whatever_height_comes_back_while_its_root_is_known() {
        for heights in [[5, 5, 5], [9, 4, 0], [u64::MAX, 0, 7]] {
            let mut chain = Chain::of(header("r", "", 5), []);
            let [one, two, three] = heights;
            let line = [("a", "r", one), ("b", "a", two), ("c", "b", three)];
            for (name, parent, height) in line {
                chain.advance(0, vec![], Some(header(name, parent, height)), 3);
            }
            chain.advance(3, vec![], Some(header("A", "r", one)), 3);
            chain.advance(0, vec![], Some(header("B", "A", two)), 3);
            assert_eq!(chain.place("c", "b"), reached(&["B", "A"], &["a", "b", "c"], true), "{heights:?}");
            // When the root leaves the line, so does what stood on it.
            for (name, parent) in [("C", "B"), ("D", "C")] {
                chain.advance(0, vec![], Some(header(name, parent, three)), 3);
            }
            assert_eq!(chain.place("c", "b"), Place::Unknown, "{heights:?}");
            assert_eq!(chain.hashes().len(), 4, "{heights:?}");
        }
    }

    #[test]
    fn a_height_is_a_block_of_the_branch_that_is_asked_for() {
        let mut chain = chain();
        chain.advance(2, vec![], Some(header("B", "a", 2)), 10);
        let hash = |from, height| chain.ancestor(from, height).map(|header| header.hash.clone());
        assert_eq!([hash("c", 2), hash("B", 2), hash("c", 1)], ["b", "B", "a"].map(|name| Some(name.into())));
        assert_eq!([hash("c", 4), hash("x", 1)], [None, None]);
        let damaged = Chain::of(header("x", "y", 2), [header("y", "x", 3)]);
        assert_eq!(damaged.ancestor("x", 1), None);
    }

    #[test]
    fn what_was_written_down_gives_the_same_line() {
        let headers = ["a", "b", "B"].map(|name| chain().header(name).cloned());
        let read = Chain::of(header("c", "b", 3), headers.into_iter().flatten());
        assert_eq!(read.line, ["a", "b", "c"]);
    }
}
