//! Finds the pools: which ids there are, and what routing needs of their values.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::units::{PoolId, Symbol};
use dlmm_core::wire::{PoolRouting, keys};

use super::Topology;
use super::signature::{Signature, lenient};
use super::token_index::pool_ids_of;
use crate::upstash::{Budget, Command, Oddity, RedisClient, UpstashError, Value};

/// Largest database that is scanned for pool keys: 50 calls of 1 000 keys.
const SCAN_KEYS: i64 = 50_000;
/// Keys one SCAN call looks at.
const SCAN_COUNT: &str = "1000";
/// Pools kept in one isolate at most; a bound on its memory.
const MAX_POOLS: usize = 20_000;
/// Pool values read in one MGET: about 1 MB.
const POOLS_PER_READ: usize = 2_500;

/// How hard to look for pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The first source that gives any: enough to answer.
    Quick,
    /// Also scan a small database for pools that the `pools` set leaves out.
    Thorough,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) pools: Vec<PoolRouting>,
    /// Pools that are there, but of which nothing could ever be read.
    pub(super) unreadable: BTreeSet<PoolId>,
    /// Pools that are named somewhere and have no value.
    pub(super) absent: BTreeSet<PoolId>,
    pub(super) signature: Signature,
    /// The producer's heartbeat as it is stored.
    pub(super) heartbeat: Option<String>,
    /// Whether every pool was found; a walk from tokens finds only those connected to them.
    pub(super) whole: bool,
}

/// Lists the pools: from the `pools` set; without one by a scan, where the token may and the database is small;
/// else by a walk from `seeds`.
pub(super) async fn list(
    redis: &RedisClient,
    budget: &Budget,
    depth: Depth,
    seeds: &[Symbol],
    before: Option<&Topology>,
) -> Result<Listing, UpstashError> {
    let [metadata, size] = Signature::commands();
    let commands = [Command::new("SMEMBERS").key(keys::POOLS), metadata, size];
    let reply = redis.pipeline(budget, &commands).await?;
    let mut items = reply.items(commands.len())?.into_iter();
    let mut next = || items.next().unwrap_or(Ok(Value::Nil));
    let (members, metadata, size) = (next(), next(), next());
    let listed: Option<BTreeSet<PoolId>> = match lenient(members)? {
        Some(members) => Some(names(members.into_array()?)?),
        None => None,
    };
    let count = listed.as_ref().map(|ids| i64::try_from(ids.len()).unwrap_or(i64::MAX));
    let (signature, heartbeat) = Signature::read(count, metadata, size)?;
    let mut ids = listed.unwrap_or_default();
    let scans = ids.is_empty() || depth == Depth::Thorough;
    let small = signature.keys.is_none_or(|keys| keys <= SCAN_KEYS);
    let scanned = if scans && small { scan(redis, budget).await? } else { None };
    if ids.is_empty() && scanned.is_none() {
        let Routings { pools, unreadable, absent } = walk(redis, budget, seeds, before).await?;
        return Ok(Listing { pools, unreadable, absent, signature, heartbeat, whole: false });
    }
    ids.extend(scanned.into_iter().flatten());
    let ids: Vec<PoolId> = ids.into_iter().take(MAX_POOLS).collect();
    let Routings { pools, unreadable, absent } = read_routings(redis, budget, &ids, before).await?;
    Ok(Listing { pools, unreadable, absent, signature, heartbeat, whole: true })
}

