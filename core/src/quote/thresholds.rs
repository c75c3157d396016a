//! Amounts that buy one unit more, where a token on the way has few units or a fee takes nearly all of them.
//!
//! What is between two such amounts buys nothing, and shares in even parts miss them. So routes are given the least that
//! buys so many units, and of what costs as much only the best is kept.

use super::attempt::Attempt;
use super::best::Finder;
use super::goal::Goal;
use super::leg::Leg;
use super::plan::{RoutePlan, Tally, tally};
use super::search::Search;
use super::stands::Route;
use super::table::are_apart;
use crate::gather::Gather;
use crate::sorted::sort_by;
use crate::units::{Amount, BPS_SCALE};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Units that are few enough to look at each of them.
const FEW_UNITS: Amount = 64;
/// Parts of an amount that are looked at where none has so few.
const PARTS: Amount = 16;
/// Sums kept for one number of routes.
const KEPT: usize = 96;
/// Routes of one sum.
const MOST_ROUTES: usize = 4;
/// Walks for all of it.
const WALKS: usize = 8_000;
/// Sums that take as long to make and to compare as a walk.
const SUMS_OF_A_WALK: usize = 8;

/// The least input of some routes for what they give.
#[derive(Clone, Copy, Default)]
struct Sum {
    cost: Amount,
    given: Amount,
    /// Pools that are used, a bit each.
    used: u128,
    /// Where the last of the routes stands, counted from one; 0 where there is none.
    last: usize,
    /// Input of one route more that stands nowhere yet.
    more: Amount,
}

/// Routes with their inputs, each behind another.
#[derive(Default)]
struct Chain<'a>(Vec<(RoutePlan<'a>, usize)>);

impl<'a> Chain<'a> {
    fn add(&mut self, sum: &mut Sum, legs: &Rc<[Leg<'a>]>) {
        if sum.more > 0 {
            self.0.push((RoutePlan { legs: Rc::clone(legs), amount_in: sum.more }, sum.last));
            (sum.last, sum.more) = (self.0.len(), 0);
        }
    }

    /// Those that end with this one, in the order of execution.
    fn plans(&self, mut last: usize) -> Vec<RoutePlan<'a>> {
        let mut plans = Vec::new();
        while let Some((plan, before)) = last.checked_sub(1).and_then(|at| self.0.get(at)) {
            plans.insert(0, plan.clone());
            last = *before;
        }
        plans
    }
}

impl<'a> Search<'a> {
    /// The best attempts of routes that are given just what buys so many units, if that matters for any of them.
    pub(super) fn by_thresholds(&mut self, goal: &Goal, max_routes: usize) -> Vec<Attempt<'a>> {
        let mut ways = self.ways_for_tables(goal.max_bins, goal.amount).to_vec();
        let (most, routes) = (self.effort.out_of(WALKS), max_routes.min(MOST_ROUTES));
        let mut plans = Vec::new();
        self.for_tables(most, |finder| {
            // What shares a pool gives more or less in another order.
            for _ in 0..if are_apart(&ways, 0) { 1 } else { 2 } {
                plans.extend(cheapest_plans(finder, goal, &ways, routes));
                ways.reverse();
            }
        });
        let attempts = |finder: &mut Finder<'a>| {
            plans.into_iter().map(|plans| Attempt::new(&mut finder.curves, plans, goal)).gather()
        };
        let mut attempts: Vec<Attempt<'a>> = self.finder.beside(attempts);
        attempts.retain(|attempt| !attempt.plans.is_empty());
        sort_by(&mut attempts, |a, b| b.tally.amount_out.cmp(&a.tally.amount_out));
        attempts.dedup_by(|a, b| a.tally.passed == b.tally.passed);
        attempts
    }
}

