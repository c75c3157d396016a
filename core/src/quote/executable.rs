//! Splits that one call over the pools of a pair can execute.
//!
//! Each entry of that call takes all that is left, so every pool but the last must take the whole of its last bin. The
//! best split nearly always does: pieces are filled in the order of their prices, and one is left in part. Where whole
//! units or a limit on routes leave more than one, the nearest splits that leave one are tried.

use super::answer::Answer;
use super::ask::PlanMode;
use super::attempt::Attempt;
use super::choice::{Choice, Compared};
use super::leg::Leg;
use super::plan::{Replay, RoutePlan, tally};
use super::reads::{MAX_READS, Visits};
use super::request::{Mode, QuoteRequest};
use super::search::Search;
use crate::gather::Gather;
use crate::math::mul_div_floor;
use crate::units::{Amount, BPS_SCALE};
use alloc::vec::Vec;

/// Pools that may each be rounded either way; beyond it, one at a time.
const ALL_WAYS: usize = 4;

impl<'a> Search<'a> {
    /// The answer that can be executed as the request asks, and what was compared for that.
    ///
    /// An explicit call must give one part in 10 000 more than the simple one to be chosen: it fails on nearly every
    /// change of the state, where the simple one gives a unit less.
    pub(super) fn executable(
        &mut self,
        request: &QuoteRequest,
        amount: Amount,
        answer: Answer<'a>,
    ) -> (Answer<'a>, Option<Choice>) {
        let Some(ask) = request.plan.as_ref().filter(|ask| ask.mode != PlanMode::Explicit) else {
            return (answer, None);
        };
        let replay = answer.attempt.carry_out(&mut self.finder.curves, &answer.goal);
        let Some(attempt) = self.nearest(request.mode, amount, &answer, &replay) else {
            return (answer, None);
        };
        let simple = Answer { attempt, ..answer.clone() };
        if ask.mode != PlanMode::Auto {
            return (simple, None);
        }
        let replayed = simple.attempt.carry_out(&mut self.finder.curves, &simple.goal);
        let (of_simple, of_explicit) = (compared(&replayed, false), compared(&replay, true));
        let limit = reads_allowed(request);
        let keeps_most = match request.mode {
            Mode::ExactIn => part(of_explicit.amount_out) <= of_simple.amount_out,
            Mode::ExactOut => part(of_simple.amount_in) <= of_explicit.amount_in,
        };
        let is_simple = if of_simple.reads > limit {
            of_explicit.reads > limit
        } else {
            keeps_most || of_explicit.reads > limit
        };
        let chosen = if is_simple { PlanMode::Simple } else { PlanMode::Explicit };
        let choice = Choice { simple: of_simple, explicit: of_explicit, chosen };
        (if is_simple { simple } else { answer }, Some(choice))
    }

    /// The best split near an answer in which one pool ends amid a bin; `None` where the answer is one, or none is near.
    fn nearest(
        &mut self,
        mode: Mode,
        amount: Amount,
        answer: &Answer<'a>,
        replay: &Replay<'a>,
    ) -> Option<Attempt<'a>> {
        // What may be put into each pool so that it ends between bins; the whole ones have one such amount.
        let mut pools = Vec::with_capacity(replay.routes.len());
        for route in &replay.routes {
            let ([leg], [hop]) = (&*route.legs, route.quote.hops.as_slice()) else { return None };
            let last = hop.steps.last()?;
            let room = last.bin.room(hop.direction, leg.pool.side_fees(hop.direction)).ok()??;
            let down = hop.amount_in.saturating_sub(last.fill.taken);
            let amid = room != last.fill.taken;
            pools.push((&route.legs, amid, if amid { down } else { hop.amount_in }, down.checked_add(room)?));
        }
        let amid: Vec<usize> =
            (0..pools.len()).filter(|at| pools.get(*at).is_some_and(|pool| pool.1)).gather();
        if amid.len() < 2 {
            return None;
        }
        let mut best: Option<Attempt<'a>> = None;
        for last in &amid {
            let others: Vec<usize> = amid.iter().copied().filter(|at| at != last).gather();
            for up in ways(others.len()) {
                let rounded_up = |at: &usize| {
                    others.iter().position(|other| other == at).is_some_and(|n| up >> n & 1 == 1)
                };
                let whole = (0..pools.len()).filter(|at| at != last).filter_map(|at| {
                    let (legs, _, down, over) = pools.get(at)?;
                    let amount_in = if rounded_up(&at) { *over } else { *down };
                    Some(RoutePlan { legs: (*legs).clone(), amount_in })
                });
                let plans = whole.filter(|plan| plan.amount_in > 0).gather();
                let Some((legs, ..)) = pools.get(*last) else { continue };
                let tried = self.with_rest(mode, amount, answer, plans, legs);
                best = best.into_iter().chain(tried).max_by_key(|attempt| attempt.worth(&answer.goal));
            }
        }
        best
    }

    /// Whole bins of some pools, and all the rest in one more.
    fn with_rest(
        &mut self,
        mode: Mode,
        amount: Amount,
        answer: &Answer<'a>,
        mut plans: Vec<RoutePlan<'a>>,
        legs: &alloc::rc::Rc<[Leg<'a>]>,
    ) -> Option<Attempt<'a>> {
        let goal = &answer.goal;
        let curves = &mut self.finder.curves;
        let amount_in = match mode {
            Mode::ExactIn => {
                let taken = plans.iter().try_fold(0_u128, |sum, plan| sum.checked_add(plan.amount_in))?;
                amount.checked_sub(taken)?
            }
            Mode::ExactOut => {
                let before = tally(curves, &plans, goal);
                let left = amount.checked_sub(before.amount_out).filter(|left| *left > 0)?;
                before.least_input(curves, legs, left, goal.max_bins)?
            }
        };
        plans.push(RoutePlan { legs: legs.clone(), amount_in });
        let attempt = Attempt::new(curves, plans, goal);
        self.finder.shortfall.extend(attempt.tally.unknown.iter().copied());
        let fills = match mode {
            Mode::ExactIn => attempt.tally.amount_in == amount,
            Mode::ExactOut => attempt.tally.amount_out >= amount,
        };
        fills.then_some(attempt)
    }
}

/// Which of so many pools are rounded up: every choice, or one at a time where they are many.
fn ways(pools: usize) -> impl Iterator<Item = u32> {
    let every = (0..1_u32 << pools.min(ALL_WAYS)).filter(move |_| pools <= ALL_WAYS);
    let single = (0..pools.min(31)).map(|n| 1_u32 << n).filter(move |_| pools > ALL_WAYS);
    every.chain(single)
}

/// An amount less one part in 10 000.
fn part(amount: Amount) -> Amount {
    mul_div_floor(amount, BPS_SCALE - 1, BPS_SCALE).unwrap_or(amount)
}

/// Reads that a call may take.
pub(super) fn reads_allowed(request: &QuoteRequest) -> u32 {
    request.max_reads.map_or(MAX_READS, |reads| MAX_READS.min(reads.into()))
}

fn compared(replay: &Replay<'_>, explicit: bool) -> Compared {
    let hops = replay.routes.iter().flat_map(|route| &route.quote.hops);
    Compared {
        amount_in: replay.amount_in,
        amount_out: replay.amount_out,
        reads: Visits::of(hops).reads(explicit),
    }
}
