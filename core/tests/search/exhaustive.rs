//! The best there is where pools share nothing: every share of every amount, by the reads of its call.

use crate::network::symbol;
use dlmm_core::pool::Pool;
use dlmm_core::pool::walk::walk_exact_in;
use dlmm_core::quote::{QuoteRequest, Visits};
use dlmm_core::units::Direction;
use std::collections::BTreeMap;

/// Bins that a call visits, and how many of its pools end amid a bin: what its reads depend on.
type Cost = (u32, u32, u32);

/// What an amount gives at most, by its cost.
type Cell = BTreeMap<Cost, u128>;

/// The most that each amount up to `most` gives from A to B if all of it is taken; `None` where nothing takes it.
pub(crate) fn best(most: usize, pools: &[Pool], limits: &QuoteRequest) -> Vec<Option<u128>> {
    let direct: Vec<_> = pools.iter().filter_map(|pool| Some((pool, direction(pool)?))).collect();
    let routes = match usize::from(limits.max_splits) {
        0 => direct.len(),
        limit => limit.min(direct.len()),
    };
    let mut table = vec![vec![Cell::new(); most + 1]; routes + 1];
    for row in &mut table {
        row[0].insert((0, 0, 0), 0);
    }
    for (pool, direction) in direct {
        let gives = gives(pool, direction, most, limits);
        for route in (1..=routes).rev() {
            let (fewer, row) = table.split_at_mut(route);
            for (amount, cell) in row[0].iter_mut().enumerate().skip(1) {
                for (taken, (cost, given)) in (1..=amount).zip(&gives) {
                    for (before, sum) in &fewer[route - 1][amount - taken] {
                        let cost = (before.0 + cost.0, before.1 + cost.1, before.2 + cost.2);
                        if fits(cost, limits) {
                            let best = cell.entry(cost).or_default();
                            *best = (*best).max(sum + given);
                        }
                    }
                }
            }
        }
    }
    let best = |amount: usize| {
        let given = table.iter().flat_map(|row| row[amount].values().copied());
        given.max().filter(|given| *given > 0)
    };
    (0..=most).map(best).collect()
}

/// The way of a pool from A to B.
fn direction(pool: &Pool) -> Option<Direction> {
    let direction = pool.direction_of(&symbol("A"))?;
    let other = match direction {
        Direction::XForY => pool.token_y(),
        Direction::YForX => pool.token_x(),
    };
    (*other == symbol("B")).then_some(direction)
}

/// What one unit, two units and so on cost and give, as long as the pool takes them.
fn gives(pool: &Pool, direction: Direction, most: usize, limits: &QuoteRequest) -> Vec<(Cost, u128)> {
    let fees = pool.side_fees(direction);
    let gives = (1..=most as u128).map_while(|amount| {
        let (mut steps, mut amid) = (0, false);
        let walk = walk_exact_in(pool, direction, amount, limits.max_bins, |step| {
            steps += 1;
            amid = step.bin.room(direction, fees) != Ok(Some(step.fill.taken));
        });
        let walk = walk.ok().filter(|walk| walk.taken == amount)?;
        // Where nothing limits reads, nothing is told apart by them.
        let cost = (steps, u32::from(walk.bins_visited) - steps, u32::from(amid));
        let cost = if limits.max_reads.is_some() { cost } else { (0, 0, 0) };
        fits((cost.0, cost.1, 0), limits).then_some((cost, walk.given))
    });
    gives.collect()
}

fn fits((trading, passed_over, amid): Cost, limits: &QuoteRequest) -> bool {
    let reads = Visits { trading, passed_over }.reads(amid > 1);
    limits.max_reads.is_none_or(|limit| reads <= u32::from(limit))
}
