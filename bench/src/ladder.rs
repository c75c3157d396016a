//! One pool whose bins all hold the same, for core, for the big-integer model, and as stored values.

use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::units::{BinId, PoolId, Symbol};
use serde_json::{Value, json};

/// Where the swap starts; X for Y walks down from here.
pub(crate) const ACTIVE: u16 = 500;
/// Bins on either side that hold something: more than a swap may pass.
const WIDTH: u16 = 360;
/// Protocol, provider and variable fee, bps: 25 together.
const FEES: (u16, u16, u16) = (3, 17, 5);

/// A pool with bin step 25 and the price 12.14 in its active bin.
#[derive(Clone, Copy, Debug)]
pub struct Ladder {
    /// What every bin holds of the token on its side, smallest units; the active one holds both.
    pub reserve: u128,
}

impl Ladder {
    /// Ids, reserves (X, Y) and prices times 10^8.
    pub fn bins(&self) -> impl Iterator<Item = (u16, u128, u128, u128)> {
        let reserve = self.reserve;
        let held = move |holds: bool| if holds { reserve } else { 0 };
        (ACTIVE - WIDTH..=ACTIVE + WIDTH)
            .map(move |id| (id, held(id >= ACTIVE), held(id <= ACTIVE), price_e8(id)))
    }

    /// The pool as core takes it.
    ///
    /// # Panics
    /// Never: its numbers are sound.
    #[must_use]
    pub fn pool(&self) -> Pool {
        let (protocol, provider, variable) = FEES;
        let fees = SideFees::new(protocol, provider, variable).unwrap();
        let bins = self.bins().map(|(id, reserve_x, reserve_y, price_e8)| {
            let price = Price::from_e8(price_e8).unwrap();
            (BinId::new(id).unwrap(), Bin { reserve_x, reserve_y, price }, Claims::default())
        });
        Pool::new(PoolParts {
            id: PoolId::new("LADDER").unwrap(),
            token_x: Symbol::new("IN").unwrap(),
            token_y: Symbol::new("OUT").unwrap(),
            active_bin: BinId::new(ACTIVE).unwrap(),
            fees: Fees { x: fees, y: fees },
            known: (BinId::MIN, BinId::MAX),
            bins: bins.collect(),
        })
        .unwrap()
    }

    /// The pool as the big-integer model takes it.
    #[must_use]
    pub fn model(&self) -> dlmm_model::Pool {
        let (protocol, provider, variable) = FEES;
        let fees = dlmm_model::Fees { protocol, provider, variable };
        let bins = self.bins().map(|(id, x, y, price_e8)| {
            (id, dlmm_model::Bin { x, y, price: dlmm_model::Price::exact(price_e8) })
        });
        dlmm_model::Pool { active: ACTIVE, fees_x: fees, fees_y: fees, bins: bins.collect() }
    }

    /// The pool value and the bin values, as a snapshot holds them.
    #[must_use]
    pub fn stored(&self) -> (Value, Vec<Value>) {
        let (protocol, provider, variable) = FEES;
        let pool = json!({"pool_id": "LADDER", "token_x": "IN", "token_y": "OUT", "bin_step": 25,
            "active_bin_id": ACTIVE, "status": "active", "token_x_decimals": 6, "token_y_decimals": 6,
            "x_protocol_fee": protocol, "x_provider_fee": provider, "x_variable_fee": variable,
            "y_protocol_fee": protocol, "y_provider_fee": provider, "y_variable_fee": variable,
            "last_updated": "2027-01-15T08:00:00Z"});
        let bins = self.bins().map(|(id, x, y, price_e8)| {
            json!({"pool_id": "LADDER", "bin_id": id, "reserve_x": x.to_string(), "reserve_y": y.to_string(),
                "price_e8": price_e8.to_string()})
        });
        (pool, bins.collect())
    }
}

/// 1.0025^(id + 500) times 10^8, as a pool has it whose ids count from 1.0.
fn price_e8(id: u16) -> u128 {
    let precise = (0..id + 500).fold(100_000_000_u128 << 60, |price, _| price / 400 * 401);
    precise >> 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_of_the_active_bin_is_that_of_the_other_engines_pool() {
        // 1.0025^1000 = 12.14454...
        assert_eq!(price_e8(ACTIVE) / 10_000, 121_445);
        assert_eq!(Ladder { reserve: 1 }.bins().count(), 721);
    }
}
