//! Shares of an amount, each with the one before it: how tables remember where their best comes from.

use super::leg::Leg;
use super::plan::RoutePlan;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// A share of an amount, in units of a table.
pub(super) struct Share<'a> {
    pub(super) legs: Rc<[Leg<'a>]>,
    pub(super) units: usize,
    /// What it gives.
    pub(super) gives: Amount,
    /// Where the share before it stands, counted from one; 0 where there is none.
    pub(super) before: usize,
}

/// All shares of a table.
#[derive(Default)]
pub(super) struct Shares<'a>(Vec<Share<'a>>);

impl<'a> Shares<'a> {
    /// Adds a share; gives where it stands, counted from one.
    pub(super) fn add(&mut self, share: Share<'a>) -> usize {
        self.0.push(share);
        self.0.len()
    }

    /// The shares that end with this one, in the order of their routes, where a unit of the table is so many.
    pub(super) fn plans(&self, mut last: usize, grain: Amount) -> Vec<RoutePlan<'a>> {
        let mut plans = Vec::new();
        while let Some(share) = last.checked_sub(1).and_then(|at| self.0.get(at)) {
            let amount_in = (share.units as Amount).saturating_mul(grain);
            // The last of several may give nothing.
            let at = if share.gives == 0 { plans.len() } else { 0 };
            plans.insert(at, RoutePlan { legs: Rc::clone(&share.legs), amount_in });
            last = share.before;
        }
        plans
    }
}
