//! From an answer found to the quote that is given: bounds, impact, age, contradictions, warnings.

use super::age_warnings::age_warnings;
use super::choice::Choice;
use super::impact::impact_ppm;
use super::input::{Outcome, QuoteInput};
use super::lost::LostCandidate;
use super::plan::Replay;
use super::request::{Mode, QuoteRequest};
use super::result::{BinsLookedAt, PoolUse, Quote};
use super::shortfall::MoreBins;
use crate::error::QuoteError;
use crate::gather::Gather;
use crate::math::{mul_div_ceil, mul_div_floor};
use crate::network::decimals::Origin;
use crate::network::keys;
use crate::network::route::tell_unknown;
use crate::network::skipped::SkippedPool;
use crate::network::state::PoolState;
use crate::pool::Pool;
use crate::pool::suspect::{concerned, first_suspicion, unknown_concerns};
use crate::sorted::sort_by;
use crate::units::{Amount, BPS_SCALE, BinId, Direction, Symbol};
use crate::warning::Warning;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The answer found, with all its steps.
pub(super) struct Found<'a> {
    pub(super) replay: Replay<'a>,
    /// Routes that the optimum would use, where that is more than allowed.
    pub(super) routes_wanted: usize,
    /// The bound on work that cut the search short.
    pub(super) limited: Option<&'static str>,
}

pub(super) fn finish(
    input: &QuoteInput<'_>,
    answer: &Found<'_>,
    requested: Amount,
    skipped: Vec<SkippedPool>,
    (explained, choice): (Option<Vec<LostCandidate>>, Option<Choice>),
) -> Result<Outcome, QuoteError> {
    let mut quote = Quote { explained, choice, ..build(input, answer, requested) };
    quote
        .warnings
        .extend(skipped.into_iter().map(|SkippedPool { key, reason }| Warning::PoolSkipped { key, reason }));
    tell_unknown(&input.candidates.unknown, &mut quote.warnings);
    let used = used_pools(answer);
    // Of all pools at once: the next round searches again.
    let more: Vec<MoreBins> = used.iter().flat_map(|used| unread(input, used)).gather();
    if !more.is_empty() {
        return Ok(Outcome::ReadMore(more));
    }
    for used in &used {
        quote.warnings.extend(judge(input, used)?);
    }
    refuse_stale(input, &quote)?;
    let limits = limit_warnings(input.request, answer, &quote);
    quote.warnings.extend(general_warnings(input, &quote));
    quote.warnings.extend(limits);
    Ok(Outcome::Quote(Box::new(quote), bins_looked_at(answer)))
}

fn build(input: &QuoteInput<'_>, answer: &Found<'_>, requested: Amount) -> Quote {
    let (request, replay) = (input.request, &answer.replay);
    let losses = replay.routes.iter().map(|route| Some((route.quote.amount_in, route.losses.as_deref()?)));
    let losses: Option<Vec<_>> = losses.collect();
    let price_impact_ppm = losses.and_then(impact_ppm);
    let slippage = u128::from(request.slippage_bps);
    let received = mul_div_floor(replay.amount_out, BPS_SCALE.saturating_sub(slippage), BPS_SCALE);
    let sent = mul_div_ceil(replay.amount_in, BPS_SCALE.saturating_add(slippage), BPS_SCALE);
    let done = match request.mode {
        Mode::ExactIn => replay.amount_in,
        Mode::ExactOut => replay.amount_out,
    };
    let mut warnings = Vec::new();
    if request.mode == Mode::ExactOut && sent.is_none() {
        warnings.push(Warning::MaximumSentCapped);
    }
    if price_impact_ppm.is_none() {
        warnings.push(Warning::PriceImpactUnknown);
    }
    Quote {
        mode: request.mode,
        token_in: request.token_in.clone(),
        token_out: request.token_out.clone(),
        requested,
        amount_in: replay.amount_in,
        amount_out: replay.amount_out,
        unfilled: requested.saturating_sub(done),
        bound: match request.mode {
            Mode::ExactIn => received.unwrap_or(0),
            Mode::ExactOut => sent.unwrap_or(Amount::MAX),
        },
        price_impact_ppm,
        routes: replay.routes.iter().map(|route| route.quote.clone()).gather(),
        pools: used_pools(answer).iter().map(|used| pool_use(input, used.pool)).gather(),
        pulse: input.state.age_rule.pulse.clone(),
        warn_age_ms: input.state.age_rule.warn_ms(input.now_ms),
        warnings,
        explained: None,
        choice: None,
    }
}

fn bins_looked_at(answer: &Found<'_>) -> Vec<BinsLookedAt> {
    let looked_at = used_pools(answer).into_iter().map(|used| BinsLookedAt {
        pool_id: used.pool.id().clone(),
        direction: used.direction,
        bins: used.bins_visited,
    });
    looked_at.gather()
}

/// A pool of the answer and how far it was walked.
struct Used<'a> {
    pool: &'a Pool,
    direction: Direction,
    ends_at: BinId,
    bins_visited: u16,
}

