//! What must hold between the answers to requests that differ in one thing.

use crate::network::{Network, symbol};
use crate::random::Random;
use dlmm_core::error::QuoteError;
use dlmm_core::quote::{AmountText, Mode, Quote, QuoteRequest};
use dlmm_core::sorted::SortedSet;
use std::collections::BTreeMap;

/// A relation that did not hold.
#[derive(Clone, Debug)]
pub(crate) struct Breach {
    pub(crate) relation: &'static str,
    pub(crate) seed: u64,
    /// The poorer answer, and what shows that it is poor.
    pub(crate) got: u128,
    pub(crate) better: u128,
    pub(crate) told: String,
}

pub(crate) struct Checked {
    pub(crate) requests: u64,
    pub(crate) answered: u64,
    pub(crate) limited: u64,
    pub(crate) breaches: Vec<Breach>,
}

struct Case<'a> {
    network: &'a Network,
    seed: u64,
    checked: &'a mut Checked,
}

type Answer = Result<Quote, QuoteError>;

fn out(answer: &Answer) -> u128 {
    answer.as_ref().map_or(0, |quote| quote.amount_out)
}

pub(crate) fn routes(answer: &Answer) -> String {
    let Ok(quote) = answer else { return format!("{answer:?}") };
    let routes = quote.routes.iter().map(|route| {
        let pools: Vec<_> =
            route.hops.iter().map(|hop| format!("{}:{}", hop.pool_id, hop.amount_out)).collect();
        format!("[{} {}]", route.amount_in, pools.join(" "))
    });
    format!("{} of {} in: {}", quote.amount_in, quote.requested, routes.collect::<Vec<_>>().join(" "))
}

pub(crate) fn says_limit(answer: &Answer) -> bool {
    let warnings = match answer {
        Ok(quote) => &quote.warnings,
        Err(
            QuoteError::InsufficientLiquidity { warnings, .. } | QuoteError::TooManyBins { warnings, .. },
        ) => warnings,
        Err(QuoteError::PlanTooLarge { warnings, .. }) => return !warnings.is_empty(),
        Err(_) => return false,
    };
    warnings.iter().any(|warning| warning.code() == "SEARCH_LIMITED")
}

fn with(request: &QuoteRequest, change: impl FnOnce(&mut QuoteRequest)) -> QuoteRequest {
    let mut changed = request.clone();
    change(&mut changed);
    changed
}

