//! Quotes from Redis: the pools are listed first, then each quote is one MGET.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dlmm_core::api::{Answer, Basis, ReadAt, SkippedPool, Source};
use dlmm_core::market::answer;
use dlmm_core::network::age::{AgeLimit, AgeRule};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::Graph;
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::quote::{Effort, QuoteRequest};
use dlmm_core::stored::{PoolRouting, stated_decimals};
use dlmm_core::units::PoolId;

use super::reader::{PoolTexts, Unread, candidates_of, list_pools, read_pools};
use super::refusal::Refusal;
use crate::clock::now_ms;
use crate::left_out::LeftOutKeys;
use crate::progress;
use crate::quote_settings::{CandidateLimit, DefaultFee, Router, WarnAge};
use crate::redis::heartbeat::read_pulse;
use crate::redis::pool_ids::Depth;
use crate::redis::store::{PoolStore, too_many};
use crate::redis::target::RedisTarget;

/// How long a batch trusts its list of pools; the Worker's default too.
const LISTING_TTL: Duration = Duration::from_secs(2);

/// Keys that are named on standard error.
const MAX_NAMED: usize = 20;

/// What the operator fixes for every quote.
pub(crate) struct QuoteSettings {
    max_pools: usize,
    default_fee_bps: u16,
    warn: Option<AgeLimit>,
    router: Option<Arc<str>>,
}

impl QuoteSettings {
    /// As the options say.
    pub(crate) fn of(candidates: CandidateLimit, fee: DefaultFee, warn: WarnAge, router: &Router) -> Self {
        Self {
            max_pools: candidates.max_candidate_pools,
            default_fee_bps: fee.default_fee_bps,
            warn: warn.limit(),
            router: router.principal().map(Arc::from),
        }
    }
}

/// A Redis as a market. Bins are read anew for every quote.
pub(crate) struct RedisMarket {
    target: RedisTarget,
    settings: QuoteSettings,
    /// How long the list of pools is trusted.
    listing_ttl: Duration,
    store: Option<PoolStore>,
    listing: Option<Listing>,
    /// Keys that were named on standard error.
    named: BTreeSet<String>,
}

/// The pools, of every status, and what they say about decimals.
struct Listing {
    graph: Graph,
    decimals: Arc<DecimalTable>,
    at: Instant,
}

impl RedisMarket {
    pub(crate) fn new(target: RedisTarget, settings: QuoteSettings) -> Self {
        Self {
            target,
            settings,
            listing_ttl: LISTING_TTL,
            store: None,
            listing: None,
            named: BTreeSet::new(),
        }
    }

    /// Trusts its list of pools for longer, where somebody else tells of new ones.
    pub(crate) fn trust_listing_for(&mut self, ttl: Duration) {
        self.listing_ttl = ttl;
    }

    /// Whether the pool is in the list; if not, the next quote lists anew.
    pub(crate) fn look_for(&mut self, id: &PoolId) -> bool {
        let knows = self.listing.as_ref().is_some_and(|listing| listing.graph.pool(id).is_some());
        if !knows {
            self.forget_listing();
        }
        knows
    }

    /// The pools of the last list.
    pub(crate) fn graph(&self) -> Option<&Graph> {
        self.listing.as_ref().map(|listing| &listing.graph)
    }

    /// Has the next quote list the pools anew.
    pub(crate) fn forget_listing(&mut self) {
        self.listing = None;
    }

