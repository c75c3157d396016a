//! How far a follower has come.

use chrono::DateTime;
use dlmm_core::stored::keys;
use serde::Serialize;

use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// The last block that a follower took.
#[derive(Debug, Serialize)]
pub(crate) struct Tip {
    pub(crate) block_height: u64,
    pub(crate) index_block_hash: Option<String>,
    /// Age of the block; `null` where its time is none.
    pub(crate) lag_ms: Option<u64>,
    /// Blocks written so far, those of forks among them.
    pub(crate) seq: Option<u64>,
}

impl Tip {
    /// Asks for it; `None` where there is none, or where this user may not see it.
    pub(crate) async fn ask(store: &mut PoolStore, now_ms: u64) -> Result<Option<Self>, RedisFault> {
        let mut command = redis::cmd("HMGET");
        command.arg(keys::METADATA).arg(&["block_height", "index_block_hash", "last_update", "seq"]);
        let fields: Vec<Option<String>> = match store.run(&command).await {
            Ok(fields) => fields,
            Err(fault) if fault.is_no_permission() || fault.is_wrong_type() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let [height, hash, time, seq] = fields.as_slice() else { return Ok(None) };
        let Some(block_height) = height.as_ref().and_then(|height| height.parse().ok()) else {
            return Ok(None);
        };
        let time = time.as_deref().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        let time_ms = time.and_then(|time| u64::try_from(time.timestamp_millis()).ok());
        Ok(Some(Self {
            block_height,
            index_block_hash: hash.clone(),
            lag_ms: time_ms.map(|time_ms| now_ms.saturating_sub(time_ms)),
            seq: seq.as_ref().and_then(|seq| seq.parse().ok()),
        }))
    }
}
