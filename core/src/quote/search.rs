//! The search for one request over one state: what it may do, what it has done, and where its knowledge ran out.

use super::best::Finder;
use super::effort::Effort;
use super::input::{Outcome, QuoteInput};
use super::leg::Leg;
use super::reads_table::ReadsTables;
use super::request::Mode;
use super::shortfall::{Shortfall, more_bins};
use super::split::{MAX_LOOKS, Network};
use super::table::Table;
use super::walks::MAX_WALKS;
use crate::units::{Amount, Symbol};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Looks that all flows of one search may take.
const ALL_LOOKS: usize = 2 * MAX_LOOKS;
/// Looks of a flow that take as long as a walk.
const LOOKS_OF_A_WALK: usize = 20;
/// What an answer says whose search ended with its walks.
pub(super) const WALKS: &str = "walks";
/// What an answer says that takes all of an amount of which a part gives more.
pub(super) const WHOLE: &str = "whole";

/// Pools in the directions they are used in, with the tokens they lead from and to; how many tokens; the ends.
pub(super) type Sides<'a> = (Vec<(Leg<'a>, (usize, usize))>, usize, (usize, usize));

/// Choices of pools, shared by all that look through them.
pub(super) type Ways<'a> = Rc<[Rc<[Leg<'a>]>]>;

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
    /// Whether the most there is is looked for by a search of its own, see [`Most`](super::most::Most).
    pub(super) most_apart: bool,
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
    /// Those that tables of amounts know, for a limit on bins and a size of amounts.
    pub(super) ways_of_tables: Option<((u16, u32), Ways<'a>)>,
    /// What every amount gives at most, where units are few.
    pub(super) tables: Vec<Table<'a>>,
    /// What parts of an amount give at most, where units are many.
    pub(super) tables_of_parts: Vec<Table<'a>>,
    /// What every amount gives at most where reads are limited.
    pub(super) reads_tables: ReadsTables<'a>,
    /// The most that anything within a limit on reads was seen to give.
    pub(super) most_seen: Amount,
}

impl<'a> Search<'a> {
    /// The search for a request, with nothing done yet.
    pub(super) fn of(input: &QuoteInput<'a>) -> Self {
        let QuoteInput { request, candidates, state, can_read_more, effort, .. } = *input;
        let finder = Finder::new(candidates, state, can_read_more, effort);
        Self {
            disordered: finder.any_disorder(),
            quick: false,
            most_apart: request.max_reads.is_none()
                && !(request.allow_partial && request.mode == Mode::ExactOut),
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
            ways_of_tables: None,
            tables: Vec::new(),
            tables_of_parts: Vec::new(),
            reads_tables: ReadsTables::default(),
            most_seen: 0,
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

    /// What to read first, if knowledge ran out and more can be read.
    pub(super) fn read_more(&self) -> Option<Outcome> {
        self.must_read_more().then(|| Outcome::ReadMore(more_bins(self.finder.candidates, self.shortfall())))
    }

    /// Work done so far, in walks; a few looks of a flow take as long as one.
    pub(super) const fn done(&self) -> usize {
        self.finder.curves.walks + self.finder.walks.apart + self.looks / LOOKS_OF_A_WALK
    }

    /// Lets it search for half as long again, from so many walks on.
    pub(super) fn go_on_from(&mut self, walks: usize) {
        self.finder.end_at(walks + self.effort.out_of(MAX_WALKS) / 2);
    }

    /// Looks that flows may still take.
    pub(super) const fn looks_left(&self) -> usize {
        self.effort.out_of(ALL_LOOKS).saturating_sub(self.looks)
    }

    /// Whether a bound on work ended the search.
    pub(super) const fn is_spent(&self) -> bool {
        self.looks_left() == 0 || self.finder.is_spent()
    }

    /// Whether tables of a quote in a batch ended before they were done; alone it may have gone on with them.
    pub(super) fn ended_in_batch(&self) -> bool {
        self.effort != Effort::WHOLE && self.finder.walks.tables_cut_short
    }

    /// Whether more bins must be read before an answer is worth anything.
    pub(super) fn must_read_more(&self) -> bool {
        self.can_read_more && !self.finder.shortfall.is_empty()
    }
}
