//! Networks that are hard to trade on: tokens without decimals, dust, fees of 99.99 %, prices that fall where they
//! should rise, circles that gain. And calmer ones, in which rounding alone can make an answer poor.

use crate::random::Random;
use dlmm_core::error::QuoteError;
use dlmm_core::math::{Decimal, Price};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::{Graph, PoolRef};
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::{PoolState, Stamp, State};
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{Effort, Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::units::{BinId, PoolId, Symbol};
use std::sync::Arc;

const TOKENS: [&str; 4] = ["A", "B", "C", "D"];

/// Pools and what a quote needs of them.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) graph: Graph,
    pub(crate) state: State,
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a name")
}

impl Network {
    pub(crate) fn new(pools: Vec<Pool>) -> Self {
        let refs = pools.iter().map(|pool| PoolRef {
            id: pool.id().clone(),
            token_x: pool.token_x().clone(),
            token_y: pool.token_y().clone(),
        });
        let graph = Graph::new(refs.collect::<Vec<_>>());
        let last_updated = || Some(Stamp { text: String::new(), at_ms: Some(0) });
        let pools = pools.into_iter().map(|pool| {
            (pool.id().clone(), PoolState::Ready { pool, last_updated: last_updated(), block_height: None })
        });
        let state = State::new(Arc::new(DecimalTable::default()), pools);
        Self { graph, state }
    }

    pub(crate) fn quote(&self, request: &QuoteRequest) -> Result<Quote, QuoteError> {
        self.quote_with(request, Effort::WHOLE)
    }

    /// The answer for so much work.
    pub(crate) fn quote_with(&self, request: &QuoteRequest, effort: Effort) -> Result<Quote, QuoteError> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let candidates = find_candidates(&self.graph, token_in, token_out, *max_hops, 64, filter)?;
        let input = QuoteInput {
            request,
            candidates: &candidates,
            state: &self.state,
            now_ms: 0,
            can_read_more: true,
            effort,
        };
        match quote(&input)? {
            Outcome::Quote(quote, _) => Ok(*quote),
            Outcome::ReadMore(more) => panic!("every bin is known, yet more is asked for: {more:?}"),
        }
    }
}

fn side(random: &mut Random, wild: bool) -> SideFees {
    let total = match wild {
        true => match random.below(8) {
            0 | 1 => 0,
            2 => 1,
            3 | 4 => 10,
            5 => 100,
            6 => 9_999,
            _ => random.below(10_000),
        },
        false => random.below(100),
    };
    let protocol = random.below(total + 1);
    let provider = random.below(total - protocol + 1);
    let fee = |bps: u64| u16::try_from(bps).expect("below 10 000");
    SideFees::new(fee(protocol), fee(provider), fee(total - protocol - provider)).expect("below 10 000")
}

/// What a bin holds: nothing, dust, or any amount.
fn reserve(random: &mut Random, wild: bool, bits: u64) -> u128 {
    match random.below(if wild { 6 } else { 12 }) {
        0 => 0,
        1 => u128::from(random.below(20)),
        2 if wild => random.sized(20),
        3 if wild => random.sized(94),
        _ => random.sized(bits).max(1),
    }
}

