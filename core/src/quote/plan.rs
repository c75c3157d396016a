//! Routes with amounts, replayed in whole units one after another.

use super::goal::Goal;
use super::impact::HopLoss;
use super::leg::Leg;
use super::result::{HopQuote, RouteQuote};
use super::shortfall::Shortfall;
use super::stands::{Stand, Stands};
use crate::gather::Gather;
use crate::network::route::MAX_HOPS;
use crate::pool::curves::Curves;
use crate::pool::walk::{Least, Step, Stop, walk_on};
use crate::units::{Amount, BPS_SCALE};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// A route and what is to go in.
#[derive(Clone, Debug)]
pub(super) struct RoutePlan<'a> {
    pub(super) legs: Rc<[Leg<'a>]>,
    pub(super) amount_in: Amount,
}

/// What plans come to when they are carried out one after another.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
    /// What each plan passes and gives; nothing for those that are left out.
    pub(super) passed: Vec<(Amount, Amount)>,
    /// Where every used pool stands in the end.
    pub(super) stands: Stands,
    /// Where the pools of the last passage that went through would stand.
    latest: Stand,
    /// Whether the contract's arithmetic stopped a route.
    pub(super) overflow: bool,
    /// Pools whose known bins ran out.
    pub(super) unknown: Shortfall,
}

/// What a replay came to, route by route.
#[derive(Clone, Debug)]
pub(super) struct Replay<'a> {
    pub(super) routes: Vec<Replayed<'a>>,
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
    /// Where every used pool stands in the end.
    pub(super) stands: Stands,
}

/// One route of a replay.
#[derive(Clone, Debug)]
pub(super) struct Replayed<'a> {
    pub(super) legs: Rc<[Leg<'a>]>,
    pub(super) quote: RouteQuote,
    /// Losses of its hops, `None` where one cannot be told.
    pub(super) losses: Option<Vec<HopLoss>>,
}

/// What became of an amount on its way through hops.
enum Transit {
    /// All of it passed, and gave this.
    Through(Amount),
    /// A hop took only this much of what reached it.
    Stuck {
        taken: Amount,
        hop: usize,
    },
    Overflow,
}

