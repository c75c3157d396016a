//! From a request and a state to a quote, or to the reason why there is none.

mod best;
mod request;

pub use request::{AmountText, DEFAULT_MAX_HOPS, DEFAULT_MAX_SPLITS, DEFAULT_SLIPPAGE_BPS, QuoteRequest};

use crate::decimals::Origin;
use crate::error::QuoteError;
use crate::fee::FeeParts;
use crate::impact::{HopLoss, route_impact_ppm};
use crate::math::mul_div_floor;
use crate::route::Candidates;
use crate::state::{PoolState, Stamp, State};
use crate::suspect::{concerned, first_suspicion, unknown_concern};
use crate::units::{Amount, BPS_SCALE, BinId, Direction, PoolId, Symbol};
use crate::walk::{Step, walk_exact_in};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use best::{Finder, Found, Shortfall};

/// Everything a quote depends on.
#[derive(Clone, Copy, Debug)]
pub struct QuoteInput<'a> {
    /// What is asked.
    pub request: &'a QuoteRequest,
    /// Which pools and paths may serve it.
    pub candidates: &'a Candidates,
    /// What was read.
    pub state: &'a State,
    /// The time at which the state was read, milliseconds since 1970.
    pub now_ms: u64,
    /// Whether the caller can read more bins; if not, unknown bins count as out of reach.
    pub can_read_more: bool,
}

/// The outcome of a quote that did not fail.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The quote.
    Quote(Quote),
    /// Known bins ran out before the answer was certain: read more of these and ask again.
    ReadMore(Vec<MoreBins>),
}

/// A pool of which more bins must be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreBins {
    /// The pool.
    pub pool_id: PoolId,
    /// Which side: X for Y needs lower ids, Y for X higher ones.
    pub direction: Direction,
}

/// A quote, in smallest units throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// Input asked for.
    pub requested_in: Amount,
    /// Input taken.
    pub amount_in: Amount,
    /// Output given.
    pub amount_out: Amount,
    /// Least output after slippage, rounded down.
    pub minimum_received: Amount,
    /// Loss against the first prices; `None` where there is nothing to compare with.
    pub price_impact_ppm: Option<u32>,
    /// The routes.
    pub routes: Vec<RouteQuote>,
    /// Pools used and how old their state is, in order of use.
    pub pools: Vec<PoolUse>,
    /// What the caller should know.
    pub warnings: Vec<Warning>,
    /// How many bins the search looked at in each candidate pool; a hint for how many to read next time.
    pub looked_at: Vec<BinsLookedAt>,
}

/// Bins of one candidate pool that the search looked at, whether or not it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinsLookedAt {
    /// The pool.
    pub pool_id: PoolId,
    /// The direction walked.
    pub direction: Direction,
    /// Bins from the active one on.
    pub bins: u16,
}

/// One route of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteQuote {
    /// Input of the route.
    pub amount_in: Amount,
    /// Output of the route.
    pub amount_out: Amount,
    /// Its hops.
    pub hops: Vec<HopQuote>,
}

/// One hop of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HopQuote {
    /// The pool.
    pub pool_id: PoolId,
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// The direction inside the pool.
    pub direction: Direction,
    /// Input of the hop.
    pub amount_in: Amount,
    /// Output of the hop.
    pub amount_out: Amount,
    /// Fees inside the input.
    pub fees: FeeParts,
    /// Bins visited, empty ones counted.
    pub bins_visited: u16,
    /// The active bin before.
    pub active_bin_before: BinId,
    /// The active bin after.
    pub active_bin_after: BinId,
    /// Bins that took input, in order.
    pub steps: Vec<Step>,
}

/// A pool used by a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// The pool.
    pub pool_id: PoolId,
    /// Its active bin as read.
    pub active_bin: BinId,
    /// Its time stamp as read.
    pub last_updated: Option<Stamp>,
    /// Its age; `None` where that is unknown.
    pub age_ms: Option<u64>,
}

