//! Stored values that contradict each other but can be quoted all the same.

use super::{Pool, Slot};
use crate::units::{BinId, Direction};
use core::cmp::Ordering;

/// A contradiction in the state of one bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// A bin below the active one holds X, or one above it holds Y.
    WrongSide,
    /// `is_active` says otherwise than the pool's `active_bin_id`.
    ActiveFlag,
    /// The price is below that of a lower bin.
    PriceOrder,
    /// Exact and human form differ by more than rounding.
    FormsDiffer,
}

impl Suspicion {
    /// Says it in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::WrongSide => "the bin holds a token on the wrong side of the active bin",
            Self::ActiveFlag => "is_active contradicts active_bin_id of the pool",
            Self::PriceOrder => "the price is below that of a lower bin",
            Self::FormsDiffer => "the exact and the human form of a field differ by more than rounding",
        }
    }
}

/// Bins whose contradictions concern a swap: those it visited and one more on either side.
///
/// Only they are judged, so that the outcome depends on the trade and not on how many bins were read.
#[must_use]
pub fn concerned(from: BinId, to: BinId) -> (BinId, BinId) {
    let (low, high) = if from <= to { (from, to) } else { (to, from) };
    (low.saturating_offset(-1), high.saturating_offset(1))
}

/// Finds the first contradiction among the concerned bins, in id order.
#[must_use]
pub fn first_suspicion(pool: &Pool, low: BinId, high: BinId) -> Option<(BinId, Suspicion)> {
    suspicions(pool, low, high).next()
}

/// Finds the contradictions among these bins, in id order; at most one a bin.
pub fn suspicions(pool: &Pool, low: BinId, high: BinId) -> impl Iterator<Item = (BinId, Suspicion)> + '_ {
    let mut below: Option<&Slot> = None;
    (low.get()..=high.get()).filter_map(move |id| {
        let id = BinId::new(id)?;
        let slot = pool.slot(id)?;
        let suspicion = judge(pool.active_bin(), id, slot, below.replace(slot));
        suspicion.map(|suspicion| (id, suspicion))
    })
}

/// Tells in which directions a concerned bin is not known yet.
pub fn unknown_concerns(pool: &Pool, low: BinId, high: BinId) -> impl Iterator<Item = Direction> + use<> {
    let below = (!pool.knows(low)).then_some(Direction::XForY);
    let above = (!pool.knows(high)).then_some(Direction::YForX);
    below.into_iter().chain(above)
}

fn judge(active: BinId, id: BinId, slot: &Slot, below: Option<&Slot>) -> Option<Suspicion> {
    let bin = &slot.bin;
    let wrong_side = match id.cmp(&active) {
        Ordering::Less => bin.reserve_x > 0,
        Ordering::Greater => bin.reserve_y > 0,
        Ordering::Equal => false,
    };
    if wrong_side {
        return Some(Suspicion::WrongSide);
    }
    if slot.claims.is_active.is_some_and(|flag| flag != (id == active)) {
        return Some(Suspicion::ActiveFlag);
    }
    if below.is_some_and(|below| bin.price.cmp_value(&below.bin.price) == Ordering::Less) {
        return Some(Suspicion::PriceOrder);
    }
    slot.claims.forms_differ.then_some(Suspicion::FormsDiffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::PoolParts;
    use crate::pool::tests::parts;

    fn first(parts: PoolParts) -> Option<(u16, Suspicion)> {
        let pool = Pool::new(parts).expect("a sound pool");
        let (low, high) = concerned(pool.active_bin(), pool.active_bin());
        first_suspicion(&pool, low, high).map(|(id, suspicion)| (id.get(), suspicion))
    }

    #[test]
    fn sound_bins_raise_none() {
        assert_eq!(first(parts("P", 500, &[(499, 0, 5, 9), (500, 5, 5, 10), (501, 5, 0, 10)])), None);
    }

    #[test]
    fn names_each_contradiction() {
        let wrong_side = parts("P", 500, &[(499, 1, 5, 9), (500, 5, 5, 10)]);
        assert_eq!(first(wrong_side), Some((499, Suspicion::WrongSide)));
        let order = parts("P", 500, &[(499, 0, 5, 11), (500, 5, 5, 10)]);
        assert_eq!(first(order), Some((500, Suspicion::PriceOrder)));
        let mut flag = parts("P", 500, &[(500, 5, 5, 10)]);
        flag.bins[0].2.is_active = Some(false);
        assert_eq!(first(flag), Some((500, Suspicion::ActiveFlag)));
        let mut forms = parts("P", 500, &[(500, 5, 5, 10)]);
        forms.bins[0].2.forms_differ = true;
        assert_eq!(first(forms), Some((500, Suspicion::FormsDiffer)));
    }

    #[test]
    fn far_bins_do_not_concern_the_trade() {
        assert_eq!(first(parts("P", 500, &[(498, 1, 5, 9), (500, 5, 5, 10)])), None);
    }
}
