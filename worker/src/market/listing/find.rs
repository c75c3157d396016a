//! Finds the pools: which ids there are, and what routing needs of their values.

use dlmm_core::network::age::Pulse;
use dlmm_core::sorted::SortedSet;
use dlmm_core::stored::{PoolRouting, SkippedPool, keys, read_pool_list};
use dlmm_core::units::{PoolId, Symbol};
use litemap::LiteMap;

use super::Topology;
use super::left_out::LeftOutKeys;
use super::signature::{Beside, Signature};
use crate::market::values::{lenient, reason, texts_within, wrong_types};
use crate::redis::{Command, Exchange, Oddity, RedisError, Session, Value};

/// Largest database that is scanned for pool keys: 50 calls of 1 000 keys.
const SCAN_KEYS: i64 = 50_000;
/// Keys one SCAN call looks at.
const SCAN_COUNT: &str = "1000";
/// Pools kept in one isolate at most; a bound on its memory.
const MAX_POOLS: usize = 20_000;
/// Lists of tokens and pairs that are looked at beside a listing.
const LISTS_PER_READ: usize = 1_000;
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
    /// Pools that are there, but of which nothing could ever be read, and why.
    pub(super) unreadable: LiteMap<PoolId, SkippedPool>,
    /// Pools that are named somewhere and have no value.
    pub(super) absent: SortedSet<PoolId>,
    /// Pools whose value does not fit a reply.
    pub(super) too_large: SortedSet<PoolId>,
    pub(super) signature: Signature,
    /// Keys and names that give no pool to quote.
    pub(super) left_out: LeftOutKeys,
    /// What the producer says of all pools.
    pub(super) pulse: Pulse,
    /// Whether every pool was found; a walk from tokens finds only those connected to them.
    pub(super) whole: bool,
}

/// Lists the pools: from the `pools` set; without one by a scan, where the token may and the database is small;
/// else by a walk from `seeds`.
pub(super) async fn list<X: Exchange>(
    redis: Session<'_, X>,
    depth: Depth,
    seeds: &[Symbol],
    before: Option<&Topology>,
) -> Result<Listing, RedisError> {
    let [metadata, size] = Signature::commands();
    let commands = [Command::new("SMEMBERS").key(keys::POOLS), metadata, size];
    let reply = redis.pipeline(commands.to_vec()).await?;
    let mut items = reply.items(commands.len())?.into_iter();
    let mut next = || items.next().unwrap_or(Ok(Value::Nil));
    let (members, metadata, size) = (next(), next(), next());
    let mut left_out = LeftOutKeys::default();
    for (key, answer, expected) in [(keys::POOLS, &members, "set"), (keys::METADATA, &metadata, "hash")] {
        if answer.as_ref().is_err_and(RedisError::is_wrong_type) {
            left_out.add(key, format!("is no {expected}"));
        }
    }
    let listed: Option<SortedSet<PoolId>> = match lenient(members)? {
        Some(members) => Some(names(members.into_array()?, &mut left_out)?),
        None => None,
    };
    let count = listed.as_ref().map(|ids| i64::try_from(ids.len()).unwrap_or(i64::MAX));
    let (signature, Beside { pulse, keys }) = Signature::read(count, metadata, size)?;
    let mut ids = listed.unwrap_or_default();
    let scans = ids.is_empty() || depth == Depth::Thorough;
    let small = keys.is_none_or(|keys| keys <= SCAN_KEYS);
    if ids.is_empty() {
        refuse_cluster(redis).await?;
    }
    let scanned = if scans && small { scan(redis, &mut left_out).await? } else { None };
    if ids.is_empty() && scanned.is_none() {
        let found = walk(redis, seeds, before, &mut left_out).await?;
        return Ok(Listing { left_out, pulse, ..Listing::of(found, signature, false) });
    }
    // Sorted at once: each that is put in alone moves all behind it.
    ids = ids.into_iter().chain(scanned.into_iter().flatten()).collect();
    let ids: Vec<PoolId> = ids.into_iter().take(MAX_POOLS).collect();
    let found = read_routings(redis, &ids, before, &mut left_out).await?;
    if depth == Depth::Thorough {
        name_unfit_lists(redis, &found.pools, &mut left_out).await?;
    }
    Ok(Listing { left_out, pulse, ..Listing::of(found, signature, true) })
}

impl Listing {
    fn of(found: Routings, signature: Signature, whole: bool) -> Self {
        let Routings { pools, unreadable, absent, too_large } = found;
        let left_out = LeftOutKeys::default();
        Self { pools, unreadable, absent, too_large, signature, left_out, pulse: Pulse::default(), whole }
    }
}

