//! The best answer for an amount: a split over routes, or the best single one where that gives more.

use super::QuoteInput;
use super::attempt::{Attempt, Goal};
use super::best::{Finder, Found, MAX_WALKS, Shortfall};
use super::effort::Effort;
use super::plan::Leg;
use super::request::{Mode, QuoteRequest};
use super::sharing::Sides;
use super::split::{MAX_LOOKS, Network, Target};
use crate::units::{Amount, Symbol};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Looks that all flows of one search may take.
const ALL_LOOKS: usize = 2 * MAX_LOOKS;
/// Looks of a flow that take as long as a walk.
const LOOKS_OF_A_WALK: usize = 20;
/// What an answer says whose search ended with its walks.
pub(super) const WALKS: &str = "walks";

/// The best answer found for one amount.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub(super) attempt: Attempt<'a>,
    /// What the attempt was to reach.
    pub(super) goal: Goal,
    /// Routes that the optimum would use, where that is more than allowed.
    pub(super) routes_wanted: usize,
    /// The bound on work that kept the search from all it would look at.
    pub(super) limited: Option<&'static str>,
}

impl<'a> Answer<'a> {
    pub(super) fn amount_in(&self) -> Amount {
        self.attempt.tally.amount_in
    }

    pub(super) fn amount_out(&self) -> Amount {
        self.attempt.tally.amount_out
    }

    /// Bins of one pool visited at most.
    pub(super) fn bins_visited(&self) -> u16 {
        self.attempt.tally.cursors.bins_visited()
    }
}

