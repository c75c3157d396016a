//! What is best with less to choose from: without a pool that the best attempt uses, or with shorter routes.
//!
//! Moves end where no single one helps. What is best without a pool is often the better place to begin.

use super::attempt::Attempt;
use super::best::Finder;
use super::improve::Improver;
use super::leg::Leg;
use super::polish::Climb;
use crate::gather::Gather;
use alloc::rc::Rc;
use alloc::vec::Vec;

impl<'a> Climb<'_, 'a> {
    /// Begins anew from what is best with the pools of the best attempt alone, without each of them, and with routes of so
    /// many hops at most.
    pub(super) fn narrower(&mut self, finder: &mut Finder<'a>, max_routes: usize) {
        // Where more must be read first, the next round searches again.
        if finder.can_read_more && !self.unknown.is_empty() {
            return;
        }
        let Some(mut best) = self.best.clone() else { return };
        // What was found until then is not given up for this, so it has walks of its own.
        let (most, done, left) = (finder.walks.most, finder.curves.walks, finder.walks.left_for_narrower);
        finder.walks.most = done + left;
        let mut improver = Improver::new(finder, self.goal, self.ways, max_routes);
        improver.behind(&mut best);
        // Here they may cost what they do.
        improver.thorough = true;
        (best, _) = improver.run(best);
        self.unknown.extend(improver.unknown);
        self.keep(best.clone());
        let mut pools: Vec<usize> = Vec::new();
        for leg in best.plans.iter().flat_map(|plan| plan.legs.iter()) {
            if !pools.contains(&leg.at) {
                pools.push(leg.at);
            }
        }
        // With less to choose from, moves and likely ways are others even where all that is used may be used.
        self.among(finder, &best, max_routes, &|way| way.iter().all(|leg| pools.contains(&leg.at)));
        for &at in &pools {
            self.among(finder, &best, max_routes, &|way| way.iter().all(|leg| leg.at != at));
        }
        let longest = self.ways.iter().map(|way| way.len()).max().unwrap_or(0);
        for hops in 1..longest {
            self.among(finder, &best, max_routes, &|way| way.len() <= hops);
        }
        let took = finder.curves.walks - done;
        finder.walks.left_for_narrower = left.saturating_sub(took);
        finder.walks.apart += took;
        finder.walks.most = most;
        finder.curves.walks = done;
        finder.allow(usize::MAX);
    }

    /// Begins anew from what is best among some of the ways.
    fn among(
        &mut self,
        finder: &mut Finder<'a>,
        best: &Attempt<'a>,
        max_routes: usize,
        may_use: &dyn Fn(&[Leg<'a>]) -> bool,
    ) {
        if finder.is_spent() {
            return;
        }
        let ways: Vec<Rc<[Leg<'a>]>> = self.ways.iter().filter(|way| may_use(way)).map(Rc::clone).gather();
        if ways.is_empty() {
            return;
        }
        let plans = best.plans.iter().filter(|plan| may_use(&plan.legs)).cloned().gather();
        let mut improver = Improver::new(finder, self.goal, &ways, max_routes);
        let start = Attempt::new(improver.curves, plans, &self.goal);
        let (better, _) = improver.run(start);
        self.unknown.extend(improver.unknown);
        let cut_short = self.cut_short;
        self.keep(better.clone());
        self.from(finder, better, max_routes);
        // What would have been found there nobody knows.
        self.cut_short = cut_short;
    }
}
