//! Every amount, one by one, on networks of few units: what less bought more buys too, and no way to share it is better.
//!
//! Tokens of no or few decimals, bins of a few units, fees up to 99.99 %, tight limits. Where routes share no pool the
//! best answer is known: a table over all amounts of all pools.

use crate::exhaustive::best;
use crate::network::{Network, symbol};
use crate::random::Random;
use crate::relations::Breach;
use dlmm_core::error::QuoteError;
use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{AmountText, HopQuote, Mode, Quote, QuoteRequest, Visits, Warning, ends_amid};
use dlmm_core::units::{BinId, PoolId};
use std::collections::BTreeMap;

/// What was asked of small networks, and what did not hold.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) requests: u64,
    pub(crate) limited: u64,
    pub(crate) breaches: Vec<Breach>,
}

fn share(random: &mut Random, millionths: u64) -> bool {
    random.below(1_000_000) < millionths
}

fn pool(random: &mut Random, nth: usize, (x, y): (&str, &str)) -> Pool {
    const ACTIVE: u64 = 500;
    let most = random.one(&[1, 3, 8]);
    let around = 1 + random.below(most);
    let mut price: u128 = random.one(&[
        20_000_000,
        50_000_000,
        100_000_000,
        100_000_000,
        150_000_000,
        300_000_000,
        1_000_000_000,
        33_333_333,
    ]);
    let step: u128 = random.one(&[0, 10, 300, 2_000]);
    let mut bins = Vec::new();
    for id in ACTIVE - around..=ACTIVE + around {
        price = price * (10_000 + step) / 10_000;
        if share(random, 150_000) {
            continue;
        }
        let off = share(random, 100_000);
        let price = if off { (price * u128::from(1 + random.below(2_500)) / 1_000).max(1) } else { price };
        let mut reserve = || match share(random, 300_000) {
            true => u128::from(random.below(4)),
            false => {
                let most = random.one(&[8, 40, 120]);
                u128::from(random.below(most))
            }
        };
        let reserve_x = if id >= ACTIVE { reserve() } else { 0 };
        let reserve_y = if id <= ACTIVE { reserve() } else { 0 };
        let price = Price::from_e8(price).expect("above zero");
        let id = BinId::new(id as u16).expect("an id");
        bins.push((id, Bin { reserve_x, reserve_y, price }, Claims::default()));
    }
    let mut side = || {
        let bps = random.one(&[0, 0, 0, 30, 100, 1_000, 2_500, 5_000, 9_000, 9_999]);
        SideFees::new(0, bps, 0).expect("below 10 000")
    };
    let fees = Fees { x: side(), y: side() };
    Pool::new(PoolParts {
        id: PoolId::new(&format!("P{nth}")).expect("a name"),
        token_x: symbol(x),
        token_y: symbol(y),
        active_bin: BinId::new(ACTIVE as u16).expect("an id"),
        fees,
        known: (BinId::MIN, BinId::MAX),
        bins,
    })
    .expect("a sound pool")
}

fn network(random: &mut Random) -> (Vec<Pool>, bool) {
    let hops = share(random, 400_000);
    // Decimals, which make no difference in smallest units.
    random.next();
    if !hops {
        random.next();
    }
    let pools = 1 + random.below(if hops { 5 } else { 4 }) as usize;
    let pools = (0..pools).map(|nth| {
        let pair = match hops {
            true => random.one(&[("A", "M"), ("M", "B"), ("A", "B"), ("B", "M"), ("M", "A")]),
            false if share(random, 500_000) => ("A", "B"),
            false => ("B", "A"),
        };
        pool(random, nth, pair)
    });
    (pools.collect(), hops)
}

type Answer = Result<Quote, QuoteError>;

fn limited(answer: &Answer) -> bool {
    let limited = |warning: &Warning| warning.code() == "SEARCH_LIMITED";
    answer.as_ref().is_ok_and(|quote| quote.warnings.iter().any(limited))
}

fn out(answer: &Answer) -> u128 {
    answer.as_ref().map_or(0, |quote| quote.amount_out)
}

struct Scan<'a> {
    network: &'a Network,
    seed: u64,
    limits: QuoteRequest,
    scanned: &'a mut Scanned,
}

