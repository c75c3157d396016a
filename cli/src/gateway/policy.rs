//! Which commands the gateway passes on: what no Redis may be asked for, what this Redis calls administration, and
//! what the token allows.

use super::access::Access;
use super::command::Command;
use super::command_table::{CommandTable, Known};
use super::stream_read::{self, is_option};

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
    // They administer the server: stop it, write files, load code, reach other hosts. What else does so, Redis says.
    "ACL", "CONFIG", "DEBUG", "FAILOVER", "FUNCTION", "MIGRATE", "MODULE", "REPLICAOF", "RESTORE-ASKING",
    "SHUTDOWN", "SLAVEOF", "SLOWLOG",
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

/// Further commands that may run where Redis does not tell what it knows: they change data and nothing else.
#[rustfmt::skip]
const WRITES: &[&str] = &[
    "APPEND", "BITFIELD", "BITOP", "COPY", "DECR", "DECRBY", "DEL", "EVAL", "EVALSHA", "EVALSHA_RO",
    "EVAL_RO", "EXPIRE", "EXPIREAT", "FLUSHALL", "FLUSHDB", "GEOADD", "GEORADIUS", "GEORADIUSBYMEMBER",
    "GEOSEARCHSTORE", "GETDEL", "GETEX", "GETSET", "HDEL", "HINCRBY", "HINCRBYFLOAT", "HMSET", "HSET",
    "HSETNX", "INCR", "INCRBY", "INCRBYFLOAT", "INFO", "KEYS", "LINSERT", "LMOVE", "LMPOP", "LPOP",
    "LPUSH", "LPUSHX", "LREM", "LSET", "LTRIM", "MOVE", "MSET", "MSETNX", "PERSIST", "PEXPIRE",
    "PEXPIREAT", "PFADD", "PFMERGE", "PSETEX", "PUBLISH", "RENAME", "RENAMENX", "ROLE", "RPOP",
    "RPOPLPUSH", "RPUSH", "RPUSHX", "SADD", "SCAN", "SCRIPT", "SDIFFSTORE", "SET", "SETBIT", "SETEX",
    "SETNX", "SETRANGE", "SINTERSTORE", "SMOVE", "SORT", "SPOP", "SREM", "SUNIONSTORE", "TOUCH",
    "UNLINK", "XACK", "XADD", "XAUTOCLAIM", "XCLAIM", "XDEL", "XGROUP", "XREADGROUP", "XSETID", "XTRIM",
    "ZADD", "ZDIFFSTORE", "ZINCRBY", "ZINTERSTORE", "ZMPOP", "ZPOPMAX", "ZPOPMIN", "ZRANGESTORE", "ZREM",
    "ZREMRANGEBYLEX", "ZREMRANGEBYRANK", "ZREMRANGEBYSCORE", "ZUNIONSTORE",
];

/// The commands of a Redis that does not tell what it knows, since its user may not ask for `COMMAND`.
pub(crate) fn table_by_heart() -> CommandTable {
    CommandTable::of(READS.iter().chain(WRITES).copied())
}

/// True for a command that cannot change data, SCAN and KEYS left out.
pub(crate) fn is_read(command: &Command) -> bool {
    READS.binary_search(&command.name()).is_ok()
}

