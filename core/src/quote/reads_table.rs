//! A table of all amounts, as [`Table`](super::table::Table) is, where reads are limited: each amount keeps what gives most
//! for each number of reads.
//!
//! A share that gives a little less may leave the reads that another needs. So of two ways to share an amount one is
//! dropped only where it gives no more, and the call of the other reads no more.

use super::best::Finder;
use super::goal::Goal;
use super::leg::Leg;
use super::plan::{RoutePlan, Tally, record, tally};
use super::reads::{Visits, ends_amid, of_call};
use super::shares::{Share, Shares};
use super::stands::Route;
use crate::pool::curves::Curves;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Steps of the table that take as long as a walk.
const STEPS_OF_A_WALK: usize = 64;
/// What a call bin by bin reads more than another.
const EXPLICIT: u32 = of_call(0, true) + 4;

/// A way to share an amount: what it gives, and what its call reads.
#[derive(Clone, Copy)]
struct Label {
    given: Amount,
    cost: Cost,
    /// Pools that are used, a bit each.
    used: u64,
    /// Those that are used by a share that gives nothing. Only the last route may be such a one.
    burnt: u64,
    /// Where the last share stands, counted from one; 0 where there is none.
    last: usize,
}

/// What the reads of a call depend on.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    bins: u32,
    /// Pools that end amid a bin; two where only a call bin by bin executes it.
    amid: u8,
}

impl Cost {
    const fn plus(self, other: Self) -> Self {
        Self { bins: self.bins.saturating_add(other.bins), amid: self.amid.saturating_add(other.amid) }
    }

    const fn reads(self) -> u32 {
        of_call(self.bins, self.amid > 1)
    }

    /// Whether it is no more than another, whatever is added to both.
    const fn is_within(self, other: Self) -> bool {
        self.bins <= other.bins && self.amid <= other.amid || self.bins.saturating_add(EXPLICIT) <= other.bins
    }
}

impl Label {
    /// Whether another way to share the same amount is not needed beside this one.
    const fn beats(&self, other: &Self, shared: u64) -> bool {
        self.given >= other.given
            && self.cost.is_within(other.cost)
            && (self.burnt == 0 || other.burnt != 0)
            // What leaves more pools untouched that others go through may lead to more.
            && self.used & shared & !other.used == 0
    }
}

/// Tables for one kind of goal, with the routes in one order and in the other.
#[derive(Default)]
pub(super) struct ReadsTables<'a> {
    /// Bins, routes and reads allowed.
    pub(super) limits: (u16, usize, u32),
    /// Amounts up to this were asked for, and up to that are in them.
    pub(super) asked: usize,
    pub(super) units: usize,
    /// Whether nothing is better than what they say: no two routes share a pool.
    pub(super) are_whole: bool,
    pub(super) tables: Vec<ReadsTable<'a>>,
}

/// What each amount gives at most, by the number of routes where they are counted.
pub(super) struct ReadsTable<'a> {
    pub(super) units: usize,
    rows: Vec<Vec<Vec<Label>>>,
    shares: Shares<'a>,
    limit: u32,
    shared: u64,
}

