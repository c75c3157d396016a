//! What the producer says of all pools: `heartbeat_ms` and `block_height` of the metadata.

use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, keys, parse_heartbeat, parse_height};
use redis::{Cmd, Value};

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

/// Removes the heartbeat if it is still one of these; tells whether none is left. One that somebody else writes meanwhile
/// stays.
pub(crate) async fn remove_own(store: &mut PoolStore, own: &[u64]) -> Result<bool, RedisFault> {
    store.run::<()>(redis::cmd("WATCH").arg(keys::METADATA)).await?;
    let mut read = redis::cmd("HGET");
    let found = store.run::<Option<Vec<u8>>>(read.arg(keys::METADATA).arg(HEARTBEAT_FIELD)).await;
    let found = store.unwatched_if_failed(found).await?;
    if !found.as_deref().is_some_and(|text| is_one_of(own, text)) {
        store.run::<()>(&redis::cmd("UNWATCH")).await?;
        return Ok(found.is_none());
    }
    let mut pipeline = redis::pipe();
    pipeline.atomic().hdel(keys::METADATA, HEARTBEAT_FIELD).ignore();
    Ok(store.run_all::<Value>(&pipeline, "EXEC").await? != Value::Nil)
}

/// Whether a stored heartbeat is one of these.
pub(crate) fn is_one_of(own: &[u64], text: &[u8]) -> bool {
    own.iter().any(|own| own.to_string().as_bytes() == text)
}
