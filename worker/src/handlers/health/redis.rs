//! What Redis tells of itself.

use serde::Serialize;

use crate::market::values::lenient;
use crate::redis::{Command, Session, Value};

/// Facts of INFO are `null` where the server does not offer it or the token may not ask.
#[derive(Debug, Default, Serialize)]
pub(super) struct RedisHealth {
    pub(super) reachable: bool,
    /// Time of the round trip, for all that is asked here together.
    pub(super) ping_ms: Option<u64>,
    /// Number of keys.
    pub(super) keys: Option<i64>,
    pub(super) version: Option<String>,
    pub(super) used_memory_bytes: Option<u64>,
    pub(super) connected_clients: Option<u64>,
    pub(super) uptime_seconds: Option<u64>,
    /// Code of the fault, as a quote would give it.
    pub(super) error: Option<&'static str>,
}

/// Asks in one request.
pub(super) async fn ask(redis: Session<'_>) -> RedisHealth {
    let started_ms = redis.now_ms();
    let commands = ["PING", "DBSIZE", "INFO"].map(Command::new);
    let outcome = redis.pipeline(commands.to_vec()).await;
    let ping_ms = (redis.now_ms() - started_ms) as u64;
    let told = outcome.and_then(|reply| {
        let mut items = reply.items(commands.len())?.into_iter();
        let mut next = || items.next().unwrap_or(Ok(Value::Nil));
        let (pong, keys, info) = (next(), next(), next());
        // A token limited to reads may lack the right to any of them; to be told so is an answer too.
        lenient(pong)?;
        let keys = lenient(keys)?.map(Value::into_integer).transpose()?;
        // Servers that are no Redis may not know INFO at all.
        let info = info.ok().and_then(|info| info.into_text().ok().flatten());
        Ok((keys, info.map(std::borrow::Cow::into_owned).unwrap_or_default()))
    });
    match told {
        Ok((keys, info)) => RedisHealth {
            reachable: true,
            ping_ms: Some(ping_ms),
            keys,
            version: fact(&info, "redis_version").map(str::to_owned),
            used_memory_bytes: number(&info, "used_memory"),
            connected_clients: number(&info, "connected_clients"),
            uptime_seconds: number(&info, "uptime_in_seconds"),
            error: None,
        },
        Err(fault) => RedisHealth { error: Some(fault.code()), ..RedisHealth::default() },
    }
}

/// One line of INFO: `name:fact`.
fn fact<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn number(info: &str, name: &str) -> Option<u64> {
    fact(info, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_found_by_their_whole_name() {
        let info =
            "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory_rss:9\r\nused_memory:1048576\r\n";
        assert_eq!(
            (fact(info, "redis_version"), number(info, "used_memory")),
            (Some("7.0.15"), Some(1_048_576))
        );
        assert_eq!((fact(info, "redis"), number(info, "redis_version")), (None, None));
        assert_eq!(fact("", "redis_version"), None);
    }
}
