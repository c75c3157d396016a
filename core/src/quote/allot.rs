//! What a search asks a table of all amounts: the best shares of an amount, the most that fills, the least input for an
//! output. One table serves all amounts of a search.

use super::attempt::Attempt;
use super::best::Finder;
use super::goal::{ANY_READS, Goal};
use super::improve::{LIKELY, SMALL};
use super::search::Search;
use super::table::{Table, are_apart};
use crate::gather::Gather;
use crate::units::Amount;
use alloc::vec::Vec;

/// Steps of a table at most.
const MOST_STEPS: usize = 1 << 19;

impl<'a> Search<'a> {
    /// The best attempts that share an amount over routes: of all of it, and of a part.
    pub(super) fn allotted(&mut self, goal: &Goal, max_routes: usize) -> Vec<Attempt<'a>> {
        let Ok(units) = usize::try_from(goal.amount) else { return Vec::new() };
        let serves = |table: &Table<'_>| {
            (table.max_bins, table.max_routes) == (goal.max_bins, max_routes) && table.units >= units
        };
        if !self.tables.first().is_some_and(serves) {
            let mut ways = self.all_ways();
            let rows = max_routes.min(units);
            // Where any number of routes may be used, nobody counts them.
            let rows = if rows >= ways.len() { 1 } else { rows };
            let steps = units.saturating_mul(units).saturating_mul(ways.len() * rows);
            if steps == 0
                || steps > MOST_STEPS
                || ways.len() > LIKELY
                || self.finder.walks.left_for_tables == 0
            {
                return Vec::new();
            }
            let (walks, end) = (self.finder.curves.walks, self.finder.curves.end);
            self.finder.curves.end = walks.saturating_add(self.finder.walks.left_for_tables);
            self.tables.clear();
            // What shares a pool gives more or less in another order.
            for _ in 0..if are_apart(&ways, 0) { 1 } else { 2 } {
                let table = Table::new(&mut self.finder, goal, &ways, (rows, max_routes));
                self.tables.push(table);
                ways.reverse();
            }
            let took = self.finder.curves.walks - walks;
            self.finder.walks.left_for_tables = self.finder.walks.left_for_tables.saturating_sub(took);
            self.finder.walks.apart += took;
            (self.finder.curves.walks, self.finder.curves.end) = (walks, end);
        }
        let mut attempts = self.allotted_to(goal, units, units, 0);
        attempts.extend(self.allotted_to(goal, 1, units, 0));
        attempts
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
