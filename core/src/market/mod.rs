//! A market in memory: pools of one moment that are quoted from many times and change value by value.

#[cfg(test)]
mod left_out_tests;
mod routes_kept;
mod stored;
#[cfg(test)]
mod tests;
mod update;

use crate::api::NumberStyle;
use crate::api::RoutesAnswer;
use crate::api::{AnswerContext, PoolAnswer, PoolsAnswer, QuoteAnswer};
use crate::error::QuoteError;
use crate::network::age::{AgeLimit, AgeRule, DEFAULT_WARN_AGE_MS};
use crate::network::decimals::DecimalTable;
use crate::network::graph::{Graph, PoolRef};
use crate::network::route::{Candidates, RouteFilter, find_candidates};
use crate::network::state::{PoolState, State};
use crate::quote::{Effort, Outcome, Quote, QuoteInput, QuoteRequest, quote};
use crate::stored::LeftOut;
use crate::stored::keys::{self, StateKey};
use crate::stored::parse_heartbeat;
use crate::stored::pool_status;
use crate::stored::{SkippedPool, Source};
use crate::stored::{Snapshot, SnapshotError, stated_decimals};
use crate::units::{PoolId, Symbol};
use crate::verify::{InputPool, StoredInput};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem::replace;
use litemap::LiteMap;
use routes_kept::RoutesKept;
use stored::MarketPool;

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
    stored: LiteMap<PoolId, MarketPool>,
    /// Decimals that the snapshot states by token.
    tokens: Vec<(Symbol, u8)>,
    graph: Graph,
    /// Pools that the snapshot left out and whose pair nobody knows.
    unplaced: Vec<SkippedPool>,
    /// Decimals, and the pools that were read.
    state: State,
    routes: RoutesKept,
    /// How much work a quote may cost.
    pub(crate) effort: Effort,
}

