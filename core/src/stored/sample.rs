//! The reference system's three sample pools, with the sides a real DLMM has.

use super::snapshot::FORMAT;
use super::stamp::write_stamp;
use crate::gather::Gather;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The bin in which every sample pool starts.
const CENTRE: u16 = 500;
/// Bins on either side of the centre.
const WIDTH: u16 = 50;
/// Digits behind the point while prices are multiplied up and down.
const PRECISION: u32 = 20;

struct SamplePool {
    id: &'static str,
    token_x: &'static str,
    bin_step: u128,
    price: u128,
    tvl: &'static str,
    /// Whole USDC in the centre bin; the reference's amounts.
    centre_y: u32,
}

const POOLS: [SamplePool; 3] = [
    SamplePool {
        id: "BTC-USDC-25",
        token_x: "BTC",
        bin_step: 25,
        price: 100_000,
        tvl: "1000000.0",
        centre_y: 100_000_000,
    },
    SamplePool {
        id: "BTC-USDC-50",
        token_x: "BTC",
        bin_step: 50,
        price: 100_000,
        tvl: "500000.0",
        centre_y: 100_000_000,
    },
    SamplePool {
        id: "SOL-USDC-25",
        token_x: "SOL",
        bin_step: 25,
        price: 200,
        tvl: "100000.0",
        centre_y: 200_000,
    },
];

/// Writes the sample as a snapshot: human form only, values as the reference's producer writes them.
///
/// Around the centre the amounts fall off as `1 - (distance / 50)^2`, down to a tenth. Bins above the active
/// one hold X only, bins below it Y only (the reference has them the wrong way round).
#[must_use]
pub fn sample_snapshot(taken_at_ms: u64) -> String {
    let now = write_stamp(taken_at_ms);
    let pools: Vec<String> = POOLS.iter().map(|pool| pool.to_json(&now)).gather();
    format!(
        r#"{{"format":"{FORMAT}","taken_at":"{now}","tokens":{{"BTC":{{"decimals":8}},"SOL":{{"decimals":9}},"USDC":{{"decimals":6}}}},"pools":[{}]}}"#,
        pools.join(",")
    )
}

impl SamplePool {
    fn to_json(&self, now: &str) -> String {
        let Self { id, token_x, bin_step, price, tvl, .. } = self;
        let bins: Vec<String> =
            self.prices().map(|(bin_id, price)| self.bin_json(bin_id, price, now)).gather();
        format!(
            r#"{{"pool_id":"{id}","token_x":"{token_x}","token_y":"USDC","bin_step":{bin_step},"initial_active_bin_id":{CENTRE},"active_bin_id":{CENTRE},"active_bin_price":{price}.0,"status":"active","total_tvl":{tvl},"created_at":"{now}","last_updated":"{now}","bins":[{}]}}"#,
            bins.join(",")
        )
    }

    /// Ids in ascending order, each with its price in units of 10^-8.
    fn prices(&self) -> impl Iterator<Item = (u16, u128)> {
        let scale = 10_u128.pow(PRECISION);
        let (up, down) = (10_000 + self.bin_step, 10_000);
        let start = self.price * scale;
        let rising = move |n: u16| (0..n).fold(start, |price, _| price * up / down);
        let falling = move |n: u16| (0..n).fold(start, |price, _| price * down / up);
        (CENTRE - WIDTH..=CENTRE + WIDTH).map(move |id| {
            let precise = if id < CENTRE { falling(CENTRE - id) } else { rising(id - CENTRE) };
            let unit = scale / 100_000_000;
            (id, (precise + unit / 2) / unit)
        })
    }

    fn bin_json(&self, bin_id: u16, price: u128, now: &str) -> String {
        let distance = u32::from(bin_id.abs_diff(CENTRE));
        // In tenths of the centre's 2500 parts: 1 - (d / 50)^2 = (2500 - d^2) / 2500, at least a tenth.
        let parts = 2_500_u32.saturating_sub(distance * distance).max(250);
        // 1000 whole X in the centre are 4 tenths of an X a part; both products divide without a rest.
        let x_tenths = if bin_id >= CENTRE { parts * 4 } else { 0 };
        let y = if bin_id <= CENTRE { self.centre_y / 2_500 * parts } else { 0 };
        let total_tenths = u64::from(x_tenths) + u64::from(y) * 10;
        format!(
            r#"{{"pool_id":"{}","bin_id":{bin_id},"x_amount":{}.{},"y_amount":{y}.0,"price":{}.{:08},"total_liquidity":{}.{},"is_active":{},"last_updated":"{now}"}}"#,
            self.id,
            x_tenths / 10,
            x_tenths % 10,
            price / 100_000_000,
            price % 100_000_000,
            total_tenths / 10,
            total_tenths % 10,
            bin_id == CENTRE,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::Snapshot;

    #[test]
    fn is_a_snapshot_of_three_pools_with_101_bins() {
        let text = sample_snapshot(0);
        let snapshot = Snapshot::parse(&text).expect("its own format");
        let shape: Vec<_> = snapshot
            .pools
            .iter()
            .map(|(routing, pool)| (routing.pool.id.as_str(), pool.bins.len()))
            .collect();
        assert_eq!(shape, [("BTC-USDC-25", 101), ("BTC-USDC-50", 101), ("SOL-USDC-25", 101)]);
    }

    #[test]
    fn prices_follow_the_bin_step() {
        let text = sample_snapshot(0);
        for expected in [
            r#""bin_id":500,"x_amount":1000.0,"y_amount":100000000.0,"price":100000.00000000"#,
            r#""bin_id":501,"x_amount":999.6,"y_amount":0.0,"price":100250.00000000"#,
            r#""bin_id":499,"x_amount":0.0,"y_amount":99960000.0,"price":99750.62344140"#,
            r#""bin_id":550,"x_amount":100.0,"y_amount":0.0,"price":113297.17069453"#,
            r#""bin_id":500,"x_amount":1000.0,"y_amount":200000.0,"price":200.00000000"#,
        ] {
            assert!(text.contains(expected), "{expected}");
        }
    }
}
