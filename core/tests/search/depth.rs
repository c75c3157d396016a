//! Near the depth of a market of thirty pools no search looks at everything: what other questions find are its floors.

use crate::network::{Network, symbol};
use crate::random::Random;
use dlmm_core::error::QuoteError;
use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, Mode, Quote, QuoteRequest};
use dlmm_core::units::{BinId, PoolId};

/// Tokens with the smallest units that a dollar buys: three that every pool is joined to, and three others.
const HUBS: [(&str, u128); 3] = [("USDC", 1_000_000), ("BTC", 1_000), ("SOL", 5_000_000)];
const OTHERS: [(&str, u128); 3] = [("T0", 16_000), ("T1", 3_000), ("T2", 1_400_000)];
/// Dollars in a bin.
const WORTH: u128 = 50_000;

fn pool(random: &mut Random, n: usize, x: (&str, u128), y: (&str, u128)) -> Pool {
    let step = random.one(&[10_u128, 25, 50]);
    let fee = random.one(&[15_u16, 25, 30]);
    // Prices of one pair differ by less than any fee, as arbitrage leaves them.
    let nearly = 99_980 + u128::from(random.below(41));
    let mut price = 100_000_000_000_000 * y.1 / x.1 * nearly / 100_000;
    for _ in 0..50 {
        price = price * 10_000 / (10_000 + step);
    }
    let bins = (450..=550_u16).map(|id| {
        price = price * (10_000 + step) / 10_000;
        let noise = 800 + u128::from(random.below(400));
        let (reserve_x, reserve_y) = (WORTH * x.1 * noise / 1_000, WORTH * y.1 * noise / 1_000);
        let bin = Bin {
            reserve_x: if id >= 500 { reserve_x } else { 0 },
            reserve_y: if id <= 500 { reserve_y } else { 0 },
            price: Price::from_e8(price / 1_000_000).expect("above zero"),
        };
        (BinId::new(id).expect("an id"), bin, Claims::default())
    });
    let bins = bins.collect();
    let fees = SideFees::new(2, fee, 0).expect("below 10 000");
    Pool::new(PoolParts {
        id: PoolId::new(&format!("P{n:02}")).expect("a name"),
        token_x: symbol(x.0),
        token_y: symbol(y.0),
        active_bin: BinId::new(500).expect("an id"),
        fees: Fees { x: fees, y: fees },
        known: (BinId::MIN, BinId::MAX),
        bins,
    })
    .expect("a sound pool")
}

/// Thirty pools: every other token with every hub, three times and more, and one between hubs.
fn market(seed: u64) -> Network {
    let mut random = Random(seed);
    let pair = |n: usize| (OTHERS[n % 3], HUBS[n / 3 % 3]);
    let mut pools: Vec<Pool> = (0..29)
        .map(|n| {
            let (x, y) = pair(n);
            pool(&mut random, n, x, y)
        })
        .collect();
    pools.push(pool(&mut random, 29, HUBS[1], HUBS[0]));
    Network::new(pools)
}

struct Asked<'a> {
    market: &'a Network,
    request: QuoteRequest,
}

impl Asked<'_> {
    fn quote(&self, mode: Mode, amount: u128, allow_partial: bool) -> Result<Quote, QuoteError> {
        let mut request = self.request.clone();
        (request.mode, request.amount, request.allow_partial) =
            (mode, AmountText::Atomic(amount), allow_partial);
        self.market.quote(&request)
    }

    fn part(&self, amount: u128) -> Quote {
        self.quote(Mode::ExactIn, amount, true).expect("a part always fits")
    }

    fn told(&self) -> String {
        let QuoteRequest { token_in, token_out, max_splits, max_hops, .. } = &self.request;
        format!("{token_in}>{token_out}, {max_splits} splits, {max_hops} hops")
    }
}

/// Runs a check for each pair, limit of routes and limit of hops.
fn each(check: impl Fn(&Asked<'_>)) {
    let market = market(30);
    for (from, to) in [("USDC", "BTC"), ("T0", "USDC"), ("SOL", "T1")] {
        for (max_splits, max_hops) in [(4, 3), (8, 3), (0, 3), (0, 4)] {
            let amount = AmountText::Atomic(1);
            let mut request = QuoteRequest::new(symbol(from), symbol(to), Mode::ExactIn, amount);
            (request.max_splits, request.max_hops, request.max_bins) = (max_splits, max_hops, 1_001);
            check(&Asked { market: &market, request });
        }
    }
}

/// Parts per million of the most that a market takes or gives.
fn ppm(amount: u128, parts: u128) -> u128 {
    amount / 1_000_000 * parts
}

#[test]
fn a_part_gives_no_less_than_all_of_it_or_of_what_it_takes() {
    each(|asked| {
        let most = asked.part(1 << 100).amount_in;
        let mut less = 0;
        for parts in [900_000, 990_000, 999_000, 1_000_000, 1_001_000, 1_010_000, 1_100_000, 3_000_000] {
            let amount = ppm(most, parts);
            let part = asked.part(amount);
            // Rounding alone may tell two ways apart that are as good.
            let given = part.amount_out + part.amount_out / 1_000_000;
            for (all, slack) in [(amount, 0), (part.amount_in, given / 500)] {
                let all = asked.quote(Mode::ExactIn, all, false).map_or(0, |quote| quote.amount_out);
                assert!(given + slack >= all, "{}: {parts} ppm: {given}, {all} for all", asked.told());
            }
            // More in begins a search elsewhere: a limit on routes may then lead to other ones.
            assert!(given + given / 50 >= less, "{}: {parts} ppm: {given}, {less} for less", asked.told());
            less = less.max(given);
        }
    });
}

#[test]
fn what_is_called_fillable_fills() {
    each(|asked| {
        let most = asked.part(1 << 100);
        for (mode, all) in [(Mode::ExactIn, most.amount_in), (Mode::ExactOut, most.amount_out)] {
            for parts in [1_100_000, 3_000_000] {
                let amount = ppm(all, parts);
                match asked.quote(mode, amount, false) {
                    Err(QuoteError::InsufficientLiquidity { fillable, .. }) => {
                        let filled = asked.quote(mode, fillable, false);
                        let told = format!("{}: {mode:?} {parts} ppm: {fillable} of {all}", asked.told());
                        assert!(filled.is_ok_and(|quote| quote.unfilled == 0), "{told} does not fill");
                        assert!(fillable > 0, "{told}");
                    }
                    Ok(quote) => assert_eq!(quote.unfilled, 0, "{}", asked.told()),
                    Err(other) => panic!("{}: {other:?}", asked.told()),
                }
            }
        }
    });
}

#[test]
fn an_exact_output_that_fits_is_not_refused() {
    each(|asked| {
        let most = asked.part(1 << 100).amount_out;
        for parts in [500_000, 900_000, 990_000] {
            let wanted = ppm(most, parts);
            let quote = asked.quote(Mode::ExactOut, wanted, false);
            assert!(quote.is_ok(), "{}: {parts} ppm: {quote:?}", asked.told());
        }
    });
}
