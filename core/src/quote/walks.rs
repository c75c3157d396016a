//! How many walks a search may make: work is counted, and ends for every loop alike.
//!
//! The end is where [`Curves`](crate::pool::curve::Curves) stops: walks beyond it take nothing. So whatever is tried
//! then comes to less than it could, and never to more than it does.

use super::best::Finder;
use super::effort::Effort;

/// Walks of one search at most. A walk takes about a fifth of a microsecond, however deep it goes.
pub(super) const MAX_WALKS: usize = 20_000;
/// Walks for the best single route beside those: it is found whatever else was tried.
const WALKS_APART: usize = 8_000;

/// The bounds of one search, and what was done beside them.
pub(super) struct Walks {
    /// Walks that may be made; the search ends where they are used up.
    pub(super) most: usize,
    /// Walks that the best single route may take beside those, until it was looked for.
    left_apart: usize,
    /// Those that it took.
    pub(super) apart: usize,
    /// Whether they were too few.
    pub(super) cut_short: bool,
}

impl Walks {
    pub(super) const fn of(effort: Effort) -> Self {
        Self {
            most: effort.out_of(MAX_WALKS),
            left_apart: effort.out_of(WALKS_APART),
            apart: 0,
            cut_short: false,
        }
    }
}

impl Finder<'_> {
    /// Whether no more walks may be made.
    pub(super) const fn is_spent(&self) -> bool {
        self.curves.walks >= self.walks.most
    }

    /// Whether half of the walks were made.
    pub(super) const fn is_half_spent(&self) -> bool {
        self.curves.walks > self.walks.most / 2
    }

    /// Lets so many walks more be made at most, as long as there are any.
    pub(super) fn allow(&mut self, walks: usize) {
        self.curves.end = self.curves.walks.saturating_add(walks).min(self.walks.most);
    }

    /// Lets so many walks be made in all at most.
    pub(super) fn end_at(&mut self, walks: usize) {
        self.walks.most = walks;
        self.curves.end = walks;
    }

    /// Lets walks be made that do not count as those of the search.
    pub(super) const fn lift(&mut self, walks: usize) {
        self.curves.end = self.curves.walks.saturating_add(walks);
    }

    /// Looks for the best single route: the first time with walks of its own, whatever else was done before.
    pub(super) fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let apart = core::mem::take(&mut self.walks.left_apart);
        if apart == 0 {
            return work(self);
        }
        let (walks, end) = (self.curves.walks, self.curves.end);
        self.curves.end = walks.saturating_add(apart);
        let done = work(self);
        self.walks.cut_short |= self.curves.is_spent();
        self.walks.apart += self.curves.walks.saturating_sub(walks);
        (self.curves.walks, self.curves.end) = (walks, end);
        done
    }
}
