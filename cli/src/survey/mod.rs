//! What there is in Redis: pools, counts, lists and ages.

mod index_health;
mod odd_bins;
mod server;
mod tip;

pub(crate) use index_health::{IndexHealth, MetadataHealth};
pub(crate) use server::Server;
pub(crate) use tip::Tip;

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::api::SkippedPool;
use dlmm_core::network::age::{AgeRule, ahead_ms};
use dlmm_core::stored::{PoolRouting, PoolValue, keys};
use dlmm_core::units::{PoolId, Symbol};
use serde::Serialize;

use crate::left_out::LeftOutKeys;
use crate::redis::fault::RedisFault;
use crate::redis::heartbeat::read_pulse;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::pool_index::PoolIndex;
use crate::redis::store::{PoolStore, too_many};

/// Everything there is to see.
#[derive(Debug, Serialize)]
pub(crate) struct Survey {
    pub(crate) address: String,
    pub(crate) server: Server,
    pub(crate) counts: Counts,
    /// What the producer says of itself; `null` where it keeps no heartbeat, or where it cannot be seen.
    pub(crate) heartbeat: Option<HeartbeatRow>,
    /// The last block that a follower took; `null` where none did, or where it cannot be seen.
    pub(crate) tip: Option<Tip>,
    /// Ages as quotes tell them: the least and the largest.
    pub(crate) newest_age_ms: Option<u64>,
    pub(crate) oldest_age_ms: Option<u64>,
    pub(crate) pools: Vec<PoolRow>,
    pub(crate) indexes: Indexes,
    /// What gives no pool to quote: keys of another type, ids that cannot be used.
    pub(crate) left_out: Vec<LeftOutKey>,
    /// How many more of them there are.
    pub(crate) left_out_more: usize,
    /// What this Redis user may not see.
    pub(crate) unseen: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    pub(crate) pools: usize,
    pub(crate) tokens: usize,
    /// `null` where the user may not count them.
    pub(crate) bins: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Indexes {
    pub(crate) pools_set: IndexHealth,
    pub(crate) pairs: IndexHealth,
    pub(crate) tokens: IndexHealth,
    pub(crate) metadata: MetadataHealth,
}

/// A key that is left out.
#[derive(Debug, Serialize)]
pub(crate) struct LeftOutKey {
    pub(crate) key: String,
    pub(crate) reason: String,
}

/// The producer's heartbeat.
#[derive(Debug, Serialize)]
pub(crate) struct HeartbeatRow {
    /// As it is stored.
    pub(crate) heartbeat_ms: String,
    /// `null` where it says nothing: it is not a time, or too far ahead.
    pub(crate) age_ms: Option<u64>,
    /// By how much it is too far ahead.
    pub(crate) ahead_ms: Option<u64>,
}

/// One pool. Where its value cannot be read, only `fault` says something.
#[derive(Debug, Default, Serialize)]
pub(crate) struct PoolRow {
    pub(crate) pool_id: String,
    pub(crate) token_x: Option<String>,
    pub(crate) token_y: Option<String>,
    pub(crate) status: Option<&'static str>,
    pub(crate) active_bin_id: Option<u16>,
    pub(crate) bins: Option<u64>,
    pub(crate) last_updated: Option<String>,
    pub(crate) age_ms: Option<u64>,
    /// By how much its time is too far ahead to tell an age.
    pub(crate) ahead_ms: Option<u64>,
    pub(crate) fault: Option<String>,
}

impl Survey {
    pub(crate) async fn take(
        store: &mut PoolStore,
        address: String,
        clock: impl Fn() -> u64,
    ) -> Result<Self, RedisFault> {
        let mut unseen = Vec::new();
        let server = Server::ask(store, &mut unseen).await?;
        let mut found = PoolIds::find(store, Depth::Thorough).await?;
        note_hidden_pools(&found, &mut unseen);

        let ids: Vec<PoolId> = found.all().into_iter().collect();
        let pool_keys: Vec<String> = ids.iter().map(keys::pool).collect();
        let age_rule = AgeRule { pulse: read_pulse(store).await?, ..AgeRule::default() };
        let texts = store.many_texts(&pool_keys).await?;
        let now_ms = clock();
        let tip = Tip::ask(store, now_ms).await?;
        let absent = pool_keys.iter().zip(&texts).filter(|(_, text)| text.is_none());
        let absent: Vec<String> = absent.map(|(key, _)| key.clone()).collect();
        for SkippedPool { key, reason } in store.wrong_types(&absent).await? {
            found.left_out.add(&key, reason);
        }
        for (key, text) in pool_keys.iter().zip(&texts) {
            if let Some(reason) = text.as_deref().and_then(too_many) {
                found.left_out.add(key, reason);
            }
        }
        let there: BTreeMap<&PoolId, String> =
            ids.iter().zip(texts).filter_map(|(id, text)| Some((id, text?))).collect();
        let bins = bin_counts(store, &there, &mut unseen).await?;
        for SkippedPool { key, reason } in odd_bins::scan(store, &there).await? {
            found.left_out.add(&key, reason);
        }

        let mut pools = Vec::with_capacity(there.len());
        let mut members: BTreeMap<String, BTreeSet<PoolId>> = BTreeMap::new();
        let mut tokens: BTreeSet<Symbol> = BTreeSet::new();
        for (at, (id, text)) in there.iter().enumerate() {
            let value = read(id, text);
            // Whose pair can be read belongs into its lists, whatever else is wrong with it.
            if let Ok(PoolRouting { pool, .. }) = PoolRouting::of(id, text) {
                let lists = [
                    keys::pair(&pool.token_x, &pool.token_y),
                    keys::token(&pool.token_x),
                    keys::token(&pool.token_y),
                ];
                for key in lists {
                    members.entry(key).or_default().insert((*id).clone());
                }
                tokens.extend([pool.token_x, pool.token_y]);
            }
            let bins = bins.as_ref().and_then(|counts| counts.get(at)).copied();
            pools.push(PoolRow::new(id, value, bins, (&age_rule, now_ms)));
        }
        let counts =
            Counts { pools: pools.len(), tokens: tokens.len(), bins: bins.map(|counts| counts.iter().sum()) };
        let everything: BTreeSet<PoolId> = there.keys().map(|id| (*id).clone()).collect();
        let indexes = Indexes {
            pools_set: IndexHealth::of_set(
                found.listed.as_ref(),
                found.left_out.reason(keys::POOLS),
                &everything,
            ),
            pairs: list_health(store, &members, "pairs:", &mut found.left_out).await?,
            tokens: list_health(store, &members, "tokens:", &mut found.left_out).await?,
            metadata: MetadataHealth::ask(store, &counts, now_ms, &mut unseen).await?,
        };
        if let Some(fault) = &indexes.metadata.fault {
            found.left_out.add(keys::METADATA, fault);
        }
        let left_out = found.left_out.named().map(|SkippedPool { key, reason }| LeftOutKey { key, reason });
        let (left_out, left_out_more) = (left_out.collect(), found.left_out.more());
        let ages = || pools.iter().filter_map(|pool| pool.age_ms);
        let (newest_age_ms, oldest_age_ms) = (ages().min(), ages().max());
        let heartbeat = age_rule.pulse.heartbeat.as_ref().map(|stamp| HeartbeatRow {
            heartbeat_ms: stamp.text.clone(),
            age_ms: age_rule.heartbeat_age_ms(now_ms),
            ahead_ms: age_rule.heartbeat_ahead_ms(now_ms),
        });
        Ok(Self {
            address,
            server,
            counts,
            heartbeat,
            tip,
            newest_age_ms,
            oldest_age_ms,
            pools,
            indexes,
            left_out,
            left_out_more,
            unseen,
        })
    }
}

fn note_hidden_pools(found: &PoolIds, unseen: &mut Vec<String>) {
    let what = match (&found.listed, &found.scanned) {
        _ if found.are_hidden() => {
            "which pools there are: the pools set is absent, empty or forbidden, and this user may not SCAN"
        }
        (_, None) => "pools that the pools set leaves out: this user may not SCAN",
        (None, Some(_)) if found.left_out.reason(keys::POOLS).is_none() => "the pools set: it is forbidden",
        (None, Some(_)) => return,
        (Some(_), Some(_)) => return,
    };
    unseen.push(what.to_owned());
}

async fn bin_counts(
    store: &mut PoolStore,
    there: &BTreeMap<&PoolId, String>,
    unseen: &mut Vec<String>,
) -> Result<Option<Vec<u64>>, RedisFault> {
    let ids: Vec<&PoolId> = there.keys().copied().collect();
    match store.bin_counts(&ids).await {
        Ok(counts) => Ok(Some(counts)),
        Err(fault) if fault.is_no_permission() => {
            unseen.push("how many bins there are: this user may not run EXISTS".to_owned());
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn read(id: &PoolId, text: &str) -> Result<PoolValue, String> {
    // The default fee is not shown, so any serves.
    let value = PoolValue::parse(text, 0)?;
    let named = &value.routing.pool.id;
    if named == id { Ok(value) } else { Err(format!("pool_id is {named}")) }
}

async fn list_health(
    store: &mut PoolStore,
    members: &BTreeMap<String, BTreeSet<PoolId>>,
    prefix: &str,
    left_out: &mut LeftOutKeys,
) -> Result<IndexHealth, RedisFault> {
    let lists = || members.iter().filter(|(key, _)| key.starts_with(prefix));
    let keys: Vec<String> = lists().map(|(key, _)| key.clone()).collect();
    let texts = match store.many_texts(&keys).await {
        Ok(texts) => texts,
        Err(fault) if fault.is_no_permission() => return Ok(IndexHealth::unseen()),
        Err(fault) => return Err(fault),
    };
    let absent = keys.iter().zip(&texts).filter(|(_, text)| text.is_none());
    let absent: Vec<String> = absent.map(|(key, _)| key.clone()).collect();
    let wrong: BTreeMap<String, String> =
        store.wrong_types(&absent).await?.into_iter().map(|one| (one.key, one.reason)).collect();
    let mut health = IndexHealth::default();
    for ((key, expected), text) in lists().zip(texts) {
        match text.as_deref().map(PoolIndex::parse) {
            Some(Some(index)) => {
                index.unfit().for_each(|unfit| left_out.add_unfit(unfit, Some(key)));
                health.compare(key, &index.ids().collect::<Vec<_>>(), expected);
            }
            Some(None) => health.note_unreadable(key),
            None => match wrong.get(key) {
                Some(reason) => {
                    left_out.add(key, reason);
                    health.note_wrong_type(key, reason);
                }
                None => health.compare(key, &[], expected),
            },
        }
    }
    Ok(health)
}

impl PoolRow {
    fn new(
        id: &PoolId,
        value: Result<PoolValue, String>,
        bins: Option<u64>,
        (age_rule, now_ms): (&AgeRule, u64),
    ) -> Self {
        let row = Self { pool_id: id.to_string(), bins, ..Self::default() };
        let value = match value {
            Ok(value) => value,
            Err(reason) => return Self { fault: Some(reason), ..row },
        };
        let stamp = value.last_updated;
        Self {
            token_x: Some(value.routing.pool.token_x.to_string()),
            token_y: Some(value.routing.pool.token_y.to_string()),
            status: Some(value.status.as_str()),
            active_bin_id: Some(value.active_bin.get()),
            age_ms: age_rule.age_ms(stamp.as_ref(), now_ms),
            ahead_ms: ahead_ms(stamp.as_ref(), now_ms),
            last_updated: stamp.map(|stamp| stamp.text),
            ..row
        }
    }
}
