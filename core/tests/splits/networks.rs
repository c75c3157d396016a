//! Random networks for the properties: tokens A to D, a few pools, any prices.

use crate::market::Market;
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) pools: Vec<Value>,
}

const TOKENS: [&str; 4] = ["A", "B", "C", "D"];

impl Network {
    pub(crate) fn market(&self) -> Market {
        Market(json!({"format": "dlmm-snapshot/1", "taken_at": "2027-01-15T08:00:00Z", "tokens": {},
            "pools": self.pools}))
    }
}

/// A pool between two of the tokens with up to seven bins whose prices rise by a step around `price_e8`.
pub(crate) fn pool(
    id: usize,
    (x, y): (&str, &str),
    price_e8: u128,
    step_bps: u128,
    fee: u16,
    bins: &[(u128, u128)],
) -> Value {
    let id = format!("P{id}");
    let centre = bins.len() / 2;
    let bins: Vec<Value> = bins
        .iter()
        .enumerate()
        .map(|(n, (reserve_x, reserve_y))| {
            let up = (0..n).fold(price_e8, |price, _| price * (10_000 + step_bps) / 10_000);
            // Sides as a real pool has them: Y below the active bin, X above it.
            let reserve_x = if n >= centre { *reserve_x } else { 0 };
            let reserve_y = if n <= centre { *reserve_y } else { 0 };
            json!({"pool_id": id, "bin_id": 500 + n - centre, "reserve_x": reserve_x.to_string(),
                "reserve_y": reserve_y.to_string(), "price_e8": up.max(1).to_string()})
        })
        .collect();
    json!({"pool_id": id, "token_x": x, "token_y": y, "token_x_decimals": 0, "token_y_decimals": 0,
        "active_bin_id": 500, "status": "active", "x_provider_fee": fee, "y_provider_fee": fee,
        "last_updated": "2027-01-15T08:00:00Z", "bins": bins})
}

fn reserves(most: u128) -> impl Strategy<Value = Vec<(u128, u128)>> {
    proptest::collection::vec((0..most, 0..most), 1..7)
}

fn pools(most: u128) -> impl Strategy<Value = Value> {
    let pair = proptest::sample::subsequence(TOKENS.to_vec(), 2);
    let price =
        prop_oneof![Just(100_000_000_u128), 50_000_000_u128..200_000_000, 2_000_000_u128..10_000_000_000];
    let fee = prop_oneof![Just(0_u16), 1_u16..300];
    (pair, any::<bool>(), price, 1_u128..200, fee, reserves(most)).prop_map(
        |(pair, turned, price, step, fee, bins)| {
            let pair = if turned { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
            pool(0, pair, price, step, fee, &bins)
        },
    )
}

/// Two to eight pools; prices are drawn apart from each other, so there are circles that gain.
pub(crate) fn networks(most: u128) -> impl Strategy<Value = Network> {
    proptest::collection::vec(pools(most), 2..8).prop_map(|mut pools| {
        for (n, pool) in pools.iter_mut().enumerate() {
            let id = json!(format!("P{n}"));
            pool["pool_id"] = id.clone();
            pool["bins"]
                .as_array_mut()
                .expect("a list")
                .iter_mut()
                .for_each(|bin| bin["pool_id"] = id.clone());
        }
        Network { pools }
    })
}