/// Pools in order of first use.
fn used_pools<'a>(answer: &Found<'a>) -> Vec<Used<'a>> {
    let mut used: Vec<Used<'a>> = Vec::new();
    for leg in answer.replay.routes.iter().flat_map(|route| route.legs.iter()) {
        if used.iter().any(|known| known.pool.id() == leg.pool.id()) {
            continue;
        }
        if let Some(cursor) = answer.replay.stands.get(leg.at) {
            used.push(Used {
                pool: leg.pool,
                direction: leg.direction,
                ends_at: cursor.active_bin(),
                bins_visited: cursor.bins_visited(),
            });
        }
    }
    used
}

fn pool_use(input: &QuoteInput<'_>, pool: &Pool) -> PoolUse {
    let (last_updated, own_height) = match input.state.pools.get(pool.id()) {
        Some(PoolState::Ready { last_updated, block_height, .. }) => (last_updated.clone(), *block_height),
        _ => (None, None),
    };
    let rule = &input.state.age_rule;
    PoolUse {
        pool_id: pool.id().clone(),
        active_bin: pool.active_bin(),
        age_ms: rule.age_ms(last_updated.as_ref(), input.now_ms),
        block_height: rule.block_height(own_height),
        last_updated,
    }
}

/// What must be read of a pool before it can be judged.
fn unread(input: &QuoteInput<'_>, used: &Used<'_>) -> impl Iterator<Item = MoreBins> {
    let Used { pool, ends_at, .. } = *used;
    let (low, high) = concerned(pool.active_bin(), ends_at);
    let unknown = unknown_concerns(pool, low, high).filter(|_| input.can_read_more);
    unknown.map(|direction| MoreBins { pool_id: pool.id().clone(), direction })
}

/// Looks for contradictions in what the answer touched of a pool.
fn judge(input: &QuoteInput<'_>, used: &Used<'_>) -> Result<Option<Warning>, QuoteError> {
    let pool = used.pool;
    let (low, high) = concerned(pool.active_bin(), used.ends_at);
    let Some((bin_id, suspicion)) = first_suspicion(pool, low, high) else { return Ok(None) };
    let key = keys::bin(pool.id(), bin_id);
    let reason = suspicion.reason().to_owned();
    match input.request.strict {
        true => Err(QuoteError::StateInvalid { key, reason, warnings: Vec::new() }),
        false => Ok(Some(Warning::StateSuspect { key, reason })),
    }
}

fn refuse_stale(input: &QuoteInput<'_>, quote: &Quote) -> Result<(), QuoteError> {
    let limits = [input.request.max_age_ms, input.state.age_rule.refuse_ms(input.now_ms)];
    let (max_age_ms, min_block_height) = (limits.into_iter().flatten().min(), input.request.min_block_height);
    let is_old = |age_ms: Option<u64>| max_age_ms.is_some_and(|max| age_ms.is_none_or(|age| age > max));
    // A height that nobody knows is below every other.
    let stale = quote.pools.iter().find(|pool| is_old(pool.age_ms) || pool.block_height < min_block_height);
    stale.map_or(Ok(()), |PoolUse { pool_id, age_ms, block_height, .. }| {
        Err(QuoteError::StaleState {
            pool_id: pool_id.clone(),
            age_ms: *age_ms,
            max_age_ms,
            block_height: *block_height,
            min_block_height,
            warnings: Vec::new(),
        })
    })
}

/// Which limit of the caller kept the answer from being better or larger.
fn limit_warnings(request: &QuoteRequest, answer: &Found<'_>, quote: &Quote) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let allowed = usize::from(request.max_splits);
    if allowed > 0 && answer.routes_wanted > allowed {
        warnings.push(Warning::SplitsLimited { wanted: answer.routes_wanted, allowed });
    }
    if quote.unfilled > 0 && answer.replay.stands.bins_visited() >= request.max_bins {
        warnings.push(Warning::BinsLimited { allowed: request.max_bins });
    }
    warnings.extend(answer.limited.map(|limit| Warning::SearchLimited { limit }));
    warnings
}

fn general_warnings(input: &QuoteInput<'_>, quote: &Quote) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let hops = || quote.routes.iter().flat_map(|route| &route.hops);
    let mut tokens: Vec<&Symbol> = hops().flat_map(|hop| [&hop.token_in, &hop.token_out]).gather();
    sort_by(&mut tokens, Ord::cmp);
    tokens.dedup();
    for token in tokens {
        if input.state.decimals.of(token).1 == Origin::Assumed {
            warnings.push(Warning::DecimalsAssumed { token: token.clone() });
        }
    }
    warnings.extend(age_warnings(input, quote));
    if input.candidates.limited {
        warnings.push(Warning::CandidatesLimited { pools: input.candidates.pools.len() });
    }
    if quote.unfilled > 0 {
        warnings.push(Warning::PartialFill { unfilled: quote.unfilled });
    }
    warnings
}
