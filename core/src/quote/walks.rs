//! How many walks a search may make: work is counted, and ends for every loop alike.
//!
//! The end is where [`Curves`](crate::pool::curves::Curves) stops: walks beyond it take nothing. So whatever is tried
//! then comes to less than it could, and never to more than it does.

use super::effort::Effort;

/// Walks of one search at most. A walk takes about a fifth of a microsecond, however deep it goes.
pub(super) const MAX_WALKS: usize = 20_000;
/// Walks for the best single route beside those: it is found whatever else was tried.
const WALKS_APART: usize = 8_000;

/// Walks for beginning anew with less to choose from, and for routes that pass only behind others, beside those.
const WALKS_FOR_NARROWER: usize = 8_000;

/// Walks for tables of all amounts beside those.
const WALKS_FOR_TABLES: usize = 16_000;

/// The bounds of one search, and what was done beside them.
pub(super) struct Walks {
    /// Walks that may be made; the search ends where they are used up.
    pub(super) most: usize,
    /// Walks that the best single route may take beside those, until it was looked for.
    pub(super) left_apart: usize,
    /// Walks that tables of all amounts may take beside those.
    pub(super) left_for_tables: usize,
    /// The same where reads are limited.
    pub(super) left_for_reads: usize,
    /// Walks for single routes within a limit on reads.
    pub(super) left_for_singles: usize,
    /// Walks for beginning anew with less to choose from.
    pub(super) left_for_narrower: usize,
    /// Those that were taken beside.
    pub(super) apart: usize,
    /// Whether they were too few.
    pub(super) cut_short: bool,
    /// Whether those for tables were too few.
    pub(super) tables_cut_short: bool,
}

impl Walks {
    pub(super) const fn of(effort: Effort) -> Self {
        Self {
            most: effort.out_of(MAX_WALKS),
            left_apart: effort.out_of(WALKS_APART),
            left_for_tables: effort.out_of(WALKS_FOR_TABLES),
            left_for_reads: effort.out_of(WALKS_FOR_TABLES),
            left_for_singles: effort.out_of(WALKS_APART),
            left_for_narrower: effort.out_of(WALKS_FOR_NARROWER),
            apart: 0,
            cut_short: false,
            tables_cut_short: false,
        }
    }
}