    pub(crate) async fn answer(&mut self, request: &QuoteRequest) -> Result<Answer, Refusal> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => PoolStore::open(&self.target).await?,
        };
        let answer = self.answer_with(&mut store, request).await;
        // After a broken connection the next request of a batch tries a new one.
        if !matches!(&answer, Err(Unread::Redis(fault)) if fault.breaks_connection()) {
            self.store = Some(store);
        }
        let pools = self.listing.as_ref().map_or(0, |listing| listing.graph.pools().len());
        answer.map_err(|failed| match failed {
            Unread::Redis(fault) => fault.into(),
            Unread::Refused(error) => Refusal::from(error).among(pools),
            Unread::PoolsHidden => Refusal::pools_hidden(),
        })
    }

    async fn answer_with(&mut self, store: &mut PoolStore, request: &QuoteRequest) -> Result<Answer, Unread> {
        if self.listing.as_ref().is_none_or(|listing| listing.at.elapsed() > self.listing_ttl) {
            self.list(store).await?;
        }
        let (mut basis, mut state) = self.read(store, request).await?;
        let is_outdated = |state: &PoolState| matches!(state, PoolState::Rerouted | PoolState::Absent);
        if state.pools.values().any(is_outdated) {
            self.list(store).await?;
            (basis, state) = self.read(store, request).await?;
        }
        let read_at = ReadAt { ms: now_ms(), source: Source::Redis };
        Ok(answer(basis, &state, read_at)?)
    }

    async fn list(&mut self, store: &mut PoolStore) -> Result<(), Unread> {
        let at = Instant::now();
        let PoolTexts { ids, keys, texts, mut left_out } = list_pools(store, Depth::Quick).await?;
        let mut pools = Vec::with_capacity(ids.len());
        let mut absent = Vec::new();
        let mut unplaced = Vec::new();
        for ((id, key), text) in ids.iter().zip(&keys).zip(texts) {
            let routing = |text: String| match too_many(&text) {
                Some(reason) => Err(reason),
                None => PoolRouting::of(id, &text),
            };
            match text.map(routing) {
                Some(Ok(routing)) => pools.push(routing),
                Some(Err(reason)) => {
                    left_out.add(key, reason.clone());
                    unplaced.push(SkippedPool { key: key.clone(), reason });
                }
                None => absent.push(key.clone()),
            }
        }
        for SkippedPool { key, reason } in store.wrong_types(&absent).await? {
            left_out.add(&key, reason.clone());
            unplaced.push(SkippedPool { key, reason });
        }
        unplaced.sort_by(|a, b| a.key.cmp(&b.key));
        self.name(&left_out);
        let graph = Graph::new(pools.iter().map(|routing| routing.pool.clone())).with_unplaced(unplaced);
        self.listing = Some(Listing { graph, decimals: Arc::new(stated_decimals(&pools)), at });
        Ok(())
    }

    /// Says on standard error what is left out, each key once.
    fn name(&mut self, left_out: &LeftOutKeys) {
        for SkippedPool { key, reason } in left_out.named() {
            if self.named.len() < MAX_NAMED && self.named.insert(key.clone()) {
                progress::note(&format!("{key} is left out: {reason}"));
                if self.named.len() == MAX_NAMED {
                    progress::note(
                        "further keys that are left out are not named here; `dlmm verify` names them",
                    );
                }
            }
        }
    }

    /// Reads the candidate pools with all their bins at one moment.
    async fn read(&self, store: &mut PoolStore, request: &QuoteRequest) -> Result<(Basis, State), Unread> {
        // Whoever quotes has listed before.
        let Listing { graph, decimals, .. } = self.listing.as_ref().ok_or(Unread::PoolsHidden)?;
        let candidates = candidates_of(graph, request, self.settings.max_pools)?;
        let pulse = read_pulse(store).await?;
        let pools = read_pools(store, &candidates).await?;
        let basis = Basis {
            request: request.clone(),
            stored: Arc::new(pools.into_iter().collect()),
            candidates: Arc::new(candidates),
            decimals: Arc::clone(decimals),
            default_fee_bps: self.settings.default_fee_bps,
            keys_limited: None,
            effort: Effort::WHOLE,
            router: self.settings.router.clone(),
        };
        let state = basis.state(AgeRule { pulse, warn: self.settings.warn, refuse: None });
        Ok((basis, state))
    }
}
