//! A market in memory: pools of one moment that are quoted from many times and change value by value.

#[cfg(test)]
mod left_out_tests;
mod listing;
mod planned;
mod routing;
mod step;
#[cfg(test)]
mod tests;
mod unplaced;
#[cfg(test)]
mod unplaced_tests;
mod update;

pub use step::{Step, answer, step};

use self::routing::{no_state_key, reroute};
use crate::api::{Answer, Basis, NumberStyle, ReadAt, RoutesAnswer};
use crate::error::QuoteError;
use crate::network::age::{AgeLimit, AgeRule, DEFAULT_WARN_AGE_MS, Pulse};
use crate::network::decimals::DecimalTable;
use crate::network::graph::{Graph, PoolRef};
use crate::network::keys::{self, StateKey};
use crate::network::route::{Candidates, RouteFilter, find_candidates};
use crate::network::routes_kept::RoutesKept;
use crate::network::state::{PoolState, State};
use crate::quote::{Effort, Quote, QuoteRequest};
use crate::sorted::sort_by;
use crate::stored::{
    GONE, LeftOut, PoolRouting, SkippedPool, Snapshot, SnapshotError, Source, StoredPool, StoredPools,
    parse_heartbeat, parse_height, pool_status, stated_decimals,
};
use crate::units::{PoolId, Symbol};
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem::replace;
use litemap::LiteMap;
use unplaced::unplaced;

/// Pairs whose candidate routes are kept at most, and their bytes.
const KEPT_ROUTES: (usize, usize) = (256, 4 << 20);

/// What a market needs to know beside its pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketSettings {
    /// Fee of a pool value that states none, bps.
    pub default_fee_bps: u16,
    /// Pools one quote looks at, at most.
    pub max_pools: usize,
    /// Where answers say that their state comes from.
    pub source: Source,
    /// When the state was read, for a snapshot that does not say; milliseconds since 1970.
    pub clock_ms: u64,
}

/// Pools and their bins as they are stored, ready to be quoted from.
///
/// A pool is read when a quote first needs it and kept until one of its values changes, so that a quote from a
/// market that stays the same reads no text.
///
/// # Example
/// ```
/// use dlmm_core::market::{Market, MarketSettings};
/// use dlmm_core::api::{Source, request_from_json};
/// use dlmm_core::stored::sample_snapshot;
///
/// let settings = MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Sample, clock_ms: 0 };
/// let mut market = Market::from_snapshot(&sample_snapshot(0), settings).unwrap();
/// let request = request_from_json(r#"{"token_in":"BTC","token_out":"USDC","amount_in":1}"#).unwrap();
/// assert_eq!(market.quote(&request).unwrap().amount_out, 99_900_000_000);
///
/// market.apply([("pool:BTC-USDC-25", None), ("pool:BTC-USDC-50", None)]).unwrap();
/// assert_eq!(market.quote(&request).unwrap_err().code(), "UNKNOWN_TOKEN");
/// ```
#[derive(Debug)]
pub struct Market {
    settings: MarketSettings,
    read_at_ms: u64,
    /// The texts, shared with the answers that carry them. Bins are in id order; one without an id comes from a snapshot,
    /// and so does one whose id is there twice.
    stored: Arc<StoredPools>,
    /// Id, pair and decimals. A value that cannot be read keeps what was known, so that a quote names its fault.
    routings: LiteMap<PoolId, PoolRouting>,
    /// Decimals that the snapshot states by token.
    tokens: Vec<(Symbol, u8)>,
    graph: Graph,
    /// Whether the market may have pools that are not here.
    is_part: bool,
    /// What the snapshot left out besides: keys of no pool, and pools that are gone.
    others_left_out: Vec<SkippedPool>,
    /// Decimals, and the pools that were read.
    state: State,
    routes: RoutesKept,
    /// How much work a quote may cost.
    pub(crate) effort: Effort,
    /// The router whose calls plans are.
    router: Option<Arc<str>>,
}