/// Something the caller should know about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A candidate pool was left out.
    PoolSkipped {
        /// The offending Redis key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// Values contradict each other; the quote went by `active_bin_id` and the bins as they are.
    StateSuspect {
        /// The offending Redis key.
        key: String,
        /// The contradiction.
        reason: String,
    },
    /// Nothing states the decimals of a token; 18 is assumed.
    DecimalsAssumed {
        /// The token.
        token: Symbol,
    },
    /// The state of a used pool carries no time.
    AgeUnknown {
        /// The pool.
        pool_id: PoolId,
    },
    /// More pools or paths connect the tokens than were looked at.
    CandidatesLimited {
        /// Pools looked at.
        pools: usize,
    },
    /// Less was filled than asked for.
    PartialFill {
        /// Input left over.
        unfilled: Amount,
    },
    /// The read budget ended before all bins were known that might have mattered.
    KeysLimited {
        /// Keys read.
        keys: usize,
    },
}

impl Warning {
    /// The stable code, upper snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PoolSkipped { .. } => "POOL_SKIPPED",
            Self::StateSuspect { .. } => "STATE_SUSPECT",
            Self::DecimalsAssumed { .. } => "DECIMALS_ASSUMED",
            Self::AgeUnknown { .. } => "AGE_UNKNOWN",
            Self::CandidatesLimited { .. } => "CANDIDATES_LIMITED",
            Self::PartialFill { .. } => "PARTIAL_FILL",
            Self::KeysLimited { .. } => "KEYS_LIMITED",
        }
    }
}

/// Quotes a request: the best single route by whole-unit replay.
///
/// A pure function of its input: no clock, no randomness, no I/O.
///
/// # Units
/// Smallest units throughout.
///
/// # Errors
/// [`QuoteError`] with a stable code. What the contract would do silently (a partial fill, an input taken
/// for nothing) is refused here and not in the swap itself.
pub fn quote(input: &QuoteInput<'_>) -> Result<Outcome, QuoteError> {
    let QuoteInput { request, candidates, state, .. } = *input;
    let amount = request.amount_in_units(state.decimals.of(&request.token_in).0)?;
    let skipped: Vec<_> = candidates
        .pools
        .iter()
        .filter_map(|candidate| match state.pools.get(&candidate.pool.id) {
            Some(PoolState::Skipped { key, reason }) => Some((key.clone(), reason.clone())),
            _ => None,
        })
        .collect();
    let mut finder = Finder::new(candidates, state);
    if let Some((key, reason)) = skipped.first().filter(|_| request.strict || !finder.any_open()) {
        return Err(QuoteError::StateInvalid { key: key.clone(), reason: reason.clone() });
    }
    if !finder.any_open() {
        return Err(QuoteError::NoRoute {
            token_in: request.token_in.clone(),
            token_out: request.token_out.clone(),
            max_hops: request.max_hops,
        });
    }
    let full = finder.best_full(amount, request.max_bins);
    if let Some(more) = read_more(input, &finder.shortfall) {
        return Ok(more);
    }
    let looked_at = bins_looked_at(input, &finder);
    let found = match full {
        Some(found) => found,
        None => match without_full_fill(input, finder, amount)? {
            Partial::Route(found) => found,
            Partial::ReadMore(more) => return Ok(more),
        },
    };
    if found.amount_out == 0 {
        return Err(QuoteError::AmountTooSmall);
    }
    let mut quote = replay(input, &found, amount)?;
    quote.looked_at = looked_at;
    for (key, reason) in skipped {
        quote.warnings.push(Warning::PoolSkipped { key, reason });
    }
    match judge_state(input, &found)? {
        Judgement::Sound(warnings) => quote.warnings.extend(warnings),
        Judgement::ReadMore(more) => return Ok(more),
    }
    refuse_stale(request, &quote)?;
    quote.warnings.extend(general_warnings(input, &quote));
    Ok(Outcome::Quote(quote))
}

