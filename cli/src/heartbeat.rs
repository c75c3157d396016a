//! The producer's heartbeat: `heartbeat_ms` of the metadata.

use dlmm_core::network::state::Stamp;
use dlmm_core::stored::{HEARTBEAT_FIELD, keys, parse_heartbeat};
use redis::Cmd;

use crate::pool_store::PoolStore;
use crate::redis_fault::RedisFault;

/// The heartbeat as it is stored; `None` where there is none, or where this user may not see it, as for the Worker.
///
/// Read it in front of the state: what is read after it is at least as new as it says.
pub(crate) async fn read_heartbeat(store: &mut PoolStore) -> Result<Option<Stamp>, RedisFault> {
    let mut command = redis::cmd("HGET");
    command.arg(keys::METADATA).arg(HEARTBEAT_FIELD);
    match store.run::<Option<Vec<u8>>>(&command).await {
        Ok(text) => Ok(text.map(|bytes| parse_heartbeat(&String::from_utf8_lossy(&bytes)))),
        Err(fault) if fault.is_no_permission() || fault.is_wrong_type() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The command with which a producer says that it lives.
pub(crate) fn beat(now_ms: u64) -> Cmd {
    let mut command = redis::cmd("HSET");
    command.arg(keys::METADATA).arg(HEARTBEAT_FIELD).arg(now_ms);
    command
}
