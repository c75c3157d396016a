//! The call that executes some plans, as far as a search must know it: its reads.

use super::goal::Goal;
use super::plan::{Replayed, RoutePlan, record};
use super::reads::{Visits, ends_amid};
use super::stands::Stands;
use crate::pool::curves::Curves;
use alloc::vec::Vec;

/// Reads of the call that executes these plans.
pub(super) fn reads_of<'a>(curves: &mut Curves<'a>, plans: &[RoutePlan<'a>], goal: &Goal) -> u32 {
    let mut stands = Stands::with_capacity(plans.len(), 0);
    let routes: Vec<_> = (plans.iter())
        .filter_map(|plan| record(&mut stands, &plan.legs, plan.amount_in, goal.max_bins))
        .collect();
    let hops = routes.iter().flat_map(|route| &route.quote.hops);
    let visits = Visits::of(hops);
    // Steps are kept one by one, which takes longer than a walk.
    curves.walks += 2 * plans.len() + visits.all() as usize / 4;
    visits.reads(is_explicit(&routes))
}

/// Whether only a call bin by bin executes an answer.
fn is_explicit(routes: &[Replayed<'_>]) -> bool {
    let mut amid = 0;
    for route in routes {
        let ([leg], [hop]) = (&*route.legs, route.quote.hops.as_slice()) else { return true };
        amid += usize::from(ends_amid(leg.pool, hop));
    }
    amid > 1
}