/// Asks for more bins, if there are any to ask for and the caller can.
fn read_more(input: &QuoteInput<'_>, shortfall: &Shortfall) -> Option<Outcome> {
    if shortfall.is_empty() || !input.can_read_more {
        return None;
    }
    let more = shortfall.iter().filter_map(|&(at, direction)| {
        let pool_id = input.candidates.pools.get(at)?.pool.id.clone();
        Some(MoreBins { pool_id, direction })
    });
    Some(Outcome::ReadMore(more.collect()))
}

enum Partial<'a> {
    Route(Found<'a>),
    ReadMore(Outcome),
}

/// No route takes everything: finds the part that fills, or says why not more does.
fn without_full_fill<'a>(
    input: &QuoteInput<'a>,
    mut finder: Finder<'a>,
    amount: Amount,
) -> Result<Partial<'a>, QuoteError> {
    let request = input.request;
    if !request.allow_partial {
        let unlimited = finder.best_full(amount, BinId::MAX.get() + 1);
        if let Some(more) = read_more(input, &finder.shortfall) {
            return Ok(Partial::ReadMore(more));
        }
        let unread = !finder.shortfall.is_empty();
        if unlimited.is_some() || unread {
            let needed = unlimited.as_ref().map(Found::bins_needed);
            return Err(QuoteError::TooManyBins { needed, allowed: request.max_bins });
        }
    }
    let (best, fillable) = finder.best_partial(amount, request.max_bins);
    if let Some(more) = read_more(input, &finder.shortfall) {
        return Ok(Partial::ReadMore(more));
    }
    match best {
        Some(found) if request.allow_partial => Ok(Partial::Route(found)),
        None if finder.overflow => Err(QuoteError::AmountOverflow { field: None }),
        _ => Err(QuoteError::InsufficientLiquidity { requested: amount, fillable }),
    }
}

/// Replays the route in whole units and keeps every step.
fn replay(input: &QuoteInput<'_>, found: &Found<'_>, requested: Amount) -> Result<Quote, QuoteError> {
    let request = input.request;
    let mut hops = Vec::with_capacity(found.legs.len());
    let mut losses = Vec::with_capacity(found.legs.len());
    for (leg, hop) in found.legs.iter().zip(&found.path.hops) {
        let mut steps = Vec::with_capacity(usize::from(leg.walk.bins_visited));
        let walk =
            walk_exact_in(leg.pool, leg.direction, leg.amount_in, request.max_bins, |step| steps.push(step))
                .map_err(|_| QuoteError::AmountOverflow { field: None })?;
        let first_price = steps.iter().find(|step| step.fill.given > 0).map(|step| step.bin.price);
        let net = walk.taken.saturating_sub(walk.fees.total());
        losses.push(first_price.and_then(|price| HopLoss::new(leg.direction, &price, net, walk.given)));
        hops.push(HopQuote {
            pool_id: leg.pool.id().clone(),
            token_in: hop.token_in.clone(),
            token_out: hop.token_out.clone(),
            direction: leg.direction,
            amount_in: walk.taken,
            amount_out: walk.given,
            fees: walk.fees,
            bins_visited: walk.bins_visited,
            active_bin_before: leg.pool.active_bin(),
            active_bin_after: walk.active_bin_after,
            steps,
        });
    }
    let keep = BPS_SCALE.saturating_sub(u128::from(request.slippage_bps));
    let losses: Option<Vec<_>> = losses.into_iter().collect();
    Ok(Quote {
        token_in: request.token_in.clone(),
        token_out: request.token_out.clone(),
        requested_in: requested,
        amount_in: found.amount_in,
        amount_out: found.amount_out,
        minimum_received: mul_div_floor(found.amount_out, keep, BPS_SCALE).unwrap_or(0),
        price_impact_ppm: losses.as_deref().and_then(route_impact_ppm),
        routes: Vec::from([RouteQuote { amount_in: found.amount_in, amount_out: found.amount_out, hops }]),
        pools: found.legs.iter().map(|leg| pool_use(input, leg.pool.id(), leg.pool.active_bin())).collect(),
        warnings: Vec::new(),
        looked_at: Vec::new(),
    })
}

