//! Why the other candidates lost: what each would have taken and given on its own.

use super::answer::Answer;
use super::goal::{ANY_READS, Goal};
use super::input::QuoteInput;
use super::leg::Leg;
use super::lost::{LostCandidate, LostReason, LostRoute};
use super::plan::{RoutePlan, tally};
use super::request::Mode;
use super::search::Search;
use super::shortfall::Shortfall;
use super::ways::choose;
use crate::gather::Gather;
use crate::network::route::PathHop;
use crate::network::state::PoolState;
use crate::pool::curves::Curves;
use crate::pool::walk::{Cursor, Least, Stop};
use crate::sorted::sort_by;
use crate::units::{Amount, BinId, Symbol};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

/// Candidates that are named; those that came closest come first.
const MAX_NAMED: usize = 10;
/// Unusable pools that are named.
const MAX_UNUSABLE: usize = 10;
/// Choices of pools tried on one path, and over all paths: bounds for networks of many pools.
const MAX_TRIED_ON_PATH: usize = 64;
const MAX_TRIED: usize = 256;
/// Walks that trying them may take.
const MAX_WALKS: usize = 8_000;

/// What is to be explained.
pub(super) struct Explainer<'a> {
    input: QuoteInput<'a>,
    amount: Amount,
    /// What won: input, output, and its pools where it is one route.
    won: (Amount, Amount),
    won_pools: Option<Vec<usize>>,
    won_fills: bool,
    /// Pools whose known bins ran out while a candidate was tried.
    shortfall: Shortfall,
}

/// What a candidate came to.
struct Tried {
    amount_in: Amount,
    amount_out: Amount,
    overflow: bool,
    unknown: bool,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(input: &QuoteInput<'a>, answer: &Answer<'a>, amount: Amount) -> Self {
        let won_pools = match answer.attempt.plans.as_slice() {
            [only] => Some(only.legs.iter().map(|leg| leg.at).gather()),
            _ => None,
        };
        Self {
            input: *input,
            amount,
            won: (answer.amount_in(), answer.amount_out()),
            won_pools,
            won_fills: answer.fills(input.request.mode, amount),
            shortfall: Shortfall::new(),
        }
    }

    /// Names the best candidates that lost, then the pools that could not be used.
    ///
    /// # Errors
    /// The pools of which more bins must be read first, where they can be.
    pub(super) fn explain(
        mut self,
        search: &mut Search<'a>,
        routes_wanted: usize,
    ) -> Result<Vec<LostCandidate>, Shortfall> {
        let mut lost = Vec::new();
        search.finder.lift(MAX_WALKS);
        for legs in self.choices(search) {
            if self
                .won_pools
                .as_ref()
                .is_some_and(|won| legs.iter().map(|leg| leg.at).eq(won.iter().copied()))
            {
                continue;
            }
            let judged = self.judge(search, &legs);
            // Where walks ended it was not looked at.
            if search.finder.curves.is_spent() {
                break;
            }
            lost.push(judged);
        }
        search.finder.allow(usize::MAX);
        let allowed = usize::from(self.input.request.max_splits);
        if allowed > 0 && routes_wanted > allowed {
            lost.extend(self.unlimited_split(search));
        }
        if self.input.can_read_more && !self.shortfall.is_empty() {
            return Err(self.shortfall);
        }
        sort_by(&mut lost, |a, b| self.rank(a, b));
        lost.truncate(MAX_NAMED);
        lost.extend(self.unusable().take(MAX_UNUSABLE));
        Ok(lost)
    }

    /// Choices of one pool a hop, path by path.
    fn choices(&self, search: &Search<'a>) -> Vec<Rc<[Leg<'a>]>> {
        let mut all = Vec::new();
        for path in &self.input.candidates.paths {
            let before = all.len();
            let most = (before + MAX_TRIED_ON_PATH).min(MAX_TRIED);
            choose(&search.finder, path, &mut Vec::new(), most, &mut all);
        }
        all
    }