fn pool(random: &mut Random, id: usize, pair: (&str, &str), decimals: (u32, u32), wild: bool) -> Pool {
    let active = match random.below(if wild { 3 } else { 1 }) {
        0 if wild => random.one(&[0, 1, 499, 500, 501, 999, 1000]),
        _ => 300 + random.below(400),
    };
    let (below, above) = match random.below(3) {
        0 => (random.below(4), random.below(4)),
        1 => (random.below(12), random.below(12)),
        _ => (random.below(60), random.below(60)),
    };
    let step_bps = random.one(&[1_u128, 10, 25, 50, 100, 800]);
    let bits = random.one(&[6, 12, 24, 40, 56, 70]);
    let start = random.one(&[1_u128, 50, 10_000, 1_000_000, 100_000_000, 100_000_000, 10_000_000_000])
        * u128::from(1 + random.below(2_000))
        / 1_000;
    // Some pools hold prices in human form, whose arithmetic is wider than the contract's.
    let human = random.once_in(3);
    let messy = wild && random.once_in(3);
    let mut price = start.max(1);
    let mut bins = Vec::new();
    for bin in active.saturating_sub(below)..=(active + above).min(1000) {
        price = (price * (10_000 + step_bps) / 10_000).max(price);
        if random.once_in(8) {
            continue;
        }
        let shown = if messy { (price * u128::from(1 + random.below(3_000)) / 1_000).max(1) } else { price };
        let price = match human {
            true => {
                let text = format!("{}e{}", shown, i64::from(decimals.0) - i64::from(decimals.1) - 8);
                let decimal = Decimal::parse(&text).expect("a number");
                Price::from_human(&decimal, decimals.0 as u8, decimals.1 as u8).expect("a price")
            }
            false => Price::from_e8(shown).expect("above zero"),
        };
        let both = wild && random.once_in(10);
        let reserve_x = if bin >= active || both { reserve(random, wild, bits) } else { 0 };
        let reserve_y = if bin <= active || both { reserve(random, wild, bits) } else { 0 };
        let id = BinId::new(bin as u16).expect("an id");
        bins.push((id, Bin { reserve_x, reserve_y, price }, Claims::default()));
    }
    Pool::new(PoolParts {
        id: PoolId::new(&format!("P{id}")).expect("a name"),
        token_x: symbol(pair.0),
        token_y: symbol(pair.1),
        active_bin: BinId::new(active as u16).expect("an id"),
        fees: Fees { x: side(random, wild), y: side(random, wild) },
        known: (BinId::MIN, BinId::MAX),
        bins,
    })
    .expect("a sound pool")
}

/// The network of a seed.
pub(crate) fn network(random: &mut Random) -> Network {
    let wild = !random.once_in(3);
    let tokens = 2 + random.below(3) as usize;
    let decimals: Vec<u32> = (0..tokens).map(|_| random.one(&[0, 0, 1, 2, 6, 6, 8, 18])).collect();
    let pools = 1 + random.below(7) as usize;
    let pools = (0..pools).map(|id| {
        let x = random.below(tokens as u64) as usize;
        let y = (x + 1 + random.below(tokens as u64 - 1) as usize) % tokens;
        pool(random, id, (TOKENS[x], TOKENS[y]), (decimals[x], decimals[y]), wild)
    });
    Network::new(pools.collect())
}

/// A power, by products alone: the same on every machine.
fn power(base: f64, exponent: i32) -> f64 {
    let power = (0..exponent.abs()).fold(1.0, |power, _| power * base);
    if exponent < 0 { 1.0 / power } else { power }
}

