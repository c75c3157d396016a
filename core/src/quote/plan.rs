//! Routes with amounts, replayed in whole units one after another.

use super::answer::{HopQuote, RouteQuote};
use crate::impact::HopLoss;
use crate::pool::Pool;
use crate::route::PathHop;
use crate::units::{Amount, Direction};
use crate::walk::{Cursor, Step, walk_on};
use alloc::vec::Vec;
use litemap::LiteMap;

/// Rounds of proportional shrinking before the search for what fits falls back to bisection.
const SHRINK_ROUNDS: u32 = 64;

/// One hop of a planned route: a pool and where it leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg<'a> {
    /// Index of the candidate pool.
    pub(super) at: usize,
    pub(super) pool: &'a Pool,
    pub(super) direction: Direction,
    pub(super) hop: &'a PathHop,
}

/// A route and what is to go in.
#[derive(Clone, Debug)]
pub(super) struct RoutePlan<'a> {
    pub(super) legs: Vec<Leg<'a>>,
    pub(super) amount_in: Amount,
}

/// What a replay came to, route by route.
#[derive(Clone, Debug)]
pub(super) struct Replay<'a> {
    pub(super) routes: Vec<Replayed<'a>>,
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
    /// Where every used pool stands in the end.
    pub(super) cursors: LiteMap<usize, Cursor>,
    /// Whether a pool stopped a route because its bin limit was reached.
    pub(super) overflow: bool,
}

/// One route of a replay.
#[derive(Clone, Debug)]
pub(super) struct Replayed<'a> {
    pub(super) legs: Vec<Leg<'a>>,
    pub(super) quote: RouteQuote,
    /// Losses of its hops, `None` where one cannot be told.
    pub(super) losses: Option<Vec<HopLoss>>,
}

enum Passage {
    Through,
    /// A hop took only `taken` of the `offered` that reached it.
    Stuck {
        offered: Amount,
        taken: Amount,
        hop: usize,
    },
    Overflow,
}

/// Replays the plans in order; pools they share stand where the route before left them. A route that cannot
/// pass all of its amount passes the most it can; routes that pass nothing are left out.
pub(super) fn replay<'a>(plans: &[RoutePlan<'a>], max_bins: u16) -> Replay<'a> {
    let mut replay = Replay {
        routes: Vec::with_capacity(plans.len()),
        amount_in: 0,
        amount_out: 0,
        cursors: LiteMap::new(),
        overflow: false,
    };
    for plan in plans {
        let amount = largest(&mut replay, plan, max_bins);
        if amount == 0 {
            continue;
        }
        let mut cursors = replay.cursors.clone();
        let Some(replayed) = record(&mut cursors, &plan.legs, amount, max_bins) else { continue };
        // One route that gives nothing is an answer to refuse; among several it only burns its share.
        if replayed.quote.amount_out == 0 && plans.len() > 1 {
            continue;
        }
        replay.cursors = cursors;
        // Sums of amounts that were taken out of one u128, and of reserves that give them.
        let (Some(taken), Some(given)) = (
            replay.amount_in.checked_add(replayed.quote.amount_in),
            replay.amount_out.checked_add(replayed.quote.amount_out),
        ) else {
            replay.overflow = true;
            continue;
        };
        (replay.amount_in, replay.amount_out) = (taken, given);
        replay.routes.push(replayed);
    }
    replay
}

/// The largest amount up to the planned one that passes every hop in full.
///
/// Output per input only falls as a swap grows, so shrinking the input by the ratio that got stuck comes down
/// near the answer from above; halving what is left between the last two tries finds it to the unit.
fn largest(replay: &mut Replay<'_>, plan: &RoutePlan<'_>, max_bins: u16) -> Amount {
    let (mut passes, mut fails, mut tried) = (0, None, plan.amount_in);
    for _ in 0..SHRINK_ROUNDS {
        if tried == 0 {
            break;
        }
        match pass(&replay.cursors, &plan.legs, tried, max_bins) {
            Passage::Through => {
                passes = tried;
                break;
            }
            Passage::Overflow => {
                replay.overflow = true;
                return 0;
            }
            Passage::Stuck { taken: 0, .. } => return 0,
            Passage::Stuck { taken, hop: 0, .. } => {
                // The first hop alone takes no more than this, so nothing above it need be tried again.
                (tried, fails) = (taken, taken.checked_add(1));
            }
            Passage::Stuck { offered, taken, .. } => {
                fails = Some(tried);
                let less = crate::math::mul_div_floor(tried, taken, offered).unwrap_or(0);
                tried = less.min(tried.saturating_sub(1));
            }
        }
    }
    let Some(mut fails) = fails else { return passes };
    while fails - passes > 1 {
        let middle = passes + (fails - passes) / 2;
        match pass(&replay.cursors, &plan.legs, middle, max_bins) {
            Passage::Through => passes = middle,
            _ => fails = middle,
        }
    }
    passes
}

fn cursor_of(cursors: &LiteMap<usize, Cursor>, leg: &Leg<'_>) -> Cursor {
    cursors.get(&leg.at).copied().unwrap_or_else(|| Cursor::at_start(leg.pool))
}

fn pass(cursors: &LiteMap<usize, Cursor>, legs: &[Leg<'_>], amount: Amount, max_bins: u16) -> Passage {
    let mut offered = amount;
    for (hop, leg) in legs.iter().enumerate() {
        // A route never uses a pool twice, so cursors of this passage need not be kept.
        let mut cursor = cursor_of(cursors, leg);
        match walk_on(leg.pool, &mut cursor, leg.direction, offered, max_bins, |_| ()) {
            Err(_) => return Passage::Overflow,
            Ok(walk) if walk.taken < offered => return Passage::Stuck { offered, taken: walk.taken, hop },
            Ok(walk) => offered = walk.given,
        }
    }
    Passage::Through
}

/// Passes an amount that is known to fit and keeps every step.
fn record<'a>(
    cursors: &mut LiteMap<usize, Cursor>,
    legs: &[Leg<'a>],
    amount: Amount,
    max_bins: u16,
) -> Option<Replayed<'a>> {
    let mut hops = Vec::with_capacity(legs.len());
    let mut losses = Some(Vec::with_capacity(legs.len()));
    let mut offered = amount;
    for leg in legs {
        let mut cursor = cursor_of(cursors, leg);
        let active_bin_before = cursor.active_bin();
        let mut steps: Vec<Step> = Vec::new();
        let walk =
            walk_on(leg.pool, &mut cursor, leg.direction, offered, max_bins, |step| steps.push(step)).ok()?;
        cursors.insert(leg.at, cursor);
        let first_price = steps.iter().find(|step| step.fill.given > 0).map(|step| step.bin.price);
        let net = walk.taken.saturating_sub(walk.fees.total());
        let loss = first_price.and_then(|price| HopLoss::new(leg.direction, &price, net, walk.given));
        losses = losses.zip(loss).map(|(mut losses, loss)| {
            losses.push(loss);
            losses
        });
        hops.push(HopQuote {
            pool_id: leg.pool.id().clone(),
            token_in: leg.hop.token_in.clone(),
            token_out: leg.hop.token_out.clone(),
            direction: leg.direction,
            amount_in: walk.taken,
            amount_out: walk.given,
            fees: walk.fees,
            bins_visited: walk.bins_visited,
            active_bin_before,
            active_bin_after: walk.active_bin_after,
            steps,
        });
        offered = walk.given;
    }
    let quote = RouteQuote { amount_in: amount, amount_out: offered, hops };
    Some(Replayed { legs: legs.to_vec(), quote, losses })
}