impl Market {
    /// Takes over the pools of a snapshot. Their age counts from its `taken_at`.
    ///
    /// # Errors
    /// [`SnapshotError`] as [`Snapshot::parse`]. A pool that cannot be quoted is not an error: quotes leave it out.
    pub fn from_snapshot(json: &str, settings: MarketSettings) -> Result<Self, SnapshotError> {
        let snapshot = Snapshot::parse(json)?;
        let mut stored = LiteMap::new();
        for pool in &snapshot.pools {
            stored.insert(pool.routing.pool.id.clone(), MarketPool::from_snapshot(pool));
        }
        let mut unplaced = Vec::new();
        for LeftOut { key, reason, pool } in snapshot.left_out {
            let why = SkippedPool { key, reason };
            match pool.filter(|pool| !stored.contains_key(&pool.id)) {
                Some(pool) => drop(stored.insert(pool.id.clone(), MarketPool::left_out(pool, why))),
                None => unplaced.push(why),
            }
        }
        let age_rule = AgeRule {
            heartbeat: snapshot.heartbeat,
            warn: Some(AgeLimit::by_heartbeat(DEFAULT_WARN_AGE_MS)),
            refuse: None,
        };
        let mut market = Self {
            settings,
            read_at_ms: snapshot.taken_at.at_ms.unwrap_or(settings.clock_ms),
            stored,
            tokens: snapshot.tokens,
            graph: Graph::default(),
            state: State { age_rule, ..State::default() },
            unplaced,
            routes: RoutesKept::default(),
            effort: Effort::WHOLE,
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

    /// Says what the producer's heartbeat was at that time, as it is stored under `heartbeat_ms` of the metadata.
    pub fn set_heartbeat(&mut self, heartbeat: Option<&str>) {
        self.state.age_rule.heartbeat = heartbeat.map(parse_heartbeat);
    }

    /// Sets the age above which answers warn. At first it is a minute, where there is a heartbeat.
    pub const fn set_warn_age(&mut self, warn: Option<AgeLimit>) {
        self.state.age_rule.warn = warn;
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
            let pool = self.stored.entry(id.clone()).or_insert_with(MarketPool::absent);
            match &key {
                StateKey::Pool(id) => listing_changed |= pool.set_value(id, text),
                StateKey::Bin(_, bin) => pool.set_bin(*bin, text),
            }
            self.state.pools.remove(id);
            if pool.is_empty() {
                self.stored.remove(id);
            }
        }
        if listing_changed {
            self.list();
        }
        Ok(())
    }

    /// Leaves a pool out of quotes, because a key of it holds what cannot be read; `None` ends that.
    pub fn set_left_out(&mut self, id: &PoolId, why: Option<SkippedPool>) {
        if let Some(pool) = self.stored.get_mut(id) {
            pool.set_left_out(why);
            self.state.pools.remove(id);
        }
    }

    /// Builds what follows from all pool values together: the graph and the decimals.
    fn list(&mut self) {
        let routings = || self.stored.values().filter_map(MarketPool::routing);
        let mut decimals = stated_decimals(routings());
        for (token, stated) in &self.tokens {
            decimals.state(token, *stated, &format!("tokens.{token}"));
        }
        self.graph = Graph::new(routings().map(|routing| routing.pool.clone()));
        self.routes.clear();
        if *self.state.decimals != decimals {
            self.state.decimals = Arc::new(decimals);
            self.state.pools = LiteMap::new();
        }
    }

    /// Quotes a request.
    ///
    /// # Errors
    /// As [`quote`] and [`find_candidates`].
    pub fn quote(&mut self, request: &QuoteRequest) -> Result<Quote, QuoteError> {
        let candidates = self.candidates(request)?;
        self.quote_over(request, &candidates)
    }

    /// Quotes as if the state had been read at that time and its ages were judged by that rule, as those of an answer were.
    pub(crate) fn quote_aged(
        &mut self,
        request: &QuoteRequest,
        read_at_ms: u64,
        age_rule: AgeRule,
    ) -> Result<Quote, QuoteError> {
        let own_rule = replace(&mut self.state.age_rule, age_rule);
        let own_read_at_ms = replace(&mut self.read_at_ms, read_at_ms);
        let quote = self.quote(request);
        (self.state.age_rule, self.read_at_ms) = (own_rule, own_read_at_ms);
        quote
    }

    fn quote_over(&self, request: &QuoteRequest, candidates: &Candidates) -> Result<Quote, QuoteError> {
        let (state, now_ms) = (&self.state, self.read_at_ms);
        match quote(&QuoteInput {
            request,
            candidates,
            state,
            now_ms,
            can_read_more: false,
            effort: self.effort,
        })? {
            Outcome::Quote(quote) => Ok(*quote),
            // Core was told that there is nothing to read, so it does not ask.
            Outcome::ReadMore(more) => Err(QuoteError::StateInvalid {
                key: more.first().map(|more| keys::pool(&more.pool_id)).unwrap_or_default(),
                reason: "bins are needed that were not read".to_owned(),
            }),
        }
    }

    /// Quotes a request and writes the answer as HTTP does.
    ///
    /// # Errors
    /// As [`Self::quote`].
    pub fn answer(&mut self, request: &QuoteRequest, numbers: NumberStyle) -> Result<String, QuoteError> {
        let candidates = self.candidates(request)?;
        let quote = self.quote_over(request, &candidates)?;
        let context = AnswerContext {
            decimals: self.decimals(),
            source: self.settings.source,
            read_at_ms: self.read_at_ms,
            request_id: None,
            numbers,
        };
        let answer = QuoteAnswer { quote: &quote, context };
        let written = if request.include_state {
            let stored = candidates.pools.iter().map(|one| self.stored_texts(&one.pool.id));
            answer.to_json_with_input(&StoredInput {
                request,
                candidates: &candidates,
                decimals: self.decimals(),
                default_fee_bps: self.settings.default_fee_bps,
                pools: &stored.collect::<Vec<_>>(),
                keys_limited: None,
                effort: self.effort,
            })
        } else {
            Ok(answer.to_json())
        };
        written.map_err(|e| unwritable(&e))
    }

    /// A candidate pool as the last quote of its pair read it.
    pub(crate) fn read(&self, id: &PoolId) -> Option<&PoolState> {
        self.state.pools.get(id)
    }

    pub(crate) fn stored_texts(&self, id: &PoolId) -> InputPool<'_> {
        self.stored.get(id).map_or_else(InputPool::absent, MarketPool::stored)
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
        let status = |pool: &PoolRef| pool_status(self.stored.get(&pool.id)?.value()?);
        let statuses: Vec<_> = candidates.pools.iter().map(|one| status(&one.pool)).collect();
        let (asked, source) = ((token_in, token_out, max_hops), self.settings.source);
        Ok(RoutesAnswer::new(asked, &candidates, &statuses, source, None).to_json())
    }

