//! The topology this isolate holds, and when it is looked at again.
//!
//! No request waits for another: two that find the topology missing both load it, and the one that began later wins,
//! whichever ends first. No borrow is held across an await.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::error::QuoteError;
use dlmm_core::network::route::{Candidates, RouteFilter, find_candidates};
use dlmm_core::network::routes_kept::RoutesKept;
use dlmm_core::stored::{PoolRouting, keys, read_pool_list};
use dlmm_core::units::{PoolId, Symbol};
use serde::Serialize;

use super::Topology;
use super::find::{Depth, list};
use super::in_turn::{InTurn, is_otherwise};
use super::left_out::LeftOutKeys;
use super::signature::Signature;
use super::turns::Turns;
use crate::market::values::{KnownHeartbeat, MAX_VALUE_BYTES, lenient};
use crate::redis::{Command, Exchange, RedisError, Session, Value};

/// Keys without a value that can be used that a check looks at.
const MAX_WAITING: usize = 32;
/// What the kept routes may weigh together: a small part of an isolate's 128 MB.
const MAX_ROUTE_BYTES: usize = 16 * 1024 * 1024;

/// How often the caches did what, since the isolate started.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Counters {
    /// Whole rebuilds after the first load: the pools or their routing changed.
    pub rebuilds: u64,
    /// Comparisons of the counters in Redis.
    pub checks: u64,
    /// Listings of all pools, the first one included.
    pub listings: u64,
    /// Times the candidate routes of a pair were there.
    pub route_hits: u64,
    /// Times they had to be searched.
    pub route_misses: u64,
}

impl Counters {
    fn route_hit_rate(&self) -> Option<f64> {
        let asked = self.route_hits + self.route_misses;
        (asked > 0).then(|| self.route_hits as f64 / asked as f64)
    }
}

/// What one isolate knows of pools and routes, and since when.
#[derive(Debug, Clone, Serialize)]
pub struct CacheReport {
    /// Since the topology was built; `null` before the first load.
    pub age_ms: Option<u64>,
    /// Since it was last compared with Redis.
    pub checked_ms_ago: Option<u64>,
    pub pools: usize,
    pub tokens: usize,
    /// What listing the pools and building the topology took, the last time; mostly the wait for Redis.
    pub last_build_ms: Option<u64>,
    /// Pairs whose candidate routes are kept.
    pub route_pairs: usize,
    /// About how much memory they take.
    pub route_bytes: usize,
    /// Part of the quotes whose routes were there, 0 to 1; `null` before the first quote.
    pub route_hit_rate: Option<f64>,
    #[serde(flatten)]
    pub counters: Counters,
}

/// The topology of one isolate with its route cache.
#[derive(Debug)]
pub struct TopologyCache {
    current: RefCell<Option<Rc<Topology>>>,
    signature: RefCell<Signature>,
    /// Keys that the last listing left out or found empty: a value written in its place moves no counter.
    waiting: RefCell<Vec<String>>,
    /// Those whose value did not fit a reply: their length is asked for instead.
    too_large: RefCell<Vec<PoolId>>,
    /// Which listed pools the next check looks at.
    in_turn: InTurn,
    /// What the last listing left out.
    left_out: RefCell<Rc<LeftOutKeys>>,
    /// Of listings that overlap, the one that began last stays.
    turns: Turns,
    /// When the topology was last compared with Redis.
    checked_ms: Cell<f64>,
    /// When a comparison in the background was last begun, however it ended.
    begun_ms: Cell<f64>,
    built_ms: Cell<f64>,
    /// How long it took to list the pools and build the topology, the last time that was done.
    building_took_ms: Cell<Option<f64>>,
    /// Whether a scan has completed what the `pools` set may leave out, or at least was begun.
    completed: Cell<bool>,
    completion_begun: Cell<bool>,
    routes: RefCell<RoutesKept>,
    /// What lists and checks found beside their counters; quotes read it again when it is old.
    heartbeat: KnownHeartbeat,
    counters: RefCell<Counters>,
    ttl_ms: f64,
    max_pools: usize,
}

impl TopologyCache {
    /// An empty cache: `ttl_ms` is how long it is trusted, `max_pairs` how many pairs keep their routes,
    /// `max_pools` how many pools one quote may look at.
    pub fn new(ttl_ms: u32, max_pairs: NonZeroUsize, max_pools: usize) -> Self {
        Self {
            current: RefCell::new(None),
            signature: RefCell::new(Signature::default()),
            waiting: RefCell::new(Vec::new()),
            too_large: RefCell::default(),
            in_turn: InTurn::default(),
            left_out: RefCell::default(),
            turns: Turns::default(),
            checked_ms: Cell::new(f64::NEG_INFINITY),
            begun_ms: Cell::new(f64::NEG_INFINITY),
            built_ms: Cell::new(f64::NEG_INFINITY),
            building_took_ms: Cell::new(None),
            completed: Cell::new(false),
            completion_begun: Cell::new(false),
            routes: RefCell::new(RoutesKept::new(max_pairs.get(), MAX_ROUTE_BYTES)),
            heartbeat: KnownHeartbeat::default(),
            counters: RefCell::new(Counters::default()),
            ttl_ms: f64::from(ttl_ms),
            max_pools,
        }
    }