impl Case<'_> {
    fn quote(&mut self, request: &QuoteRequest) -> Answer {
        self.checked.requests += 1;
        let answer = self.network.quote(request);
        self.checked.answered += u64::from(answer.is_ok());
        self.checked.limited += u64::from(says_limit(&answer));
        if let (Ok(quote), Mode::ExactIn, AmountText::Atomic(amount)) =
            (&answer, request.mode, &request.amount)
        {
            assert!(quote.amount_in <= *amount && quote.amount_in + quote.unfilled == *amount, "{request:?}");
        }
        answer
    }

    /// The answer of a wider request is no poorer, or says that its search was cut short.
    fn no_poorer(&mut self, relation: &'static str, narrow: &Answer, wide: &Answer, told: &QuoteRequest) {
        let fills = |answer: &Answer| answer.as_ref().is_ok_and(|quote| quote.unfilled == 0);
        let partial = told.allow_partial;
        // Where units are many, no route is added for what rounding gives: less than two millionths.
        let fine = matches!(relation, "more pools" | "more hops" | "more bins" | "allow partial" | "again")
            && [narrow, wide].iter().all(|answer| {
                answer.as_ref().is_ok_and(|quote| quote.amount_in.min(quote.amount_out) >= 1 << 19)
            });
        // And floats, which say how a trade is shared, have 52 bits.
        let slack = match (fine, relation) {
            // Beyond all there is, floats do not know how much that is.
            (true, "again") => out(narrow) / 200_000,
            (true, _) => out(narrow) / 500_000,
            (false, _) => out(narrow) >> 50,
        };
        let poorer = out(wide) < out(narrow) - slack && (partial || fills(narrow));
        if poorer && !says_limit(wide) {
            self.breach(relation, out(wide), out(narrow), told);
            let shown = format!("\n     got {}\n  better {}", routes(wide), routes(narrow));
            self.checked.breaches.last_mut().expect("just noted").told.push_str(&shown);
        }
    }

    fn breach(&mut self, relation: &'static str, got: u128, better: u128, told: &QuoteRequest) {
        let told = format!(
            "{}>{} {:?} {:?} splits {} hops {} bins {} partial {} reads {:?}",
            told.token_in,
            told.token_out,
            told.mode,
            told.amount,
            told.max_splits,
            told.max_hops,
            told.max_bins,
            told.allow_partial,
            told.max_reads
        );
        self.checked.breaches.push(Breach { relation, seed: self.seed, got, better, told });
    }

    fn check(&mut self, random: &mut Random, reads: bool) {
        let tokens = self.network.graph.tokens().to_vec();
        let Some(token_in) = tokens.first() else { return };
        let turned = random.once_in(2);
        let (token_in, token_out) = match turned {
            true => (symbol("B"), symbol("A")),
            false => (token_in.clone(), tokens.last().cloned().unwrap_or_else(|| symbol("B"))),
        };
        if token_in == token_out {
            return;
        }
        let bits = random.one(&[3, 6, 10, 24, 48, 80, 112]);
        let amount = random.sized(bits).max(1);
        let mut request = QuoteRequest::new(token_in, token_out, Mode::ExactIn, AmountText::Atomic(amount));
        request.max_splits = random.one(&[0, 0, 2, 4, 3]);
        request.max_hops = 1 + random.below(4) as u8;
        request.max_bins = random.one(&[5, 20, 350, 350, 1001]);
        request.allow_partial = random.once_in(2);
        if reads {
            let bits = random.one(&[7, 9, 11, 14]);
            request.max_reads = Some((55 + random.sized(bits)).min(14_250) as u16);
        }
        let answer = self.quote(&request);
        self.more_reads(&request, &answer);
        self.wider(&request, &answer, random);
        self.more(&request, amount, &answer, random);
        self.parts(&request, &answer);
        self.exact_out(&request, amount, &answer, random);
    }

    fn more_reads(&mut self, request: &QuoteRequest, answer: &Answer) {
        let Some(reads) = request.max_reads else { return };
        for more in [Some(reads.saturating_mul(2).min(14_250)), None] {
            let more = with(request, |r| r.max_reads = more);
            let wide = self.quote(&more);
            self.no_poorer("more reads", answer, &wide, &more);
        }
    }

    fn wider(&mut self, request: &QuoteRequest, answer: &Answer, random: &mut Random) {
        if request.max_splits != 0 {
            let more = with(request, |r| r.max_splits = random.one(&[0, request.max_splits + 1, 8]));
            let wide = self.quote(&more);
            self.no_poorer("more splits", answer, &wide, &more);
        }
        let one = with(request, |r| r.max_splits = 1);
        let single = self.quote(&one);
        self.no_poorer("one route", &single, answer, request);
        if request.max_hops < 4 {
            let more = with(request, |r| r.max_hops += 1);
            let wide = self.quote(&more);
            self.no_poorer("more hops", answer, &wide, &more);
        }
        let more = with(request, |r| r.max_bins = (r.max_bins * 2).min(1001));
        let wide = self.quote(&more);
        self.no_poorer("more bins", answer, &wide, &more);
        let pools = self.network.graph.pools();
        let left_out = pools[random.below(pools.len() as u64) as usize].id.clone();
        let fewer = with(request, |r| r.filter.exclude_pools = SortedSet::from_iter([left_out]));
        let narrow = self.quote(&fewer);
        self.no_poorer("more pools", &narrow, answer, request);
    }

    fn more(&mut self, request: &QuoteRequest, amount: u128, answer: &Answer, random: &mut Random) {
        if !request.allow_partial && request.max_splits != 0 {
            return;
        }
        let more = match random.below(4) {
            0 => amount.saturating_add(1),
            1 => amount.saturating_add(u128::from(1 + random.below(300))),
            2 => amount.saturating_mul(2),
            _ => amount.saturating_mul(u128::from(1 + random.below(100_000))),
        };
        let more = with(request, |r| r.amount = AmountText::Atomic(more));
        let wide = self.quote(&more);
        // Without partial answers a larger amount may find no room; then there is no answer to compare.
        if wide.is_ok() || request.allow_partial {
            self.no_poorer("more in", answer, &wide, &more);
        }
    }

    /// What fits fills, and a partial answer gives no less than one route.
    fn parts(&mut self, request: &QuoteRequest, answer: &Answer) {
        if let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = answer
            && *fillable > 0
        {
            let fits = with(request, |r| r.amount = AmountText::Atomic(*fillable));
            let filled = self.quote(&fits);
            if filled.is_err() {
                self.breach("fillable", 0, *fillable, &fits);
            }
        }
        let part = with(request, |r| r.allow_partial = true);
        let partial = self.quote(&part);
        if let (Err(QuoteError::InsufficientLiquidity { fillable: 0, .. }), Ok(quote)) = (answer, &partial) {
            self.breach("nothing fills", 0, quote.amount_in, request);
        }
        // What takes everything is the floor of what takes a part, whatever ended the searches. Only where most of it buys
        // nothing may rounding make it give a millionth more.
        if let (Ok(whole), Ok(part)) = (answer, &partial)
            && whole.unfilled == 0
        {
            let slack =
                if part.amount_in < whole.amount_in / 10 * 9 { whole.amount_out / 1_000_000 } else { 0 };
            if part.amount_out < whole.amount_out - slack {
                self.breach("floor", part.amount_out, whole.amount_out, request);
            }
        }
        if let Ok(quote) = &partial
            && quote.unfilled > 0
        {
            self.part_alone(request, &partial, quote.amount_in);
        }
        self.no_poorer("allow partial", answer, &partial, &with(&part, |r| r.allow_partial = false));
    }

    /// What a part takes is no less worth when it is asked for alone, and all of it fills.
    fn part_alone(&mut self, request: &QuoteRequest, partial: &Answer, amount: u128) {
        let alone = with(request, |r| (r.amount, r.allow_partial) = (AmountText::Atomic(amount), true));
        let answer = self.quote(&alone);
        self.no_poorer("part alone", partial, &answer, &alone);
        self.no_poorer("again", &answer, partial, &alone);
        let whole = with(&alone, |r| r.allow_partial = false);
        let filled = self.quote(&whole);
        if filled.is_err() && !says_limit(&filled) {
            self.breach("part refused", 0, amount, &whole);
        }
    }

    fn exact_out(&mut self, request: &QuoteRequest, amount: u128, answer: &Answer, random: &mut Random) {
        let reachable = out(answer);
        let wanted = match random.below(3) {
            0 if reachable > 0 => reachable,
            1 if reachable > 0 => 1 + reachable / u128::from(2 + random.below(9)),
            _ => {
                let bits = random.one(&[6, 20, 60]);
                random.sized(bits).max(1)
            }
        };
        let back = with(request, |r| (r.mode, r.amount) = (Mode::ExactOut, AmountText::Atomic(wanted)));
        let answer = self.quote(&back);
        match &answer {
            Ok(quote) if quote.amount_out >= wanted => {
                let spent = quote.amount_in;
                let slack = if spent.min(wanted) >= 1 << 19 { spent / 500_000 } else { 0 };
                let mut tries = vec![spent - 1, spent - spent / 1_000, spent - spent / 16, spent / 2];
                if reachable >= wanted {
                    tries.push(amount);
                }
                for less in tries {
                    if less == 0 || less >= spent {
                        continue;
                    }
                    let less = with(request, |r| r.amount = AmountText::Atomic(less));
                    let cheaper = self.quote(&less);
                    if let Ok(cheaper) = &cheaper
                        && cheaper.amount_out >= wanted
                        && cheaper.amount_in < spent - slack
                        && !says_limit(&answer)
                    {
                        self.breach("exact out", spent, cheaper.amount_in, &back);
                        break;
                    }
                }
            }
            Ok(quote) => {
                let given = quote.amount_out;
                let fine = quote.amount_in.min(given) >= 1 << 19;
                let slack = if fine { given / 500_000 } else { 0 };
                if reachable.min(wanted) > given + slack {
                    self.breach("exact out partial", given, reachable.min(wanted), &back);
                }
            }
            Err(QuoteError::InsufficientLiquidity { fillable, .. }) if *fillable > 0 => {
                let fits = with(&back, |r| r.amount = AmountText::Atomic(*fillable));
                if self.quote(&fits).is_err() {
                    self.breach("fillable out", 0, *fillable, &fits);
                }
            }
            Err(_) => {}
        }
    }
}

/// Checks everything on the network of each seed until so many requests were made.
pub(crate) fn check(
    network: fn(&mut Random) -> Network,
    first_seed: u64,
    requests: u64,
    reads: bool,
) -> Checked {
    let mut checked = Checked { requests: 0, answered: 0, limited: 0, breaches: Vec::new() };
    let mut seed = first_seed;
    while checked.requests < requests {
        let mut random = Random(seed);
        let network = network(&mut random);
        if !network.graph.pools().is_empty() {
            Case { network: &network, seed, checked: &mut checked }.check(&mut random, reads);
        }
        seed += 1;
    }
    checked
}

/// How often each relation was broken, and by how much at most.
pub(crate) fn summary(breaches: &[Breach]) -> BTreeMap<&'static str, (usize, f64)> {
    let mut by = BTreeMap::new();
    for breach in breaches {
        let (count, worst) = by.entry(breach.relation).or_insert((0, 0.0_f64));
        *count += 1;
        let (low, high) = (breach.got.min(breach.better) as f64, breach.got.max(breach.better) as f64);
        *worst = worst.max(1.0 - low / high.max(1.0));
    }
    by
}