fn bins_looked_at(input: &QuoteInput<'_>, finder: &Finder<'_>) -> Vec<BinsLookedAt> {
    let entry = |(&(at, direction), &bins): (&(usize, Direction), &u16)| {
        let pool_id = input.candidates.pools.get(at)?.pool.id.clone();
        Some(BinsLookedAt { pool_id, direction, bins })
    };
    finder.visited.iter().filter_map(entry).collect()
}

fn pool_use(input: &QuoteInput<'_>, id: &PoolId, active_bin: BinId) -> PoolUse {
    let last_updated = input.state.ready(id).and_then(|(_, stamp)| stamp.cloned());
    // A stamp from the future (a producer's clock ahead of ours) is as fresh as can be.
    let age_ms = last_updated.as_ref().and_then(|s| s.at_ms).map(|at| input.now_ms.saturating_sub(at));
    PoolUse { pool_id: id.clone(), active_bin, last_updated, age_ms }
}

enum Judgement {
    Sound(Vec<Warning>),
    ReadMore(Outcome),
}

/// Looks for contradictions in what the route touched.
fn judge_state(input: &QuoteInput<'_>, found: &Found<'_>) -> Result<Judgement, QuoteError> {
    let mut warnings = Vec::new();
    for leg in &found.legs {
        let (low, high) = concerned(leg.pool.active_bin(), leg.walk.active_bin_after);
        if let Some(direction) = unknown_concern(leg.pool, low, high).filter(|_| input.can_read_more) {
            let pool_id = leg.pool.id().clone();
            return Ok(Judgement::ReadMore(Outcome::ReadMore(Vec::from([MoreBins { pool_id, direction }]))));
        }
        if let Some((bin_id, suspicion)) = first_suspicion(leg.pool, low, high) {
            let key = format!("bin:{}:{bin_id}", leg.pool.id());
            let reason = suspicion.reason().to_owned();
            if input.request.strict {
                return Err(QuoteError::StateInvalid { key, reason });
            }
            warnings.push(Warning::StateSuspect { key, reason });
        }
    }
    Ok(Judgement::Sound(warnings))
}

fn refuse_stale(request: &QuoteRequest, quote: &Quote) -> Result<(), QuoteError> {
    let Some(max_age_ms) = request.max_age_ms else { return Ok(()) };
    match quote.pools.iter().find(|pool| pool.age_ms.is_none_or(|age| age > max_age_ms)) {
        Some(PoolUse { pool_id, age_ms, .. }) => {
            Err(QuoteError::StaleState { pool_id: pool_id.clone(), age_ms: *age_ms, max_age_ms })
        }
        None => Ok(()),
    }
}

fn general_warnings(input: &QuoteInput<'_>, quote: &Quote) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let hops = || quote.routes.iter().flat_map(|route| &route.hops);
    let mut tokens: Vec<&Symbol> = hops().flat_map(|hop| [&hop.token_in, &hop.token_out]).collect();
    tokens.sort_unstable();
    tokens.dedup();
    for token in tokens {
        if input.state.decimals.of(token).1 == Origin::Assumed {
            warnings.push(Warning::DecimalsAssumed { token: token.clone() });
        }
    }
    for pool in quote.pools.iter().filter(|pool| pool.age_ms.is_none()) {
        warnings.push(Warning::AgeUnknown { pool_id: pool.pool_id.clone() });
    }
    if input.candidates.limited {
        warnings.push(Warning::CandidatesLimited { pools: input.candidates.pools.len() });
    }
    let unfilled = quote.requested_in.saturating_sub(quote.amount_in);
    if unfilled > 0 {
        warnings.push(Warning::PartialFill { unfilled });
    }
    warnings
}