/// A node of a cluster has its own keys only, so a scan of it finds a part of the pools, or none, without a word. Two
/// keys of different slots in one command make it speak.
async fn refuse_cluster<X: Exchange>(redis: Session<'_, X>) -> Result<(), RedisError> {
    let command = Command::new("EXISTS").key(keys::POOLS).key(keys::METADATA);
    let answer = match redis.command(command).await {
        Ok(reply) => reply.value().map(drop),
        Err(fault) => Err(fault),
    };
    answer.or_else(|fault| if fault.is_about_the_command() { Ok(()) } else { Err(fault) })
}

/// Ids of all pool keys; `None` where the token may not SCAN or the database is too large for it.
async fn scan<X: Exchange>(
    redis: Session<'_, X>,
    left_out: &mut LeftOutKeys,
) -> Result<Option<SortedSet<PoolId>>, RedisError> {
    let mut ids = Vec::new();
    let mut cursor = "0".to_owned();
    for _ in 0..=SCAN_KEYS / 1_000 {
        let command = Command::new("SCAN")
            .arg(&cursor)
            .arg("MATCH")
            .arg(keys::POOL_PATTERN)
            .arg("COUNT")
            .arg(SCAN_COUNT);
        let reply = match redis.command(command).await {
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
            let Some(id) = key.strip_prefix(keys::POOL_PREFIX) else { continue };
            match PoolId::new(id) {
                Ok(id) => ids.push(id),
                Err(_) => left_out.add_unfit_id(id, None),
            }
        }
        cursor = match next {
            Value::Text(cursor) => cursor.into_owned(),
            Value::Integer(cursor) => cursor.to_string(),
            _ => return Err(RedisError::Invalid(Oddity::NotA("a cursor"))),
        };
        if cursor == "0" {
            return Ok(Some(ids.into_iter().collect()));
        }
    }
    Ok(None)
}

