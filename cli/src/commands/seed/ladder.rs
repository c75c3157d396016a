//! The bins of a pool that is made up.

use dlmm_core::units::BinId;
use fastrand::Rng;

/// Digits behind the point of a price that is multiplied up and down.
pub(super) const PRECISION: u128 = 1_000_000_000_000;
pub(super) const PRICE_SCALE: u128 = 100_000_000;

/// The bins of one pool, from which their values follow.
#[derive(Debug)]
pub(super) struct Ladder {
    pub(super) id: String,
    /// Of the active bin, times [`PRICE_SCALE`] and [`PRECISION`].
    pub(super) price: u128,
    pub(super) bin_step: u128,
    pub(super) active: u16,
    pub(super) width: u16,
    pub(super) reserve_x: u128,
    pub(super) reserve_y: u128,
    pub(super) rng: Rng,
}

impl Ladder {
    /// Values in the exact form. Reserves fall off with the distance from the active bin, less a random tenth.
    pub(super) fn values(&self) -> Vec<(BinId, String)> {
        let mut rng = self.rng.clone();
        let mut values = Vec::with_capacity(self.len());
        for id in self.active - self.width..=self.active + self.width {
            let distance = id.abs_diff(self.active);
            let parts = u128::from(2 * self.width + 1 - distance) * rng.u128(900..=1_000);
            let whole = u128::from(2 * self.width + 1) * 1_000;
            let reserve_x = if id >= self.active { self.reserve_x * parts / whole } else { 0 };
            let reserve_y = if id <= self.active { self.reserve_y * parts / whole } else { 0 };
            let steps = 0..distance;
            let price = if id < self.active {
                steps.fold(self.price, |price, _| price * 10_000 / (10_000 + self.bin_step))
            } else {
                steps.fold(self.price, |price, _| price * (10_000 + self.bin_step) / 10_000)
            };
            let value = format!(
                r#"{{"pool_id":"{}","bin_id":{id},"reserve_x":"{reserve_x}","reserve_y":"{reserve_y}","price_e8":"{}"}}"#,
                self.id,
                price / PRECISION
            );
            values.extend(BinId::new(id).map(|id| (id, value)));
        }
        values
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.width) * 2 + 1
    }
}
