//! What floats do not see: of few units a fee is rounded down to none.

use super::flow::{Network, Reached};
use crate::quote::goal::COARSE;
use crate::units::BPS_SCALE;

/// What a way must be worth more for whole units to be looked at.
const WORTHWHILE: f64 = 1.0 + 1e-6;

impl Network<'_> {
    /// Whether a way through a token of few units would be worth more than the last push if nothing were paid for passing
    /// them on: a fee of 1 % takes nothing of 99 units.
    pub(super) fn has_unpaid_fees(&mut self, reached: &Reached) -> bool {
        let levels = self.levels();
        let few = COARSE as f64 / reached.input;
        let mut are_any = false;
        for (arc, [forward, _]) in self.arcs.iter().zip(&mut self.offers) {
            let fee = arc.pool.side_fees(arc.direction).total();
            let is_few = |hops| levels.label(hops, arc.from).is_some_and(|label| label.gain < few);
            if let Some(step) = forward
                && fee > 0
                && arc.from != self.source
                && (1..self.max_hops).any(is_few)
            {
                step.gain /= 1.0 - f64::from(fee) / BPS_SCALE as f64;
                are_any = true;
            }
        }
        if are_any {
            (0..self.pairs.len()).for_each(|pair| self.look_at(pair));
        }
        are_any && self.best_path().is_some_and(|(gain, _)| gain > reached.slope * WORTHWHILE)
    }
}