/// The error text for a command that may not run, `None` when it may.
pub(crate) fn refusal(command: &Command, access: Access, table: &CommandTable) -> Option<String> {
    let name = command.name();
    if REFUSED.contains(&name) || waits(command) || debugs_scripts(command) {
        return Some(not_available(name));
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
    match table.look_up(name, command.arguments().next()) {
        Known::Passed => None,
        Known::Withheld => Some(not_available(name)),
        Known::Unknown => Some(unknown_command(command)),
        Known::UnknownSubcommand => Some(unknown_subcommand(command)),
    }
}

/// Only names that are listed here or in Redis get here, so the text cannot carry a caller's data.
fn not_available(name: &str) -> String {
    format!("ERR Command is not available: '{name}'")
}

fn waits(command: &Command) -> bool {
    matches!(command.name(), "XREAD" | "XREADGROUP") && stream_read::waits(command)
}

/// SCRIPT DEBUG turns the connection into a debugger session.
fn debugs_scripts(command: &Command) -> bool {
    command.name() == "SCRIPT" && command.arguments().next().is_some_and(|word| is_option(word, "DEBUG"))
}

/// Redis' own text: 128 bytes of the name, then arguments up to another 128.
fn unknown_command(command: &Command) -> String {
    let mut words = command.words();
    let name = shown(words.next().unwrap_or_default(), 128);
    let mut arguments = Vec::new();
    for word in words {
        let Some(room) = 128_usize.checked_sub(arguments.len()).filter(|room| *room > 0) else { break };
        arguments.push(b'\'');
        arguments.extend_from_slice(cut(word, room));
        arguments.extend_from_slice(b"' ");
    }
    format!("ERR unknown command '{name}', with args beginning with: {}", one_line(&arguments))
}

fn unknown_subcommand(command: &Command) -> String {
    let subcommand = shown(command.arguments().next().unwrap_or_default(), 128);
    format!("ERR unknown subcommand '{subcommand}'. Try {} HELP.", command.name())
}

fn shown(word: &[u8], most: usize) -> String {
    one_line(cut(word, most))
}

/// As C prints it: up to a zero byte.
fn cut(word: &[u8], most: usize) -> &[u8] {
    let end = word.iter().take(most).position(|byte| *byte == 0).unwrap_or(word.len().min(most));
    word.get(..end).unwrap_or_default()
}

fn one_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        Command::new(&words).unwrap()
    }

    fn verdict(line: &str, access: Access) -> Option<String> {
        refusal(&command(line), access, &table_by_heart())
    }

    #[test]
    fn keeps_the_list_of_reads_sorted_for_the_search() {
        assert!(READS.is_sorted());
        assert!(READS.iter().chain(WRITES).all(|name| !REFUSED.contains(name)));
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
            "XREADGROUP BLOCK 0 GROUP g c STREAMS k >",
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
        for line in [
            "CONFIG SET dir /",
            "SHUTDOWN",
            "DEBUG SLEEP 9",
            "REPLICAOF a 1",
            "MODULE LOAD x",
            "acl whoami",
            "SLOWLOG GET",
            "FUNCTION LIST",
        ] {
            assert!(verdict(line, Access::Full).is_some(), "{line}");
        }
    }

    #[test]
    fn lets_a_full_token_read_write_and_scan() {
        for line in ["GET k", "SET k v", "SCAN 0", "KEYS *", "EVAL x 0", "SCRIPT LOAD x", "FLUSHDB", "SORT k"]
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
    fn refuses_what_redis_does_not_know_in_its_own_words() {
        let words = |words: &[&[u8]]| {
            let words: Vec<Vec<u8>> = words.iter().map(|word| word.to_vec()).collect();
            refusal(&Command::new(&words).unwrap(), Access::Full, &table_by_heart()).unwrap()
        };
        assert_eq!(
            words(&[b"NoSuch", b"a\r\nb", b"c\0d"]),
            "ERR unknown command 'NoSuch', with args beginning with: 'a  b' 'c' "
        );
        let long = words(&[&[b'n'; 200], &[b'x'; 100], &[b'y'; 100], b"z"]);
        assert_eq!(
            long,
            format!(
                "ERR unknown command '{}', with args beginning with: '{}' '{}' ",
                "n".repeat(128),
                "x".repeat(100),
                "y".repeat(25)
            )
        );
        // A name with a zero byte at its end is another name, whatever C makes of it.
        assert!(words(&[b"GET\0", b"k"]).starts_with("ERR unknown command 'GET'"));
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
