//! Where all of an amount must be taken: routes for what buys nothing.

use super::attempt::Attempt;
use super::improve::{Improver, LIKELY};
use super::leg::Leg;
use super::plan::{RoutePlan, tally};
use crate::gather::Gather;
use crate::sorted::sort_by;
use crate::units::Amount;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Routes that what buys nothing is offered to, those that pass most.
const SINKS: usize = 4;

impl<'a> Improver<'_, 'a> {
    /// The attempt with one more route that takes the rest, whether it gives anything for it or not.
    pub(super) fn burnt(&mut self, tried: Attempt<'a>) -> Attempt<'a> {
        if tried.plans.len() < self.max_routes {
            let sinks = self.sinks();
            for way in self.likely.clone().into_iter().chain(sinks) {
                if self.is_spent() {
                    break;
                }
                if tried.uses(&way) {
                    continue;
                }
                let mut plans = tried.plans.clone();
                plans.push(RoutePlan { legs: way, amount_in: tried.rest(&self.goal) });
                let all = Attempt::like(&tried, self.curves, plans, &self.goal);
                if all.takes_all(&self.goal) {
                    return all;
                }
            }
        }
        tried
    }

    /// The ways that pass most of all there is, where not all ways are likely: those may give nothing for it.
    fn sinks(&mut self) -> Vec<Rc<[Leg<'a>]>> {
        if self.ways.len() <= LIKELY {
            return Vec::new();
        }
        if self.sinks.is_none() {
            let mut nothing = tally(self.curves, &[], &self.goal);
            let mut ranked: Vec<(Amount, &Rc<[Leg<'a>]>)> = Vec::with_capacity(self.ways.len());
            for way in self.ways {
                let plan = RoutePlan { legs: Rc::clone(way), amount_in: self.goal.amount };
                let passed = nothing.would_pass(self.curves, &plan, self.goal.max_bins);
                ranked.push((passed.map_or(0, |(passed, _)| passed), way));
            }
            sort_by(&mut ranked, |(a, _), (b, _)| b.cmp(a));
            self.sinks = Some(ranked.into_iter().take(SINKS).map(|(_, way)| Rc::clone(way)).gather());
        }
        self.sinks.clone().unwrap_or_default()
    }
}
