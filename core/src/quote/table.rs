//! So few units that every amount can be tried on every route: a table of what each amount gives at most.
//!
//! Where routes share no pool it is the best there is; where they do, each amount keeps where its best shares leave the
//! pools, and the next route begins there. It begins alike whatever the amount is, so what less bought more buys too.

use super::best::Finder;
use super::goal::Goal;
use super::improve::shares_a_pool;
use super::leg::Leg;
use super::plan::{RoutePlan, Tally, tally};
use super::shares::{Share, Shares};
use super::stands::Route;
use crate::pool::curves::Curves;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Amount times routes whose table has no more steps than that.
const MOST_SIDE: Amount = 724;
/// Steps of the table that take as long as a walk.
const STEPS_OF_A_WALK: usize = 128;

/// What an amount gives at most, and the last share of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) given: Amount,
    /// Pools that are used, a bit each.
    used: u128,
    /// Those that are used by a share that gives nothing. Only the last route may be such a one.
    burnt: u128,
    /// Where the last share stands, counted from one; 0 where there is none.
    pub(super) last: usize,
}

/// What each amount gives at most, by the number of routes where they are limited.
pub(super) struct Table<'a> {
    pub(super) max_bins: u16,
    pub(super) max_routes: usize,
    /// Amounts are multiples of so many units, up to so many times.
    pub(super) grain: Amount,
    pub(super) units: usize,
    rows: Vec<Vec<Option<Cell>>>,
    shares: Shares<'a>,
}

/// Whether a table of all amounts is no larger than it may be, and nothing is better: no two routes share a pool.
pub(super) fn are_apart(ways: &[Rc<[Leg<'_>]>], amount: Amount) -> bool {
    let side = amount.saturating_mul(ways.len() as Amount);
    let mut later = ways;
    while let Some((way, others)) = later.split_first() {
        if others.iter().any(|other| shares_a_pool(way, other)) {
            return false;
        }
        later = others;
    }
    side <= MOST_SIDE
}

impl<'a> Table<'a> {
    /// The table of all amounts up to that of a goal, with the routes in this order.
    pub(super) fn new(
        finder: &mut Finder<'a>,
        goal: &Goal,
        ways: &[Rc<[Leg<'a>]>],
        (rows, max_routes): (usize, usize),
        grain: Amount,
    ) -> Self {
        let curves = &mut finder.curves;
        let units = (goal.amount / grain.max(1)) as usize;
        // Whether routes are counted: then each is added to a row of fewer.
        let counted = usize::from(rows > 1 || max_routes == 1);
        let mut table = Self {
            max_bins: goal.max_bins,
            max_routes,
            grain,
            units,
            rows: Vec::new(),
            shares: Shares::default(),
        };
        let mut row = Vec::new();
        row.push(Some(Cell::default()));
        row.resize(units + 1, None);
        table.rows.resize(rows + counted, row);
        for legs in ways {
            let used = legs.iter().fold(0_u128, |used, leg| used | 1 << (leg.at % 128));
            let mut known: Vec<Gives> = Vec::new();
            for row in (counted..table.rows.len()).rev() {
                for amount in (0..units).rev() {
                    let before = table.rows.get(row - counted).and_then(|row| *row.get(amount)?);
                    let Some(before) = before.filter(|before| before.burnt & used == 0) else { continue };
                    let apart = before.used & used == 0;
                    let plans = if apart { Vec::new() } else { table.plans(before.last) };
                    let from = tally(curves, &plans, goal);
                    let stand = from.stands.of_legs(legs);
                    let at = match known.iter().position(|known| known.stand == stand) {
                        Some(at) => at,
                        None => {
                            known.push(Gives { from, stand, amounts: Vec::new(), ended: false });
                            known.len() - 1
                        }
                    };
                    let Some(gives) = known.get_mut(at) else { continue };
                    gives.reach(curves, legs, (units - amount, grain), goal.max_bins);
                    curves.walks += (units - amount).min(gives.amounts.len()) / STEPS_OF_A_WALK;
                    for (&gives, taken) in gives.amounts.iter().zip(1..=units - amount) {
                        let given = before.given.saturating_add(gives);
                        let cell = table.rows.get_mut(row).and_then(|row| row.get_mut(amount + taken));
                        let better = |cell: &&mut Option<Cell>| cell.is_none_or(|best| given > best.given);
                        // Only one may give nothing.
                        let Some(cell) = cell.filter(better).filter(|_| gives > 0 || before.burnt == 0)
                        else {
                            continue;
                        };
                        let burnt = if gives == 0 { used } else { before.burnt };
                        let last = table.shares.add(Share {
                            legs: Rc::clone(legs),
                            units: taken,
                            gives,
                            before: before.last,
                        });
                        *cell = Some(Cell { given, used: before.used | used, burnt, last });
                    }
                }
            }
            for gives in known {
                finder.shortfall.extend(gives.from.unknown.iter().copied());
            }
        }
        table
    }

    /// The shares that end with this one, in the order of their routes.
    pub(super) fn plans(&self, last: usize) -> Vec<RoutePlan<'a>> {
        self.shares.plans(last, self.grain)
    }

    /// What gives most of these amounts.
    pub(super) fn best(&self, from: usize, to: usize) -> Cell {
        self.bests(from, to)
            .fold(Cell::default(), |best, cell| if cell.given > best.given { cell } else { best })
    }

    /// What gives most of these amounts with each number of routes, where they are counted.
    pub(super) fn bests(&self, from: usize, to: usize) -> impl Iterator<Item = Cell> {
        self.rows.iter().map(move |row| {
            let cells = row.iter().take(to + 1).skip(from).flatten();
            cells.fold(Cell::default(), |best, cell| if cell.given > best.given { *cell } else { best })
        })
    }
}

/// What a route gives for each amount, from where its pools stand.
struct Gives {
    from: Tally,
    stand: Route,
    amounts: Vec<Amount>,
    ended: bool,
}

impl Gives {
    /// Goes on up to so many units, or to the most that passes.
    fn reach<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        legs: &Rc<[Leg<'a>]>,
        (end, grain): (usize, Amount),
        max_bins: u16,
    ) {
        let mut step = 1;
        while !self.ended && self.amounts.len() < end {
            let (known, last) = (self.amounts.len(), self.amounts.last().copied().unwrap_or(0));
            let units = end.min(known + step);
            let plan =
                RoutePlan { legs: Rc::clone(legs), amount_in: (units as Amount).saturating_mul(grain) };
            let passed = self.from.would_pass(curves, &plan, max_bins);
            let given = passed.filter(|(passed, _)| *passed == plan.amount_in).map(|(_, given)| given);
            match given {
                // More in gives no less, so what is between gives the same.
                Some(given) if given == last || units == known + 1 => {
                    self.amounts.resize(units, given);
                    step = if given == last { 2 * step } else { 1 };
                }
                None if units == known + 1 => self.ended = true,
                _ => step = 1,
            }
        }
    }
}