/// Names what the lists of tokens and pairs hold that is no pool id. Where all pools are listed nothing is found by these
/// lists, so whoever may not read them, or has very many, only learns less.
async fn name_unfit_lists<X: Exchange>(
    redis: Session<'_, X>,
    pools: &[PoolRouting],
    left_out: &mut LeftOutKeys,
) -> Result<(), RedisError> {
    let mut lists = SortedSet::new();
    for PoolRouting { pool, .. } in pools {
        lists.extend([keys::token(&pool.token_x), keys::token(&pool.token_y)]);
        lists.insert(keys::pair(&pool.token_x, &pool.token_y));
        if lists.len() >= LISTS_PER_READ {
            break;
        }
    }
    if lists.is_empty() {
        return Ok(());
    }
    let lists: Vec<String> = lists.into_iter().collect();
    match read_lists(redis, &lists, left_out).await {
        Ok(_) => Ok(()),
        Err(fault) if fault.is_about_the_command() => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Reads lists of pools: the ids in them. What is no id, and what is no list, is named.
async fn read_lists<X: Exchange>(
    redis: Session<'_, X>,
    lists: &[String],
    left_out: &mut LeftOutKeys,
) -> Result<SortedSet<PoolId>, RedisError> {
    let mut ids = Vec::new();
    let mut absent = Vec::new();
    let too_large = texts_within(redis, lists, |index, text| {
        let Some(list) = lists.get(index) else { return };
        match text.map(read_pool_list) {
            None => absent.push(list.clone()),
            Some(None) => left_out.add(list, "is no list of pool ids"),
            Some(Some(entries)) => {
                ids.extend(entries.into_iter().filter_map(|entry| {
                    entry.id.map_err(|unfit| left_out.add_unfit(&unfit, Some(list))).ok()
                }));
            }
        }
    })
    .await?;
    for (list, bytes) in too_large.into_iter().filter_map(|(at, bytes)| Some((lists.get(at)?, bytes))) {
        left_out.add(list, reason(bytes));
    }
    name_wrong_types(redis, absent, left_out).await?;
    Ok(ids.into_iter().collect())
}

/// Breadth first over tokens and pools, one MGET a level: token lists give pools, pool values give tokens.
async fn walk<X: Exchange>(
    redis: Session<'_, X>,
    seeds: &[Symbol],
    before: Option<&Topology>,
    left_out: &mut LeftOutKeys,
) -> Result<Routings, RedisError> {
    let mut tokens: SortedSet<Symbol> = seeds.iter().cloned().collect();
    tokens.extend(before.into_iter().flat_map(|topology| topology.graph.tokens().iter().cloned()));
    let (mut found, mut known) = (Vec::new(), SortedSet::<PoolId>::new());
    let mut rest = Routings::default();
    let mut frontier: Vec<Symbol> = tokens.iter().cloned().collect();
    while !frontier.is_empty() && found.len() < MAX_POOLS {
        let lists: Vec<String> = frontier.iter().map(keys::token).collect();
        let mut ids = read_lists(redis, &lists, left_out).await?;
        ids.retain(|id| {
            !known.contains(id) && !rest.unreadable.contains_key(id) && !rest.absent.contains(id)
        });
        let ids: Vec<PoolId> = ids.into_iter().collect();
        frontier.clear();
        let routings = read_routings(redis, &ids, before, left_out).await?;
        rest.unreadable.extend(routings.unreadable);
        rest.absent.extend(routings.absent);
        rest.too_large.extend(routings.too_large);
        known =
            known.into_iter().chain(routings.pools.iter().map(|routing| routing.pool.id.clone())).collect();
        for routing in routings.pools {
            for token in [&routing.pool.token_x, &routing.pool.token_y] {
                if tokens.insert(token.clone()) {
                    frontier.push(token.clone());
                }
            }
            found.push(routing);
        }
    }
    Ok(Routings { pools: found, ..rest })
}

/// What was read of some pools.
#[derive(Default)]
struct Routings {
    pools: Vec<PoolRouting>,
    unreadable: LiteMap<PoolId, SkippedPool>,
    absent: SortedSet<PoolId>,
    /// Those of them whose value does not fit a reply.
    too_large: SortedSet<PoolId>,
}

/// What routing needs of these pools, in id order.
///
/// A value that cannot be read keeps what was known of the pool, so that a quote can say what is wrong with it.
async fn read_routings<X: Exchange>(
    redis: Session<'_, X>,
    ids: &[PoolId],
    before: Option<&Topology>,
    left_out: &mut LeftOutKeys,
) -> Result<Routings, RedisError> {
    let mut read = Routings { pools: Vec::with_capacity(ids.len()), ..Routings::default() };
    for ids in ids.chunks(POOLS_PER_READ) {
        let pool_keys: Vec<String> = ids.iter().map(keys::pool).collect();
        let too_large = texts_within(redis, &pool_keys, |index, text| {
            let Some(id) = ids.get(index) else { return };
            let Some(json) = text else {
                read.absent.insert(id.clone());
                return;
            };
            match PoolRouting::of(id, json) {
                Ok(routing) => read.pools.push(routing),
                Err(reason) => read.leave_out(id, reason, before, left_out),
            }
        })
        .await?;
        for (id, bytes) in too_large.into_iter().filter_map(|(at, bytes)| Some((ids.get(at)?, bytes))) {
            read.leave_out(id, reason(bytes), before, left_out);
            read.too_large.insert(id.clone());
        }
    }
    let absent: Vec<String> = read.absent.iter().map(keys::pool).collect();
    for (key, reason) in name_wrong_types(redis, absent, left_out).await? {
        let Some(id) = keys::pool_in(&key) else { continue };
        read.absent.remove(&id);
        read.leave_out(&id, reason, before, left_out);
    }
    Ok(read)
}

impl Routings {
    /// Names a pool that cannot be read now, and keeps what was known of it.
    fn leave_out(
        &mut self,
        id: &PoolId,
        reason: String,
        before: Option<&Topology>,
        left_out: &mut LeftOutKeys,
    ) {
        let key = keys::pool(id);
        left_out.add(&key, reason.clone());
        match before.and_then(|topology| topology.routing(id)) {
            Some(known) => self.pools.push(known.clone()),
            None => drop(self.unreadable.insert(id.clone(), SkippedPool { key, reason })),
        }
    }
}

/// Names those keys without a text that hold another type, and gives them with the reason.
async fn name_wrong_types<X: Exchange>(
    redis: Session<'_, X>,
    absent: Vec<String>,
    left_out: &mut LeftOutKeys,
) -> Result<Vec<(String, String)>, RedisError> {
    let mut named = Vec::new();
    for (at, reason) in wrong_types(redis, &absent).await? {
        let Some(key) = absent.get(at) else { continue };
        left_out.add(key, reason.clone());
        named.push((key.clone(), reason));
    }
    Ok(named)
}

/// Members of the `pools` set that are pool ids.
fn names(members: Vec<Value<'_>>, left_out: &mut LeftOutKeys) -> Result<SortedSet<PoolId>, RedisError> {
    let mut ids = Vec::with_capacity(members.len());
    for member in members {
        let member = member.into_text()?.unwrap_or_default();
        match PoolId::new(&member) {
            Ok(id) => ids.push(id),
            Err(_) => left_out.add_unfit_id(&member, Some(keys::POOLS)),
        }
    }
    Ok(ids.into_iter().collect())
}
