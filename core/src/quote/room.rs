//! Whether an amount is beyond all that the pools at one end of a trade hold: then no split fills it, and none is looked for.

use super::best::Finder;
use super::search::Search;
use crate::pool::Pool;
use crate::pool::walk::{Cursor, Least, Stop};
use crate::units::{Amount, Direction};

impl<'a> Search<'a> {
    /// Whether amounts beyond what pools hold are left to the search for the most there is, see
    /// [`Most`](super::most::Most).
    pub(super) const fn leaves_it_to_most(&self) -> bool {
        self.most_apart && !self.one_route
    }

    /// Whether the pools of the input take less than an amount for certain, whatever may still be read.
    pub(super) fn takes_less(&mut self, amount: Amount, max_bins: u16) -> bool {
        let token_in = self.token_in;
        let taken_by = |finder: &mut Finder<'a>, at: usize, pool: &'a Pool| {
            let Some(direction) = pool.direction_of(token_in) else { return 0 };
            let mut cursor = Cursor::at_start(pool);
            match finder.curves.walk((at, pool, direction), &mut cursor, amount, max_bins) {
                Ok(walked) if !(finder.can_read_more && matches!(walked.stop, Stop::Unknown(_))) => {
                    walked.taken
                }
                _ => amount,
            }
        };
        self.come_short(amount, taken_by)
    }

    /// Whether the pools of the output give less than an amount for certain, whatever may still be read.
    pub(super) fn gives_less(&mut self, wanted: Amount, max_bins: u16) -> bool {
        let token_out = self.token_out;
        let given_by = |finder: &mut Finder<'a>, at: usize, pool: &'a Pool| {
            let side = match pool.direction_of(token_out) {
                Some(Direction::XForY) => (at, pool, Direction::YForX),
                Some(Direction::YForX) => (at, pool, Direction::XForY),
                None => return 0,
            };
            let mut cursor = Cursor::at_start(pool);
            match finder.curves.least_input(side, &cursor, wanted, max_bins) {
                Ok(Least::TooLittle) => {}
                Ok(Least::Unknown) if !finder.can_read_more => {}
                _ => return wanted,
            }
            let walked = finder.curves.walk(side, &mut cursor, Amount::MAX, max_bins);
            walked.map_or(wanted, |walked| walked.given)
        };
        self.come_short(wanted, given_by)
    }

    /// Whether pools come to less than an amount together. As long as one of them suffices, the others are not looked at.
    fn come_short(
        &mut self,
        amount: Amount,
        of_pool: impl Fn(&mut Finder<'a>, usize, &'a Pool) -> Amount,
    ) -> bool {
        // A route leads through one pool a hop.
        let routes = if self.max_splits == 0 { Amount::MAX } else { self.max_splits as Amount };
        let (mut all, mut most): (Amount, Amount) = (0, 0);
        for at in 0..self.finder.candidates.pools.len() {
            let Some(pool) = self.finder.pool(at) else { continue };
            let one = self.finder.beside(|finder| of_pool(finder, at, pool));
            (all, most) = (all.saturating_add(one), most.max(one));
            if all.min(most.saturating_mul(routes)) >= amount {
                return false;
            }
        }
        true
    }
}
