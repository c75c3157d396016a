//! The best answer whose call is within a limit on reads.

use super::answer::Answer;
use super::attempt::Attempt;
use super::call::reads_of;
use super::goal::{ANY_READS, Goal};
use super::leg::Leg;
use super::most_within::is_answer;
use super::plan::{RoutePlan, tally};
use super::request::{Mode, QuoteRequest};
use super::search::{Search, WALKS, WHOLE};
use super::walks::MAX_WALKS;
use super::ways::all_ways;
use crate::error::QuoteError;
use crate::gather::Gather;
use crate::units::Amount;
use crate::warning::Warning;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Halvings of the bins that a pool may visit.
const TRIES: u32 = 3;
/// Amounts tried on the way to the least input for an output.
const LESS: u32 = 10;
/// Reads of a bin at least.
const LEAST_OF_A_BIN: u32 = 31;

impl<'a> Search<'a> {
    /// The answer, or the best one found whose call takes no more reads than the request allows: of single routes, of
    /// splits grown and improved under the limit, and of searches with fewer bins and fewer routes.
    ///
    /// # Errors
    /// `PLAN_TOO_LARGE` where none was found that fills the request.
    pub(super) fn within_reads(
        &mut self,
        request: &QuoteRequest,
        amount: Amount,
        answer: Answer<'a>,
    ) -> Result<Answer<'a>, QuoteError> {
        let Some(limit) = request.max_reads.map(u32::from) else { return Ok(answer) };
        let counted = Goal { max_reads: limit, ..answer.goal };
        let plans = answer.attempt.plans.clone();
        let reads = self.finder.beside(|finder| reads_of(&mut finder.curves, &plans, &counted));
        if reads <= limit {
            return Ok(answer);
        }
        // As for a part, half as much work again.
        let (most, done) = (self.effort.out_of(MAX_WALKS), self.finder.curves.walks);
        self.go_on_from(done);
        // Tables of amounts are made anew under the limit, and may say what is best.
        self.finder.walks.tables_cut_short = false;
        let found = match request.mode {
            Mode::ExactIn => {
                let goal = limited_goal(request, amount, request.allow_partial, limit);
                let singles = self.best_within_reads(&Goal { max_bins: request.max_bins, ..goal });
                let whole = self.most_within(&Goal { part_will_do: false, ..goal });
                // What takes everything is the floor of a part, which has half of that work beside it.
                let part = if goal.part_will_do {
                    self.finder.end_at(self.finder.curves.walks.min(done + most / 2) + most / 4);
                    self.most_within(&goal)
                } else {
                    None
                };
                let found = whole.into_iter().chain(part).chain(singles);
                let best = found.max_by_key(|attempt| attempt.worth(&goal)).filter(is_answer(&goal));
                best.map(|attempt| (attempt, goal, self.is_allotted(&goal)))
            }
            Mode::ExactOut => self.least_within(request, amount, limit),
        };
        let is_best = found.as_ref().is_some_and(|found| found.2 || self.is_served(&found.1));
        let found = found.map(|(attempt, goal, is_best)| {
            // What ended the search without the limit tells nothing of one that began anew, with all there is.
            let served = self.is_served(&goal);
            let cut_short = self.finder.walks.cut_short && !served || self.finder.is_spent();
            let limited = cut_short.then_some(WALKS).or(answer.limited.filter(|_| !served));
            let limited = limited.filter(|_| !is_best);
            Answer { attempt, goal, limited, routes_wanted: answer.routes_wanted }
        });
        let mut best = found.filter(|found| request.allow_partial || found.fills(request.mode, amount));
        // With this many bins a call through one pool fits whatever they hold.
        let fitting = u16::try_from(limit.saturating_sub(3) / 52).unwrap_or(u16::MAX).min(request.max_bins);
        let fewer = [self.max_splits, 2, 1]
            .into_iter()
            .filter(|splits| (1..=self.max_splits).contains(splits) || self.max_splits == 0);
        let fewer: Vec<_> = if is_best { Vec::new() } else { fewer.gather() };
        'fewer: for splits in fewer {
            let before = self.set_max_splits(splits);
            let fewer = (0..TRIES).map(|halvings| fitting >> halvings);
            for max_bins in [request.max_bins].into_iter().chain(fewer) {
                if self.is_spent() {
                    self.set_max_splits(before);
                    break 'fewer;
                }
                let found = if max_bins > 0 { self.run(request, amount, max_bins) } else { None };
                let Some(found) = found else { continue };
                let fills = request.allow_partial || found.fills(request.mode, amount);
                let counted = Goal { max_reads: limit, ..found.goal };
                let plans = &found.attempt.plans;
                let reads = self.finder.beside(|finder| reads_of(&mut finder.curves, plans, &counted));
                if !fills || reads > limit {
                    continue;
                }
                if best.as_ref().is_none_or(|best| is_better(request.mode, amount, &found, best)) {
                    best = Some(found);
                }
            }
            self.set_max_splits(before);
        }
        if request.allow_partial && !is_best {
            best = self.less_within(request, amount, limit, best);
        }
        // As without the limit: where all must go somewhere, less may give more.
        if let Some(best) = &mut best
            && (request.mode, request.allow_partial) == (Mode::ExactIn, false)
            && (self.max_splits == 0 || !self.is_served(&best.goal))
            && best.amount_out() < self.most_seen
        {
            best.limited = best.limited.or(Some(WHOLE));
        }
        let limited = self.is_spent() || self.finder.walks.cut_short || self.ended_in_batch();
        best.filter(|best| best.amount_out() > 0).ok_or_else(|| too_large(reads, limit, limited))
    }

    /// The least input for an output within a limit on reads; the most there is where that is too little.
    fn least_within(
        &mut self,
        request: &QuoteRequest,
        wanted: Amount,
        limit: u32,
    ) -> Option<(Attempt<'a>, Goal, bool)> {
        let goal = limited_goal(request, Amount::MAX, true, limit);
        let routes = if self.one_route { 1 } else { self.max_splits };
        let routes = if routes == 0 { usize::MAX } else { routes };
        let units = self.reads_tables(&goal, routes).units;
        let mut best: Option<Attempt<'a>> = None;
        for legs in self.all_ways() {
            let curves = &mut self.finder.curves;
            let nothing = tally(curves, &[], &goal);
            let Some(amount_in) = nothing.least_input(curves, &legs, wanted, goal.max_bins) else { continue };
            let attempt = Attempt::new(curves, Vec::from([RoutePlan { legs, amount_in }]), &goal);
            let gives = attempt.tally.amount_out >= wanted && attempt.reads_fit(&goal);
            let is_less = |best: &Attempt<'_>| attempt.tally.amount_in < best.tally.amount_in;
            if gives && best.as_ref().is_none_or(is_less) {
                best = Some(attempt);
            }
        }
        let least = self.least_allotted(&goal, wanted);
        let most = match (&best, &least) {
            (Some(best), None) => best.tally.amount_in,
            (_, Some(least)) => least.tally.amount_in,
            (None, None) => Amount::MAX,
        };
        let known = usize::try_from(most).is_ok_and(|most| most <= units);
        let best = best.into_iter().chain(least).min_by_key(|attempt| attempt.tally.amount_in);
        if known && self.reads_tables.are_whole {
            return best.map(|best| (best, goal, true));
        }
        let mut best = best;
        let (mut low, mut tried) = (0, most);
        for _ in 0..LESS {
            if self.finder.is_spent() || tried <= low {
                break;
            }
            let found = self.most_within(&Goal { amount: tried, ..goal });
            match found {
                Some(found) if found.tally.amount_out >= wanted => {
                    let found = self.tightened(found, wanted, &goal);
                    let less = |best: &Attempt<'_>| found.tally.amount_in < best.tally.amount_in;
                    if found.reads_fit(&goal) && best.as_ref().is_none_or(less) {
                        best = Some(found);
                    }
                }
                Some(found) if best.is_none() => {
                    best = Some(found);
                    break;
                }
                _ => low = tried,
            }
            let high = best.as_ref().map_or(0, |best| best.tally.amount_in);
            // First a unit less, then halves of what is between.
            tried = if low == 0 { high / 2 } else { low + high.saturating_sub(low) / 2 };
        }
        best.map(|best| (best, goal, false))
    }

    /// The least input for which the tables say that it gives an output.
    fn least_allotted(&mut self, goal: &Goal, wanted: Amount) -> Option<Attempt<'a>> {
        let (mut low, mut high) = (0, self.reads_tables.units + 1);
        let mut least = None;
        while high - low > 1 {
            let amid = low + (high - low) / 2;
            let gives = |attempt: &Attempt<'_>| attempt.tally.amount_out >= wanted && attempt.reads_fit(goal);
            match self.best_within(goal, 1, amid).into_iter().find(gives) {
                Some(attempt) => (high, least) = (amid, Some(attempt)),
                None => low = amid,
            }
        }
        least
    }

    /// How much of an amount the best part within a limit on reads takes, or gives where the output is fixed; and, of an
    /// input, how much tables fill.
    pub(super) fn part_within_reads(&mut self, amount: Amount, request: &QuoteRequest) -> (Amount, Amount) {
        let limit = request.max_reads.map_or(ANY_READS, u32::from);
        let most = match request.mode {
            Mode::ExactIn => amount,
            Mode::ExactOut => Amount::MAX,
        };
        let best = self.most_within(&limited_goal(request, most, true, limit));
        match (best, request.mode) {
            (None, _) => (0, 0),
            (Some(best), Mode::ExactOut) => (best.tally.amount_out.min(amount), 0),
            (Some(best), Mode::ExactIn) => {
                let filled = self.most_filled(usize::try_from(amount).unwrap_or(usize::MAX));
                (best.tally.amount_in, filled as Amount)
            }
        }
    }

    /// The most that one route passes of an amount and gives something for: input, or output where that is fixed.
    pub(super) fn most_of_one_route(&mut self, amount: Amount, request: &QuoteRequest) -> Amount {
        let offered = match request.mode {
            Mode::ExactIn => amount,
            Mode::ExactOut => Amount::MAX,
        };
        let limit = request.max_reads.map_or(ANY_READS, u32::from);
        let goal = limited_goal(request, offered, true, limit);
        let attempts = match request.max_reads {
            Some(_) => self.routes_within(&goal),
            None => {
                let ways = self.all_ways().into_iter();
                let plans = ways.map(|legs| Vec::from([RoutePlan { legs, amount_in: offered }]));
                plans.map(|plan| Attempt::new(&mut self.finder.curves, plan, &goal)).collect()
            }
        };
        let giving = attempts.iter().filter(|attempt| attempt.tally.amount_out > 0);
        let most = giving.map(|attempt| match request.mode {
            Mode::ExactIn => attempt.tally.amount_in,
            Mode::ExactOut => attempt.tally.amount_out,
        });
        most.max().unwrap_or(0).min(amount)
    }

    pub(super) fn all_ways(&mut self) -> Vec<Rc<[Leg<'a>]>> {
        let finder = &self.finder;
        self.ways.get_or_insert_with(|| all_ways(finder)).clone()
    }
}

