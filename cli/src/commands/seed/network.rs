//! A made-up market of any size, the same for the same seed: to see how things are with many pools.
//!
//! One token for every ten pools, each traded against three hub tokens; some pools join the hubs themselves.

use dlmm_core::stored::{PoolRouting, write_stamp};
use fastrand::Rng;

use super::ladder::{Ladder, PRECISION, PRICE_SCALE};
use super::pool_seed::{Bins, PoolSeed};

/// Millionths of a US dollar.
type MicroUsd = u128;

#[derive(Debug, Clone, PartialEq)]
struct Token {
    symbol: String,
    decimals: u8,
    worth: MicroUsd,
}

impl Token {
    fn hub(n: u32) -> Self {
        let (symbol, decimals, worth) = match n % 3 {
            0 => ("USDC", 6, 1_000_000),
            1 => ("BTC", 8, 100_000_000_000),
            _ => ("SOL", 9, 200_000_000),
        };
        Self { symbol: symbol.to_owned(), decimals, worth }
    }

    fn made(n: u32, seed: u64) -> Self {
        let mut rng = numbers(seed, "token", n);
        let decimals = if rng.bool() { 6 } else { 9 };
        Self { symbol: format!("T{n:04}"), decimals, worth: rng.u128(200_000..400_000_000) }
    }

    /// So many dollars' worth, in smallest units.
    fn units_for(&self, worth: MicroUsd) -> u128 {
        worth * self.unit() / self.worth
    }

    fn unit(&self) -> u128 {
        10_u128.pow(self.decimals.into())
    }
}

/// Of so many pools one joins two hubs.
const HUB_POOL_EVERY: u32 = 25;
/// What the active bin holds of either token.
const ACTIVE_WORTH: MicroUsd = 50_000_000_000;

/// Makes the pools, with `width` bins on either side of the active one.
///
/// # Errors
/// A value of its own making that cannot be read; no number of pools gives one.
pub(super) fn network(pools: u32, seed: u64, width: u16, now_ms: u64) -> anyhow::Result<Vec<PoolSeed>> {
    (0..pools).map(|n| pool(n, (pools / 10).max(1), seed, width, &write_stamp(now_ms))).collect()
}

fn pool(n: u32, tokens: u32, seed: u64, width: u16, now: &str) -> anyhow::Result<PoolSeed> {
    let mut rng = numbers(seed, "pool", n);
    let (x, y) = pair(n, tokens, seed);
    let id = format!("{}-{}-{n:05}", x.symbol, y.symbol);
    let bin_step = match rng.u8(..3) {
        0 => 10,
        1 => 25,
        _ => 50,
    };
    let active = rng.u16(400..=600);
    let (protocol, provider, variable) = match rng.u8(..3) {
        0 => (2, 10, 3),
        1 => (3, 15, 7),
        _ => (5, 20, 5),
    };
    // Prices of one pair differ by less than any fee, as arbitrage leaves them.
    let nearly = rng.u128(99_980..=100_020);
    let price = PRECISION * PRICE_SCALE * x.worth * y.unit() / (y.worth * x.unit()) * nearly / 100_000;
    let (reserve_x, reserve_y) = (x.units_for(ACTIVE_WORTH), y.units_for(ACTIVE_WORTH));
    let value = format!(
        r#"{{"pool_id":"{id}","token_x":"{}","token_y":"{}","token_x_decimals":{},"token_y_decimals":{},"bin_step":{bin_step},"initial_active_bin_id":{active},"active_bin_id":{active},"status":"active","x_protocol_fee":{protocol},"x_provider_fee":{provider},"x_variable_fee":{variable},"y_protocol_fee":{protocol},"y_provider_fee":{provider},"y_variable_fee":{variable},"created_at":"{now}","last_updated":"{now}"}}"#,
        x.symbol, y.symbol, x.decimals, y.decimals,
    );
    let routing = PoolRouting::parse(&value).map_err(|reason| anyhow::anyhow!("{id}: {reason}"))?;
    let ladder = Ladder { id, price, bin_step, active, width, reserve_x, reserve_y, rng };
    Ok(PoolSeed { routing, value, bins: Bins::Made(Box::new(ladder)) })
}

fn pair(n: u32, tokens: u32, seed: u64) -> (Token, Token) {
    if n % HUB_POOL_EVERY == HUB_POOL_EVERY - 1 {
        let first = n / HUB_POOL_EVERY;
        return (Token::hub(first + 1), Token::hub(first));
    }
    let others = n - n / HUB_POOL_EVERY;
    (Token::made(others % tokens, seed), Token::hub(others / tokens))
}

/// The numbers that make one thing, whatever is made before or after it.
fn numbers(seed: u64, kind: &str, n: u32) -> Rng {
    let mut rng = Rng::with_seed(seed);
    let kind = kind.bytes().map(u64::from).sum::<u64>();
    Rng::with_seed(rng.u64(..) ^ (kind << 32) ^ u64::from(n))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use dlmm_core::stored::BinValue;
    use dlmm_core::units::BinId;

    use super::*;

    fn texts(pools: &[PoolSeed]) -> Vec<(String, Vec<(BinId, String)>)> {
        pools.iter().map(|pool| (pool.value.clone(), pool.bins().into_owned())).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_market_and_another_seed_another() {
        let make = |seed| texts(&network(40, seed, 5, 0).unwrap());
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn a_token_for_ten_pools_around_three_hubs() {
        let pools = network(1_000, 1, 3, 0).unwrap();
        let ids: BTreeSet<_> = pools.iter().map(|pool| pool.routing.pool.id.clone()).collect();
        assert_eq!(ids.len(), 1_000);
        let mut by_token: BTreeMap<String, usize> = BTreeMap::new();
        for token in pools.iter().flat_map(|pool| [&pool.routing.pool.token_x, &pool.routing.pool.token_y]) {
            *by_token.entry(token.to_string()).or_default() += 1;
        }
        assert_eq!(by_token.len(), 103);
        for hub in ["USDC", "BTC", "SOL"] {
            assert!(by_token.remove(hub).unwrap() > 300, "{hub}");
        }
        assert!(by_token.values().all(|pools| (9..=10).contains(pools)), "{by_token:?}");
    }

    #[test]
    fn every_bin_can_be_quoted_and_prices_rise_with_the_id() {
        for pool in network(200, 3, 50, 0).unwrap() {
            let mut before = 0;
            let bins = pool.bins();
            assert_eq!(bins.len(), 101);
            for (id, text) in bins.iter() {
                let bin = BinValue::parse(text, 6, 6).unwrap_or_else(|reason| panic!("{text}: {reason}"));
                assert_eq!(bin.id, *id);
                assert!(bin.bin.price.num() > before, "{text}");
                assert!(bin.bin.reserve_x > 0 || bin.bin.reserve_y > 0, "{text}");
                before = bin.bin.price.num();
            }
        }
    }
}
