//! So few units that every amount can be tried on every route: the best that routes which share no pool give.
//!
//! A table says for each amount what gives most, from what each route gives for each amount. It begins alike whatever
//! the amount is, so what less bought more buys too.

use super::attempt::Attempt;
use super::improve::{Improver, shares_a_pool};
use super::leg::Leg;
use super::plan::{RoutePlan, tally};
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Steps of the table at most.
const MOST_STEPS: usize = 1 << 18;
/// Amount times routes whose table has no more steps than that.
const MOST_SIDE: Amount = 724;
/// Steps of the table that take as long as a walk.
const STEPS_OF_A_WALK: usize = 128;
/// Walks that may be made for what routes give.
const MOST_WALKS: usize = 3_000;

/// What an amount gives at most, and the last share of it.
#[derive(Clone, Copy, Default)]
struct Cell {
    given: Amount,
    /// Pools that are used, a bit each.
    used: u128,
    /// Where the last share stands, counted from one; 0 where there is none.
    last: usize,
}

/// A share of an amount, and the one before it.
struct Share {
    way: usize,
    units: usize,
    /// What it gives.
    gives: Amount,
    before: usize,
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

impl<'a> Improver<'_, 'a> {
    /// The best attempts that share an amount over routes without a pool in common: of all of it, and of a part.
    pub(super) fn allotted(&mut self) -> Vec<Attempt<'a>> {
        let none = Vec::new();
        let Ok(units) = usize::try_from(self.goal.amount) else { return none };
        let rows = self.max_routes.min(units);
        // Where any number of routes may be used, nobody counts them.
        let rows = if rows >= self.likely.len() { 1 } else { rows };
        let most = self.likely.len().min(MOST_WALKS / units.max(1));
        if most == 0 || units.saturating_mul(units).saturating_mul(most * rows) > 2 * MOST_STEPS {
            return none;
        }
        let mut rest = tally(self.curves, &[], &self.goal);
        // Whether routes are counted: then each is added to a row of fewer.
        let counted = usize::from(rows > 1 || self.max_routes == 1);
        let mut table: Vec<Vec<Option<Cell>>> = Vec::new();
        table.resize_with(rows + counted, || {
            let mut row = Vec::new();
            row.resize(units + 1, None);
            row
        });
        for row in &mut table {
            if let Some(nothing) = row.first_mut() {
                *nothing = Some(Cell::default());
            }
        }
        let mut shares: Vec<Share> = Vec::new();
        let ways: Vec<_> = self.likely.iter().take(most).cloned().collect();
        for (way, legs) in ways.iter().enumerate() {
            let mut gives: Vec<Amount> = Vec::new();
            for amount_in in 1..=self.goal.amount {
                let plan = RoutePlan { legs: Rc::clone(legs), amount_in };
                match rest.would_pass(self.curves, &plan, self.goal.max_bins) {
                    Some((passed, given)) if passed == amount_in => gives.push(given),
                    _ if self.is_spent() => return none,
                    _ => break,
                }
            }
            self.unknown.extend(rest.unknown.iter().copied());
            let used = legs.iter().fold(0_u128, |used, leg| used | 1 << (leg.at % 128));
            self.curves.walks += table.len() * units * gives.len() / (2 * STEPS_OF_A_WALK);
            for row in (counted..table.len()).rev() {
                for amount in (1..=units).rev() {
                    let mut best = table.get(row).and_then(|row| *row.get(amount)?);
                    let mut share = None;
                    for (&gives, taken) in gives.iter().zip(1..=amount) {
                        let before = table.get(row - counted).and_then(|row| *row.get(amount - taken)?);
                        let Some(before) = before.filter(|before| before.used & used == 0) else { continue };
                        let given = before.given.saturating_add(gives);
                        if best.is_none_or(|best| given > best.given) {
                            best = Some(Cell { given, used: before.used | used, last: shares.len() + 1 });
                            share = Some(Share { way, units: taken, gives, before: before.last });
                        }
                    }
                    if let Some(share) = share {
                        shares.push(share);
                        if let Some(cell) = table.get_mut(row).and_then(|row| row.get_mut(amount)) {
                            *cell = best;
                        }
                    }
                }
            }
        }
        let cells = || table.iter().flat_map(|row| row.iter().enumerate());
        let best = |least: usize| {
            let reached = cells().filter(|(amount, _)| *amount >= least);
            reached
                .filter_map(|(_, cell)| *cell)
                .fold(Cell::default(), |best, cell| if cell.given > best.given { cell } else { best })
        };
        let lasts = [best(units).last, best(1).last];
        let mut attempts = Vec::with_capacity(lasts.len());
        for mut last in lasts {
            let mut plans = Vec::new();
            while let Some(share) = last.checked_sub(1).and_then(|at| shares.get(at)) {
                if let Some(legs) = ways.get(share.way) {
                    let plan = RoutePlan { legs: Rc::clone(legs), amount_in: share.units as Amount };
                    // The last of several may give nothing.
                    let at = if share.gives == 0 { plans.len() } else { 0 };
                    plans.insert(at, plan);
                }
                last = share.before;
            }
            attempts.push(Attempt::new(self.curves, plans, &self.goal));
        }
        attempts
    }
}
