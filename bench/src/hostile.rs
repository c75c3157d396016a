//! Networks made to cost a search as much as can be: as many pools as one quote looks at, each with all its bins.

use dlmm_core::math::Price;
use dlmm_core::network::graph::{Graph, PoolRef};
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::{PoolState, Stamp, State};
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, Effort, Mode, Outcome, QuoteInput, QuoteRequest, quote_in_rounds};
use dlmm_core::units::{BinId, PoolId, Symbol};
use serde_json::{Value, json};

/// Pools of one quote at most.
const POOLS: usize = 64;

/// Names of the networks, each with the tokens that are traded in it.
pub const NETWORKS: [(&str, &str, &str); 7] = [
    ("parallel", "T0", "T1"),
    ("four hops of sixteen", "T0", "T4"),
    ("grid", "T0", "T16"),
    ("circles that gain", "T0", "T1"),
    ("dust", "T0", "T4"),
    ("fees of 99.99 %", "T0", "T4"),
    ("prices that fall", "T0", "T1"),
];

/// Milliseconds that this thread has had a processor for: other work on the machine does not count. Only as exact as the
/// system's clock ticks, and no number where the system does not tell.
#[must_use]
pub fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e6
}

/// A network with its state.
#[derive(Debug)]
pub struct Hostile {
    graph: Graph,
    state: State,
    ends: (Symbol, Symbol),
}

/// The same numbers every time.
fn mixed(n: usize) -> u128 {
    let mut z = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u128::from((z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16)
}

/// The pairs of a network: tokens by number.
fn pairs(name: &str) -> Vec<(usize, usize)> {
    match name {
        "four hops of sixteen" | "dust" | "fees of 99.99 %" => {
            (0..POOLS).map(|n| (n / 16, n / 16 + 1)).collect()
        }
        // T0, three layers of five, T16: every token of a layer trades with every one of the next.
        "grid" => {
            let layer = |n: usize| 1 + 5 * n..6 + 5 * n;
            let first = layer(0).map(|to| (0, to));
            let second = layer(0).flat_map(|from| layer(1).map(move |to| (from, to)));
            let third = layer(1).flat_map(|from| layer(2).map(move |to| (from, to)));
            first.chain(second).chain(third).chain(layer(2).map(|from| (from, 16))).collect()
        }
        "circles that gain" => {
            let all = (0..8).flat_map(|a| (a + 1..8).map(move |b| (a, b))).collect::<Vec<_>>();
            all.iter().cycle().take(POOLS).copied().collect()
        }
        _ => (0..POOLS).map(|_| (0, 1)).collect(),
    }
}

impl Hostile {
    /// The network of a name out of [`NETWORKS`].
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::known(name, 1_000)
    }

    /// The same of which no more than so many bins on either side of the active one were read.
    ///
    /// # Panics
    /// If there is no such network.
    #[must_use]
    pub fn known(name: &str, reach: u16) -> Self {
        let (name, from, to) = NETWORKS.into_iter().find(|(known, ..)| *known == name).expect("a network");
        let pools: Vec<Pool> =
            pairs(name).into_iter().enumerate().map(|(n, pair)| pool(name, n, pair, reach)).collect();
        let refs = pools.iter().map(|pool| PoolRef {
            id: pool.id().clone(),
            token_x: pool.token_x().clone(),
            token_y: pool.token_y().clone(),
        });
        let graph = Graph::new(refs.collect::<Vec<_>>());
        let ready = |pool: Pool| {
            let last_updated = Some(Stamp { text: String::new(), at_ms: Some(0) });
            (pool.id().clone(), PoolState::Ready { pool, last_updated, block_height: None })
        };
        let state = State::new(std::sync::Arc::default(), pools.into_iter().map(ready));
        let symbol = |name| Symbol::new(name).expect("a name");
        Self { graph, state, ends: (symbol(from), symbol(to)) }
    }

    /// Quotes over it with all the work that a quote may cost; gives the output, or 0 where it is refused.
    pub fn quote(
        &self,
        mode: Mode,
        amount: u128,
        change: impl FnOnce(&mut QuoteRequest),
    ) -> (u128, Vec<String>) {
        self.quote_with(mode, amount, change, Effort::WHOLE, true)
    }

    /// The same with a share of the work, and where no more bins can be read.
    pub fn quote_with(
        &self,
        mode: Mode,
        amount: u128,
        change: impl FnOnce(&mut QuoteRequest),
        effort: Effort,
        can_read_more: bool,
    ) -> (u128, Vec<String>) {
        let (token_in, token_out) = self.ends.clone();
        let mut request = QuoteRequest::new(token_in, token_out, mode, AmountText::Atomic(amount));
        request.max_hops = 4;
        request.max_bins = 1_001;
        change(&mut request);
        let candidates = find_candidates(
            &self.graph,
            &request.token_in,
            &request.token_out,
            request.max_hops,
            POOLS,
            &request.filter,
        )
        .expect("a route");
        let input = QuoteInput {
            request: &request,
            candidates: &candidates,
            state: &self.state,
            now_ms: 0,
            can_read_more,
            effort,
        };
        match quote_in_rounds(&input) {
            Ok(Outcome::Quote(quote, _)) => {
                let said = quote.warnings.iter().map(|warning| format!("{warning:?}"));
                (quote.amount_out, said.filter(|text| text.contains("Limited")).collect())
            }
            Ok(Outcome::ReadMore(more)) => (0, vec![format!("reads more of {} pools", more.len())]),
            Err(error) => (0, vec![error.code().to_owned()]),
        }
    }
}

