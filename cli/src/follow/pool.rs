//! One pool as the chain has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dlmm_core::math::{Price, mul_div_floor};
use dlmm_core::units::{BinId, PRICE_SCALE, PoolId};
use serde::{Deserialize, Serialize};

use super::tokens::Token;

/// Bins on either side of the centre.
pub(crate) const CENTRE: u16 = 500;
/// Bins of a pool, and factors of a bin step.
pub(crate) const BINS: usize = 1_001;

/// Prices of the bins of one bin step, in parts of [`PRICE_SCALE`] of the pool's first price.
pub(crate) type Factors = Arc<[u128]>;

/// What of a pool never changes and stands in none of its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The core's own number of the pool.
    pub(crate) number: String,
    pub(crate) initial_price: String,
}

/// The six fees in bps, under the names that contracts and values have for them.
pub(crate) const FEES: [&str; 6] = [
    "x_protocol_fee",
    "x_provider_fee",
    "x_variable_fee",
    "y_protocol_fee",
    "y_provider_fee",
    "y_variable_fee",
];

/// The block that changed a pool last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) height: u64,
    pub(crate) hash: Arc<str>,
    pub(crate) time_ms: u64,
}

/// What of a pool can change, beside its bins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) active: BinId,
    pub(crate) status: &'static str,
    pub(crate) fees: [u16; 6],
    pub(crate) exempt: BTreeSet<String>,
    pub(crate) touched: Touched,
}

/// What a bin holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reserves {
    pub(crate) x: u128,
    pub(crate) y: u128,
    pub(crate) time_ms: u64,
}

/// A pool that is followed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) number: u128,
    pub(crate) token_x: Arc<Token>,
    pub(crate) token_y: Arc<Token>,
    pub(crate) bin_step: u32,
    pub(crate) initial_price: u128,
    pub(crate) initial_active: BinId,
    /// `None` where the pool was read from the chain long after.
    pub(crate) created_ms: Option<u64>,
    pub(crate) factors: Factors,
    pub(crate) active: BinId,
    pub(crate) status: &'static str,
    pub(crate) fees: [u16; 6],
    /// Callers that pay no fee.
    pub(crate) exempt: BTreeSet<String>,
    pub(crate) touched: Touched,
    /// What all reserves are worth, in smallest units of Y; kept beside the bins, because every block asks for it.
    pub(crate) worth: u128,
    /// Those that hold something.
    pub(crate) bins: BTreeMap<BinId, Reserves>,
}

/// Statuses that a pool can have here.
pub(crate) const ACTIVE: &str = "active";
pub(crate) const PAUSED: &str = "paused";
/// Another core rules the pool now, whose events are not followed.
pub(crate) const INACTIVE: &str = "inactive";

/// A status by its text.
pub(crate) fn known_status(text: &str) -> Option<&'static str> {
    [ACTIVE, PAUSED, INACTIVE].into_iter().find(|status| *status == text)
}

impl Pool {
    /// The price of a bin, as the contract has it: rounded down.
    pub(crate) fn price_e8(&self, bin: BinId) -> Option<u128> {
        let factor = self.factors.get(usize::from(bin.get()))?;
        mul_div_floor(self.initial_price, *factor, PRICE_SCALE)
    }

    pub(crate) fn price(&self, bin: BinId) -> Option<Price> {
        Price::from_e8(self.price_e8(bin)?).ok()
    }

    /// What the bin's reserves are worth, in smallest units of Y times [`PRICE_SCALE`], where the contract could count
    /// that: in 128 bits.
    pub(crate) fn worth_e8(&self, bin: BinId, x: u128, y: u128) -> Option<u128> {
        x.checked_mul(self.price_e8(bin)?)?.checked_add(y.checked_mul(PRICE_SCALE)?)
    }

    /// What one bin's reserves are worth, in whole smallest units of Y.
    fn bin_worth(&self, bin: BinId, reserves: Option<&Reserves>) -> u128 {
        let worth_e8 = reserves.and_then(|reserves| self.worth_e8(bin, reserves.x, reserves.y));
        worth_e8.unwrap_or(0) / PRICE_SCALE
    }

    /// Sets what a bin holds; nothing at all takes it away.
    pub(crate) fn set_bin(&mut self, bin: BinId, reserves: Option<Reserves>) {
        let reserves = reserves.filter(|reserves| reserves.x > 0 || reserves.y > 0);
        let (gone, new) = (self.bin_worth(bin, self.bins.get(&bin)), self.bin_worth(bin, reserves.as_ref()));
        // 1001 bins of 2^128 / 10^8 at most.
        self.worth = self.worth.saturating_add(new).saturating_sub(gone);
        match reserves {
            Some(reserves) => self.bins.insert(bin, reserves),
            None => self.bins.remove(&bin),
        };
    }

    pub(crate) fn head(&self) -> Head {
        let Self { active, status, fees, exempt, touched, .. } = self;
        Head { active: *active, status, fees: *fees, exempt: exempt.clone(), touched: touched.clone() }
    }

    pub(crate) fn set_head(&mut self, head: Head) {
        let Head { active, status, fees, exempt, touched } = head;
        (self.active, self.status, self.fees) = (active, status, fees);
        (self.exempt, self.touched) = (exempt, touched);
    }

    /// All of it but its bins.
    pub(crate) fn without_bins(&self) -> Self {
        Self {
            id: self.id.clone(),
            number: self.number,
            token_x: Arc::clone(&self.token_x),
            token_y: Arc::clone(&self.token_y),
            bin_step: self.bin_step,
            initial_price: self.initial_price,
            initial_active: self.initial_active,
            created_ms: self.created_ms,
            factors: Arc::clone(&self.factors),
            active: self.active,
            status: self.status,
            fees: self.fees,
            exempt: self.exempt.clone(),
            touched: self.touched.clone(),
            worth: self.worth,
            bins: BTreeMap::new(),
        }
    }

    pub(crate) fn decimals(&self) -> (u8, u8) {
        (self.token_x.decimals, self.token_y.decimals)
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts { number: self.number.to_string(), initial_price: self.initial_price.to_string() }
    }

    /// Whether each side's fees leave something, as the contract demands.
    pub(crate) fn fees_fit(fees: [u16; 6]) -> bool {
        let (x, y) = fees.split_at(3);
        [x, y].iter().all(|side| side.iter().map(|fee| u32::from(*fee)).sum::<u32>() < 10_000)
    }
}
