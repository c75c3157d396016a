//! Random pool networks: whatever is asked of them, an answer adds up, replays, and beats the best single route.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use dlmm_core::api::{NumberStyle, Source};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::network::route::find_candidates;
use dlmm_core::pool::bin::Bin;
use dlmm_core::quote::{AmountText, Mode, Quote, QuoteRequest};
use dlmm_core::stored::Snapshot;
use dlmm_core::units::{Direction, PoolId, Symbol};
use dlmm_core::verify::verify_quote;

use crate::pool_case::of_bits;

const TOKENS: [&str; 5] = ["A", "B", "C", "D", "E"];
const FEE_BPS: u16 = 10;
const SETTINGS: MarketSettings =
    MarketSettings { default_fee_bps: FEE_BPS, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };

/// Pools between a few tokens, then requests until the bytes are used up.
pub fn network(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let Ok(document) = document(&mut u) else { return };
    let mut market = Market::from_snapshot(&document, SETTINGS).expect("a sound snapshot");
    for _ in 0..4 {
        let Ok(request) = request(&mut u) else { return };
        check(&mut market, &document, &request);
        if u.is_empty() {
            return;
        }
    }
}

fn document(u: &mut Unstructured<'_>) -> Result<String> {
    // One size for the whole network: pools of different worlds would only refuse each other.
    let bits = *u.choose(&[4, 10, 20, 40, 70, 100, 127])?;
    let pools: Vec<String> = (0..u.int_in_range(1..=7)?).map(|n| pool(u, n, bits)).collect::<Result<_>>()?;
    Ok(format!(
        r#"{{"format":"dlmm-snapshot/1","taken_at":"2027-01-15T08:00:00Z","tokens":{{}},"pools":[{}]}}"#,
        pools.join(",")
    ))
}