    /// The topology, if there is one.
    pub fn current(&self) -> Option<Rc<Topology>> {
        self.current.borrow().clone()
    }

    /// What the last listing met and left out.
    pub fn left_out(&self) -> Rc<LeftOutKeys> {
        Rc::clone(&self.left_out.borrow())
    }

    /// What the producer said of all pools, as it was read last.
    pub const fn heartbeat(&self) -> &KnownHeartbeat {
        &self.heartbeat
    }

    /// Whether it was compared with Redis longer ago than it is trusted. A comparison that has only begun confirms nothing:
    /// Redis may be gone.
    pub fn is_due(&self, now_ms: f64) -> bool {
        now_ms - self.checked_ms.get() >= self.ttl_ms
    }

    /// Whether a background check should run now; if so the next one is due a TTL later, however this one ends.
    ///
    /// The first load is quick, so the check that completes it is due at once, but once only.
    pub fn begin_check(&self, now_ms: f64) -> bool {
        let first = !self.completed.get() && !self.completion_begun.replace(true);
        let due = first || (self.is_due(now_ms) && now_ms - self.begun_ms.get() >= self.ttl_ms);
        if due {
            self.begun_ms.set(now_ms);
        }
        due
    }

    /// Forgets the pools and all routes: the next request lists them anew, and no listing under way brings them back.
    pub fn clear(&self) {
        self.turns.overrule();
        *self.current.borrow_mut() = None;
        *self.signature.borrow_mut() = Signature::default();
        self.waiting.borrow_mut().clear();
        self.too_large.borrow_mut().clear();
        *self.left_out.borrow_mut() = Rc::default();
        self.heartbeat.forget();
        self.checked_ms.set(f64::NEG_INFINITY);
        self.begun_ms.set(f64::NEG_INFINITY);
        self.built_ms.set(f64::NEG_INFINITY);
        self.completed.set(false);
        self.completion_begun.set(false);
        self.routes.borrow_mut().clear();
    }

    /// What the caches hold and have done, for people who operate the Worker.
    pub fn report(&self, now_ms: f64) -> CacheReport {
        let since = |at_ms: f64| at_ms.is_finite().then_some((now_ms - at_ms).max(0.0) as u64);
        let (routes, current) = (self.routes.borrow(), self.current.borrow());
        CacheReport {
            age_ms: since(self.built_ms.get()),
            checked_ms_ago: since(self.checked_ms.get()),
            pools: current.as_ref().map_or(0, |topology| topology.graph.pools().len()),
            tokens: current.as_ref().map_or(0, |topology| topology.graph.tokens().len()),
            last_build_ms: self.building_took_ms.get().map(|ms| ms.max(0.0) as u64),
            route_pairs: routes.pairs(),
            route_bytes: routes.bytes(),
            route_hit_rate: self.counters.borrow().route_hit_rate(),
            counters: self.counters.borrow().clone(),
        }
    }

    /// Lists the pools anew and keeps the result; the first time only as hard as an answer needs.
    ///
    /// # Errors
    /// What Redis answered; the topology stays as it was.
    pub async fn reload<X: Exchange>(
        &self,
        redis: Session<'_, X>,
        seeds: &[Symbol],
    ) -> Result<Rc<Topology>, RedisError> {
        // Later ones look as hard as a check does, or pools would come and go with the depth.
        let depth = if self.current.borrow().is_some() { Depth::Thorough } else { Depth::Quick };
        self.list(redis, depth, seeds, redis.now_ms()).await
    }

    async fn list<X: Exchange>(
        &self,
        redis: Session<'_, X>,
        depth: Depth,
        seeds: &[Symbol],
        now_ms: f64,
    ) -> Result<Rc<Topology>, RedisError> {
        let (before, turn) = (self.current(), self.turns.begin());
        let mut listing = list(redis, depth, seeds, before.as_deref()).await?;
        self.counters.borrow_mut().listings += 1;
        self.heartbeat.note(listing.pulse, redis.now_ms());
        let waiting = listing.left_out.named().map(|named| named.key).filter(|key| {
            keys::pool_in(key).map_or_else(|| keys::is_list(key), |id| !listing.too_large.contains(&id))
        });
        let waiting = waiting.chain(listing.absent.iter().map(keys::pool)).take(MAX_WAITING).collect();
        let too_large = listing.too_large.iter().take(MAX_WAITING).cloned().collect();
        let found = Rc::new(Topology::new(listing.pools, listing.whole).with_unreadable(listing.unreadable));
        if !self.turns.end(turn) {
            return Ok(self.current().unwrap_or(found));
        }
        *self.signature.borrow_mut() = listing.signature;
        *self.waiting.borrow_mut() = waiting;
        *self.too_large.borrow_mut() = too_large;
        // Once a listing, not with every `/health` and every list of pools.
        listing.left_out.settle();
        *self.left_out.borrow_mut() = Rc::new(listing.left_out);
        self.checked_ms.set(now_ms);
        // A scan or a walk leaves nothing out that it could find.
        self.completed.set(depth == Depth::Thorough || !listing.whole);
        if let Some(same) = self.current().filter(|current| current.routes_like(&found)) {
            return Ok(same);
        }
        let replaced = self.current.borrow().is_some();
        *self.current.borrow_mut() = Some(Rc::clone(&found));
        self.built_ms.set(now_ms);
        self.building_took_ms.set(Some(redis.now_ms() - now_ms));
        self.routes.borrow_mut().clear();
        if replaced {
            self.counters.borrow_mut().rebuilds += 1;
        }
        Ok(found)
    }

