//! Which pools a Redis holds: from the `pools` set, and from a scan where the user may.

use std::collections::BTreeSet;

use dlmm_core::stored::keys;
use dlmm_core::units::PoolId;

use crate::left_out::LeftOutKeys;
use crate::progress;
use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// Largest database that is scanned although the `pools` set names pools: a scan of it is no more than 50 calls.
const SMALL_DATABASE: u64 = 50_000;
/// Keys one SCAN call looks at.
const SCAN_COUNT: u32 = 1_000;

/// How hard to look for pools that the `pools` set leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Scan a small database, or one without the set: enough to quote.
    Quick,
    /// Scan whatever its size.
    Thorough,
}

/// The pools found, by where they were found.
#[derive(Debug, Default)]
pub(crate) struct PoolIds {
    /// Members of the `pools` set; `None` where the user may not read it or it is not a set.
    pub(crate) listed: Option<BTreeSet<PoolId>>,
    /// Ids of all pool keys; `None` where there was no scan.
    pub(crate) scanned: Option<BTreeSet<PoolId>>,
    /// Names that are not pool ids, and lists that cannot be read.
    pub(crate) left_out: LeftOutKeys,
}

impl PoolIds {
    /// Looks for pools.
    pub(crate) async fn find(store: &mut PoolStore, depth: Depth) -> Result<Self, RedisFault> {
        let mut left_out = LeftOutKeys::default();
        let listed = members(store, &mut left_out).await?;
        let is_listed = listed.as_ref().is_some_and(|ids| !ids.is_empty());
        if !is_listed {
            refuse_cluster(store).await?;
        }
        let scans = depth == Depth::Thorough || !is_listed || is_small(store).await?;
        let scanned = if scans { scan(store, &mut left_out).await? } else { None };
        Ok(Self { listed, scanned, left_out })
    }

    /// All ids found.
    pub(crate) fn all(&self) -> BTreeSet<PoolId> {
        self.listed.iter().chain(&self.scanned).flatten().cloned().collect()
    }

    /// Whether there was no way at all to see pools, which is not the same as seeing none.
    pub(crate) fn are_hidden(&self) -> bool {
        self.scanned.is_none() && self.listed.as_ref().is_none_or(BTreeSet::is_empty)
    }
}

/// Members of the `pools` set; `None` where the user may not read it or it is not a set.
async fn members(
    store: &mut PoolStore,
    left_out: &mut LeftOutKeys,
) -> Result<Option<BTreeSet<PoolId>>, RedisFault> {
    let mut command = redis::cmd("SMEMBERS");
    command.arg(keys::POOLS);
    match store.run::<Vec<Vec<u8>>>(&command).await {
        Ok(members) => {
            Ok(Some(members.iter().filter_map(|bytes| pool_id(bytes, Some(keys::POOLS), left_out)).collect()))
        }
        Err(fault) if fault.is_wrong_type() => {
            left_out.add(keys::POOLS, store.not_a("set", keys::POOLS).await?);
            Ok(None)
        }
        Err(fault) if fault.is_no_permission() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A node of a cluster has its own keys only, so a scan of it finds a part of the pools, or none, without a word. Two
/// keys of different slots in one command make it speak.
async fn refuse_cluster(store: &mut PoolStore) -> Result<(), RedisFault> {
    let mut command = redis::cmd("EXISTS");
    command.arg(keys::POOLS).arg(keys::METADATA);
    match store.run::<u64>(&command).await {
        Ok(_) => Ok(()),
        Err(fault) if fault.is_no_permission() => Ok(()),
        Err(fault) => Err(fault),
    }
}

async fn is_small(store: &mut PoolStore) -> Result<bool, RedisFault> {
    match store.run::<u64>(&redis::cmd("DBSIZE")).await {
        Ok(keys) => Ok(keys <= SMALL_DATABASE),
        // Whoever may not count the keys may still be allowed to scan them.
        Err(fault) if fault.is_no_permission() => Ok(true),
        Err(fault) => Err(fault),
    }
}

/// Ids of all pool keys; `None` where the user may not SCAN. Never KEYS: it would hold up everyone else.
async fn scan(
    store: &mut PoolStore,
    left_out: &mut LeftOutKeys,
) -> Result<Option<BTreeSet<PoolId>>, RedisFault> {
    let mut ids = BTreeSet::new();
    let mut cursor = 0_u64;
    progress::phase("looking for pools, found", None);
    loop {
        let mut command = redis::cmd("SCAN");
        command.arg(cursor).arg("MATCH").arg(keys::POOL_PATTERN).arg("COUNT").arg(SCAN_COUNT);
        let (next, found): (u64, Vec<Vec<u8>>) = match store.run(&command).await {
            Ok(reply) => reply,
            Err(fault) if fault.is_no_permission() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        progress::add(found.len());
        let bare = found.iter().filter_map(|key| key.strip_prefix(keys::POOL_PREFIX.as_bytes()));
        ids.extend(bare.filter_map(|id| pool_id(id, None, left_out)));
        cursor = next;
        if cursor == 0 {
            return Ok(Some(ids));
        }
    }
}

fn pool_id(bytes: &[u8], list: Option<&str>, left_out: &mut LeftOutKeys) -> Option<PoolId> {
    let text = String::from_utf8_lossy(bytes);
    let id = PoolId::new(&text).ok();
    if id.is_none() {
        left_out.add_unfit_id(&text, list);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(texts: &[&str]) -> Option<BTreeSet<PoolId>> {
        Some(texts.iter().map(|text| PoolId::new(text).unwrap()).collect())
    }

    #[test]
    fn seeing_none_is_not_being_unable_to_see() {
        let found = |listed, scanned| PoolIds { listed, scanned, left_out: LeftOutKeys::default() };
        assert!(found(None, None).are_hidden() && found(ids(&[]), None).are_hidden());
        assert!(!found(ids(&[]), ids(&[])).are_hidden() && !found(ids(&["P"]), None).are_hidden());
        assert_eq!(found(ids(&["P", "Q"]), ids(&["Q", "R"])).all().len(), 3);
    }
}