fn pool(u: &mut Unstructured<'_>, n: usize, bits: u32) -> Result<String> {
    let x = u.int_in_range(0..=TOKENS.len() - 1)?;
    let y = (x + u.int_in_range(1..=TOKENS.len() - 1)?) % TOKENS.len();
    let active: u16 = *u.choose(&[500, 500, 500, 0, 1_000, 3])?;
    let status = if u.ratio(1, 20)? { "paused" } else { "active" };
    let mut text = format!(
        r#"{{"pool_id":"P{n}","token_x":"{}","token_y":"{}","token_x_decimals":2,"token_y_decimals":2,"active_bin_id":{active},"status":"{status}","x_provider_fee":{},"y_protocol_fee":{},"bins":["#,
        TOKENS[x],
        TOKENS[y],
        u.int_in_range(0..=300)?,
        *u.choose(&[0, 30, 9_999])?
    );
    let price_bits = u.int_in_range(20..=40)?;
    let price = of_bits(u, price_bits)?.max(1);
    let step = u.int_in_range(0..=200)?;
    let gap = *u.choose(&[1, 1, 1, 2, 40])?;
    let lowest = active.saturating_sub(3 * gap);
    for k in 0..u.int_in_range(0..=7)? {
        let id = lowest + k * gap;
        if id > 1_000 {
            break;
        }
        let crossed = u.ratio(1, 30)?;
        let x = if id >= active || crossed { of_bits(u, bits)? } else { 0 };
        let y = if id <= active || crossed { of_bits(u, bits)? } else { 0 };
        let price_e8 = price + price * step * u128::from(k) / 10_000;
        let price = if u.ratio(1, 6)? {
            format!(r#""price":{price_e8}e-8"#)
        } else {
            format!(r#""price_e8":"{price_e8}""#)
        };
        let comma = if k > 0 { "," } else { "" };
        text.push_str(&format!(r#"{comma}{{"bin_id":{id},"reserve_x":"{x}","reserve_y":"{y}",{price}}}"#));
    }
    text.push_str("]}");
    Ok(text)
}

fn request(u: &mut Unstructured<'_>) -> Result<QuoteRequest> {
    let token = |name: &str| Symbol::new(name).expect("a symbol");
    let a = u.int_in_range(0..=TOKENS.len() - 1)?;
    let b = (a + u.int_in_range(1..=TOKENS.len() - 1)?) % TOKENS.len();
    let mode = if u.ratio(1, 3)? { Mode::ExactOut } else { Mode::ExactIn };
    let amount = of_bits(u, 128)?.max(1);
    let mut request = QuoteRequest::new(token(TOKENS[a]), token(TOKENS[b]), mode, AmountText::Atomic(amount));
    request.slippage_bps = u.int_in_range(0..=10_000)?;
    request.max_hops = u.int_in_range(1..=4)?;
    request.max_splits = u.int_in_range(0..=5)?;
    request.max_bins = *u.choose(&[350, 350, 1_001, 1, 2, 5])?;
    request.allow_partial = u.ratio(2, 3)?;
    request.strict = u.ratio(1, 16)?;
    request.explain = u.ratio(1, 4)?;
    request.max_age_ms = if u.ratio(1, 16)? { Some(u.arbitrary()?) } else { None };
    if u.ratio(1, 8)? {
        let left_out = format!("P{}", u.int_in_range(0..=7)?);
        request.filter.exclude_pools.insert(PoolId::new(&left_out).expect("a pool id"));
    }
    if u.ratio(1, 16)? {
        request.filter.via = Some([token("C"), token("D")].into_iter().collect());
    }
    Ok(request)
}

fn check(market: &mut Market, document: &str, request: &QuoteRequest) {
    let context = || format!("{request:?} of {document}");
    let AmountText::Atomic(amount) = request.amount else { panic!("drawn in smallest units") };
    let single_request = QuoteRequest { max_splits: 1, ..request.clone() };
    let single = market.quote(&single_request);
    match market.quote(request) {
        Ok(quote) => {
            add_up(&quote, request, amount, &context);
            replay(&quote, document, &context);
            beats(&quote, single.as_ref().ok(), &context);
            verifies(market, request, &context);
        }
        Err(refusal) => {
            // A refusal of what one route alone can do would be worse than that route; but where doubtful state is
            // refused, sharing may have met a doubtful pool that the one route does without.
            let doubtful = matches!(refusal, QuoteError::StaleState { .. } | QuoteError::StateInvalid { .. });
            assert!(single.is_err() || doubtful, "{refusal:?}: {}", context());
            if let QuoteError::InsufficientLiquidity { requested, fillable, .. } = refusal {
                assert!(requested == amount && fillable <= amount, "{}", context());
            }
        }
    }
}

/// What a quote says of itself is consistent and within the limits asked for.
fn add_up(quote: &Quote, request: &QuoteRequest, amount: u128, context: &impl Fn() -> String) {
    let limit = usize::from(request.max_splits);
    assert!(limit == 0 || quote.routes.len() <= limit, "{}", context());
    assert!(!quote.routes.is_empty() && quote.amount_out > 0, "{}", context());
    assert_eq!(
        quote.routes.iter().map(|route| route.amount_in).sum::<u128>(),
        quote.amount_in,
        "{}",
        context()
    );
    assert_eq!(
        quote.routes.iter().map(|route| route.amount_out).sum::<u128>(),
        quote.amount_out,
        "{}",
        context()
    );
    assert!(
        quote.routes.iter().all(|route| route.hops.len() <= usize::from(request.max_hops)),
        "{}",
        context()
    );
    assert!(quote.price_impact_ppm.is_none_or(|impact| impact <= 1_000_000), "{}", context());
    assert!(quote.unfilled == 0 || request.allow_partial, "{}", context());
    match request.mode {
        Mode::ExactIn => {
            assert_eq!(quote.amount_in + quote.unfilled, amount, "{}", context());
            assert!(quote.bound <= quote.amount_out, "{}", context());
        }
        Mode::ExactOut => {
            assert!(quote.amount_out.saturating_add(quote.unfilled) >= amount, "{}", context());
            assert!(quote.unfilled == 0 || quote.amount_out + quote.unfilled == amount, "{}", context());
            assert!(quote.bound >= quote.amount_in, "{}", context());
        }
    }
    let mut visited: BTreeMap<&PoolId, u16> = BTreeMap::new();
    for hop in quote.routes.iter().flat_map(|route| &route.hops) {
        assert!(!request.filter.exclude_pools.contains(&hop.pool_id), "{}", context());
        *visited.entry(&hop.pool_id).or_default() += hop.bins_visited;
    }
    assert!(visited.values().all(|bins| *bins <= request.max_bins), "{}", context());
}

/// Applies every step to the stored bins with the single-bin function, in the order given.
fn replay(quote: &Quote, document: &str, context: &impl Fn() -> String) {
    let snapshot = Snapshot::parse(document).expect("a sound snapshot");
    let (token_in, token_out) = (&quote.token_in, &quote.token_out);
    let every = find_candidates(&snapshot.graph(), token_in, token_out, 4, 64, &Default::default());
    let state = snapshot.state(&every.expect("a route"), FEE_BPS);
    let mut bins: BTreeMap<(&PoolId, u16), Bin> = BTreeMap::new();
    for route in &quote.routes {
        let mut offered = route.amount_in;
        let mut passed = BTreeSet::from([token_in]);
        for hop in &route.hops {
            assert_eq!(hop.amount_in, offered, "units are kept: {}", context());
            assert!(passed.insert(&hop.token_out), "paths are simple: {}", context());
            let (pool, _) = state.ready(&hop.pool_id).expect("a usable pool");
            let fees = pool.side_fees(hop.direction);
            let (mut taken, mut given) = (0_u128, 0_u128);
            for step in &hop.steps {
                let at = (&hop.pool_id, step.bin_id.get());
                let bin = bins.entry(at).or_insert_with(|| *pool.bin(step.bin_id).expect("a stored bin"));
                assert_eq!(*bin, step.bin, "{}", context());
                let fill = bin.fill_exact_in(hop.direction, fees, hop.amount_in - taken).expect("it fitted");
                assert_eq!(fill, step.fill, "{}", context());
                (bin.reserve_x, bin.reserve_y) = bin.reserves_after(hop.direction, &fill);
                (taken, given) = (taken + fill.taken, given + fill.given);
            }
            assert_eq!((taken, given), (hop.amount_in, hop.amount_out), "{}", context());
            let (from, to) = (hop.active_bin_before, hop.active_bin_after);
            assert!(if hop.direction == Direction::XForY { to <= from } else { to >= from }, "{}", context());
            offered = hop.amount_out;
        }
        assert_eq!(passed.last().is_some(), !route.hops.is_empty());
        assert_eq!(route.hops.last().map(|hop| &hop.token_out), Some(token_out), "{}", context());
        assert_eq!(offered, route.amount_out, "{}", context());
    }
}

/// Sharing is never worse than the best route alone.
fn beats(quote: &Quote, single: Option<&Quote>, context: &impl Fn() -> String) {
    let Some(single) = single else { return };
    match quote.mode {
        Mode::ExactIn => {
            assert!(quote.amount_out >= single.amount_out, "{}: {}", single.amount_out, context())
        }
        Mode::ExactOut if single.unfilled == 0 => {
            assert!(
                quote.unfilled == 0 && quote.amount_in <= single.amount_in,
                "{}: {}",
                single.amount_in,
                context()
            );
        }
        Mode::ExactOut => assert!(quote.unfilled <= single.unfilled, "{}: {}", single.unfilled, context()),
    }
}

/// The answer with its input can be computed anew.
fn verifies(market: &mut Market, request: &QuoteRequest, context: &impl Fn() -> String) {
    let request = QuoteRequest { include_state: true, ..request.clone() };
    let text = market.answer(&request, NumberStyle::Json).expect("the same quote");
    let verification = verify_quote(&text).expect("an answer with its input");
    assert!(verification.is_equal(), "{verification:?}: {}", context());
}