/// What gives most with each number of routes; nothing where none of them has thresholds.
fn cheapest_plans<'a>(
    finder: &mut Finder<'a>,
    goal: &Goal,
    ways: &[Rc<[Leg<'a>]>],
    max_routes: usize,
) -> Vec<Vec<RoutePlan<'a>>> {
    let nothing = tally(&mut finder.curves, &[], goal);
    let alone: Vec<Options> =
        ways.iter().map(|legs| Options::of(finder, nothing.clone(), legs, goal)).gather();
    if !alone.iter().any(|options| options.are_thresholds) {
        return Vec::new();
    }
    let mut chain = Chain::default();
    let mut rows: Vec<Vec<Sum>> = Vec::new();
    rows.resize_with(max_routes + 1, Vec::new);
    if let Some(first) = rows.first_mut() {
        first.push(Sum::default());
    }
    for (legs, alone) in ways.iter().zip(&alone) {
        let used = legs.iter().fold(0_u128, |used, leg| used | 1 << (leg.at % 128));
        let mut known: Vec<(Route, Options)> = Vec::new();
        for row in (1..=max_routes).rev() {
            let before = rows.get(row - 1).cloned().unwrap_or_default();
            let mut found = rows.get(row).cloned().unwrap_or_default();
            for sum in before {
                let mut options = alone;
                if sum.used & used != 0 {
                    let from = tally(&mut finder.curves, &chain.plans(sum.last), goal);
                    let stand = from.stands.of_legs(legs);
                    let at = known.iter().position(|(known, _)| *known == stand).unwrap_or_else(|| {
                        known.push((stand, Options::of(finder, from, legs, goal)));
                        known.len() - 1
                    });
                    options = known.get(at).map_or(alone, |(_, options)| options);
                }
                let left = goal.amount.saturating_sub(sum.cost);
                for &(more, given) in options.costs.iter().take_while(|(cost, _)| *cost <= left) {
                    let (cost, given) = (sum.cost.saturating_add(more), sum.given.saturating_add(given));
                    found.push(Sum { cost, given, used: sum.used | used, more, ..sum });
                }
            }
            finder.curves.walks += found.len() / SUMS_OF_A_WALK;
            if let Some(row) = rows.get_mut(row).filter(|_| !finder.curves.is_spent()) {
                *row = cheapest(found);
                row.iter_mut().for_each(|sum| chain.add(sum, legs));
            }
        }
    }
    rows.iter().skip(1).filter_map(|row| row.last()).map(|best| chain.plans(best.last)).gather()
}

/// Those that give more than all that cost less, and no more than so many of them.
fn cheapest(mut sums: Vec<Sum>) -> Vec<Sum> {
    sort_by(&mut sums, |a, b| a.cost.cmp(&b.cost).then(b.given.cmp(&a.given)));
    let mut most = 0;
    sums.retain(|sum| {
        let more = sum.given > most;
        most = most.max(sum.given);
        more
    });
    let (all, kept, mut nth) = (sums.len(), sums.len().min(KEPT), 0);
    sums.retain(|_| {
        nth += 1;
        // Spread over all of them, the last one among them.
        nth * kept / all > (nth - 1) * kept / all
    });
    sums
}

/// What a route gives from where its pools stand.
struct Options {
    /// The least input for an output, and that output; more and more.
    costs: Vec<(Amount, Amount)>,
    /// Whether less than one of the inputs buys a unit less of something that has few.
    are_thresholds: bool,
}

impl Options {
    fn of<'a>(finder: &mut Finder<'a>, mut from: Tally, legs: &Rc<[Leg<'a>]>, goal: &Goal) -> Self {
        let mut options = Self { costs: Vec::new(), are_thresholds: false };
        let curves = &mut finder.curves;
        let max_bins = goal.max_bins;
        let mut plan = RoutePlan { legs: Rc::clone(legs), amount_in: goal.amount };
        let Some((most, _)) = from.would_pass(curves, &plan, max_bins) else { return options };
        let (mut offered, mut fewest) = (most, (Amount::MAX, 0));
        for (leg, hops) in legs.iter().zip(1..) {
            let mut cursor = from.stands.before(leg);
            let walked = curves.walk(leg.side(), &mut cursor, offered, max_bins);
            offered = walked.map_or(0, |walked| walked.given);
            fewest = fewest.min((offered, hops));
        }
        let fee = legs.first().map_or(0, |leg| u128::from(leg.pool.side_fees(leg.direction).total()));
        // So much leaves a unit when the fee is taken.
        let of_a_unit = BPS_SCALE / BPS_SCALE.saturating_sub(fee).max(1);
        let (units, of_token) = match fewest.0 <= FEW_UNITS {
            true => (fewest.0, legs.get(..fewest.1)),
            false => ((most / of_a_unit).saturating_add(1), None),
        };
        options.are_thresholds = of_token.is_some() || of_a_unit > 1 && units <= FEW_UNITS;
        for nth in 1..=if options.are_thresholds { units } else { PARTS } {
            let probe = match of_token {
                Some(legs) => from.least_input(curves, legs, nth, max_bins),
                None if options.are_thresholds => Some(nth.saturating_mul(of_a_unit).min(most)),
                None => Some((most / PARTS).saturating_mul(nth)),
            };
            let Some(amount_in) = probe.filter(|probe| *probe > 0) else { continue };
            plan.amount_in = amount_in;
            let passed = from.would_pass(curves, &plan, max_bins);
            let given = passed.map_or(0, |(_, given)| given);
            if given > options.costs.last().map_or(0, |last| last.1)
                && let Some(cost) = from.least_input(curves, legs, given, max_bins)
            {
                options.costs.push((cost, given));
            }
        }
        finder.shortfall.extend(from.unknown);
        options
    }
}