/// Ids of all pool keys; `None` where the token may not SCAN or the database is too large for it.
async fn scan(redis: &RedisClient, budget: &Budget) -> Result<Option<BTreeSet<PoolId>>, UpstashError> {
    let mut ids = BTreeSet::new();
    let mut cursor = "0".to_owned();
    for _ in 0..=SCAN_KEYS / 1_000 {
        let command = Command::new("SCAN")
            .arg(&cursor)
            .arg("MATCH")
            .arg(keys::POOL_PATTERN)
            .arg("COUNT")
            .arg(SCAN_COUNT);
        let reply = match redis.command(budget, command).await {
            Ok(reply) => reply,
            Err(fault) if fault.is_no_permission() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let value = match reply.value() {
            Ok(value) => value,
            Err(fault) if fault.is_no_permission() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let mut parts = value.into_array()?.into_iter();
        let (next, found) = (parts.next().unwrap_or(Value::Nil), parts.next().unwrap_or(Value::Nil));
        for key in found.into_array()? {
            let key = key.into_text()?.unwrap_or_default();
            ids.extend(key.strip_prefix(keys::POOL_PREFIX).and_then(|id| PoolId::new(id).ok()));
        }
        cursor = match next {
            Value::Text(cursor) => cursor.into_owned(),
            Value::Integer(cursor) => cursor.to_string(),
            _ => return Err(UpstashError::Invalid(Oddity::NotA("a cursor"))),
        };
        if cursor == "0" {
            return Ok(Some(ids));
        }
    }
    Ok(None)
}

/// Breadth first over tokens and pools, one MGET a level: token lists give pools, pool values give tokens.
async fn walk(
    redis: &RedisClient,
    budget: &Budget,
    seeds: &[Symbol],
    before: Option<&Topology>,
) -> Result<Routings, UpstashError> {
    let mut tokens: BTreeSet<Symbol> = seeds.iter().cloned().collect();
    tokens.extend(before.into_iter().flat_map(|topology| topology.graph.tokens().iter().cloned()));
    let mut found: BTreeMap<PoolId, PoolRouting> = BTreeMap::new();
    let (mut unreadable, mut absent) = (BTreeSet::new(), BTreeSet::new());
    let mut frontier: Vec<Symbol> = tokens.iter().cloned().collect();
    while !frontier.is_empty() && found.len() < MAX_POOLS {
        let mut command = Command::with_capacity("MGET", frontier.len());
        frontier.iter().for_each(|token| command.push_key(&keys::token(token)));
        let reply = redis.command(budget, command).await?;
        let mut ids = BTreeSet::new();
        reply.each_text(frontier.len(), |_, text| {
            ids.extend(text.map(pool_ids_of).unwrap_or_default());
        })?;
        ids.retain(|id| !found.contains_key(id) && !unreadable.contains(id) && !absent.contains(id));
        let ids: Vec<PoolId> = ids.into_iter().collect();
        frontier.clear();
        let routings = read_routings(redis, budget, &ids, before).await?;
        unreadable.extend(routings.unreadable);
        absent.extend(routings.absent);
        for routing in routings.pools {
            for token in [&routing.pool.token_x, &routing.pool.token_y] {
                if tokens.insert(token.clone()) {
                    frontier.push(token.clone());
                }
            }
            found.insert(routing.pool.id.clone(), routing);
        }
    }
    Ok(Routings { pools: found.into_values().collect(), unreadable, absent })
}

/// What was read of some pools.
struct Routings {
    pools: Vec<PoolRouting>,
    unreadable: BTreeSet<PoolId>,
    absent: BTreeSet<PoolId>,
}

/// What routing needs of these pools, in id order.
///
/// A value that cannot be read keeps what was known of the pool, so that a quote can say what is wrong with it.
async fn read_routings(
    redis: &RedisClient,
    budget: &Budget,
    ids: &[PoolId],
    before: Option<&Topology>,
) -> Result<Routings, UpstashError> {
    let mut read = Routings {
        pools: Vec::with_capacity(ids.len()),
        unreadable: BTreeSet::new(),
        absent: BTreeSet::new(),
    };
    for ids in ids.chunks(POOLS_PER_READ) {
        let mut command = Command::with_capacity("MGET", ids.len());
        ids.iter().for_each(|id| command.push_key(&keys::pool(id)));
        let reply = redis.command(budget, command).await?;
        reply.each_text(ids.len(), |index, text| {
            let Some(id) = ids.get(index) else { return };
            let Some(json) = text else {
                read.absent.insert(id.clone());
                return;
            };
            match PoolRouting::parse(json) {
                Ok(routing) if routing.pool.id == *id => read.pools.push(routing),
                _ => match before.and_then(|topology| topology.routing(id)) {
                    Some(known) => read.pools.push(known.clone()),
                    None => drop(read.unreadable.insert(id.clone())),
                },
            }
        })?;
    }
    Ok(read)
}

/// Members of the `pools` set that are pool ids.
fn names(members: Vec<Value<'_>>) -> Result<BTreeSet<PoolId>, UpstashError> {
    let mut ids = BTreeSet::new();
    for member in members {
        ids.extend(member.into_text()?.and_then(|id| PoolId::new(&id).ok()));
    }
    Ok(ids)
}