    /// Finds the candidates of a request and reads those of their pools that are not read yet.
    pub(crate) fn candidates(&mut self, request: &QuoteRequest) -> Result<Arc<Candidates>, QuoteError> {
        let candidates = self.routes.candidates(&self.graph, self.settings.max_pools, request)?;
        for candidate in &candidates.pools {
            let id = &candidate.pool.id;
            if self.state.pools.contains_key(id) {
                continue;
            }
            let read = match self.stored.get(id) {
                Some(stored) => {
                    stored.read(&candidate.pool, &self.state.decimals, self.settings.default_fee_bps)
                }
                None => PoolState::Absent,
            };
            self.state.pools.insert(id.clone(), read);
        }
        Ok(candidates)
    }

    /// Lists all pools as `GET /pools` does, without their bins.
    #[must_use]
    pub fn pools(&self, numbers: NumberStyle) -> PoolsAnswer<'static> {
        let (mut pools, mut skipped) = (Vec::new(), self.unplaced.clone());
        for (id, stored) in &self.stored {
            match stored.listing(id, self.decimals(), self.settings.default_fee_bps, numbers) {
                Some(Ok(pool)) => pools.push(pool),
                Some(Err(fault)) => skipped.push(fault),
                None => {}
            }
        }
        let (total, source) = (pools.len().saturating_add(skipped.len()), self.settings.source);
        PoolsAnswer { pools, skipped, skipped_more: 0, total, next: None, source, request_id: None }
    }

    /// Lists one pool with its bins as `GET /pools/{id}` does.
    ///
    /// # Errors
    /// `UNKNOWN_POOL`; `STATE_INVALID` where one of its values cannot be used.
    pub fn pool(&self, id: &PoolId, numbers: NumberStyle) -> Result<PoolAnswer<'static>, QuoteError> {
        let unknown = || QuoteError::UnknownPool { pool_id: id.clone() };
        let stored = self.stored.get(id).ok_or_else(unknown)?;
        let listing = stored.listing(id, self.decimals(), self.settings.default_fee_bps, numbers);
        let pool = stored
            .listing_with_bins(id, listing.ok_or_else(unknown)?)
            .map_err(|SkippedPool { key, reason }| QuoteError::StateInvalid { key, reason })?;
        Ok(PoolAnswer { pool, source: self.settings.source, request_id: None })
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

fn no_state_key(key: &str) -> QuoteError {
    QuoteError::InvalidRequest {
        field: key.chars().take(128).collect(),
        reason: "is not the key of a pool or a bin (pool:ID, bin:ID:0 to bin:ID:1000)".to_owned(),
    }
}

/// A text that passed as JSON once and does not a second time: no input does that.
fn unwritable(error: &str) -> QuoteError {
    QuoteError::StateInvalid { key: String::new(), reason: format!("the answer cannot be written: {error}") }
}
