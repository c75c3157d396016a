//! What a search under a limit on reads asks a table of all amounts.

use super::attempt::Attempt;
use super::best::Finder;
use super::goal::Goal;
use super::improve::LIKELY;
use super::reads_table::{ReadsTable, ReadsTables};
use super::search::Search;
use super::table::are_apart;
use crate::gather::Gather;
use alloc::vec::Vec;

/// Units times units times routes of a table at most.
const MOST_STEPS: usize = 1 << 19;

impl<'a> Search<'a> {
    /// Makes the tables for a goal, as far as they may reach, and tells how far they do.
    pub(super) fn reads_tables(&mut self, goal: &Goal, max_routes: usize) -> &ReadsTables<'a> {
        let mut ways = self.all_ways();
        // Each route has a bin that trades at least.
        let fitting = (goal.max_reads.saturating_add(4) / 52) as usize;
        let rows = if max_routes < ways.len().min(fitting) { max_routes } else { 0 };
        let most = (MOST_STEPS / (ways.len() * rows.max(1)).max(1)).isqrt();
        let units = usize::try_from(goal.amount).unwrap_or(usize::MAX).min(most);
        let limits = (goal.max_bins, max_routes, goal.max_reads);
        let known = self.reads_tables.limits == limits && self.reads_tables.asked >= units;
        if known || ways.len() > LIKELY || self.finder.walks.left_for_reads == 0 {
            if self.reads_tables.limits != limits {
                self.reads_tables = ReadsTables::default();
            }
            return &self.reads_tables;
        }
        // One route shares a pool with none.
        let are_whole = max_routes.min(fitting) == 1 || are_apart(&ways, 0);
        let (mut tables, asked, mut units) = (Vec::new(), units, units);
        while tables.is_empty() && units > 0 && self.finder.walks.left_for_reads > 0 {
            let half = self.finder.walks.left_for_reads.div_ceil(2);
            self.finder.laid_by(
                |walks| &mut walks.left_for_reads,
                half,
                |finder| {
                    // What shares a pool gives more or less in another order.
                    for _ in 0..if are_whole { 1 } else { 2 } {
                        tables.extend(ReadsTable::new(finder, goal, &ways, (rows, units)));
                        ways.reverse();
                    }
                },
            );
            if tables.is_empty() {
                // Fewer units take a part of the work.
                units /= 2;
            }
        }
        self.reads_tables = ReadsTables { limits, asked, units, are_whole, tables };
        &self.reads_tables
    }

    /// What gives most of these amounts by each table.
    pub(super) fn best_within(&mut self, goal: &Goal, from: usize, to: usize) -> Vec<Attempt<'a>> {
        let best = self.reads_tables.tables.iter().map(|table| table.best(from, to));
        let plans: Vec<_> = best.filter(|(given, _)| *given > 0).map(|(_, plans)| plans).gather();
        let attempts = |finder: &mut Finder<'a>| {
            plans.into_iter().map(|plans| Attempt::new(&mut finder.curves, plans, goal)).gather()
        };
        self.finder.beside(attempts)
    }

    /// The most units, up to so many, that a table fills for something.
    pub(super) fn most_filled(&self, to: usize) -> usize {
        let filled = self.reads_tables.tables.iter().map(|table| table.most_filled(to));
        filled.max().unwrap_or(0)
    }
}
