//! Near all that the pools hold: what is said to fill does, and a part is no poorer than the same amount alone.

use crate::network::{Network, deep, market, symbol};
use crate::random::Random;
use dlmm_core::error::QuoteError;
use dlmm_core::quote::{AmountText, Mode, Quote, QuoteRequest};

/// Far more than any of these pools holds.
const BEYOND: u128 = 1 << 100;

fn ask(network: &Network, request: &QuoteRequest, amount: u128, part: bool) -> Result<Quote, QuoteError> {
    let mut request = request.clone();
    (request.amount, request.allow_partial) = (AmountText::Atomic(amount), part);
    network.quote(&request)
}

fn requests() -> impl Iterator<Item = (u64, Network, QuoteRequest)> {
    let networks = super::number("DLMM_DEEP_NETWORKS", 150);
    let first = super::number("DLMM_TEST_SEED", 1);
    (first..first + networks).map(|seed| {
        let mut random = Random(seed);
        let network = deep(&mut random);
        let (from, to) = random.one(&[("A", "D"), ("A", "B"), ("E", "F"), ("B", "C")]);
        let amount = AmountText::Atomic(BEYOND);
        let mut request = QuoteRequest::new(symbol(from), symbol(to), Mode::ExactIn, amount);
        request.max_splits = random.one(&[0, 2, 4, 4, 8]);
        request.max_hops = random.one(&[2, 3, 4]);
        request.max_bins = random.one(&[3, 10, 270]);
        (seed, network, request)
    })
}

#[test]
fn what_a_refusal_names_and_what_a_part_takes_fill_alone() {
    let (mut refused, mut parts, mut poorer, mut wrong) = (0, 0, 0, Vec::new());
    for (seed, network, request) in requests() {
        let Ok(part) = ask(&network, &request, BEYOND, true) else { continue };
        let taken = part.amount_in;
        parts += 1;
        match ask(&network, &request, taken, false) {
            Ok(alone) if alone.amount_out >= part.amount_out - part.amount_out / 1_000_000 => {}
            Ok(alone) if alone.warnings.iter().any(|warning| warning.code() == "SEARCH_LIMITED") => {
                poorer += 1
            }
            Ok(alone) => {
                wrong.push(format!("{seed}: {} for what a part gives {}", alone.amount_out, part.amount_out))
            }
            Err(error) => wrong.push(format!("{seed}: {taken} of a part alone: {error}")),
        }
        let Err(QuoteError::InsufficientLiquidity { fillable, .. }) = ask(&network, &request, BEYOND, false)
        else {
            continue;
        };
        refused += 1;
        if fillable < taken - taken / 20 {
            wrong.push(format!("{seed}: fillable {fillable} where a part takes {taken}"));
        }
        if let Err(error) = ask(&network, &request, fillable, false) {
            wrong.push(format!("{seed}: fillable {fillable}: {error}"));
        }
        // Below it everything fills.
        let less = fillable - fillable / 50;
        if let Err(error) = ask(&network, &request, less, false) {
            wrong.push(format!("{seed}: {less} where {fillable} fills: {error}"));
        }
    }
    println!(
        "{parts} parts, {poorer} poorer alone and say so, {refused} refused, {} wrong: {wrong:#?}",
        wrong.len()
    );
    assert!(wrong.is_empty() && refused > 50, "{} of {parts} wrong, {refused} refused", wrong.len());
}

/// Near the depth of these made markets a part took so much, and a refusal of just that named no reason why it took less.
#[test]
fn a_refusal_whose_search_ended_with_its_work_says_so() {
    let cases = [(70_123, "A", "D", 207_382_108_218, 3, 1001), (71_489, "B", "A", 15_545_580, 2, 350)];
    for (seed, from, to, amount, max_hops, max_bins) in cases {
        let network = market(&mut Random(seed));
        let mut request =
            QuoteRequest::new(symbol(from), symbol(to), Mode::ExactIn, AmountText::Atomic(amount));
        (request.max_splits, request.max_hops, request.max_bins) = (0, max_hops, max_bins);
        match network.quote(&request) {
            Ok(quote) => assert!(quote.unfilled == 0 && quote.amount_out > 0, "{seed}"),
            Err(QuoteError::InsufficientLiquidity { warnings, fillable, .. }) => {
                let codes: Vec<_> = warnings.iter().map(|warning| warning.code()).collect();
                assert_eq!(codes, ["SEARCH_LIMITED"], "{seed}");
                assert!(fillable > amount / 100 * 99, "{seed}: {fillable}");
            }
            Err(other) => panic!("{seed}: {other}"),
        }
    }
}

#[test]
fn a_refusal_of_an_output_names_what_a_part_of_it_gives() {
    let (mut refused, mut limited, mut wrong) = (0, 0, Vec::new());
    for (seed, network, mut request) in requests() {
        request.mode = Mode::ExactOut;
        let Err(QuoteError::InsufficientLiquidity { fillable, warnings, .. }) =
            ask(&network, &request, BEYOND, false)
        else {
            continue;
        };
        refused += 1;
        limited += usize::from(!warnings.is_empty());
        let given = ask(&network, &request, BEYOND, true).map_or(0, |part| part.amount_out);
        if fillable < given - given / 20 {
            wrong.push(format!("{seed}: fillable {fillable} where a part gives {given}"));
        }
        for less in [0, fillable / 50, fillable / 3] {
            let wanted = fillable - less;
            match ask(&network, &request, wanted, false) {
                Ok(quote) if quote.amount_out >= wanted => {}
                other => wrong.push(format!("{seed}: {wanted} of {fillable}: {:?}", other.err())),
            }
        }
    }
    println!("{refused} refused, {limited} say their limit, {} wrong: {wrong:#?}", wrong.len());
    assert!(wrong.is_empty() && refused > 50, "{} of {refused} wrong", wrong.len());
}
