//! A quote of a batch, which may cost less work than one alone, is no poorer, or says that its work ended the search.

use crate::network::{Network, deep, market, network};
use crate::random::Random;
use crate::relations::{routes, says_limit};
use dlmm_core::api::error_details;
use dlmm_core::error::QuoteError;
use dlmm_core::quote::{AmountText, Effort, MAX_BATCH, Mode, Quote, QuoteRequest};

type Answer = Result<Quote, QuoteError>;
type Kind = (&'static str, fn(&mut Random) -> Network);

const HOSTILE: Kind = ("hostile", network);
const MARKET: Kind = ("market", market);
const DEEP: Kind = ("deep", deep);

fn request(random: &mut Random, network: &Network) -> Option<QuoteRequest> {
    let tokens = network.graph.tokens();
    let (from, to) = (tokens.first()?.clone(), tokens.last()?.clone());
    let (from, to) = if random.once_in(2) { (to, from) } else { (from, to) };
    let mode = if random.once_in(3) { Mode::ExactOut } else { Mode::ExactIn };
    let bits = random.one(&[3, 6, 8, 10, 24, 48, 80]);
    let mut request = QuoteRequest::new(from, to, mode, AmountText::Atomic(random.sized(bits).max(1)));
    request.max_splits = random.one(&[0, 0, 2, 4, 4]);
    request.max_hops = 1 + random.below(4) as u8;
    request.max_bins = random.one(&[5, 20, 350, 350, 1001]);
    request.allow_partial = random.once_in(3);
    if random.once_in(8) {
        let bits = random.one(&[7, 9, 11, 14]);
        request.max_reads = Some((55 + random.sized(bits)).min(14_250) as u16);
    }
    (request.token_in != request.token_out).then_some(request)
}

/// By how many millionths an answer is poorer than another; nothing where it is not.
fn poorer(request: &QuoteRequest, answer: &Answer, than: &Answer) -> Option<f64> {
    let Ok(than) = than else { return None };
    let Ok(answer) = answer else { return Some(1e6) };
    let fills = |quote: &Quote| quote.unfilled == 0;
    let lost = match (request.mode, fills(answer), fills(than)) {
        (Mode::ExactOut, true, true) => 1.0 - than.amount_in as f64 / answer.amount_in as f64,
        (Mode::ExactOut, true, false) => return None,
        _ => 1.0 - answer.amount_out as f64 / than.amount_out as f64,
    };
    // Where a limit ends the flow for one of several choices of routes, a unit in billions may be shared otherwise.
    (lost > 1e-9).then_some(lost * 1e6)
}

/// What came of the same requests alone and in batches.
#[derive(Default)]
struct Compared {
    asked: u32,
    alone_says: u32,
    says: u32,
    poorer: u32,
    /// Those that are poorer and do not say so.
    silent: Vec<String>,
}

impl Compared {
    /// Asks on the network of a seed, alone and as one of so many quotes.
    fn ask(&mut self, (name, made): Kind, seed: u64, quotes: usize) {
        let mut random = Random(seed);
        let network = made(&mut random);
        let Some(request) = request(&mut random, &network) else { return };
        let alone = network.quote(&request);
        let of_batch = network.quote_with(&request, Effort::of_batch(quotes));
        self.asked += 1;
        self.alone_says += u32::from(says_limit(&alone));
        self.says += u32::from(says_limit(&of_batch));
        let Some(lost) = poorer(&request, &of_batch, &alone) else { return };
        self.poorer += 1;
        if !says_limit(&of_batch) {
            self.silent.push(format!(
                "{name} seed {seed}, one of {quotes}: {lost} millionths less: {} where alone {}",
                routes(&of_batch),
                routes(&alone)
            ));
        }
    }
}

/// `DLMM_BATCH_NETWORKS` makes more networks, `DLMM_TEST_SEED` begins elsewhere.
#[test]
fn a_quote_of_a_batch_is_no_poorer_than_alone_or_says_so() {
    let (first, seeds) = (super::number("DLMM_TEST_SEED", 1), super::number("DLMM_BATCH_NETWORKS", 300));
    let mut silent = Vec::new();
    for kind in [HOSTILE, MARKET, DEEP] {
        for quotes in [13, 50, MAX_BATCH] {
            let mut compared = Compared::default();
            (first..first + seeds).for_each(|seed| compared.ask(kind, seed, quotes));
            let Compared { asked, alone_says, says, poorer, silent: ref of_kind } = compared;
            println!(
                "{}, one of {quotes}: {asked} requests, limited {alone_says} alone and {says}, {poorer} poorer, {} silent",
                kind.0,
                of_kind.len()
            );
            silent.extend(compared.silent);
        }
    }
    assert!(silent.is_empty(), "{} are poorer and do not say so: {silent:#?}", silent.len());
}

/// Requests of which a quote of a batch once was poorer than alone, by up to 2.6 %, or refused, and did not say so.
#[test]
fn where_a_quote_of_a_batch_once_was_poorer_in_silence_it_says_so() {
    let market = [982, 1_661, 105_074, 105_358, 111_800, 111_750, 106_781].map(|seed| (MARKET, seed));
    let deep = [1_040, 101_435, 101_933, 102_785, 104_381, 104_569, 109_103, 101_944, 107_593];
    let mut compared = Compared::default();
    for (kind, seed) in market.into_iter().chain(deep.map(|seed| (DEEP, seed))).chain([(HOSTILE, 108_408)]) {
        for quotes in [13, 50, MAX_BATCH] {
            compared.ask(kind, seed, quotes);
        }
    }
    let Compared { poorer, silent, .. } = compared;
    assert!(silent.is_empty() && poorer > 0, "{} of {poorer} do not say so: {silent:#?}", silent.len());
}

#[test]
fn a_call_too_large_says_where_work_ended_the_search_for_a_smaller_one() {
    let cases = [(MARKET, 225, true), (DEEP, 24, true), (MARKET, 68, false), (DEEP, 39, false)];
    for ((name, made), seed, is_limited) in cases {
        let mut random = Random(seed);
        let network = made(&mut random);
        let request = request(&mut random, &network).expect("a request");
        let refusal = network.quote(&request).expect_err("too large");
        assert_eq!(refusal.code(), "PLAN_TOO_LARGE", "{name} {seed}");
        let said = r#""warnings":[{"code":"SEARCH_LIMITED","limit":"walks"}]"#;
        assert_eq!(error_details(&refusal).contains(said), is_limited, "{name} {seed}");
    }
}
