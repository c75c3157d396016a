//! A pool: parameters, bins, and how far its bins are known.

pub mod bin;
pub(crate) mod curve;
pub(crate) mod curves;
pub mod fee;
pub mod suspect;
pub mod walk;

use crate::gather::Gather;
use crate::math::Price;
use crate::sorted::sort_by;
use crate::units::{Amount, BinId, Direction, PoolId, Symbol};
use alloc::vec::Vec;
use bin::{Bin, Fill, Overflow};
use core::fmt;
use core::ops::RangeInclusive;
use fee::{Fees, SideFees};

/// What a stored value says of a bin beside its reserves and price; judged only where a quote touches the bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The stored `is_active`, if there is one.
    pub is_active: Option<bool>,
    /// The exact and the human form of a field are further apart than rounding explains.
    pub forms_differ: bool,
}

/// One bin of a pool, or its absence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) bin: Bin,
    pub(crate) claims: Claims,
    /// What takes the whole bin, X in and Y in: every swap that passes through needs it.
    whole: [Option<Fill>; 2],
}

impl Slot {
    fn new(bin: Bin, claims: Claims, fees: &Fees) -> Self {
        let whole = |direction, fees| bin.fill_whole(direction, fees);
        let whole = [whole(Direction::XForY, &fees.x), whole(Direction::YForX, &fees.y)];
        Self { bin, claims, whole }
    }

    /// As [`Bin::room`] with the pool's fees.
    pub(crate) fn room(&self, direction: Direction, fees: &SideFees) -> Result<Option<Amount>, Overflow> {
        match self.whole(direction) {
            Some(whole) => Ok(Some(whole.taken)),
            None => self.bin.room(direction, fees),
        }
    }

    /// What a swap takes and gives that passes through the bin; see [`Bin::fill_whole`].
    #[inline]
    pub(crate) const fn whole(&self, direction: Direction) -> Option<&Fill> {
        let [x_in, y_in] = &self.whole;
        match direction {
            Direction::XForY => x_in.as_ref(),
            Direction::YForX => y_in.as_ref(),
        }
    }
}

/// A pool that can be quoted; every invariant of this type was checked when it was built.
#[derive(Clone, Debug)]
pub struct Pool {
    id: PoolId,
    token_x: Symbol,
    token_y: Symbol,
    active_bin: BinId,
    fees: Fees,
    /// Ids whose bins were read; ids outside may hold anything.
    known: RangeInclusive<u16>,
    /// Id of the first slot.
    first: u16,
    /// Slots in id order without gaps; `None` is an empty bin.
    slots: Vec<Option<Slot>>,
    /// Whether no bin is cheaper than one of a lower id: up to the active bin, and from it on.
    prices_rise: (bool, bool),
}

/// Why parts do not make a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolError {
    /// Both tokens are the same.
    SameToken,
    /// A bin lies outside the ids that are said to be known.
    BinNotKnown(BinId),
    /// Two bins carry one id.
    DuplicateBin(BinId),
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameToken => f.write_str("token_x and token_y are the same"),
            Self::BinNotKnown(id) => write!(f, "bin {id} lies outside the range that was read"),
            Self::DuplicateBin(id) => write!(f, "bin {id} appears twice"),
        }
    }
}

/// The parts of a pool before they are checked against each other.
#[derive(Clone, Debug)]
pub struct PoolParts {
    /// The pool's id.
    pub id: PoolId,
    /// Token X.
    pub token_x: Symbol,
    /// Token Y; prices are Y per X.
    pub token_y: Symbol,
    /// The bin a swap starts in.
    pub active_bin: BinId,
    /// Fees of both sides.
    pub fees: Fees,
    /// First and last id whose bin was read; an id inside without a bin is an empty bin.
    pub known: (BinId, BinId),
    /// The bins, in any order.
    pub bins: Vec<(BinId, Bin, Claims)>,
}

impl Pool {
    /// Checks the parts and makes the pool.
    ///
    /// # Errors
    /// [`PoolError`] that names what does not fit together.
    pub fn new(parts: PoolParts) -> Result<Self, PoolError> {
        let PoolParts { id, token_x, token_y, active_bin, fees, known, mut bins } = parts;
        if token_x == token_y {
            return Err(PoolError::SameToken);
        }
        let known = known.0.get()..=known.1.get();
        sort_by(&mut bins, |(a, ..), (b, ..)| a.cmp(b));
        let first = bins.first().map_or(*known.start(), |(id, ..)| id.get());
        let span = bins.last().map_or(0, |(id, ..)| usize::from(id.get() - first) + 1);
        let mut slots: Vec<Option<Slot>> = Vec::with_capacity(span);
        let mut prices_rise = (true, true);
        let mut before: Option<(BinId, Price)> = None;
        for (bin_id, bin, claims) in bins {
            if !known.contains(&bin_id.get()) {
                return Err(PoolError::BinNotKnown(bin_id));
            }
            let at = usize::from(bin_id.get() - first);
            if at < slots.len() {
                return Err(PoolError::DuplicateBin(bin_id));
            }
            if before.is_some_and(|(_, before)| before.cmp_value(&bin.price).is_gt()) {
                prices_rise.0 &= bin_id > active_bin;
                prices_rise.1 &= before.is_some_and(|(id, _)| id < active_bin);
            }
            before = Some((bin_id, bin.price));
            slots.resize(at, None);
            slots.push(Some(Slot::new(bin, claims, &fees)));
        }
        Ok(Self { id, token_x, token_y, active_bin, fees, known, first, slots, prices_rise })
    }

