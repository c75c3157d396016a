//! Which commands the gateway passes on.

use super::access::Access;
use super::command::Command;

/// Commands that are never sent to Redis. Upstash refuses them too.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    // They change what the shared connection is, or bring replies that nobody asked for.
    "ASKING", "AUTH", "CLIENT", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC",
    "PUNSUBSCRIBE", "QUIT", "READONLY", "READWRITE", "REPLCONF", "RESET", "SELECT", "SSUBSCRIBE",
    "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH",
    // They hold the connection until something happens elsewhere.
    "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN", "WAIT",
    "WAITAOF",
    // They administer the server: stop it, write files, load code, reach other hosts.
    "CONFIG", "DEBUG", "FAILOVER", "MIGRATE", "MODULE", "REPLICAOF", "RESTORE-ASKING", "SHUTDOWN",
    "SLAVEOF",
];

/// What a read-only token may run: commands that cannot write, without SCAN and KEYS as on Upstash.
///
/// A list of what is allowed, so that a command unknown here is refused. Sorted, for the binary search.
#[rustfmt::skip]
const READS: &[&str] = &[
    "BITCOUNT", "BITFIELD_RO", "BITPOS", "DBSIZE", "DUMP", "ECHO", "EXISTS", "EXPIRETIME", "GEODIST",
    "GEOHASH", "GEOPOS", "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH", "GET", "GETBIT",
    "GETRANGE", "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN",
    "HSTRLEN", "HVALS", "LCS", "LINDEX", "LLEN", "LPOS", "LRANGE", "MGET", "OBJECT", "PEXPIRETIME",
    "PFCOUNT", "PING", "PTTL", "RANDOMKEY", "SCARD", "SDIFF", "SINTER", "SINTERCARD", "SISMEMBER",
    "SMEMBERS", "SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSTR", "SUNION", "TIME",
    "TTL", "TYPE", "XINFO", "XLEN", "XPENDING", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT",
    "ZDIFF", "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX",
    "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN",
    "ZSCORE", "ZUNION",
];

/// True for a command that cannot change data, SCAN and KEYS left out.
pub(crate) fn is_read(command: &Command) -> bool {
    READS.binary_search(&command.name().as_str()).is_ok()
}

/// The error text for a command that may not run, `None` when it may.
pub(crate) fn refusal(command: &Command, access: Access) -> Option<String> {
    let name = command.name();
    if REFUSED.contains(&name.as_str()) || blocks(&name, command) || debugs_scripts(&name, command) {
        // Only names of the list above get here, so the text cannot carry a caller's data.
        return Some(format!("ERR Command is not available: '{name}'"));
    }
    if access == Access::ReadOnly && !is_read(command) {
        // Real Redis quotes the name as it was written; an unknown "name" may be anything, so it is left out.
        let known =
            if name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
                name.to_ascii_lowercase()
            } else {
                "unknown".to_owned()
            };
        return Some(format!("NOPERM this user has no permissions to run the '{known}' command"));
    }
    None
}

/// XREAD and XREADGROUP wait only with a BLOCK option, which stands before STREAMS.
fn blocks(name: &str, command: &Command) -> bool {
    let options = match name {
        "XREAD" => command.arguments(),
        // A group or consumer may be called "block": skip `GROUP group consumer`.
        "XREADGROUP" => command.arguments().get(3..).unwrap_or_default(),
        _ => return false,
    };
    options
        .iter()
        .take_while(|word| !word.eq_ignore_ascii_case(b"STREAMS"))
        .any(|word| word.eq_ignore_ascii_case(b"BLOCK"))
}

/// SCRIPT DEBUG turns the connection into a debugger session.
fn debugs_scripts(name: &str, command: &Command) -> bool {
    name == "SCRIPT" && command.arguments().first().is_some_and(|word| word.eq_ignore_ascii_case(b"DEBUG"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        Command::new(line.split(' ').map(|word| word.as_bytes().to_vec()).collect()).unwrap()
    }

    fn verdict(line: &str, access: Access) -> Option<String> {
        refusal(&command(line), access)
    }

    #[test]
    fn keeps_the_list_of_reads_sorted_for_the_search() {
        assert!(READS.is_sorted());
        assert!(READS.iter().all(|name| !REFUSED.contains(name)));
    }

    #[test]
    fn refuses_commands_that_poison_a_shared_connection() {
        for line in [
            "SUBSCRIBE c",
            "monitor",
            "WATCH k",
            "Multi",
            "EXEC",
            "SELECT 1",
            "AUTH x",
            "HELLO 3",
            "CLIENT REPLY OFF",
            "QUIT",
            "RESET",
            "PSYNC ? -1",
            "SCRIPT DEBUG YES",
        ] {
            let text = verdict(line, Access::Full).unwrap();
            assert!(text.starts_with("ERR Command is not available"), "{line}: {text}");
        }
    }

    #[test]
    fn refuses_commands_that_wait() {
        for line in [
            "BLPOP k 0",
            "brpop k 0",
            "BZPOPMIN k 0",
            "BLMOVE a b LEFT LEFT 0",
            "WAIT 1 0",
            "XREAD BLOCK 0 STREAMS k $",
            "xread count 1 block 0 streams k $",
            "XREADGROUP GROUP g c BLOCK 0 STREAMS k >",
        ] {
            assert!(verdict(line, Access::Full).is_some(), "{line}");
        }
        for line in ["XREAD STREAMS block 0", "XREADGROUP GROUP block streams COUNT 1 STREAMS k >", "LPOP k"]
        {
            assert_eq!(verdict(line, Access::Full), None, "{line}");
        }
    }

    #[test]
    fn refuses_commands_that_administer_the_server() {
        for line in ["CONFIG SET dir /", "SHUTDOWN", "DEBUG SLEEP 9", "REPLICAOF a 1", "MODULE LOAD x"] {
            assert!(verdict(line, Access::Full).is_some(), "{line}");
        }
    }

    #[test]
    fn lets_a_full_token_read_write_and_scan() {
        for line in ["GET k", "SET k v", "SCAN 0", "KEYS *", "EVAL x 0", "SCRIPT LOAD x", "FLUSHDB", "NOSUCH"]
        {
            assert_eq!(verdict(line, Access::Full), None, "{line}");
        }
    }

    #[test]
    fn lets_a_read_only_token_read_but_not_scan() {
        for line in
            ["GET k", "mget a b", "SCARD pools", "DBSIZE", "HGETALL metadata", "PING", "XREAD STREAMS k 0"]
        {
            assert_eq!(verdict(line, Access::ReadOnly), None, "{line}");
        }
        for line in ["SET k v", "scan 0", "KEYS *", "EVALSHA x 0", "FLUSHALL", "GETEX k", "SORT k", "NOSUCH"]
        {
            let text = verdict(line, Access::ReadOnly).unwrap();
            assert!(text.starts_with("NOPERM "), "{line}: {text}");
        }
        assert!(verdict("SUBSCRIBE c", Access::ReadOnly).unwrap().starts_with("ERR "));
    }

    #[test]
    fn names_the_command_but_repeats_no_data() {
        assert_eq!(
            verdict("SET k v", Access::ReadOnly).unwrap(),
            "NOPERM this user has no permissions to run the 'set' command"
        );
        assert!(!verdict("s3cret/value k", Access::ReadOnly).unwrap().contains("cret"));
    }
}
