//! Whether an amount is beyond all that the pools at one end of a trade hold: then no split fills it, and none is looked for.

use super::best::Finder;
use super::request::{Mode, QuoteRequest};
use super::search::Search;
use super::shortfall::Shortfall;
use crate::pool::Pool;
use crate::pool::bin::Bin;
use crate::pool::walk::{Cursor, Least, Stop};
use crate::units::{Amount, Direction};

/// Routes for which room is left where any number is allowed: an answer of more is hardly ever cut so by all of them.
const MANY: Amount = 64;

impl<'a> Search<'a> {
    /// Whether amounts beyond what pools hold are left to the search for the most there is, see
    /// [`Most`](super::most::Most).
    pub(super) const fn leaves_it_to_most(&self) -> bool {
        self.most_apart && !self.one_route
    }

    /// Whether an amount of what a request fixes is beyond all that there is for certain, whatever may still be read.
    pub(super) fn is_beyond(&mut self, request: &QuoteRequest, amount: Amount) -> bool {
        match request.mode {
            Mode::ExactIn => self.takes_less(amount, request.max_bins),
            Mode::ExactOut => self.gives_less(amount, request.max_bins),
        }
    }

    /// Whether the pools of the input take less than an amount for certain, whatever may still be read.
    pub(super) fn takes_less(&mut self, amount: Amount, max_bins: u16) -> bool {
        self.taken_of(amount, max_bins) < amount
    }

    /// The most that the pools of the input take, whatever may still be read.
    pub(super) fn room(&mut self, max_bins: u16) -> Amount {
        self.taken_of(Amount::MAX, max_bins)
    }

    /// How much of an amount the pools of the input take at most; all of it where that is not known.
    ///
    /// Where several routes empty a bin it takes more than it would of one: each may leave over what buys no whole unit.
    fn taken_of(&mut self, amount: Amount, max_bins: u16) -> Amount {
        let (token_in, mut dearest) = (self.token_in, 0);
        let mut unread = Shortfall::new();
        let taken_by = |finder: &mut Finder<'a>, at: usize, pool: &'a Pool| {
            let Some(direction) = pool.direction_of(token_in) else { return 0 };
            let mut cursor = Cursor::at_start(pool);
            match finder.curves.walk((at, pool, direction), &mut cursor, amount, max_bins) {
                Ok(walked) if walked.taken == amount => amount,
                Ok(walked) if !(finder.can_read_more && matches!(walked.stop, Stop::Unknown(_))) => {
                    dearest = dearest_unit(pool, direction).max(dearest);
                    if matches!(walked.stop, Stop::Unknown(_)) {
                        unread.insert((at, direction));
                    }
                    walked.taken
                }
                _ => amount,
            }
        };
        let taken = self.of_all_pools(amount, taken_by);
        self.finder.shortfall.extend(unread);
        let routes = if self.max_splits == 0 { MANY } else { self.max_splits as Amount };
        taken.saturating_add(dearest.saturating_mul(2 * routes)).min(amount)
    }

    /// Whether the pools of the output give less than an amount for certain, whatever may still be read.
    pub(super) fn gives_less(&mut self, wanted: Amount, max_bins: u16) -> bool {
        let (token_out, mut unread) = (self.token_out, Shortfall::new());
        let given_by = |finder: &mut Finder<'a>, at: usize, pool: &'a Pool| {
            let side = match pool.direction_of(token_out) {
                Some(Direction::XForY) => (at, pool, Direction::YForX),
                Some(Direction::YForX) => (at, pool, Direction::XForY),
                None => return 0,
            };
            let mut cursor = Cursor::at_start(pool);
            match finder.curves.least_input(side, &cursor, wanted, max_bins) {
                Ok(Least::TooLittle) => {}
                Ok(Least::Unknown) if !finder.can_read_more => {
                    unread.insert((at, side.2));
                }
                _ => return wanted,
            }
            let walked = finder.curves.walk(side, &mut cursor, Amount::MAX, max_bins);
            walked.map_or(wanted, |walked| walked.given)
        };
        let less = self.of_all_pools(wanted, given_by) < wanted;
        self.finder.shortfall.extend(unread);
        less
    }

    /// What pools come to together, up to an amount. As soon as they come to that, the others are not looked at.
    fn of_all_pools(
        &mut self,
        amount: Amount,
        mut of_pool: impl FnMut(&mut Finder<'a>, usize, &'a Pool) -> Amount,
    ) -> Amount {
        // A route leads through one pool a hop.
        let routes = if self.max_splits == 0 { Amount::MAX } else { self.max_splits as Amount };
        let (mut all, mut most): (Amount, Amount) = (0, 0);
        let mut come_to = 0;
        for at in 0..self.finder.candidates.pools.len() {
            let Some(pool) = self.finder.pool(at) else { continue };
            let one = self.finder.beside(|finder| of_pool(finder, at, pool));
            (all, most) = (all.saturating_add(one), most.max(one));
            come_to = all.min(most.saturating_mul(routes));
            if come_to >= amount {
                return amount;
            }
        }
        come_to
    }
}

/// The input that one unit of output costs in the bin that asks most for it.
fn dearest_unit(pool: &Pool, direction: Direction) -> Amount {
    let bins = pool.bins().map(|(_, bin)| bin).filter(|bin| bin.output_reserve(direction) > 0);
    let dearest = bins.max_by(|a, b| match direction {
        Direction::XForY => b.price.cmp_value(&a.price),
        Direction::YForX => a.price.cmp_value(&b.price),
    });
    let input = |bin: &Bin| bin.least_input_for(direction, pool.side_fees(direction), 1).ok().flatten();
    dearest.map_or(0, |bin| input(bin).unwrap_or(Amount::MAX))
}