/// What is asked for, with no more bins a pool than the reads allow at best.
fn limited_goal(request: &QuoteRequest, amount: Amount, part_will_do: bool, limit: u32) -> Goal {
    let bins = u16::try_from(limit / LEAST_OF_A_BIN + 1).unwrap_or(u16::MAX);
    Goal { amount, max_bins: request.max_bins.min(bins), part_will_do, max_reads: limit }
}

/// The refusal of a call of which none was found within the limit; one may exist where a limit on work ended the search.
fn too_large(reads: u32, limit: u32, limited: bool) -> QuoteError {
    QuoteError::PlanTooLarge {
        reads,
        limit,
        bins_that_fit: limit.saturating_sub(3) / 52,
        warnings: limited.then_some(Warning::SearchLimited { limit: WALKS }).into_iter().gather(),
    }
}

fn is_better(mode: Mode, amount: Amount, found: &Answer<'_>, best: &Answer<'_>) -> bool {
    match mode {
        Mode::ExactIn => found.attempt.worth(&found.goal) > best.attempt.worth(&best.goal),
        Mode::ExactOut => {
            let fills = (found.fills(mode, amount), best.fills(mode, amount));
            match fills {
                (true, true) => found.amount_in() < best.amount_in(),
                (false, false) => found.amount_out() > best.amount_out(),
                (found, _) => found,
            }
        }
    }
}