    /// The pool as a swapper meets it who pays no fees.
    #[must_use]
    pub fn without_fees(&self) -> Self {
        let fees = Fees { x: SideFees::default(), y: SideFees::default() };
        let slots =
            self.slots.iter().map(|slot| slot.as_ref().map(|slot| Slot::new(slot.bin, slot.claims, &fees)));
        Self { slots: slots.gather(), fees, ..self.clone() }
    }

    /// The pool's id.
    #[must_use]
    pub const fn id(&self) -> &PoolId {
        &self.id
    }

    /// Token X.
    #[must_use]
    pub const fn token_x(&self) -> &Symbol {
        &self.token_x
    }

    /// Token Y.
    #[must_use]
    pub const fn token_y(&self) -> &Symbol {
        &self.token_y
    }

    /// The bin a swap starts in.
    #[must_use]
    pub const fn active_bin(&self) -> BinId {
        self.active_bin
    }

    /// Fees of both sides.
    #[must_use]
    pub const fn fees(&self) -> &Fees {
        &self.fees
    }

    /// Fees charged in a direction.
    #[must_use]
    pub const fn side_fees(&self, direction: Direction) -> &SideFees {
        match direction {
            Direction::XForY => &self.fees.x,
            Direction::YForX => &self.fees.y,
        }
    }

    /// The direction in which `token_in` goes in, or `None` if the pool does not hold it.
    #[must_use]
    pub fn direction_of(&self, token_in: &Symbol) -> Option<Direction> {
        if *token_in == self.token_x {
            Some(Direction::XForY)
        } else if *token_in == self.token_y {
            Some(Direction::YForX)
        } else {
            None
        }
    }

    /// Tells whether prices rise with the ids, as those of every pool of the contract do, where a walk goes.
    ///
    /// The other side does not count: whoever quotes need not have read it.
    pub(crate) const fn prices_rise(&self, direction: Direction) -> bool {
        match direction {
            Direction::XForY => self.prices_rise.0,
            Direction::YForX => self.prices_rise.1,
        }
    }

    /// Tells whether the bin at `id` was read, empty or not.
    #[must_use]
    pub fn knows(&self, id: BinId) -> bool {
        self.known.contains(&id.get())
    }

    /// First and last id whose bin was read.
    #[must_use]
    pub fn known(&self) -> (u16, u16) {
        (*self.known.start(), *self.known.end())
    }

    /// The bin at `id`; `None` if it is empty or was not read (see [`Self::knows`]).
    #[must_use]
    #[inline]
    pub fn bin(&self, id: BinId) -> Option<&Bin> {
        self.slot(id).map(|slot| &slot.bin)
    }

    #[inline]
    pub(crate) fn slot(&self, id: BinId) -> Option<&Slot> {
        let at = id.get().checked_sub(self.first)?;
        self.slots.get(usize::from(at))?.as_ref()
    }

    /// All bins that were read and hold a value, in id order.
    pub fn bins(&self) -> impl Iterator<Item = (BinId, &Bin)> {
        (self.first..).zip(&self.slots).filter_map(|(id, slot)| Some((BinId::new(id)?, &slot.as_ref()?.bin)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::vec;

    /// A pool of X and Y with contract prices: `(id, reserve x, reserve y, price_e8)`, every id known.
    pub(crate) fn pool(id: &str, active: u16, bins: &[(u16, u128, u128, u128)]) -> Pool {
        Pool::new(parts(id, active, bins)).expect("a sound pool")
    }

    pub(crate) fn parts(id: &str, active: u16, bins: &[(u16, u128, u128, u128)]) -> PoolParts {
        let bins = bins
            .iter()
            .map(|&(id, reserve_x, reserve_y, price_e8)| {
                let price = Price::from_e8(price_e8).expect("above zero");
                (BinId::new(id).expect("an id"), Bin { reserve_x, reserve_y, price }, Claims::default())
            })
            .gather();
        PoolParts {
            id: PoolId::new(id).expect("a name"),
            token_x: Symbol::new("X").expect("a name"),
            token_y: Symbol::new("Y").expect("a name"),
            active_bin: BinId::new(active).expect("an id"),
            fees: Fees::default(),
            known: (BinId::MIN, BinId::MAX),
            bins,
        }
    }

    #[test]
    fn finds_bins_in_any_order_and_gaps_empty() {
        let pool = pool("P", 500, &[(502, 3, 0, 3), (500, 1, 1, 1)]);
        let at = |id| pool.bin(BinId::new(id).expect("an id")).map(|bin| bin.reserve_x);
        assert_eq!([at(499), at(500), at(501), at(502), at(503)], [None, Some(1), None, Some(3), None]);
        assert_eq!(pool.bins().map(|(id, _)| id.get()).gather(), vec![500, 502]);
    }

    #[test]
    fn refuses_parts_that_do_not_fit() {
        let twice = parts("P", 500, &[(500, 1, 1, 1), (500, 2, 2, 1)]);
        let five_hundred = BinId::new(500).expect("an id");
        assert_eq!(Pool::new(twice).err(), Some(PoolError::DuplicateBin(five_hundred)));
        let mut outside = parts("P", 500, &[(500, 1, 1, 1)]);
        outside.known = (BinId::MIN, BinId::MIN);
        assert_eq!(Pool::new(outside).err(), Some(PoolError::BinNotKnown(five_hundred)));
        let mut same = parts("P", 500, &[]);
        same.token_y = same.token_x.clone();
        assert_eq!(Pool::new(same).err(), Some(PoolError::SameToken));
    }
}