    fn judge(&mut self, search: &mut Search<'a>, legs: &Rc<[Leg<'a>]>) -> LostCandidate {
        let max_bins = self.input.request.max_bins;
        let tried = self.try_out(search, legs, max_bins);
        let filled = self.filled(&tried);
        let reason = if tried.unknown && !filled {
            LostReason::BinsUnread
        } else if tried.overflow && !filled {
            LostReason::Overflow
        } else if !filled && self.won_fills {
            let unlimited = self.try_out(search, legs, BinId::MAX.get() + 1);
            if self.filled(&unlimited) { LostReason::TooManyBins } else { LostReason::PartialFill }
        } else if tried.amount_out < self.won.1 && (self.input.request.mode == Mode::ExactIn || !filled) {
            LostReason::LowerOutput
        } else if tried.amount_in > self.won.0 {
            LostReason::HigherInput
        } else {
            LostReason::SameResult
        };
        LostCandidate {
            routes: Vec::from([route_of(legs)]),
            amount_in: Some(tried.amount_in),
            amount_out: Some(tried.amount_out),
            reason,
        }
    }

    fn filled(&self, tried: &Tried) -> bool {
        match self.input.request.mode {
            Mode::ExactIn => tried.amount_in == self.amount,
            Mode::ExactOut => tried.amount_out >= self.amount,
        }
    }

    /// What this choice of pools takes and gives on its own.
    fn try_out(&mut self, search: &mut Search<'a>, legs: &Rc<[Leg<'a>]>, max_bins: u16) -> Tried {
        let curves = &mut search.finder.curves;
        let (offered, mut unknown) = match self.input.request.mode {
            Mode::ExactIn => (self.amount, false),
            Mode::ExactOut => self.least_input(curves, legs, max_bins),
        };
        // Nothing below asks whether bins are known, so look for the first hop that runs out of them.
        let mut passed = offered;
        for leg in legs.iter() {
            let mut cursor = Cursor::at_start(leg.pool);
            let Ok(walk) = curves.walk(leg.side(), &mut cursor, passed, max_bins) else { break };
            if matches!(walk.stop, Stop::Unknown(_)) {
                self.shortfall.insert((leg.at, leg.direction));
                unknown = true;
            }
            passed = walk.given;
        }
        let goal = Goal { amount: offered, max_bins, part_will_do: true, max_reads: ANY_READS };
        let tally = tally(curves, &[RoutePlan { legs: Rc::clone(legs), amount_in: offered }], &goal);
        Tried { amount_in: tally.amount_in, amount_out: tally.amount_out, overflow: tally.overflow, unknown }
    }

    /// The input to try for an output: the least that gives it, or all there is where nothing does. Tells
    /// whether known bins ran out.
    fn least_input(&mut self, curves: &mut Curves<'a>, legs: &[Leg<'a>], max_bins: u16) -> (Amount, bool) {
        let mut needed = self.amount;
        for leg in legs.iter().rev() {
            match curves.least_input(leg.side(), &Cursor::at_start(leg.pool), needed, max_bins) {
                Ok(Least::Input(input)) => needed = input,
                Ok(Least::Unknown) => {
                    self.shortfall.insert((leg.at, leg.direction));
                    return (Amount::MAX, true);
                }
                Ok(Least::TooLittle) | Err(_) => return (Amount::MAX, false),
            }
        }
        (needed, false)
    }

    /// The answer without a limit on routes, where it is better.
    fn unlimited_split(&mut self, search: &mut Search<'a>) -> Option<LostCandidate> {
        let request = self.input.request;
        let limit = search.set_max_splits(0);
        let answer = search.run(request, self.amount, request.max_bins);
        search.set_max_splits(limit);
        self.shortfall.extend(search.shortfall().iter().copied());
        let answer = answer?;
        let better = match request.mode {
            Mode::ExactIn => answer.amount_out() > self.won.1,
            Mode::ExactOut => answer.amount_in() < self.won.0,
        };
        better.then(|| LostCandidate {
            routes: answer.attempt.plans.iter().map(|plan| route_of(&plan.legs)).gather(),
            amount_in: Some(answer.amount_in()),
            amount_out: Some(answer.amount_out()),
            reason: LostReason::SplitsLimited,
        })
    }

    /// Candidate pools that could not be used, in id order.
    fn unusable(&self) -> impl Iterator<Item = LostCandidate> + use<'a> {
        let state = self.input.state;
        self.input.candidates.pools.iter().filter_map(move |candidate| {
            let reason = match state.pools.get(&candidate.pool.id) {
                Some(PoolState::Ready { .. }) => return None,
                Some(PoolState::Inactive) => LostReason::PoolInactive,
                Some(PoolState::Skipped { .. }) => LostReason::PoolInvalid,
                Some(PoolState::Absent | PoolState::Rerouted) | None => LostReason::PoolAbsent,
            };
            let pool = &candidate.pool;
            let ends = if candidate.x_for_y {
                [&pool.token_x, &pool.token_y]
            } else {
                [&pool.token_y, &pool.token_x]
            };
            let route =
                LostRoute { tokens: ends.map(Symbol::clone).to_vec(), pools: Vec::from([pool.id.clone()]) };
            Some(LostCandidate { routes: Vec::from([route]), amount_in: None, amount_out: None, reason })
        })
    }

    /// Better first: what fills before what does not, then by amounts, then fewer hops and lower ids.
    fn rank(&self, a: &LostCandidate, b: &LostCandidate) -> Ordering {
        let exact_out = self.input.request.mode == Mode::ExactOut;
        let key = |lost: &LostCandidate| {
            let (taken, given) = (lost.amount_in.unwrap_or(0), lost.amount_out.unwrap_or(0));
            let filled = if exact_out { given >= self.amount } else { taken == self.amount };
            // An exact output is compared by its input alone; what is given beyond it is rounding.
            let given = if exact_out { given.min(self.amount) } else { given };
            (Reverse(filled), Reverse(given), taken)
        };
        let hops = |lost: &LostCandidate| lost.routes.iter().map(|route| route.pools.len()).sum::<usize>();
        (key(a).cmp(&key(b))).then_with(|| hops(a).cmp(&hops(b))).then_with(|| a.routes.cmp(&b.routes))
    }
}

fn route_of(legs: &[Leg<'_>]) -> LostRoute {
    let hops = || legs.iter().map(|leg| -> &PathHop { leg.hop });
    let first = hops().next().map(|hop| hop.token_in.clone());
    LostRoute {
        tokens: first.into_iter().chain(hops().map(|hop| hop.token_out.clone())).gather(),
        pools: legs.iter().map(|leg| leg.pool.id().clone()).gather(),
    }
}