    /// Compares the counters in Redis with those of the last listing, and looks whether a value that could not be read can
    /// be now, and whether some of the others say other tokens or decimals; lists the pools anew if so.
    ///
    /// # Errors
    /// What Redis answered; the topology stays as it was.
    pub async fn check<X: Exchange>(
        &self,
        redis: Session<'_, X>,
        seeds: &[Symbol],
    ) -> Result<(), RedisError> {
        let now_ms = redis.now_ms();
        if !self.completed.get() {
            return self.list(redis, Depth::Thorough, seeds, now_ms).await.map(drop);
        }
        let [metadata, size] = Signature::commands();
        let (waiting, too_large) = (self.waiting.borrow().clone(), self.too_large.borrow().clone());
        let topology = self.current();
        let mut in_turn = topology.as_ref().map(|known| self.in_turn.next(known)).unwrap_or_default();
        in_turn.retain(|id| !too_large.contains(id));
        let looked_at: Vec<String> = waiting.iter().cloned().chain(in_turn.iter().map(keys::pool)).collect();
        let mut commands = Vec::from([Signature::count_command(), metadata, size]);
        commands.extend(too_large.iter().map(|id| Command::new("STRLEN").key(&keys::pool(id))));
        if !looked_at.is_empty() {
            let mut values = Command::with_capacity("MGET", looked_at.len());
            looked_at.iter().for_each(|key| values.push_key(key));
            commands.push(values);
        }
        let asked = commands.len();
        let reply = match redis.pipeline(commands).await {
            Ok(reply) => reply,
            // One of the values has become too large; a listing leaves it out.
            Err(fault) if fault.is_too_large() => {
                return self.list(redis, Depth::Thorough, seeds, now_ms).await.map(drop);
            }
            Err(fault) => return Err(fault),
        };
        let mut items = reply.items(asked)?.into_iter();
        let mut next = || items.next().unwrap_or(Ok(Value::Nil));
        let (listed, metadata, size) = (next(), next(), next());
        let mut changed = false;
        for _ in &too_large {
            let bytes = lenient(next())?.map(Value::into_integer).transpose()?;
            changed |=
                bytes.is_none_or(|bytes| u64::try_from(bytes).is_ok_and(|bytes| bytes <= MAX_VALUE_BYTES));
        }
        if !looked_at.is_empty()
            && let Some(values) = lenient(next())?
        {
            let mut values = values.into_texts(looked_at.len())?;
            let of_pools = values.split_off(waiting.len());
            changed |= waiting.iter().zip(values).any(|(key, text)| match (text, keys::pool_in(key)) {
                (None, _) => false,
                (Some(json), Some(id)) => PoolRouting::of(&id, &json).is_ok(),
                (Some(json), None) => read_pool_list(&json).is_some(),
            });
            changed |= in_turn.iter().zip(of_pools).any(|(id, text)| {
                text.zip(topology.as_ref()).is_some_and(|(json, known)| is_otherwise(known, id, &json))
            });
        }
        let listed = lenient(listed)?.map(Value::into_integer).transpose()?;
        let (signature, beside) = Signature::read(listed, metadata, size)?;
        self.heartbeat.note(beside.pulse, redis.now_ms());
        self.counters.borrow_mut().checks += 1;
        self.checked_ms.set(now_ms);
        if changed || signature.is_blind() || signature != *self.signature.borrow() {
            self.list(redis, Depth::Thorough, seeds, now_ms).await?;
        }
        Ok(())
    }

    /// The candidate routes of a trade. Those without filters are kept until the topology changes.
    ///
    /// # Errors
    /// As [`find_candidates`].
    pub fn candidates(
        &self,
        topology: &Rc<Topology>,
        token_in: &Symbol,
        token_out: &Symbol,
        max_hops: u8,
        filter: &RouteFilter,
    ) -> Result<Arc<Candidates>, QuoteError> {
        let search =
            || find_candidates(&topology.graph, token_in, token_out, max_hops, self.max_pools, filter);
        let is_current = self.current.borrow().as_ref().is_some_and(|current| Rc::ptr_eq(current, topology));
        if !filter.is_open() || !is_current {
            return search().map(Arc::new);
        }
        let key = (token_in.clone(), token_out.clone(), max_hops);
        if let Some(kept) = self.routes.borrow_mut().get(&key) {
            self.counters.borrow_mut().route_hits += 1;
            return Ok(kept);
        }
        self.counters.borrow_mut().route_misses += 1;
        let found = Arc::new(search()?);
        self.routes.borrow_mut().put(key, Arc::clone(&found));
        Ok(found)
    }
}