/// The search for one request over one state.
pub(super) struct Search<'a> {
    pub(super) finder: Finder<'a>,
    /// Routes allowed; 0 means any number.
    pub(super) max_splits: usize,
    /// Whether one route is all there may or can be.
    pub(super) one_route: bool,
    /// Whether prices of some pool are out of order.
    pub(super) disordered: bool,
    /// Whether what a flow finds is good enough for the moment.
    pub(super) quick: bool,
    pub(super) max_hops: usize,
    pub(super) token_in: &'a Symbol,
    pub(super) token_out: &'a Symbol,
    /// Whether bins that were not read can be; if not they count as the end.
    pub(super) can_read_more: bool,
    pub(super) effort: Effort,
    pub(super) looks: usize,
    /// The network of the latest flow and its bin limit; the next one finds the bins added up.
    pub(super) network: Option<(u16, Network<'a>)>,
    /// What a network is made of.
    pub(super) sides: Option<Sides<'a>>,
    /// Choices of pools beside those that a flow finds, made when they are first needed.
    pub(super) ways: Option<Vec<Rc<[Leg<'a>]>>>,
}

impl<'a> Search<'a> {
    /// The search for a request, with nothing done yet.
    pub(super) fn of(input: &QuoteInput<'a>) -> Self {
        let QuoteInput { request, candidates, state, can_read_more, effort, .. } = *input;
        let finder = Finder::new(candidates, state, can_read_more, effort.out_of(MAX_WALKS));
        Self {
            disordered: candidates.pools.iter().any(|candidate| {
                state.ready(&candidate.pool.id).is_some_and(|(pool, _)| !pool.prices_rise())
            }),
            quick: false,
            one_route: request.max_splits == 1 || finder.one_way(),
            finder,
            max_splits: usize::from(request.max_splits),
            max_hops: usize::from(request.max_hops),
            token_in: &request.token_in,
            token_out: &request.token_out,
            can_read_more,
            effort,
            looks: 0,
            network: None,
            sides: None,
            ways: None,
        }
    }

    /// Sets another limit on routes and gives the one before.
    pub(super) fn set_max_splits(&mut self, max_splits: usize) -> usize {
        self.one_route = max_splits == 1 || self.finder.one_way();
        core::mem::replace(&mut self.max_splits, max_splits)
    }

    /// Pools whose known bins ran out where that mattered.
    pub(super) fn shortfall(&self) -> &Shortfall {
        &self.finder.shortfall
    }

    /// Work done so far, in walks; a few looks of a flow take as long as one.
    pub(super) const fn done(&self) -> usize {
        self.finder.curves.walks + self.looks / LOOKS_OF_A_WALK
    }

    /// Whether a bound on work ended the search.
    pub(super) const fn is_spent(&self) -> bool {
        self.looks >= self.effort.out_of(ALL_LOOKS) || self.finder.is_spent()
    }

    /// Whether more bins must be read before an answer is worth anything.
    pub(super) fn must_read_more(&self) -> bool {
        self.can_read_more && !self.finder.shortfall.is_empty()
    }

    /// The best answer that takes `amount`, or as much of it as fits.
    ///
    /// Where a part will do, more out is better whatever is left over; else an answer that takes everything is
    /// better than one that does not.
    pub(super) fn exact_in(
        &mut self,
        amount: Amount,
        max_bins: u16,
        part_will_do: bool,
    ) -> Option<Answer<'a>> {
        let goal = Goal { amount, max_bins, part_will_do };
        let shared = match self.one_route || self.is_spent() {
            true => None,
            false => self.split(Target::Input(amount as f64), Some(amount), &goal),
        };
        let mut limited = shared.as_ref().and_then(|shared| shared.reached.limited);
        let attempts = shared.as_ref().map_or(&[][..], |shared| &shared.attempts);
        let mut best: Option<Attempt<'a>> = None;
        for attempt in attempts {
            if best.as_ref().is_none_or(|best| attempt.worth(&goal) > best.worth(&goal)) {
                best = Some(attempt.clone());
            }
        }
        let takes_all = |attempt: &Attempt<'_>| attempt.takes_all(&goal);
        let beaten_by = best.as_ref().filter(|best| takes_all(best)).map_or(0, |best| best.tally.amount_out);
        let single = self.finder.best_full(amount, max_bins, beaten_by).map(Found::into_plan);
        let all_taken = single.is_some() || best.as_ref().is_some_and(takes_all);
        let mut plans: Vec<_> = single.into_iter().collect();
        if part_will_do || !all_taken {
            let bar = best.as_ref().map_or(0, |best| best.tally.amount_out);
            plans.extend(self.finder.partial_plans(amount, max_bins, bar));
        }
        let mut singles = Vec::with_capacity(plans.len());
        for plan in plans {
            let attempt = Attempt::new(&mut self.finder.curves, plan, &goal);
            self.finder.overflow |= attempt.tally.overflow;
            singles.push(attempt);
        }
        for single in &singles {
            if best.as_ref().is_none_or(|best| single.worth(&goal) > best.worth(&goal)) {
                best = Some(single.clone());
            }
        }
        if !self.one_route && !self.quick && !self.must_read_more() {
            let (better, cut_short) = self.improved(best, shared.as_ref(), &singles, &goal);
            (best, limited) = (better, limited.or(cut_short.then_some(WALKS)));
        }
        let attempt = best.filter(|best| best.tally.amount_in > 0)?;
        let routes_wanted = shared.map_or(1, |shared| shared.routes_wanted);
        let limited = limited.or(self.is_spent().then_some(WALKS));
        Some(Answer { attempt, goal, routes_wanted, limited })
    }

    /// The most that one route passes of an amount and gives something for: input, or output where that is fixed.
    pub(super) fn most_of_one_route(&mut self, amount: Amount, request: &QuoteRequest) -> Amount {
        let offered = match request.mode {
            Mode::ExactIn => amount,
            Mode::ExactOut => Amount::MAX,
        };
        let goal = Goal { amount: offered, max_bins: request.max_bins, part_will_do: true };
        let plans = self.finder.partial_plans(offered, request.max_bins, 0);
        let attempts = plans.into_iter().map(|plan| Attempt::new(&mut self.finder.curves, plan, &goal));
        let giving = attempts.filter(|attempt| attempt.tally.amount_out > 0);
        let most = giving.map(|attempt| match request.mode {
            Mode::ExactIn => attempt.tally.amount_in,
            Mode::ExactOut => attempt.tally.amount_out,
        });
        most.max().unwrap_or(0).min(amount)
    }
}
