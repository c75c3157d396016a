//! The most that comes out of an amount within a limit on reads: of single routes, of shares by tables, and of what moves
//! of input make of them.

use super::attempt::Attempt;
use super::best::Found;
use super::goal::Goal;
use super::improve::Improver;
use super::leg::Leg;
use super::plan::RoutePlan;
use super::search::Search;
use crate::gather::Gather;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Halvings of what one route takes, on the way to the most that fits.
const HALVINGS: u32 = 24;
/// Routes that are looked at for what an attempt leaves over.
const BESIDE: usize = 8;
/// Routes that take everything that a search for the whole begins with.
const TAKERS: usize = 3;

impl<'a> Search<'a> {
    /// The best attempt towards a goal within its reads.
    pub(super) fn most_within(&mut self, goal: &Goal) -> Option<Attempt<'a>> {
        let routes = match self.max_splits {
            _ if self.one_route => 1,
            0 => usize::MAX,
            limit => limit,
        };
        let allotted = self.allotted_within(goal, routes);
        if self.is_allotted(goal) {
            return allotted.into_iter().max_by_key(|attempt| attempt.worth(goal)).filter(is_answer(goal));
        }
        let served = self.is_served(goal);
        let part = Goal { part_will_do: true, ..*goal };
        let singles = self.routes_within(&part);
        let ways: Vec<_> = singles
            .iter()
            .filter_map(|single| single.plans.first())
            .map(|plan| Rc::clone(&plan.legs))
            .collect();
        let mut found = singles;
        if routes > 1 {
            let mut starts = allotted.clone();
            // Where tables begin with all there is, nothing else leads to more.
            if !served {
                let best = found.iter().max_by_key(|single| single.worth(&part)).cloned();
                starts.extend(best.map(|best| self.filled(best, &part, &ways, routes)));
            }
            let mut better = self.moved(&part, &ways, routes, starts, !served);
            if !goal.part_will_do {
                // What takes everything leaves the reads that another route needs for a part of it.
                let mut takers: Vec<_> =
                    found.iter().filter(|single| single.takes_all(goal)).cloned().gather();
                sort_by(&mut takers, |a, b| {
                    a.reads.cmp(&b.reads).then_with(|| b.worth(goal).cmp(&a.worth(goal)))
                });
                let starts = better.iter().cloned().chain(takers.into_iter().take(TAKERS)).gather();
                better.extend(self.moved(goal, &ways, routes, starts, false));
            }
            found.extend(better);
        }
        found.extend(allotted);
        let fitting = found.iter().filter(|attempt| attempt.reads_fit(goal));
        let most = fitting.map(|attempt| attempt.tally.amount_out).max().unwrap_or(0);
        self.most_seen = self.most_seen.max(most);
        found.into_iter().max_by_key(|attempt| attempt.worth(goal)).filter(is_answer(goal))
    }

    /// What moves of input make of each of these attempts, and of one that grows from nothing where that is asked.
    fn moved(
        &mut self,
        goal: &Goal,
        ways: &[Rc<[Leg<'a>]>],
        routes: usize,
        starts: Vec<Attempt<'a>>,
        grows: bool,
    ) -> Vec<Attempt<'a>> {
        let mut moved = Vec::new();
        for start in starts.into_iter().map(Some).chain(grows.then_some(None)) {
            let mut improver = Improver::new(&mut self.finder, *goal, ways, routes);
            let start = start.unwrap_or_else(|| improver.grown());
            let (better, ended) = improver.run(start);
            moved.push(better);
            let unknown = improver.unknown;
            self.finder.walks.cut_short |= !ended;
            self.finder.shortfall.extend(unknown);
        }
        self.finder.allow(usize::MAX);
        moved
    }

    /// The attempts that share an amount best by the tables: all of it, and a part.
    fn allotted_within(&mut self, goal: &Goal, routes: usize) -> Vec<Attempt<'a>> {
        let served = self.reads_tables(goal, routes).units;
        let units = usize::try_from(goal.amount).unwrap_or(usize::MAX);
        let mut attempts = self.best_within(&Goal { part_will_do: true, ..*goal }, 1, units.min(served));
        let most = attempts.iter().map(|attempt| attempt.tally.amount_out).max().unwrap_or(0);
        self.most_seen = self.most_seen.max(most);
        if !goal.part_will_do && units <= served {
            attempts.extend(self.best_within(goal, units, units));
        }
        attempts
    }

    /// Whether the tables reach as far as a goal.
    pub(super) fn is_served(&self, goal: &Goal) -> bool {
        goal.amount <= self.reads_tables.units as Amount
    }

    /// Whether nothing is better than what the tables say.
    pub(super) fn is_allotted(&self, goal: &Goal) -> bool {
        self.reads_tables.are_whole && self.is_served(goal)
    }

    /// Every single route with the most of an amount that fits its reads; found whatever else was tried.
    pub(super) fn routes_within(&mut self, goal: &Goal) -> Vec<Attempt<'a>> {
        let ways = self.all_ways();
        self.beside_singles(|search| {
            let mut whole: Vec<Attempt<'a>> = Vec::new();
            for legs in ways {
                let plan = RoutePlan { legs, amount_in: goal.amount };
                let attempt = Attempt::new(&mut search.finder.curves, Vec::from([plan]), goal);
                if attempt.tally.amount_in > 0 {
                    whole.push(attempt);
                }
            }
            sort_by(&mut whole, |a, b| b.tally.amount_out.cmp(&a.tally.amount_out));
            whole.into_iter().filter_map(|attempt| search.cut(attempt, goal)).collect()
        })
    }

    /// The best single routes of all for an amount, those of them that are within its reads.
    pub(super) fn best_within_reads(&mut self, goal: &Goal) -> Vec<Attempt<'a>> {
        self.beside_singles(|search| {
            let finder = &mut search.finder;
            let single = finder.best_full(goal.amount, goal.max_bins, Amount::MAX).map(Found::into_plan);
            let mut plans: Vec<_> = single.into_iter().gather();
            plans.extend(finder.partial_plans(goal.amount, goal.max_bins, 0));
            let attempts = plans.into_iter().map(|plan| Attempt::new(&mut finder.curves, plan, goal));
            attempts.filter(|attempt| attempt.reads_fit(goal)).gather()
        })
    }

    /// Does something with the walks that are laid by for single routes, as long as there are any.
    fn beside_singles<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (walks, end) = (self.finder.curves.walks, self.finder.curves.end);
        self.finder.curves.end = end.max(walks + self.finder.walks.left_for_singles);
        let done = work(self);
        let took = self.finder.curves.walks - walks;
        let beside = took.min(self.finder.walks.left_for_singles);
        self.finder.walks.left_for_singles -= beside;
        self.finder.walks.apart += beside;
        (self.finder.curves.walks, self.finder.curves.end) = (walks + took - beside, end);
        done
    }

    /// The most that the last route of an attempt takes beside the others within the reads.
    fn cut(&mut self, whole: Attempt<'a>, goal: &Goal) -> Option<Attempt<'a>> {
        if whole.reads_fit(goal) {
            self.finder.shortfall.extend(whole.tally.unknown.iter().copied());
            return Some(whole);
        }
        let (last, before) = whole.plans.split_last()?;
        let others = before.iter().fold(0, |sum: Amount, plan| sum.saturating_add(plan.amount_in));
        let mut fits: Option<Attempt<'a>> = None;
        let (mut low, mut high) = (0, last.amount_in);
        // What fits so many bins a pool, first; then what is between.
        for (bins, halvings) in [(true, u16::BITS), (false, HALVINGS)] {
            let (mut fewest, mut most) = (0, goal.max_bins);
            for _ in 0..halvings {
                let amid = fewest + (most - fewest) / 2;
                let tried = if bins { last.amount_in } else { low + (high - low) / 2 };
                if self.finder.curves.is_spent() || bins && amid == fewest || !bins && tried == low {
                    break;
                }
                let within = Goal { max_bins: if bins { amid } else { goal.max_bins }, ..*goal };
                let plan = RoutePlan { legs: Rc::clone(&last.legs), amount_in: tried };
                let curves = &mut self.finder.curves;
                let mut attempt = Attempt::new(curves, Vec::from([plan]), &within);
                if !before.is_empty() {
                    let plans = before.iter().cloned().chain(attempt.plans).gather();
                    attempt = Attempt::new(curves, plans, goal);
                }
                let taken = attempt.tally.amount_in.saturating_sub(others);
                match attempt.reads_fit(goal) {
                    true => {
                        (fewest, low) = (amid, low.max(taken));
                        if taken == 0 && !bins {
                            low = tried;
                        }
                        let is_more = |fits: &Attempt<'_>| attempt.tally.amount_in > fits.tally.amount_in;
                        if taken > 0 && fits.as_ref().is_none_or(is_more) {
                            fits = Some(attempt);
                        }
                    }
                    false => (most, high) = (amid, if bins { high.min(taken) } else { tried }),
                }
            }
        }
        fits
    }

    /// An attempt with more routes beside it, each of them with the most that its reads leave for it. Moves would give
    /// them halves of what is left over, which may be far more or far less.
    fn filled(
        &mut self,
        mut best: Attempt<'a>,
        goal: &Goal,
        ways: &[Rc<[Leg<'a>]>],
        routes: usize,
    ) -> Attempt<'a> {
        while best.plans.len() < routes {
            let mut better: Option<Attempt<'a>> = None;
            for legs in ways.iter().take(BESIDE).filter(|legs| !best.uses(legs)) {
                let mut plans = best.plans.clone();
                plans.push(RoutePlan { legs: Rc::clone(legs), amount_in: best.rest(goal) });
                let whole = Attempt::new(&mut self.finder.curves, plans, goal);
                if whole.plans.len() <= best.plans.len() {
                    continue;
                }
                let than = better.as_ref().unwrap_or(&best);
                better = self.cut(whole, goal).filter(|cut| cut.worth(goal) > than.worth(goal)).or(better);
            }
            match better {
                Some(better) => best = better,
                None => break,
            }
        }
        best
    }
}

/// Whether an attempt reaches a goal.
pub(super) fn is_answer(goal: &Goal) -> impl Fn(&Attempt<'_>) -> bool {
    |attempt| attempt.worth(goal).0 && attempt.tally.amount_in > 0
}