impl Scan<'_> {
    fn ask(&mut self, mode: Mode, amount: u128, part: bool) -> Answer {
        self.scanned.requests += 1;
        let mut request = self.limits.clone();
        (request.mode, request.amount, request.allow_partial) = (mode, AmountText::Atomic(amount), part);
        let answer = self.network.quote(&request);
        self.scanned.limited += u64::from(limited(&answer));
        if let Ok(quote) = &answer {
            self.within_limits(quote);
        }
        answer
    }

    /// Whatever is given keeps to what is allowed.
    fn within_limits(&mut self, quote: &Quote) {
        let (routes, hops) = (quote.routes.len(), || quote.routes.iter().flat_map(|route| &route.hops));
        let splits = usize::from(self.limits.max_splits);
        if splits > 0 && routes > splits {
            self.breach("too many routes", routes as u128, splits as u128, &format!("{}", quote.requested));
        }
        let mut pools: BTreeMap<&PoolId, u16> = BTreeMap::new();
        hops().for_each(|hop| *pools.entry(&hop.pool_id).or_default() += hop.bins_visited);
        let bins = pools.values().copied().max().unwrap_or(0);
        if bins > self.limits.max_bins {
            let told = format!("{}", quote.requested);
            self.breach("too many bins", bins.into(), self.limits.max_bins.into(), &told);
        }
        let amid = |hop: &&HopQuote| {
            let pool = self.network.state.ready(&hop.pool_id).expect("a pool of the network").0;
            ends_amid(pool, hop)
        };
        let multi = quote.routes.iter().any(|route| route.hops.len() > 1);
        let reads = Visits::of(hops()).reads(multi || hops().filter(amid).count() > 1);
        if let Some(limit) = self.limits.max_reads
            && reads > u32::from(limit)
        {
            self.breach("too many reads", reads.into(), limit.into(), &format!("{}", quote.requested));
        }
    }

    fn breach(&mut self, relation: &'static str, got: u128, better: u128, told: &str) {
        let QuoteRequest { max_splits, max_bins, max_hops, max_reads, .. } = &self.limits;
        let told = format!("{told}; splits {max_splits} bins {max_bins} hops {max_hops} reads {max_reads:?}");
        self.scanned.breaches.push(Breach { relation, seed: self.seed, got, better, told });
    }

    /// Every amount from 1 to `most`, whole and in part; gives what each part takes and gives.
    fn inputs(&mut self, most: usize, pools: &[Pool], apart: bool) -> Vec<(u128, u128)> {
        let mut parts = vec![(0, 0)];
        let (mut best_part, mut best_whole, mut filled) = ((0, 0), (0, 0), 0);
        let best = if apart { best(most, pools, &self.limits) } else { vec![None; most + 1] };
        for (amount, best) in best.into_iter().enumerate().skip(1) {
            let units = amount as u128;
            let (whole, part) = (self.ask(Mode::ExactIn, units, false), self.ask(Mode::ExactIn, units, true));
            let given = out(&part);
            if !limited(&part) && given < best_part.0 {
                self.breach("more in part", given, best_part.0, &format!("{amount}, {} gives", best_part.1));
            }
            if !limited(&part) && given < out(&whole) {
                self.breach("part", given, out(&whole), &format!("{amount}"));
            }
            if !limited(&whole) && self.limits.max_splits == 0 && whole.is_ok() && out(&whole) < best_whole.0
            {
                let told = format!("{amount}, {} gives", best_whole.1);
                self.breach("more in whole", out(&whole), best_whole.0, &told);
            }
            match &whole {
                Err(QuoteError::InsufficientLiquidity { fillable, .. }) => {
                    self.fillable(Mode::ExactIn, *fillable, filled, &format!("{amount}"));
                }
                Ok(_) => filled = units,
                Err(_) => {}
            }
            best_part = best_part.max((given, amount));
            best_whole = best_whole.max((out(&whole), amount));
            if let Some(best) = best {
                if !limited(&whole) && out(&whole) < best {
                    self.breach(
                        "best whole",
                        out(&whole),
                        best,
                        &format!("{amount}: {:?}", whole.as_ref().err()),
                    );
                }
                if !limited(&part) && given < best {
                    self.breach("best part", given, best, &format!("{amount}"));
                }
            }
            if amount % 3 == 0 {
                self.more_reads(units, [&whole, &part]);
            }
            parts.push((part.map_or(0, |part| part.amount_in), given));
        }
        parts
    }

    /// With more reads an amount gives no less.
    fn more_reads(&mut self, amount: u128, narrow: [&Answer; 2]) {
        let Some(reads) = self.limits.max_reads else { return };
        for more in [Some(reads + 60), Some(2 * reads), None] {
            for (answer, part) in narrow.into_iter().zip([false, true]) {
                let limit = core::mem::replace(&mut self.limits.max_reads, more);
                let wide = self.ask(Mode::ExactIn, amount, part);
                if !limited(&wide) && out(&wide) < out(answer) {
                    let told = format!("{amount}, partial {part}, of {reads}: {:?}", wide.as_ref().err());
                    self.breach("more reads", out(&wide), out(answer), &told);
                }
                self.limits.max_reads = limit;
            }
        }
    }

    /// What a refusal says can be filled fills, and it is no less than what was seen to fill.
    fn fillable(&mut self, mode: Mode, fillable: u128, seen: u128, told: &str) {
        if fillable < seen {
            self.breach("fillable low", fillable, seen, told);
        }
        if fillable > 0
            && let Err(error) = self.ask(mode, fillable, false)
        {
            self.breach("fillable", 0, fillable, &format!("{told}: {error:?}"));
        }
    }

    /// Outputs cost no more than the least input that was seen to give them, and what is too much is told.
    fn outputs(&mut self, parts: &[(u128, u128)], random: &mut Random) {
        let most = parts.iter().map(|part| part.1).max().unwrap_or(0);
        for wanted in [most + 1, most + 2, most + 7, 2 * most, 1_000_000].into_iter().filter(|_| most > 0) {
            let answer = self.ask(Mode::ExactOut, wanted, false);
            if let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = &answer {
                self.fillable(Mode::ExactOut, *fillable, most, &format!("{wanted} out"));
            }
        }
        let mut wanted = vec![1, 2, most, most.saturating_sub(1)];
        wanted.extend((0..12).map(|_| 1 + u128::from(random.below(most as u64))));
        for wanted in wanted.into_iter().filter(|wanted| (1..=most).contains(wanted)) {
            let least = parts.iter().filter(|part| part.1 >= wanted).map(|part| part.0).min().unwrap_or(0);
            for part in [false, true] {
                let answer = self.ask(Mode::ExactOut, wanted, part);
                let told = format!("{wanted} out, partial {part}");
                match &answer {
                    _ if limited(&answer) => {}
                    Ok(quote) if quote.amount_out >= wanted => {
                        if quote.amount_in > least {
                            self.breach("dear", quote.amount_in, least, &told);
                        }
                    }
                    Err(QuoteError::AmountOverflow { .. }) => {}
                    answer => {
                        let code = answer.as_ref().err();
                        self.breach("out refused", 0, least, &format!("{told}: {code:?}"));
                    }
                }
            }
        }
    }
}

