//! Plans carried out again of which a few were changed.
//!
//! A search tries hundreds of small changes to the same plans. What a route passes depends on its input and on where
//! its pools stand; so only those are walked anew whose input is another, or that share a pool with such a one.

use super::goal::Goal;
use super::plan::{RoutePlan, Tally, burns};
use crate::pool::curves::Curves;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Routes taken over that cost as much as a walk.
const ROUTES_OF_A_WALK: usize = 4;

/// As [`tally`](super::plan::tally), where most plans are those of an attempt under the same bin limit.
pub(super) fn tally_like<'a>(
    (known_plans, other): (&[RoutePlan<'a>], &Tally),
    curves: &mut Curves<'a>,
    plans: &[RoutePlan<'a>],
    goal: &Goal,
) -> Tally {
    let mut tally = Tally::for_routes(plans.len(), other.stands.pools());
    if curves.is_spent() {
        // Nothing passes any more, and copying what is known costs as well.
        tally.passed.resize(plans.len(), (0, 0));
        return tally;
    }
    let mut moved = Moved(Vec::with_capacity(other.stands.pools()));
    // Plans of the other attempt that were met, and those taken over as they were.
    let (mut met, mut kept) = (0, 0);
    for (at, plan) in plans.iter().enumerate() {
        let ahead = known_plans.get(met..).unwrap_or_default();
        let Some(skipped) = ahead.iter().position(|known| Rc::ptr_eq(&known.legs, &plan.legs)) else {
            tally.add(curves, plan, goal.max_bins, burns(plans, at, goal));
            plan.legs.iter().for_each(|leg| moved.set(leg.at, true));
            continue;
        };
        for gone in ahead.iter().take(skipped) {
            gone.legs.iter().for_each(|leg| moved.set(leg.at, true));
        }
        let known = met + skipped;
        met = known + 1;
        let passed = other.passed.get(known).copied().unwrap_or_default();
        let stand = other.stands.of_route(known);
        let same = passed.0 == plan.amount_in && passed.1 > 0;
        if let Some(stand) = stand.filter(|_| same && !plan.legs.iter().any(|leg| moved.get(leg.at))) {
            kept += 1;
            tally.enter(&plan.legs, Rc::clone(stand), passed);
            continue;
        }
        tally.add(curves, plan, goal.max_bins, burns(plans, at, goal));
        for (hop, leg) in plan.legs.iter().enumerate() {
            let before = stand.and_then(|stand| stand.cursors.get(hop)?.as_ref());
            moved.set(leg.at, tally.stands.passed(leg.at) != before);
        }
    }
    curves.walks += kept / ROUTES_OF_A_WALK;
    tally.overflow |= other.overflow;
    tally.unknown.extend(other.unknown.iter().copied());
    tally
}

/// Pools that stand elsewhere than in the other attempt.
struct Moved(Vec<bool>);

impl Moved {
    fn get(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }

    fn set(&mut self, at: usize, moved: bool) {
        if self.0.len() <= at {
            self.0.resize(at + 1, false);
        }
        if let Some(known) = self.0.get_mut(at) {
            *known = moved;
        }
    }
}
