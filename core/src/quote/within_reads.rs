//! The best answer whose call is within a limit on reads.

use super::answer::Answer;
use super::attempt::Attempt;
use super::call::reads_of;
use super::goal::{ANY_READS, Goal};
use super::improve::Improver;
use super::leg::Leg;
use super::plan::{RoutePlan, tally};
use super::request::{Mode, QuoteRequest};
use super::search::{Search, WALKS, WHOLE};
use super::walks::MAX_WALKS;
use super::ways::all_ways;
use crate::error::QuoteError;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Halvings of the bins that a pool may visit.
const TRIES: u32 = 3;
/// Halvings of what one route takes, on the way to the most that fits.
const HALVINGS: u32 = 24;
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
        self.finder.end_at(done + most / 2);
        let found = match request.mode {
            Mode::ExactIn => {
                let goal = limited_goal(request, amount, request.allow_partial, limit);
                let part = self.most_within(&goal);
                // What takes everything is the floor of a part.
                let whole = Goal { part_will_do: false, ..goal };
                let whole = if goal.part_will_do { self.most_within(&whole) } else { None };
                let best = part.into_iter().chain(whole).max_by_key(|attempt| attempt.worth(&goal));
                best.map(|attempt| (attempt, goal))
            }
            Mode::ExactOut => self.least_within(request, amount, limit),
        };
        let found = found.map(|(attempt, goal)| {
            let limited = (answer.limited).or_else(|| self.finder.is_spent().then_some(WALKS));
            Answer { attempt, goal, limited, routes_wanted: answer.routes_wanted }
        });
        let mut best = found.filter(|found| request.allow_partial || found.fills(request.mode, amount));
        // With this many bins a call through one pool fits whatever they hold.
        let fitting = u16::try_from(limit.saturating_sub(3) / 52).unwrap_or(u16::MAX).min(request.max_bins);
        'fewer: for splits in [self.max_splits, 2, 1] {
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
        // As without the limit: where all must go somewhere, less may give more.
        if let Some(best) = &mut best
            && (request.mode, request.allow_partial, self.max_splits) == (Mode::ExactIn, false, 0)
            && best.amount_out() < self.most_seen
        {
            best.limited = best.limited.or(Some(WHOLE));
        }
        best.filter(|best| best.amount_out() > 0).ok_or_else(|| QuoteError::PlanTooLarge {
            reads,
            limit,
            bins_that_fit: limit.saturating_sub(3) / 52,
        })
    }

    /// The best attempt towards a goal within its reads.
    fn most_within(&mut self, goal: &Goal) -> Option<Attempt<'a>> {
        let part = Goal { part_will_do: true, ..*goal };
        let singles = self.routes_within(&part);
        let ways: Vec<_> = singles
            .iter()
            .filter_map(|single| single.plans.first())
            .map(|plan| Rc::clone(&plan.legs))
            .collect();
        let mut found = singles;
        let routes = match self.max_splits {
            _ if self.one_route => 1,
            0 => usize::MAX,
            limit => limit,
        };
        if routes > 1 {
            let first = found.iter().max_by_key(|single| single.worth(&part)).cloned();
            let allotted = self.allotted(&part, routes);
            let mut improver = Improver::new(&mut self.finder, part, &ways, routes);
            let grown = improver.grown();
            let mut better = Vec::from([improver.run(grown).0]);
            better.extend(allotted.into_iter().map(|start| improver.run(start).0));
            if let Some(first) = first {
                better.push(improver.run(first).0);
            }
            let unknown = improver.unknown;
            if !goal.part_will_do {
                let mut improver = Improver::new(&mut self.finder, *goal, &ways, routes);
                let wholes: Vec<_> = better.iter().map(|start| improver.run(start.clone()).0).collect();
                better.extend(wholes);
            }
            self.finder.allow(usize::MAX);
            self.finder.shortfall.extend(unknown);
            found.extend(better);
        }
        let fitting = found.iter().filter(|attempt| attempt.reads_fit(goal));
        let most = fitting.map(|attempt| attempt.tally.amount_out).max().unwrap_or(0);
        self.most_seen = self.most_seen.max(most);
        let best = found.into_iter().max_by_key(|attempt| attempt.worth(goal))?;
        (best.worth(goal).0 && best.tally.amount_in > 0).then_some(best)
    }

    /// Every single route with the most of an amount that fits its reads.
    fn routes_within(&mut self, goal: &Goal) -> Vec<Attempt<'a>> {
        let mut whole: Vec<Attempt<'a>> = Vec::new();
        for legs in self.all_ways() {
            let plan = RoutePlan { legs, amount_in: goal.amount };
            let attempt = Attempt::new(&mut self.finder.curves, Vec::from([plan]), goal);
            if attempt.tally.amount_in > 0 {
                whole.push(attempt);
            }
        }
        sort_by(&mut whole, |a, b| b.tally.amount_out.cmp(&a.tally.amount_out));
        whole.into_iter().filter_map(|attempt| self.cut(attempt, goal)).collect()
    }

    /// The most of a single route that fits its reads.
    fn cut(&mut self, whole: Attempt<'a>, goal: &Goal) -> Option<Attempt<'a>> {
        if whole.reads_fit(goal) {
            self.finder.shortfall.extend(whole.tally.unknown.iter().copied());
            return Some(whole);
        }
        let legs = whole.plans.first().map(|plan| Rc::clone(&plan.legs))?;
        let mut fits: Option<Attempt<'a>> = None;
        let (mut low, mut high) = (0, whole.tally.amount_in);
        // What fits so many bins a pool, first; then what is between.
        for (bins, halvings) in [(true, u16::BITS), (false, HALVINGS)] {
            let (mut fewest, mut most) = (0, goal.max_bins);
            for _ in 0..halvings {
                let amid = fewest + (most - fewest) / 2;
                let tried = if bins { whole.tally.amount_in } else { low + (high - low) / 2 };
                if self.finder.is_spent() || bins && amid == fewest || !bins && tried == low {
                    break;
                }
                let within = Goal { max_bins: if bins { amid } else { goal.max_bins }, ..*goal };
                let plan = RoutePlan { legs: Rc::clone(&legs), amount_in: tried };
                let attempt = Attempt::new(&mut self.finder.curves, Vec::from([plan]), &within);
                match attempt.reads_fit(goal) {
                    true => {
                        (fewest, low) = (amid, low.max(attempt.tally.amount_in));
                        if attempt.tally.amount_in == 0 && !bins {
                            low = tried;
                        }
                        let is_more = |fits: &Attempt<'_>| attempt.tally.amount_in > fits.tally.amount_in;
                        if attempt.tally.amount_in > 0 && fits.as_ref().is_none_or(is_more) {
                            fits = Some(attempt);
                        }
                    }
                    false => {
                        (most, high) = (amid, if bins { high.min(attempt.tally.amount_in) } else { tried })
                    }
                }
            }
        }
        fits
    }

    /// The least input for an output within a limit on reads; the most there is where that is too little.
    fn least_within(
        &mut self,
        request: &QuoteRequest,
        wanted: Amount,
        limit: u32,
    ) -> Option<(Attempt<'a>, Goal)> {
        let goal = limited_goal(request, Amount::MAX, true, limit);
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
        let most = match &best {
            Some(best) => best.tally.amount_in,
            None => Amount::MAX,
        };
        let (mut low, mut tried) = (0, most);
        for _ in 0..LESS {
            if self.finder.is_spent() || tried <= low {
                break;
            }
            let found = self.most_within(&Goal { amount: tried, ..goal });
            match found {
                Some(found) if found.tally.amount_out >= wanted => {
                    let found = found.tightened(&mut self.finder.curves, wanted, &goal);
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
        best.map(|best| (best, goal))
    }

    /// How much of an amount the best part within a limit on reads takes, or gives where the output is fixed.
    pub(super) fn part_within_reads(&mut self, amount: Amount, request: &QuoteRequest) -> Amount {
        let limit = request.max_reads.map_or(ANY_READS, u32::from);
        let most = match request.mode {
            Mode::ExactIn => amount,
            Mode::ExactOut => Amount::MAX,
        };
        let best = self.most_within(&limited_goal(request, most, true, limit));
        best.map_or(0, |best| match request.mode {
            Mode::ExactIn => best.tally.amount_in,
            Mode::ExactOut => best.tally.amount_out.min(amount),
        })
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
                let plans = self.finder.partial_plans(offered, request.max_bins, 0);
                plans.into_iter().map(|plan| Attempt::new(&mut self.finder.curves, plan, &goal)).collect()
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