/// Scans the network of each seed until so many requests were made; `reads` are limited too where that is asked.
pub(crate) fn scan(first_seed: u64, requests: u64, reads: bool) -> Scanned {
    let mut scanned = Scanned::default();
    let mut seed = first_seed;
    while scanned.requests < requests {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (pools, hops) = network(&mut random);
        let most = 60 + random.below(100) as usize;
        let mut limits = QuoteRequest::new(symbol("A"), symbol("B"), Mode::ExactIn, AmountText::Atomic(5));
        limits.max_splits = random.one(&[0, 0, 1, 2, 3, 4]);
        limits.max_bins = random.one(&[1, 2, 3, 1001, 1001]);
        limits.max_hops = random.one(&[1, 2, 3, 3]);
        limits.allow_partial = true;
        if reads {
            limits.max_reads = Some(random.one(&[48, 110, 160, 200, 400]));
        }
        let network = Network::new(pools.clone());
        let any = network.quote(&limits);
        if !matches!(any, Err(QuoteError::UnknownToken { .. } | QuoteError::NoRoute { .. })) {
            let apart = limits.max_hops == 1 || !hops;
            let mut scan = Scan { network: &network, seed, limits, scanned: &mut scanned };
            let parts = scan.inputs(most, &pools, apart);
            scan.outputs(&parts, &mut random);
        }
        seed += 1;
    }
    scanned
}