/// The bins of a pool: id, reserves (X, Y) and price times 10^8.
fn bins(name: &'static str, n: usize) -> impl Iterator<Item = (u16, u128, u128, u128)> {
    let seed = n * 10_000;
    (0..=1_000_u16).map(move |id| {
        let noise = mixed(seed + usize::from(id));
        let reserve = match name {
            "dust" => noise % 4,
            _ => 1_000_000 + noise % 1_000_000_000,
        };
        let up = match name {
            "prices that fall" => 1_000 - u128::from(id),
            _ => u128::from(id),
        };
        let price = 100_000_000 + up * 25_000 + mixed(seed) % 3_000_000;
        let (reserve_x, reserve_y) = if id >= 500 { (reserve, 0) } else { (0, reserve) };
        (id, reserve_x, reserve_y, price)
    })
}

/// The one fee of a pool, both ways.
fn fee_bps(name: &str, n: usize) -> u16 {
    match name {
        "fees of 99.99 %" => 9_999,
        "circles that gain" => 0,
        _ => (mixed(n * 10_000 + 7) % 40) as u16,
    }
}

fn pool(name: &'static str, n: usize, (x, y): (usize, usize), reach: u16) -> Pool {
    let id = |id: u16| BinId::new(id).expect("an id");
    let known = (id(500_u16.saturating_sub(reach)), id((500 + reach).min(1_000)));
    let read = bins(name, n).filter(|(bin, ..)| (known.0.get()..=known.1.get()).contains(bin));
    let bins = read.map(|(id, reserve_x, reserve_y, price)| {
        let price = Price::from_e8(price).expect("above zero");
        (BinId::new(id).expect("an id"), Bin { reserve_x, reserve_y, price }, Claims::default())
    });
    let fees = SideFees::new(0, fee_bps(name, n), 0).expect("below 10 000");
    let token = |n: usize| Symbol::new(&format!("T{n}")).expect("a name");
    Pool::new(PoolParts {
        id: PoolId::new(&format!("P{n:02}")).expect("a name"),
        token_x: token(x),
        token_y: token(y),
        active_bin: BinId::new(500).expect("an id"),
        fees: Fees { x: fees, y: fees },
        known,
        bins: bins.collect(),
    })
    .expect("a sound pool")
}

/// When the stored values say that they were written.
const WRITTEN: &str = "2026-01-15T08:00:00Z";

/// Units with so many digits after the point.
fn decimal(units: u128, digits: u32) -> String {
    let one = 10_u128.pow(digits);
    format!("{}.{:0width$}", units / one, units % one, width = digits as usize)
}

/// The texts of each pool of a network as Redis holds them: its value, and its bins by id.
///
/// # Panics
/// Never: all of it is JSON.
#[must_use]
pub fn hostile_pools(name: &'static str) -> Vec<(String, Vec<(u16, String)>)> {
    let pools = stored(name).into_iter().map(|mut pool| {
        let bins = pool["bins"].take();
        let bins = bins.as_array().expect("bins").iter().enumerate();
        let bins = bins.map(|(id, bin)| (u16::try_from(id).expect("an id"), bin.to_string())).collect();
        pool.as_object_mut().expect("a pool").remove("bins");
        (pool.to_string(), bins)
    });
    pools.collect()
}

/// The pools of a network, as a snapshot holds them.
pub(crate) fn stored(name: &'static str) -> Vec<Value> {
    let pools = pairs(name).into_iter().enumerate().map(|(n, (x, y))| {
        let (id, fee) = (format!("P{n:02}"), fee_bps(name, n));
        // Both forms and all usual fields, as producers write them: some 250 bytes a bin.
        let bins = bins(name, n).map(|(bin_id, reserve_x, reserve_y, price)| {
            json!({"pool_id": id, "bin_id": bin_id, "reserve_x": reserve_x.to_string(),
                "reserve_y": reserve_y.to_string(), "price_e8": price.to_string(),
                "x_amount": decimal(reserve_x, 6), "y_amount": decimal(reserve_y, 6),
                "price": decimal(price, 8), "total_liquidity": decimal(reserve_x + reserve_y, 6),
                "is_active": bin_id == 500, "last_updated": WRITTEN})
        });
        json!({"pool_id": id, "token_x": format!("T{x}"), "token_y": format!("T{y}"), "bin_step": 25,
            "active_bin_id": 500, "status": "active", "token_x_decimals": 6, "token_y_decimals": 6,
            "x_protocol_fee": 0, "x_provider_fee": fee, "x_variable_fee": 0,
            "y_protocol_fee": 0, "y_provider_fee": fee, "y_variable_fee": 0,
            "last_updated": WRITTEN, "bins": bins.collect::<Vec<_>>()})
    });
    pools.collect()
}