/// A calmer network, as markets are: pools of one pair agree about its price, tokens have few or many decimals, bins
/// hold from a few to many units, and some prices fall where they should rise.
pub(crate) fn market(random: &mut Random) -> Network {
    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
    let tokens = 3 + random.below(4) as usize;
    let tokens: Vec<(f64, u32)> = (0..tokens)
        .map(|_| {
            let value = (1.0 + 9.0 * random.fraction()) * random.one(&[0.01, 0.1, 1.0, 10.0]);
            (value, random.one(&[0, 0, 1, 2, 6, 8, 18]))
        })
        .collect();
    let pools = 3 + random.below(14) as usize;
    let pools = (0..pools).filter_map(|nth| {
        let x = random.below(tokens.len() as u64) as usize;
        let y = (x + 1 + random.below(tokens.len() as u64 - 1) as usize) % tokens.len();
        let around = 1 + random.below(25) as i32;
        let step = random.one(&[1.0, 10.0, 25.0, 100.0, 500.0]);
        let ((value_x, decimals_x), (value_y, decimals_y)) = (tokens[x], tokens[y]);
        let scale = power(10.0, decimals_y as i32 - decimals_x as i32);
        let middle = value_x / value_y * scale * (1.0 + (random.fraction() - 0.5) * 0.05);
        let mut bins = Vec::new();
        for off in -around..=around {
            if random.below(100) < 15 {
                continue;
            }
            let at = if random.below(100) < 3 { -off } else { off };
            let price = middle * power(1.0 + step / 10_000.0, at);
            let e8 = ((price * 1e8).min(1e25) as u128).max(1);
            let size = random.one(&[0.0, 1.0, 5.0, 100.0, 1e4, 1e7]);
            let mut reserve = |unit: f64| (size * (random.fraction() + 0.1) * unit.max(1.0)) as u128;
            let reserve_x = if off >= 0 { reserve(1.0 / price.max(1e-12)) } else { 0 };
            let reserve_y = if off <= 0 { reserve(price) } else { 0 };
            let price = Price::from_e8(e8).expect("above zero");
            let id = BinId::new((500 + off) as u16).expect("an id");
            bins.push((id, Bin { reserve_x, reserve_y, price }, Claims::default()));
        }
        let mut side = |fees: &[u16]| SideFees::new(0, random.one(fees), 0).expect("below 10 000");
        let fees = Fees { x: side(&[0, 10, 30, 100, 3_000, 9_999]), y: side(&[0, 10, 30, 100, 9_999]) };
        Pool::new(PoolParts {
            id: PoolId::new(&format!("P{nth:02}")).expect("a name"),
            token_x: symbol(NAMES[x]),
            token_y: symbol(NAMES[y]),
            active_bin: BinId::new(500).expect("an id"),
            fees,
            known: (BinId::MIN, BinId::MAX),
            bins,
        })
        .ok()
    });
    Network::new(pools.collect())
}

/// A network of deep pools with bins of about one size, hubs in the middle: all that its pools hold takes many routes.
pub(crate) fn deep(random: &mut Random) -> Network {
    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
    let decimals: Vec<u32> = NAMES.iter().map(|_| random.one(&[6, 8, 9])).collect();
    let values: Vec<f64> =
        NAMES.iter().map(|_| 0.01 + random.fraction() * random.one(&[1.0, 100.0])).collect();
    let pools = 12 + random.below(20) as usize;
    let pools = (0..pools).filter_map(|nth| {
        // B and C are hubs.
        let x = random.below(NAMES.len() as u64) as usize;
        let y = 1 + random.below(2) as usize;
        let y = if x == y { 3 - y } else { y };
        let step = random.one(&[10.0, 25.0, 50.0, 100.0]);
        let scale = power(10.0, decimals[y] as i32 - decimals[x] as i32);
        let middle = values[x] / values[y] * scale * (1.0 + (random.fraction() - 0.5) * 0.01);
        let size = 1e9 * power(10.0, random.below(4) as i32);
        let around = 3 + random.below(9) as i32;
        let bins = (-around..=around).map(|off| {
            let price = middle * power(1.0 + step / 10_000.0, off);
            let reserve_x = if off >= 0 { (size / price.min(1.0)) as u128 } else { 0 };
            let reserve_y = if off <= 0 { (size * price.max(1.0)) as u128 } else { 0 };
            let price = Price::from_e8(((price * 1e8) as u128).max(1)).expect("above zero");
            let id = BinId::new((500 + off) as u16).expect("an id");
            (id, Bin { reserve_x, reserve_y, price }, Claims::default())
        });
        let fees = SideFees::new(0, random.one(&[10, 30, 60]), 0).expect("below 10 000");
        Pool::new(PoolParts {
            id: PoolId::new(&format!("P{nth:02}")).expect("a name"),
            token_x: symbol(NAMES[x]),
            token_y: symbol(NAMES[y]),
            active_bin: BinId::new(500).expect("an id"),
            fees: Fees { x: fees, y: fees },
            known: (BinId::MIN, BinId::MAX),
            bins: bins.collect(),
        })
        .ok()
    });
    Network::new(pools.collect())
}