impl<'a> ReadsTable<'a> {
    /// The table of all amounts up to so many units, with the routes in this order; `None` where work ended it.
    pub(super) fn new(
        finder: &mut Finder<'a>,
        goal: &Goal,
        ways: &[Rc<[Leg<'a>]>],
        (rows, units): (usize, usize),
    ) -> Option<Self> {
        let curves = &mut finder.curves;
        // Where nobody counts routes, each is added to the same row.
        let counted = usize::from(rows > 0);
        let row = alloc::vec![Vec::new(); units + 1];
        let (mut seen, mut shared) = (0, 0);
        for used in ways.iter().map(|legs| pools(legs)) {
            (seen, shared) = (seen | used, shared | seen & used);
        }
        let rows = alloc::vec![row; rows + 1];
        let mut table = Self { units, rows, shares: Shares::default(), limit: goal.max_reads, shared };
        let nothing = Label { given: 0, cost: Cost::default(), used: 0, burnt: 0, last: 0 };
        table.rows.iter_mut().filter_map(|row| row.first_mut()).for_each(|cell| cell.push(nothing));
        for legs in ways {
            let used = pools(legs);
            let mut known: Vec<Gives> = Vec::new();
            for row in (counted..table.rows.len()).rev() {
                for amount in (0..units).rev() {
                    let mut nth = 0;
                    while let Some(before) = table.cell(row - counted, amount).get(nth).copied() {
                        nth += 1;
                        if before.burnt & used == 0 {
                            table.add(curves, goal, (legs, used), (row, amount), &before, &mut known);
                        }
                        if curves.is_spent() {
                            return None;
                        }
                    }
                }
            }
            for gives in known {
                finder.shortfall.extend(gives.from.unknown.iter().copied());
            }
        }
        Some(table)
    }

    fn cell(&self, row: usize, amount: usize) -> &[Label] {
        self.rows.get(row).and_then(|row| row.get(amount)).map_or(&[], Vec::as_slice)
    }

    /// Adds every share of a route to one way to share an amount.
    fn add(
        &mut self,
        curves: &mut Curves<'a>,
        goal: &Goal,
        (legs, used): (&Rc<[Leg<'a>]>, u64),
        (row, amount): (usize, usize),
        before: &Label,
        known: &mut Vec<Gives>,
    ) {
        let plans = if before.used & used == 0 { Vec::new() } else { self.shares.plans(before.last, 1) };
        let from = tally(curves, &plans, goal);
        let stand = from.stands.of_legs(legs);
        let at = known.iter().position(|known| known.stand == stand).unwrap_or(known.len());
        if at == known.len() {
            known.push(Gives { from, stand, amounts: Vec::new(), ended: false });
        }
        let Some(gives) = known.get_mut(at) else { return };
        let most = self.units - amount;
        let mut steps = 0;
        for units in 1..=most {
            let Some((gives, cost)) = gives.of(curves, legs, (units, most), goal) else { break };
            let cost = before.cost.plus(cost);
            steps += 1;
            if of_call(cost.bins, false) > self.limit {
                break;
            }
            // Only one may give nothing.
            if gives == 0 && before.burnt != 0 || cost.reads() > self.limit {
                continue;
            }
            let Some(cell) = self.rows.get_mut(row).and_then(|row| row.get_mut(amount + units)) else {
                break;
            };
            let mut label = Label {
                given: before.given.saturating_add(gives),
                cost,
                used: before.used | used,
                burnt: if gives == 0 { used } else { before.burnt },
                last: 0,
            };
            steps += cell.len();
            if cell.iter().any(|other| other.beats(&label, self.shared)) {
                continue;
            }
            cell.retain(|other| !label.beats(other, self.shared));
            label.last = self.shares.add(Share { legs: Rc::clone(legs), units, gives, before: before.last });
            cell.push(label);
        }
        curves.walks += steps / STEPS_OF_A_WALK;
    }

    /// The most units, up to so many, of which all is taken for something.
    pub(super) fn most_filled(&self, to: usize) -> usize {
        let fills = |amount: &usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(*amount));
            cells.any(|cell| cell.iter().any(|label| label.given > 0))
        };
        (1..=to.min(self.units)).rev().find(fills).unwrap_or(0)
    }

    /// The plans that give most of these amounts, and what they give: of equals those that take less, then fewer routes.
    pub(super) fn best(&self, from: usize, to: usize) -> (Amount, Vec<RoutePlan<'a>>) {
        let rows = |amount| self.rows.iter().filter_map(move |row| row.get(amount));
        let labels = (from..=to.min(self.units)).flat_map(rows).flatten();
        let best = labels.fold(None, |best: Option<&Label>, label| match best {
            Some(best) if best.given >= label.given => Some(best),
            _ => Some(label),
        });
        best.map_or((0, Vec::new()), |best| (best.given, self.shares.plans(best.last, 1)))
    }
}

fn pools(legs: &[Leg<'_>]) -> u64 {
    legs.iter().fold(0, |used, leg| used | 1 << (leg.at % 64))
}

/// What a route gives and costs for each amount, from where its pools stand.
struct Gives {
    from: Tally,
    stand: Route,
    amounts: Vec<(Amount, Cost)>,
    ended: bool,
}

impl Gives {
    /// Of so many units, if they pass; looks ahead up to `most`.
    fn of<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        legs: &Rc<[Leg<'a>]>,
        (units, most): (usize, usize),
        goal: &Goal,
    ) -> Option<(Amount, Cost)> {
        let mut step = 1;
        while !self.ended && self.amounts.len() < units {
            let (known, last) = (self.amounts.len(), self.amounts.last().copied());
            let tried = most.min(known + step);
            let passed = self.pass(curves, legs, tried as Amount, goal.max_bins);
            match passed.filter(|(_, cost)| of_call(cost.bins, false) <= goal.max_reads) {
                // More in gives and costs no less, so what is between is the same.
                Some(passed) if Some(passed) == last || tried == known + 1 => {
                    self.amounts.resize(tried, passed);
                    step = if Some(passed) == last { 2 * step } else { 1 };
                }
                None if tried == known + 1 => self.ended = true,
                _ => step = 1,
            }
        }
        self.amounts.get(units - 1).copied()
    }

    fn pass<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        legs: &Rc<[Leg<'a>]>,
        amount: Amount,
        max_bins: u16,
    ) -> Option<(Amount, Cost)> {
        let plan = RoutePlan { legs: Rc::clone(legs), amount_in: amount };
        let (_, given) =
            self.from.would_pass(curves, &plan, max_bins).filter(|(passed, _)| *passed == amount)?;
        let hops = record(&mut self.from.stands.clone(), legs, amount, max_bins)?.quote.hops;
        let visits = Visits::of(&hops);
        curves.walks += 1 + visits.all() as usize / 4;
        let amid = match (&**legs, hops.as_slice()) {
            ([leg], [hop]) => u8::from(ends_amid(leg.pool, hop)),
            _ => 2,
        };
        Some((given, Cost { bins: visits.of_bins(), amid }))
    }
}
