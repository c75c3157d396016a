//! How a finder spends its walks, and where they end.

use super::best::Finder;
use super::walks::Walks;

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

    /// Does something that must be whole, whatever walks are left, and that does not count as search.
    pub(super) fn beside<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (walks, end) = (self.curves.walks, self.curves.end);
        self.lift(usize::MAX);
        let done = work(self);
        (self.curves.walks, self.curves.end) = (walks, end);
        done
    }

    /// Does something with walks that are laid by for it, and no more than so many of them.
    pub(super) fn laid_by<T>(
        &mut self,
        left: fn(&mut Walks) -> &mut usize,
        most: usize,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let (walks, end) = (self.curves.walks, self.curves.end);
        self.curves.end = walks.saturating_add(most.min(*left(&mut self.walks)));
        let done = work(self);
        self.walks.tables_cut_short |= self.curves.is_spent();
        let took = self.curves.walks.saturating_sub(walks);
        let left = left(&mut self.walks);
        *left = left.saturating_sub(took);
        self.walks.apart += took;
        (self.curves.walks, self.curves.end) = (walks, end);
        done
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
