//! What a search asks a table of all amounts: the best shares of an amount, the most that fills, the least input for an
//! output. One table serves all amounts of a search.

use super::attempt::Attempt;
use super::best::Finder;
use super::goal::{ANY_READS, Goal};
use super::improve::{Improver, LIKELY, SMALL};
use super::leg::Leg;
use super::plan::{RoutePlan, tally};
use super::search::{Search, Ways};
use super::table::{Table, are_apart};
use crate::gather::Gather;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;
use litemap::LiteMap;

/// Steps of a table at most.
const MOST_STEPS: usize = 1 << 19;
/// Amounts up to this are tried on every route there is.
const TINY: Amount = 4;
/// Parts that an amount too large for them is shared in.
const GRAINS: Amount = 64;
/// Walks for tables of them.
const WALKS_FOR_GRAINS: usize = 6_000;
/// Routes counted by a table of such parts.
const MOST_COUNTED: usize = 4;

impl<'a> Search<'a> {
    /// The best attempts that share an amount over routes: of all of it, and of a part.
    pub(super) fn allotted(&mut self, goal: &Goal, max_routes: usize) -> Vec<Attempt<'a>> {
        let Ok(units) = usize::try_from(goal.amount) else { return Vec::new() };
        let serves = |table: &Table<'_>| {
            (table.max_bins, table.max_routes) == (goal.max_bins, max_routes) && table.units >= units
        };
        if !self.tables.first().is_some_and(serves) {
            // So few units are tried on every route: what passes nothing at first may be what is worth most behind others.
            let ways = match goal.amount <= TINY {
                true => self.all_ways().into(),
                false => self.ways_for_tables(goal.max_bins, SMALL),
            };
            let rows = max_routes.min(units);
            // Where any number of routes may be used, nobody counts them.
            let rows = if rows >= ways.len() { 1 } else { rows };
            let steps = units.saturating_mul(units).saturating_mul(ways.len() * rows);
            if steps == 0 || steps > MOST_STEPS {
                return Vec::new();
            }
            self.tables = self.new_tables(goal, &ways, (rows, max_routes), 1);
        }
        let mut attempts = self.allotted_to(goal, units, units, 0);
        attempts.extend(self.allotted_to(goal, 1, units, 0));
        attempts
    }

    /// The best attempts that share an amount of any size in parts of a grain: where the best shares are, about.
    pub(super) fn allotted_in_grains(&mut self, goal: &Goal, max_routes: usize) -> Vec<Attempt<'a>> {
        let ways = self.ways_for_tables(goal.max_bins, goal.amount);
        if ways.is_empty() {
            return Vec::new();
        }
        let rows = max_routes.min(MOST_COUNTED).min(ways.len());
        let amount = self.useful(&ways, goal);
        let steps = MOST_STEPS / 2 / (ways.len() * rows).max(1);
        let parts = (steps.isqrt() as Amount).clamp(1, GRAINS);
        // Tables of a little more serve as well.
        let serves = |table: &Table<'_>| {
            let reach = table.grain.saturating_mul(table.units as Amount);
            (table.max_bins, table.max_routes) == (goal.max_bins, max_routes)
                && (reach / 2..=reach).contains(&amount)
        };
        if !self.tables_of_parts.first().is_some_and(serves) {
            let goal = Goal { amount, ..*goal };
            let grain = amount.div_ceil(parts).max(1);
            self.tables_of_parts = self.new_tables(&goal, &ways, (rows, max_routes), grain);
        }
        let Some(units) = self.tables_of_parts.first().map(|table| (amount / table.grain) as usize) else {
            return Vec::new();
        };
        let ends = [(units, units), (1, units)];
        let ends = if goal.part_will_do { &ends[..] } else { &ends[..1] };
        let mut plans = Vec::new();
        for table in &self.tables_of_parts {
            for &(from, to) in ends {
                plans.extend(table.bests(from, to).map(|best| table.plans(best.last)));
            }
        }
        let attempts = |finder: &mut Finder<'a>| {
            let attempts = plans.into_iter().map(|plans| Attempt::new(&mut finder.curves, plans, goal));
            attempts.filter(|attempt| !attempt.plans.is_empty()).gather()
        };
        let mut attempts: Vec<Attempt<'a>> = self.finder.beside(attempts);
        sort_by(&mut attempts, |a, b| b.tally.amount_out.cmp(&a.tally.amount_out));
        attempts.dedup_by(|a, b| a.tally.passed == b.tally.passed);
        attempts
    }

    /// How much of an amount these routes can make anything of: what each first pool takes for the most it leads to.
    fn useful(&mut self, ways: &[Rc<[Leg<'a>]>], goal: &Goal) -> Amount {
        let useful = |finder: &mut Finder<'a>| {
            let curves = &mut finder.curves;
            let mut nothing = tally(curves, &[], goal);
            let mut firsts: LiteMap<usize, Amount> = LiteMap::new();
            for way in ways {
                let plan = RoutePlan { legs: Rc::clone(way), amount_in: goal.amount };
                let Some((passed, given)) = nothing.would_pass(curves, &plan, goal.max_bins) else {
                    continue;
                };
                let least = nothing.least_input(curves, way, given, goal.max_bins).unwrap_or(passed);
                let first = firsts.entry(way.first().map_or(0, |leg| leg.at)).or_insert(0);
                *first = least.max(*first);
            }
            firsts.values().fold(0, |sum: Amount, first| sum.saturating_add(*first))
        };
        self.for_tables(usize::MAX, useful).min(goal.amount)
    }

    /// Tables over these routes, one in each order where that matters; none if there is no work left for them.
    fn new_tables(
        &mut self,
        goal: &Goal,
        ways: &[Rc<[Leg<'a>]>],
        (rows, max_routes): (usize, usize),
        grain: Amount,
    ) -> Vec<Table<'a>> {
        let most = if grain == 1 { usize::MAX } else { self.effort.out_of(WALKS_FOR_GRAINS) };
        let mut ways = ways.to_vec();
        self.for_tables(most, |finder| {
            let mut tables = Vec::new();
            // What shares a pool gives more or less in another order.
            for _ in 0..if are_apart(&ways, 0) { 1 } else { 2 } {
                tables.push(Table::new(finder, goal, &ways, (rows, max_routes), grain));
                ways.reverse();
            }
            tables
        })
    }

    /// Does something for tables with no more than so many of the walks that are left for them.
    pub(super) fn for_tables<T: Default>(
        &mut self,
        most: usize,
        work: impl FnOnce(&mut Finder<'a>) -> T,
    ) -> T {
        if self.finder.walks.left_for_tables == 0 {
            return T::default();
        }
        self.finder.laid_by(|walks| &mut walks.left_for_tables, most, work)
    }

    /// All routes, or those that are worth most where there are many.
    pub(super) fn ways_for_tables(&mut self, max_bins: u16, amount: Amount) -> Ways<'a> {
        // Amounts of one size begin alike.
        let size = (max_bins, amount.leading_zeros());
        if let Some((_, ways)) = self.ways_of_tables.as_ref().filter(|(known, _)| *known == size) {
            return Rc::clone(ways);
        }
        let amount = Amount::MAX.checked_shr(size.1).unwrap_or(0);
        let ways = self.all_ways();
        let mut likely = Vec::new();
        if ways.len() > LIKELY {
            likely = self.for_tables(usize::MAX, |finder| {
                let goal = Goal { amount, max_bins, part_will_do: true, max_reads: ANY_READS };
                let mut improver = Improver::of_what_is_left(finder, goal, &ways, 1);
                let nothing = Attempt::new(improver.curves, Vec::new(), &goal);
                improver.most_likely(&nothing)
            });
        }
        // What passes nothing at first may pass something behind others.
        for way in ways {
            if likely.len() < LIKELY && !likely.iter().any(|known| Rc::ptr_eq(known, &way)) {
                likely.push(way);
            }
        }
        let ways: Ways<'a> = likely.into();
        self.ways_of_tables = Some((size, Rc::clone(&ways)));
        ways
    }

    /// What gives most of these amounts by each table, and no less than so much.
    fn allotted_to(&mut self, goal: &Goal, from: usize, to: usize, least: Amount) -> Vec<Attempt<'a>> {
        let best = self.tables.iter().map(|table| (table, table.best(from, to)));
        let plans = best.filter(|(_, best)| best.given >= least).map(|(table, best)| table.plans(best.last));
        let plans: Vec<_> = plans.gather();
        let attempts = |finder: &mut Finder<'a>| {
            plans.into_iter().map(|plans| Attempt::new(&mut finder.curves, plans, goal)).gather()
        };
        self.finder.beside(attempts)
    }

    /// What takes all of the most units, up to so many, for which a table has anything; or of the least that give an
    /// output, where that is wanted.
    pub(super) fn allotted_for(
        &mut self,
        most: Amount,
        max_bins: u16,
        wanted: Amount,
    ) -> Option<Attempt<'a>> {
        let max_routes = if self.max_splits == 0 { usize::MAX } else { self.max_splits };
        let mut goal = Goal { amount: most.min(SMALL), max_bins, part_will_do: false, max_reads: ANY_READS };
        while goal.amount > 0 && self.allotted(&goal, max_routes).is_empty() {
            goal.amount /= 2;
        }
        let (units, least) = (goal.amount as usize, wanted.max(1));
        (1..=units).find_map(|nth| {
            let at = if wanted == 0 { units + 1 - nth } else { nth };
            goal.amount = at as Amount;
            let mut attempts = self.allotted_to(&goal, at, at, least).into_iter();
            attempts.find(|attempt| attempt.takes_all(&goal) && attempt.tally.amount_out >= least)
        })
    }
}
