//! The bin keys themselves: those that no quote will ever read.

use std::collections::BTreeSet;

use dlmm_core::units::{BinId, PoolId};

use super::findings::Finding;
use crate::progress;
use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// Pattern of all bin keys.
const PATTERN: &str = "bin:*";
const SCAN_COUNT: u32 = 1_000;
/// Keys whose types are asked for in one round trip.
const KEYS_PER_CALL: usize = 1_000;

/// Every key that begins like a bin's.
pub(super) struct BinKeys {
    keys: Vec<String>,
}

impl BinKeys {
    /// Looks for them; `None` where the user may not SCAN.
    pub(super) async fn scan(store: &mut PoolStore) -> Result<Option<Self>, RedisFault> {
        let mut keys = BTreeSet::new();
        let mut cursor = 0_u64;
        progress::phase("looking for bins, found", None);
        loop {
            let mut command = redis::cmd("SCAN");
            command.arg(cursor).arg("MATCH").arg(PATTERN).arg("COUNT").arg(SCAN_COUNT);
            let (next, found): (u64, Vec<Vec<u8>>) = match store.run(&command).await {
                Ok(reply) => reply,
                Err(fault) if fault.is_no_permission() => return Ok(None),
                Err(fault) => return Err(fault),
            };
            progress::add(found.len());
            keys.extend(found.iter().map(|key| String::from_utf8_lossy(key).into_owned()));
            cursor = next;
            if cursor == 0 {
                return Ok(Some(Self { keys: keys.into_iter().collect() }));
            }
        }
    }

    /// Names the keys of no pool and of no bin, and those that hold no string.
    pub(super) async fn check(
        &self,
        store: &mut PoolStore,
        pools: &[PoolId],
    ) -> Result<Vec<Finding>, RedisFault> {
        let pools: BTreeSet<&str> = pools.iter().map(PoolId::as_str).collect();
        let mut findings: Vec<Finding> = self.keys.iter().filter_map(|key| judge(key, &pools)).collect();
        progress::phase("looking at the types of bins", Some(self.keys.len()));
        for keys in self.keys.chunks(KEYS_PER_CALL) {
            let mut pipeline = redis::pipe();
            for key in keys {
                pipeline.cmd("TYPE").arg(key);
            }
            let types: Vec<String> = match store.run_all(&pipeline, "TYPE").await {
                Ok(types) => types,
                Err(fault) if fault.is_no_permission() => break,
                Err(fault) => return Err(fault),
            };
            progress::add(keys.len());
            // A key may have gone since it was found.
            let odd = keys.iter().zip(types).filter(|(_, kind)| kind != "string" && kind != "none");
            findings.extend(odd.map(|(key, kind)| Finding::error(key, format!("is a {kind}, not a string"))));
        }
        Ok(findings)
    }
}

fn judge(key: &str, pools: &BTreeSet<&str>) -> Option<Finding> {
    let parts = key.strip_prefix("bin:").and_then(|rest| rest.rsplit_once(':'));
    let Some((pool, bin)) = parts else { return Some(Finding::warning(key, "is not bin:{pool}:{id}")) };
    if !pools.contains(pool) {
        return Some(Finding::warning(key, "belongs to no pool"));
    }
    let id = bin.parse::<u16>().ok().and_then(BinId::new).filter(|id| id.to_string() == bin);
    id.is_none().then(|| Finding::warning(key, "does not end with a bin id from 0 to 1000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_never_read_are_named() {
        let pools = BTreeSet::from(["P"]);
        let problem = |key: &str| judge(key, &pools).map(|finding| finding.problem);
        assert_eq!(problem("bin:P:500"), None);
        assert_eq!(problem("bin:Q:500").as_deref(), Some("belongs to no pool"));
        for key in ["bin:P:1001", "bin:P:-1", "bin:P:007", "bin:P:x"] {
            assert_eq!(problem(key).as_deref(), Some("does not end with a bin id from 0 to 1000"), "{key}");
        }
        assert_eq!(problem("bin:P").as_deref(), Some("is not bin:{pool}:{id}"));
    }
}