impl Market {
    /// Takes over the pools of a snapshot. Their age counts from its `taken_at`.
    ///
    /// # Errors
    /// [`SnapshotError`] as [`Snapshot::parse`]. A pool that cannot be quoted is not an error: quotes leave it out.
    pub fn from_snapshot(json: &str, settings: MarketSettings) -> Result<Self, SnapshotError> {
        let snapshot = Snapshot::parse(json)?;
        let (mut stored, mut routings) = (StoredPools::new(), LiteMap::new());
        for (routing, pool) in snapshot.pools {
            let mut pool = pool.into_owned();
            // In id order, as Redis is read, so that the same one of two faults is named. Those without an id lead.
            sort_by(&mut pool.bins, |(a, _), (b, _)| a.cmp(b));
            stored.insert(routing.pool.id.clone(), pool);
            routings.insert(routing.pool.id.clone(), routing);
        }
        let mut others_left_out = Vec::new();
        for LeftOut { key, reason, pool } in snapshot.left_out {
            let id = pool.as_ref().map_or_else(|| keys::pool_in(&key), |pool| Some(pool.id.clone()));
            let why = SkippedPool { key, reason };
            let Some(id) = id.filter(|id| why.reason != GONE && !stored.contains_key(id)) else {
                others_left_out.push(why);
                continue;
            };
            // Its bins are unknown, so new values of some of them do not make it whole.
            stored.insert(id.clone(), StoredPool { left_out: Some(why), ..StoredPool::absent() });
            if let Some(pool) = pool {
                let routing = PoolRouting { pool, decimals_x: None, decimals_y: None, active_bin: None };
                routings.insert(id, routing);
            }
        }
        let age_rule = AgeRule {
            pulse: snapshot.pulse,
            warn: Some(AgeLimit::by_heartbeat(DEFAULT_WARN_AGE_MS)),
            refuse: None,
        };
        let mut market = Self {
            settings,
            read_at_ms: snapshot.taken_at.at_ms.unwrap_or(settings.clock_ms),
            stored: Arc::new(stored),
            routings,
            tokens: snapshot.tokens,
            graph: Graph::default(),
            is_part: snapshot.is_part,
            state: State { age_rule, ..State::default() },
            others_left_out,
            routes: RoutesKept::new(KEPT_ROUTES.0, KEPT_ROUTES.1),
            effort: Effort::WHOLE,
            router: None,
        };
        market.list();
        Ok(market)
    }

    /// When the state was read, milliseconds since 1970; ages count from it.
    #[must_use]
    pub const fn read_at_ms(&self) -> u64 {
        self.read_at_ms
    }

    /// Says that the state as it is now was read at `read_at_ms`.
    pub const fn set_read_at_ms(&mut self, read_at_ms: u64) {
        self.read_at_ms = read_at_ms;
    }

    /// Says what the producer said of all pools at that time.
    pub fn set_pulse(&mut self, pulse: Pulse) {
        self.state.age_rule.pulse = pulse;
    }

    /// Says what the producer's heartbeat was at that time, as it is stored under `heartbeat_ms` of the metadata.
    pub fn set_heartbeat(&mut self, heartbeat: Option<&str>) {
        self.state.age_rule.pulse.heartbeat = heartbeat.map(parse_heartbeat);
    }

    /// Says what the producer's height was at that time, as it is stored under `block_height` of the metadata.
    pub fn set_block_height(&mut self, block_height: Option<&str>) {
        self.state.age_rule.pulse.block_height = block_height.and_then(parse_height);
    }

    /// Sets the age above which answers warn. At first it is a minute, where there is a heartbeat.
    pub const fn set_warn_age(&mut self, warn: Option<AgeLimit>) {
        self.state.age_rule.warn = warn;
    }

    /// Sets the principal of the router contract that plans call. At first there is none.
    pub fn set_router(&mut self, router: Option<&str>) {
        self.router = router.map(Arc::from);
    }