/// Whether a plan may give nothing.
pub(super) fn burns(plans: &[RoutePlan<'_>], at: usize, goal: &Goal) -> bool {
    plans.len() == 1 || (!goal.part_will_do && at + 1 == plans.len())
}

/// Carries plans out in order; pools they share stand where the route before left them. A route that cannot pass
/// all of its amount passes the most it can; routes that pass nothing, or give nothing beside others, are left out.
/// Only where all of the input must go somewhere the last route may give nothing.
pub(super) fn tally<'a>(curves: &mut Curves<'a>, plans: &[RoutePlan<'a>], goal: &Goal) -> Tally {
    let mut tally = Tally::for_routes(plans.len(), 0);
    for (at, plan) in plans.iter().enumerate() {
        tally.add(curves, plan, goal.max_bins, burns(plans, at, goal));
    }
    tally
}

impl Tally {
    /// Of nothing yet, with room for so many routes, and for what is known of pools up to such an index.
    pub(super) fn for_routes(routes: usize, pools: usize) -> Self {
        Self {
            amount_in: 0,
            amount_out: 0,
            passed: Vec::with_capacity(routes),
            stands: Stands::with_capacity(routes, pools),
            latest: Stand::default(),
            overflow: false,
            unknown: Shortfall::new(),
        }
    }

    /// Carries out one more plan.
    pub(super) fn add<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        plan: &RoutePlan<'a>,
        max_bins: u16,
        burns: bool,
    ) {
        // One route that gives nothing is an answer to refuse; among several it only burns its share.
        let passed = self.would_pass(curves, plan, max_bins);
        let Some((amount, given)) = passed.filter(|&(amount, given)| amount > 0 && (given > 0 || burns))
        else {
            return self.leave_out();
        };
        self.enter(&plan.legs, Rc::new(self.latest), (amount, given));
    }

    fn leave_out(&mut self) {
        self.passed.push((0, 0));
    }

    /// Notes a plan that passes and gives this much, and where its pools stand then.
    pub(super) fn enter(&mut self, legs: &[Leg<'_>], stand: Rc<Stand>, (amount, given): (Amount, Amount)) {
        // Sums of amounts that were taken out of one u128, and of reserves that give them.
        let (Some(taken), Some(sum)) =
            (self.amount_in.checked_add(amount), self.amount_out.checked_add(given))
        else {
            self.overflow = true;
            return self.leave_out();
        };
        (self.amount_in, self.amount_out) = (taken, sum);
        self.passed.push((amount, given));
        self.stands.enter(legs, stand);
    }

    /// What one more plan would pass and give.
    pub(super) fn would_pass<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        plan: &RoutePlan<'a>,
        max_bins: u16,
    ) -> Option<(Amount, Amount)> {
        // No answer uses a pool in both directions.
        let opposed = plan.legs.iter().any(|leg| self.stands.oppose(leg));
        if opposed { None } else { self.most(curves, plan, max_bins) }
    }

    /// The largest amount up to the planned one that passes every hop in full, and what it gives.
    ///
    /// Where a hop takes only a part of what reaches it, the hops before must not give a unit more; so the largest
    /// amount is one unit below the least that makes them give it. A later hop may take even less, hence the loop.
    fn most<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        plan: &RoutePlan<'a>,
        max_bins: u16,
    ) -> Option<(Amount, Amount)> {
        let mut tried = plan.amount_in;
        for _ in 0..=2 * MAX_HOPS {
            match self.pass(curves, &plan.legs, tried, max_bins) {
                Transit::Through(given) => return Some((tried, given)),
                Transit::Overflow => {
                    self.overflow = true;
                    return None;
                }
                Transit::Stuck { taken, hop } => {
                    let before = plan.legs.get(..hop)?;
                    let most = match before {
                        [] => taken,
                        // A unit below the least that would make them give more than that.
                        _ => self
                            .least_input(curves, before, taken.checked_add(1)?, max_bins)?
                            .checked_sub(1)?,
                    };
                    if most == 0 || most >= tried {
                        return None;
                    }
                    tried = most;
                }
            }
        }
        None
    }

    /// The least input for which these hops give an output from where the pools stand; `None` if there is none.
    pub(super) fn least_input<'a>(
        &self,
        curves: &mut Curves<'a>,
        legs: &[Leg<'a>],
        wanted: Amount,
        max_bins: u16,
    ) -> Option<Amount> {
        legs.iter().rev().try_fold(wanted, |wanted, leg| {
            match curves.least_input(leg.side(), &self.stands.before(leg), wanted, max_bins) {
                Ok(Least::Input(input)) => Some(input),
                _ => None,
            }
        })
    }

    fn pass<'a>(
        &mut self,
        curves: &mut Curves<'a>,
        legs: &[Leg<'a>],
        amount: Amount,
        max_bins: u16,
    ) -> Transit {
        let (mut offered, mut smallest) = (amount, amount);
        for (hop, leg) in legs.iter().enumerate() {
            // A route never uses a pool twice, so cursors of this passage need not be looked at.
            let mut cursor = self.stands.before(leg);
            let keeps = BPS_SCALE - u128::from(leg.pool.side_fees(leg.direction).total());
            smallest = smallest.min((offered / BPS_SCALE).saturating_mul(keeps));
            match curves.walk(leg.side(), &mut cursor, offered, max_bins) {
                Err(_) => return Transit::Overflow,
                Ok(walked) if walked.taken < offered => {
                    if matches!(walked.stop, Stop::Unknown(_)) {
                        self.unknown.insert((leg.at, leg.direction));
                    }
                    return Transit::Stuck { taken: walked.taken, hop };
                }
                Ok(walked) => offered = walked.given,
            }
            smallest = smallest.min(offered);
            // Written where it stays: what does not go through is written over by what does.
            if let Some(place) = self.latest.cursors.get_mut(hop) {
                *place = Some((leg.direction, cursor));
            }
        }
        self.latest.cursors.iter_mut().skip(legs.len()).for_each(|place| *place = None);
        self.latest.smallest = smallest;
        Transit::Through(offered)
    }
}

/// As [`tally`], with every step for the answer.
pub(super) fn replay<'a>(curves: &mut Curves<'a>, plans: &[RoutePlan<'a>], goal: &Goal) -> Replay<'a> {
    let tally = tally(curves, plans, goal);
    let mut stands = Stands::with_capacity(plans.len(), 0);
    let passing = plans.iter().zip(&tally.passed).filter(|(_, (amount, _))| *amount > 0);
    let routes =
        passing.filter_map(|(plan, (amount, _))| record(&mut stands, &plan.legs, *amount, goal.max_bins));
    let routes = routes.gather();
    let Tally { amount_in, amount_out, .. } = tally;
    Replay { routes, amount_in, amount_out, stands }
}

/// Passes an amount that is known to fit and keeps every step.
pub(super) fn record<'a>(
    stands: &mut Stands,
    legs: &Rc<[Leg<'a>]>,
    amount: Amount,
    max_bins: u16,
) -> Option<Replayed<'a>> {
    let mut hops = Vec::with_capacity(legs.len());
    let mut losses = Some(Vec::with_capacity(legs.len()));
    let (mut offered, mut stand) = (amount, Stand::default());
    for (leg, place) in legs.iter().zip(&mut stand.cursors) {
        let mut cursor = stands.before(leg);
        let active_bin_before = cursor.active_bin();
        let mut steps: Vec<Step> = Vec::new();
        let walk =
            walk_on(leg.pool, &mut cursor, leg.direction, offered, max_bins, |step| steps.push(step)).ok()?;
        *place = Some((leg.direction, cursor));
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
    stands.enter(legs, Rc::new(stand));
    let quote = RouteQuote { amount_in: amount, amount_out: offered, hops };
    Some(Replayed { legs: Rc::clone(legs), quote, losses })
}
