//! One pool in one direction as a curve of straight pieces: how much goes in at which marginal output.
//!
//! Floats live here and in the rest of `split` only. They decide how a trade is shared, never what an amount
//! is: every amount of an answer comes from a replay in whole units.

use crate::pool::Pool;
use crate::units::{BinId, Direction};
use alloc::vec::Vec;

/// Below so much room, rounding to whole units makes a bin notably poorer than its price.
const DUST: u128 = 1 << 20;
/// Below so much room, the last unit of a bin, which may pay for far less than the others, is a piece of its own.
const FEW: f64 = 4_096.0;

/// A stretch of constant marginal output: one bin, or a few where a later bin is better than the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    /// Input it takes, fee included.
    pub(crate) room: f64,
    /// Output per unit of input.
    pub(crate) rate: f64,
}

/// What lies at a position of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    /// A piece.
    Piece(Piece),
    /// Liquidity, the bin limit or the id range ends here.
    End,
    /// The bins here were never read; at best they go on at this rate.
    Unknown { rate: f64 },
}

/// The curve, computed only as far as it is asked for.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    pool: &'a Pool,
    direction: Direction,
    bins_left: u16,
    /// The next bin to look at.
    next: Option<BinId>,
    /// The best rate that the next bins can have.
    ceiling: f64,
    made: Vec<Piece>,
    /// The last unit of the bin looked at last, where it has few.
    rest: Option<Piece>,
    /// What follows the pieces made, once that is no piece.
    last: Option<At>,
    /// Pieces that later bins may still have to be merged with, the first one first, and the bins of each.
    open: Vec<(Piece, usize)>,
    /// Unknown bins that cannot be read any more count as the end.
    closed: bool,
    /// Pieces of one bin each; behind them pieces are wider and wider.
    fine: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(pool: &'a Pool, direction: Direction, max_bins: u16) -> Self {
        let next = Some(pool.active_bin());
        Self {
            pool,
            direction,
            bins_left: max_bins,
            next,
            ceiling: f64::INFINITY,
            made: Vec::new(),
            rest: None,
            last: None,
            open: Vec::new(),
            closed: false,
            fine: usize::MAX,
        }
    }

    /// Merges bins behind the first `fine` pieces: two for as many pieces more as a quarter of that, then four,
    /// and so on. So a pool of any depth has few pieces, and a small trade still sees every bin.
    pub(crate) const fn coarsen(&mut self, fine: usize) {
        self.fine = fine;
    }

    /// Pieces of one bin each.
    pub(crate) const fn fine(&self) -> usize {
        self.fine
    }

    /// Lets unknown bins count as the end.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        if matches!(self.last, Some(At::Unknown { .. })) {
            self.last = None;
        }
    }

    /// Bins that the next piece is made of.
    fn width(&self) -> usize {
        match self.made.len().checked_sub(self.fine) {
            None => 1,
            Some(beyond) => 2_usize << (beyond / (self.fine / 4).max(1)).min(10),
        }
    }

    /// What lies at the position `index`, counted in pieces.
    pub(crate) fn at(&mut self, index: usize) -> At {
        while self.made.len() <= index {
            if let Some(last) = self.last {
                return last;
            }
            match self.make() {
                At::Piece(piece) => self.made.push(piece),
                last => self.last = Some(last),
            }
        }
        self.made.get(index).map_or(At::End, |piece| At::Piece(*piece))
    }

    /// A piece that was made before.
    pub(crate) fn made(&self, index: usize) -> Option<Piece> {
        self.made.get(index).copied()
    }

    /// Makes the next piece. Bins are taken in order, so poor ones (the dust a swap left, a far price out of order)
    /// in front of a better one are merged with it: nobody can have the second without the first. So a piece is
    /// settled once nothing behind it can be better.
    fn make(&mut self) -> At {
        let width = self.width();
        loop {
            if self.open.first().is_some_and(|(piece, bins)| *bins >= width && piece.rate >= self.ceiling) {
                return self.first_open(At::End);
            }
            match self.bin() {
                At::Piece(mut piece) => {
                    let mut bins = 1;
                    while let Some(&(poorer, more)) = self.open.last() {
                        let widens = self.open.len() == 1 && more < width;
                        if poorer.rate >= piece.rate && !widens {
                            break;
                        }
                        self.open.pop();
                        let room = poorer.room + piece.room;
                        let rate = (poorer.room * poorer.rate + piece.room * piece.rate) / room;
                        piece = Piece { room, rate };
                        bins += more;
                    }
                    self.open.push((piece, bins));
                }
                // Whether unknown bins would be merged is unknown too.
                At::Unknown { rate } => {
                    let held = self.open.first().map_or(0.0, |(piece, _)| piece.rate);
                    return At::Unknown { rate: rate.max(held) };
                }
                end => return self.first_open(end),
            }
        }
    }

    /// Takes the first of the open pieces; `end` if there is none.
    fn first_open(&mut self, end: At) -> At {
        if self.open.is_empty() { end } else { At::Piece(self.open.remove(0).0) }
    }

    /// The next bin that gives anything.
    fn bin(&mut self) -> At {
        if let Some(rest) = self.rest.take() {
            return At::Piece(rest);
        }
        loop {
            let Some(id) = self.next.filter(|_| self.bins_left > 0) else { return At::End };
            let found = self.pool.slot(id);
            if found.is_none() && !self.pool.knows(id) {
                if self.closed {
                    return At::End;
                }
                return At::Unknown { rate: self.ceiling };
            }
            self.bins_left -= 1;
            self.next = id.next(self.direction);
            let Some(slot) = found else { continue };
            let bin = &slot.bin;
            let reserve = bin.output_reserve(self.direction);
            if reserve == 0 {
                continue;
            }
            let fees = self.pool.side_fees(self.direction);
            let keep = 1.0 - f64::from(fees.total()) / 10_000.0;
            let plain = || {
                let price = bin.price.num() as f64 / bin.price.den() as f64;
                match self.direction {
                    Direction::XForY => price * keep,
                    Direction::YForX => keep / price,
                }
            };
            match slot.room(self.direction, fees) {
                Ok(Some(room)) => {
                    let rate = reserve as f64 / room as f64;
                    // Prices fall along a walk, so what comes next is no better than the plain price of this bin.
                    if self.pool.prices_rise(self.direction) {
                        self.ceiling = if room < DUST { plain() } else { rate };
                    }
                    let mut piece = Piece { room: room as f64, rate };
                    if piece.room < FEW {
                        let rate = plain();
                        // What the others take, and what they leave to the last one.
                        let most = f64::from((reserve as f64 / rate * keep) as u32) / keep;
                        let (last, left) = (piece.room - most, reserve as f64 - most * rate);
                        if most > 0.0 && last > 0.0 && left > 0.0 {
                            self.rest = Some(Piece { room: last, rate: left / last });
                            piece = Piece { room: most, rate };
                        }
                    }
                    return At::Piece(piece);
                }
                // No amount fills this bin; its plain price is rate enough.
                Ok(None) => {
                    let rate = plain();
                    if self.pool.prices_rise(self.direction) {
                        self.ceiling = rate;
                    }
                    return At::Piece(Piece { room: reserve as f64 / rate, rate });
                }
                // The contract aborts in this bin, so nothing behind it can be reached.
                Err(_) => {
                    self.next = None;
                    return At::End;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::{parts, pool};
    use crate::units::PRICE_SCALE;

    const ONE: u128 = PRICE_SCALE;

    fn piece(at: At) -> (f64, f64) {
        match at {
            At::Piece(piece) => (piece.room, piece.rate),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bins_in_order_of_the_walk_then_the_end() {
        let pool = pool("P", 500, &[(500, 0, 10, 2 * ONE), (498, 0, 10, ONE)]);
        let mut pieces = Pieces::new(&pool, Direction::XForY, 350);
        assert_eq!((piece(pieces.at(0)), piece(pieces.at(1))), ((5.0, 2.0), (10.0, 1.0)));
        assert_eq!(pieces.at(2), At::End);
        assert_eq!(Pieces::new(&pool, Direction::XForY, 2).at(1), At::End, "the bin limit ends it");
    }

    #[test]
    fn dust_in_front_is_merged_with_what_it_hides() {
        let pool = pool("P", 500, &[(500, 0, 1, 100 * ONE), (499, 0, 9_900, 99 * ONE)]);
        let (room, rate) = piece(Pieces::new(&pool, Direction::XForY, 350).at(0));
        assert_eq!(room, 101.0);
        assert!((rate - 9_901.0 / 101.0).abs() < 1e-9);
    }

    #[test]
    fn poor_bins_in_a_row_are_merged_with_the_better_one_behind_them() {
        // Each takes a unit, whatever its price.
        let bins = &[(500, 0, 6, 100 * ONE), (499, 0, 5, 99 * ONE), (498, 0, 9_800, 98 * ONE)];
        let (room, rate) = piece(Pieces::new(&pool("P", 500, bins), Direction::XForY, 350).at(0));
        assert_eq!(room, 102.0);
        assert!((rate - 9_811.0 / 102.0).abs() < 1e-9);
    }

    #[test]
    fn the_piece_before_unread_bins_is_unknown_with_a_bound() {
        let mut parts = parts("P", 500, &[(500, 0, 10, 2 * ONE), (499, 0, 10, 3 * ONE / 2)]);
        parts.known = (BinId::new(499).expect("an id"), BinId::MAX);
        let pool = Pool::new(parts).expect("a sound pool");
        let mut pieces = Pieces::new(&pool, Direction::XForY, 350);
        assert_eq!(piece(pieces.at(0)).1, 2.0);
        // Six units at the full price; the seventh pays for the one that is left, and may be merged with what is unread.
        assert_eq!(piece(pieces.at(1)), (6.0, 1.5));
        assert_eq!(pieces.at(2), At::Unknown { rate: 1.5 });
    }
}