    /// Puts new values under Redis keys of pools and bins; `None` removes a key. All of them count as one moment.
    ///
    /// A value that cannot be read is stored all the same: as with Redis, quotes leave its pool out and say why.
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming a key that is neither `pool:{pool_id}` nor `bin:{pool_id}:{bin_id}`; nothing is
    /// changed then.
    pub fn apply<'v>(
        &mut self,
        values: impl IntoIterator<Item = (&'v str, Option<&'v str>)>,
    ) -> Result<(), QuoteError> {
        let values: Vec<_> = values
            .into_iter()
            .map(|(key, text)| Ok((StateKey::parse(key).ok_or_else(|| no_state_key(key))?, text)))
            .collect::<Result<_, QuoteError>>()?;
        let mut listing_changed = false;
        for (key, text) in values {
            let (StateKey::Pool(id) | StateKey::Bin(id, _)) = &key;
            let stored = Arc::make_mut(&mut self.stored);
            let pool = stored.entry(id.clone()).or_default();
            match &key {
                StateKey::Pool(id) => {
                    if text.is_none() {
                        pool.left_out = None;
                    }
                    pool.value = text.map(|text| Cow::Owned(text.to_owned()));
                    // One whose pair is unknown concerns every pair.
                    listing_changed |=
                        reroute(&mut self.routings, id, text) || !self.routings.contains_key(id);
                }
                StateKey::Bin(_, bin) => pool.set_bin(*bin, text),
            }
            self.state.pools.remove(id);
            if pool.is_empty() {
                stored.remove(id);
            }
        }
        if listing_changed {
            self.list();
        }
        Ok(())
    }

    /// Leaves a pool out of quotes, because a key of it holds what cannot be read; `None` ends that.
    pub fn set_left_out(&mut self, id: &PoolId, why: Option<SkippedPool>) {
        if let Some(pool) = Arc::make_mut(&mut self.stored).get_mut(id) {
            pool.left_out = why;
            self.state.pools.remove(id);
            if !self.routings.contains_key(id) {
                self.list();
            }
        }
    }

    /// Builds what follows from all pool values together: the graph and the decimals.
    fn list(&mut self) {
        let mut decimals = stated_decimals(self.routings.values());
        for (token, stated) in &self.tokens {
            decimals.state(token, *stated, &format!("tokens.{token}"));
        }
        self.graph = Graph::new(self.routings.values().map(|routing| routing.pool.clone()))
            .with_unplaced(unplaced(&self.stored, &self.routings))
            .of_a_part(self.is_part);
        self.routes.clear();
        if *self.state.decimals != decimals {
            self.state.decimals = Arc::new(decimals);
            self.state.pools = LiteMap::new();
        }
    }

    /// Quotes a request.
    ///
    /// # Errors
    /// As [`quote`](crate::quote::quote) and [`find_candidates`].
    pub fn quote(&mut self, request: &QuoteRequest) -> Result<Quote, QuoteError> {
        Ok(*self.answered(request)?.quote)
    }

    /// Quotes a request; the answer knows what it was computed from.
    ///
    /// # Errors
    /// As [`Self::quote`].
    pub fn answered(&mut self, request: &QuoteRequest) -> Result<Answer, QuoteError> {
        let basis = Basis {
            request: request.clone(),
            candidates: self.candidates(request)?,
            decimals: Arc::clone(&self.state.decimals),
            default_fee_bps: self.settings.default_fee_bps,
            stored: Arc::clone(&self.stored),
            keys_limited: None,
            effort: self.effort,
            router: self.router.clone(),
        };
        answer(basis, &self.state, ReadAt { ms: self.read_at_ms, source: self.settings.source })
    }

    /// The router whose calls plans are, if one is set.
    pub(crate) fn router(&self) -> Option<&str> {
        self.router.as_deref()
    }

    /// What ages and heights are judged by.
    pub(crate) const fn age_rule(&self) -> &AgeRule {
        &self.state.age_rule
    }

    /// Quotes as if the state had been read at that time and its ages were judged by that rule, as those of an answer were,
    /// with its router.
    pub(crate) fn quote_aged(
        &mut self,
        request: &QuoteRequest,
        read_at_ms: u64,
        age_rule: AgeRule,
        router: Option<&Arc<str>>,
    ) -> Result<Quote, QuoteError> {
        let own_rule = replace(&mut self.state.age_rule, age_rule);
        let own_read_at_ms = replace(&mut self.read_at_ms, read_at_ms);
        let own_router = replace(&mut self.router, router.cloned());
        let quote = self.quote(request);
        self.router = own_router;
        (self.state.age_rule, self.read_at_ms) = (own_rule, own_read_at_ms);
        quote
    }

    /// Quotes a request and writes the answer as HTTP does.
    ///
    /// # Errors
    /// As [`Self::quote`]; `ANSWER_TOO_LARGE`.
    pub fn answer(&mut self, request: &QuoteRequest, numbers: NumberStyle) -> Result<String, QuoteError> {
        self.answered(request)?.to_json_in_bounds(numbers)
    }

    /// A candidate pool as the last quote of its pair read it.
    pub(crate) fn read(&self, id: &PoolId) -> Option<&PoolState> {
        self.state.pools.get(id)
    }

    pub(crate) fn stored(&self, id: &PoolId) -> Option<&StoredPool<'static>> {
        self.stored.get(id)
    }

    /// Lists the candidate routes of a pair as `GET /routes` does, as JSON text.
    ///
    /// # Errors
    /// As [`find_candidates`].
    pub fn routes(
        &self,
        (token_in, token_out, max_hops): (&Symbol, &Symbol, u8),
    ) -> Result<String, QuoteError> {
        let (max_pools, every) = (self.settings.max_pools, RouteFilter::default());
        let candidates = find_candidates(&self.graph, token_in, token_out, max_hops, max_pools, &every)?;
        let status = |pool: &PoolRef| pool_status(self.stored.get(&pool.id)?.value.as_deref()?);
        let statuses: Vec<_> = candidates.pools.iter().map(|one| status(&one.pool)).collect();
        let (asked, source) = ((token_in, token_out, max_hops), self.settings.source);
        Ok(RoutesAnswer::new(asked, &candidates, &statuses, source, None).to_json())
    }

    /// Finds the candidates of a request and reads those of their pools that are not read yet.
    pub(crate) fn candidates(&mut self, request: &QuoteRequest) -> Result<Arc<Candidates>, QuoteError> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let pair = (token_in, token_out, *max_hops);
        let candidates = self.routes.candidates(&self.graph, self.settings.max_pools, pair, filter)?;
        for candidate in &candidates.pools {
            let id = &candidate.pool.id;
            if self.state.pools.contains_key(id) {
                continue;
            }
            let read = match self.stored.get(id) {
                Some(stored) => {
                    stored.state(&candidate.pool, &self.state.decimals, self.settings.default_fee_bps)
                }
                None => PoolState::Absent,
            };
            self.state.pools.insert(id.clone(), read);
        }
        Ok(candidates)
    }

    /// The decimals of all tokens.
    #[must_use]
    pub fn decimals(&self) -> &DecimalTable {
        &self.state.decimals
    }

    /// All pools whose id and pair are known, and the tokens they connect.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }
}
