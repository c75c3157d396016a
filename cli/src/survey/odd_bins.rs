//! Bins that hold another type than text, wherever they stand: a quote takes them for empty, or leaves their pool out.

use std::collections::BTreeMap;

use dlmm_core::api::SkippedPool;
use dlmm_core::stored::keys;
use dlmm_core::units::{BinId, PoolId};

use crate::progress;
use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// Pattern of all bin keys.
const PATTERN: &str = "bin:*";
/// Keys that one call looks at. Nearly all of them are passed over where they are.
const SCAN_COUNT: u32 = 5_000;
/// The types of Redis that are no text, and the one that people write JSON with by mistake.
const TYPES: [&str; 6] = ["hash", "list", "set", "zset", "stream", "ReJSON-RL"];

/// Bins of these pools that are no text. Where the user may not scan, or Redis is too old to scan by type, none.
pub(super) async fn scan(
    store: &mut PoolStore,
    pools: &BTreeMap<&PoolId, String>,
) -> Result<Vec<SkippedPool>, RedisFault> {
    let mut odd = Vec::new();
    progress::phase("looking for bins of another type", None);
    for kind in TYPES {
        let mut cursor = 0_u64;
        loop {
            let mut command = redis::cmd("SCAN");
            command.arg(cursor).arg("MATCH").arg(PATTERN).arg("COUNT").arg(SCAN_COUNT).arg("TYPE").arg(kind);
            let (next, found): (u64, Vec<Vec<u8>>) = match store.run(&command).await {
                Ok(reply) => reply,
                // A Redis without that type refuses it: there is nothing of it.
                Err(fault) if fault.is_about_the_command() => break,
                Err(fault) => return Err(fault),
            };
            let keys = found.into_iter().filter_map(|key| String::from_utf8(key).ok());
            odd.extend(keys.filter(|key| is_bin_of(key, pools)).map(|key| (key, kind)));
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
    }
    // A scan may give a key twice.
    let odd: BTreeMap<String, &str> = odd.into_iter().collect();
    let named = |(key, kind)| SkippedPool { key, reason: format!("is a {kind}, not a string") };
    Ok(odd.into_iter().map(named).collect())
}

fn is_bin_of(key: &str, pools: &BTreeMap<&PoolId, String>) -> bool {
    let parts = key.strip_prefix("bin:").and_then(|rest| rest.rsplit_once(':'));
    let Some((Ok(pool), Ok(bin))) = parts.map(|(pool, bin)| (PoolId::new(pool), bin.parse::<u16>())) else {
        return false;
    };
    pools.contains_key(&pool) && BinId::new(bin).is_some_and(|bin| keys::bin(&pool, bin) == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bins_of_pools_that_are_there_count() {
        let id = PoolId::new("P").unwrap();
        let pools = BTreeMap::from([(&id, String::new())]);
        let found = ["bin:P:0", "bin:P:1000", "bin:P:1001", "bin:P:07", "bin:Q:1", "bin:P:x", "bin:P"];
        let found = found.map(|key| is_bin_of(key, &pools));
        assert_eq!(found, [true, true, false, false, false, false, false]);
    }
}
