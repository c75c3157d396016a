//! What routes take one after another, those first that take most: more than those that give most, which leave out what is
//! poor.

use super::goal::{ANY_READS, Goal};
use super::plan::{RoutePlan, tally};
use super::search::Search;
use crate::units::Amount;
use alloc::rc::Rc;

/// Routes that are added up where any number is allowed.
const MANY: usize = 8;

impl<'a> Search<'a> {
    /// How much of an amount goes through routes that each take the most of what is left. The last may give nothing for it.
    pub(super) fn fullest(&mut self, amount: Amount, max_bins: u16) -> Amount {
        let goal = Goal { amount, max_bins, part_will_do: false, max_reads: ANY_READS };
        let routes = if self.max_splits == 0 { MANY } else { self.max_splits.min(MANY) };
        let ways = self.all_ways();
        let curves = &mut self.finder.curves;
        let mut taken = tally(curves, &[], &goal);
        for _ in 0..routes {
            let amount_in = amount.saturating_sub(taken.amount_in);
            let mut most: Option<((bool, Amount), RoutePlan<'a>)> = None;
            for way in &ways {
                let plan = RoutePlan { legs: Rc::clone(way), amount_in };
                let passed = taken.would_pass(curves, &plan, max_bins);
                let rank = passed.map_or((false, 0), |(passed, given)| (given > 0, passed));
                if rank > most.as_ref().map_or((false, 0), |(kept, _)| *kept) {
                    most = Some((rank, plan));
                }
            }
            let Some(((gives, _), plan)) = most else { break };
            taken.add(curves, &plan, max_bins, !gives);
            if !gives {
                break;
            }
        }
        taken.amount_in
    }
}
