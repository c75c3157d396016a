//! An answer that a search considers: plans, and what they come to.

use super::again::tally_like;
use super::call::reads_of;
use super::goal::{ANY_READS, COARSE, Goal};
use super::leg::Leg;
use super::plan::{Replay, RoutePlan, Tally, replay, tally};
use crate::pool::curves::Curves;
use crate::units::Amount;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Plans and what they come to.
#[derive(Clone, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) plans: Vec<RoutePlan<'a>>,
    pub(super) tally: Tally,
    /// Reads of the call that executes it, where the goal limits them.
    pub(super) reads: u32,
}

/// How good an attempt is; greater is better.
type Worth = (bool, Amount, Reverse<Amount>, Reverse<usize>);

impl<'a> Attempt<'a> {
    /// Carries the plans out; plans that pass nothing are left out of the attempt, and amounts are those that passed.
    pub(super) fn new(curves: &mut Curves<'a>, plans: Vec<RoutePlan<'a>>, goal: &Goal) -> Self {
        let tally = tally(curves, &plans, goal);
        Self::of(curves, plans, tally, goal)
    }

    /// As [`Self::new`], of plans that differ little from those of another attempt towards such a goal.
    pub(super) fn like(
        other: &Self,
        curves: &mut Curves<'a>,
        plans: Vec<RoutePlan<'a>>,
        goal: &Goal,
    ) -> Self {
        let tally = tally_like((&other.plans, &other.tally), curves, &plans, goal);
        Self::of(curves, plans, tally, goal)
    }

    fn of(curves: &mut Curves<'a>, mut plans: Vec<RoutePlan<'a>>, mut tally: Tally, goal: &Goal) -> Self {
        for (plan, (amount, _)) in plans.iter_mut().zip(&tally.passed) {
            plan.amount_in = *amount;
        }
        plans.retain(|plan| plan.amount_in > 0);
        tally.passed.retain(|(amount, _)| *amount > 0);
        let reads = if goal.max_reads == ANY_READS { 0 } else { reads_of(curves, &plans, goal) };
        Self { plans, tally, reads }
    }

    /// Whether its call takes no more reads than the goal allows.
    pub(super) const fn reads_fit(&self, goal: &Goal) -> bool {
        self.reads <= goal.max_reads
    }

    /// Whether one of its routes is this one; no answer takes a route twice.
    pub(super) fn uses(&self, legs: &[Leg<'_>]) -> bool {
        self.plans.iter().any(|plan| same_pools(&plan.legs, legs))
    }

    pub(super) fn takes_all(&self, goal: &Goal) -> bool {
        self.tally.amount_in == goal.amount && self.reads_fit(goal)
    }

    /// Whether a unit more or less on some hop is worth so many millionths of all that is given that rounding decides.
    pub(super) fn is_coarse(&self) -> bool {
        let unnoticed = self.tally.amount_out / COARSE;
        let routes = self.tally.passed.iter().enumerate();
        let mut units =
            routes.filter_map(|(at, (_, given))| Some((*given, self.tally.stands.of_route(at)?.smallest)));
        units.any(|(given, smallest)| given > unnoticed.saturating_mul(smallest))
    }

    /// More out is better; of equals less in, then fewer routes.
    pub(super) fn worth(&self, goal: &Goal) -> Worth {
        let all = self.tally.amount_in;
        let fits = if goal.part_will_do { all <= goal.amount } else { all == goal.amount };
        let fits = fits && self.reads_fit(goal);
        (fits, self.tally.amount_out, Reverse(self.tally.amount_in), Reverse(self.plans.len()))
    }

    /// Input that is not used.
    pub(super) fn rest(&self, goal: &Goal) -> Amount {
        goal.amount.saturating_sub(self.tally.amount_in)
    }

    /// The same routes with no more input than an output takes: what is given beyond it is saved where it costs most.
    pub(super) fn tightened(mut self, curves: &mut Curves<'a>, wanted: Amount, goal: &Goal) -> Self {
        loop {
            let excess = self.tally.amount_out.saturating_sub(wanted);
            let mut best: Option<Self> = None;
            for at in 0..self.plans.len() {
                let Some((_, given)) = self.tally.passed.get(at) else { continue };
                let before = tally_like(
                    (&self.plans, &self.tally),
                    curves,
                    self.plans.get(..at).unwrap_or_default(),
                    goal,
                );
                let mut plans = self.plans.clone();
                let Some(plan) = plans.get_mut(at) else { continue };
                let least = match given.checked_sub(excess).filter(|left| *left > 0) {
                    Some(left) => before.least_input(curves, &plan.legs, left, goal.max_bins),
                    None => Some(0),
                };
                plan.amount_in = least.unwrap_or(plan.amount_in).min(plan.amount_in);
                let tried = Self::like(&self, curves, plans, goal);
                let saved = best.as_ref().map_or(self.tally.amount_in, |best| best.tally.amount_in);
                if tried.tally.amount_out >= wanted && tried.tally.amount_in < saved {
                    best = Some(tried);
                }
            }
            match best {
                Some(better) if !curves.is_spent() => self = better,
                better => return better.unwrap_or(self),
            }
        }
    }

    /// The answer with all its steps.
    pub(super) fn carry_out(&self, curves: &mut Curves<'a>, goal: &Goal) -> Replay<'a> {
        replay(curves, &self.plans, goal)
    }
}

/// The same plans, with more input for one of them.
pub(super) fn with_more<'a>(plans: &[RoutePlan<'a>], at: usize, more: Amount) -> Vec<RoutePlan<'a>> {
    let mut plans = plans.to_vec();
    if let Some(plan) = plans.get_mut(at) {
        plan.amount_in = plan.amount_in.saturating_add(more);
    }
    plans
}

pub(super) fn same_pools(a: &[Leg<'_>], b: &[Leg<'_>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.at == b.at)
}
