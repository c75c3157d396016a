//! What the producer says of all pools: `heartbeat_ms` and `block_height` of the metadata.

use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, keys, parse_heartbeat, parse_height};
use redis::Cmd;

use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// Heartbeat and block as they are stored; none where there is none, or where this user may not see it, as for the Worker.
///
/// Read it in front of the state: what is read after it is at least as new as it says.
pub(crate) async fn read_pulse(store: &mut PoolStore) -> Result<Pulse, RedisFault> {
    let mut command = redis::cmd("HMGET");
    command.arg(keys::METADATA).arg(HEARTBEAT_FIELD).arg(HEIGHT_FIELD);
    match store.run::<(Option<Vec<u8>>, Option<Vec<u8>>)>(&command).await {
        Ok((heartbeat, height)) => Ok(Pulse {
            heartbeat: heartbeat.map(|bytes| parse_heartbeat(&String::from_utf8_lossy(&bytes))),
            block_height: height.and_then(|bytes| parse_height(&String::from_utf8_lossy(&bytes))),
        }),
        Err(fault) if fault.is_no_permission() || fault.is_wrong_type() => Ok(Pulse::default()),
        Err(fault) => Err(fault),
    }
}

/// The command with which a producer says that it lives.
pub(crate) fn beat(now_ms: u64) -> Cmd {
    let mut command = redis::cmd("HSET");
    command.arg(keys::METADATA).arg(HEARTBEAT_FIELD).arg(now_ms);
    command
}
