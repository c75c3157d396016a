//! Facts about the Redis server itself, where the user may ask for them.

use serde::Serialize;

use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;

/// `null` where the user may not ask or the server does not say.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Server {
    pub(crate) redis_version: Option<String>,
    pub(crate) used_memory_bytes: Option<u64>,
    pub(crate) keys: Option<u64>,
}

impl Server {
    pub(crate) async fn ask(store: &mut PoolStore, unseen: &mut Vec<String>) -> Result<Self, RedisFault> {
        let info: Option<String> = allowed(store.run(&redis::cmd("INFO")).await)?;
        let keys = allowed(store.run(&redis::cmd("DBSIZE")).await)?;
        if info.is_none() {
            unseen.push("version and memory of Redis: this user may not run INFO".to_owned());
        }
        let info = info.unwrap_or_default();
        Ok(Self {
            redis_version: field(&info, "redis_version").map(str::to_owned),
            used_memory_bytes: field(&info, "used_memory").and_then(|bytes| bytes.parse().ok()),
            keys,
        })
    }
}

fn allowed<T>(reply: Result<T, RedisFault>) -> Result<Option<T>, RedisFault> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(fault) if fault.is_no_permission() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// One line `name:text` of an INFO reply.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_a_whole_name() {
        let info = "# Memory\r\nused_memory_human:1.5M\r\nused_memory:1572864\r\n";
        assert_eq!(field(info, "used_memory"), Some("1572864"));
        assert_eq!(field(info, "redis_version"), None);
    }
}
