//! Names of the Redis keys, as the reference system has them.

use crate::units::{BinId, PoolId, Symbol};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// Set of all pool ids; optional.
pub const POOLS: &str = "pools";
/// Hash of counters and times.
pub const METADATA: &str = "metadata";
/// Pattern of all pool values, for SCAN.
pub const POOL_PATTERN: &str = "pool:*";
/// What every pool key begins with.
pub const POOL_PREFIX: &str = "pool:";

/// What every bin key begins with.
pub const BIN_PREFIX: &str = "bin:";

/// What the keys of lists of pools begin with.
const TOKEN_PREFIX: &str = "tokens:";
const PAIR_PREFIX: &str = "pairs:";

/// A key under which state is stored that a quote looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateKey {
    /// Of a pool's value.
    Pool(PoolId),
    /// Of a bin's value.
    Bin(PoolId, BinId),
}

impl StateKey {
    /// Reads `pool:{pool_id}` or `bin:{pool_id}:{bin_id}`; `None` for any other key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        if let Some(id) = key.strip_prefix(POOL_PREFIX) {
            return PoolId::new(id).ok().map(Self::Pool);
        }
        let (pool, bin) = key.strip_prefix(BIN_PREFIX)?.split_once(':')?;
        let id = BinId::new(bin.parse().ok()?)?;
        let found = Self::Bin(PoolId::new(pool).ok()?, id);
        // `07` and `+7` parse as numbers but are not what a producer writes for bin 7.
        (found.to_string() == key).then_some(found)
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pool(id) => write!(f, "{POOL_PREFIX}{id}"),
            Self::Bin(pool, id) => write!(f, "{BIN_PREFIX}{pool}:{id}"),
        }
    }
}

/// The pool that a key of a pool or a bin belongs to, also where a bin is named without its id (`bin:{pool_id}:?`).
#[must_use]
pub fn pool_in(key: &str) -> Option<PoolId> {
    let of_bin = || key.strip_prefix(BIN_PREFIX)?.split_once(':').map(|(pool, _)| pool);
    PoolId::new(key.strip_prefix(POOL_PREFIX).or_else(of_bin)?).ok()
}

/// Key of a pool's value.
#[must_use]
pub fn pool(id: &PoolId) -> String {
    format!("{POOL_PREFIX}{id}")
}

/// Key of a bin's value.
#[must_use]
pub fn bin(pool: &PoolId, bin: BinId) -> String {
    format!("{BIN_PREFIX}{pool}:{bin}")
}

/// Tells whether this is the key of a list of pools, of a token or of a pair.
#[must_use]
pub fn is_list(key: &str) -> bool {
    key.starts_with(TOKEN_PREFIX) || key.starts_with(PAIR_PREFIX)
}

/// Key of the pools of a pair.
#[must_use]
pub fn pair(token_x: &Symbol, token_y: &Symbol) -> String {
    format!("{PAIR_PREFIX}{token_x}:{token_y}")
}

/// Key of the pools of a token.
#[must_use]
pub fn token(token: &Symbol) -> String {
    format!("{TOKEN_PREFIX}{token}")
}

/// Characters of a key from elsewhere that are shown.
const SHOWN: usize = 160;

/// Gives a key or name from elsewhere as it can be shown anywhere: printable ASCII stays, all else is escaped, and
/// what is long is cut, with its length.
#[must_use]
pub fn shown(name: &str) -> String {
    let mut text = String::new();
    for sign in name.chars() {
        if text.len() >= SHOWN {
            return format!("{text}... ({} bytes)", name.len());
        }
        match sign {
            ' '..='~' => text.push(sign),
            _ => text.extend(sign.escape_default()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_plain_and_escapes_and_cuts_the_rest() {
        assert_eq!(shown("pool:BTC-USDC-25"), "pool:BTC-USDC-25");
        assert_eq!(shown("pool:a b\"c"), "pool:a b\"c");
        assert_eq!(shown("\u{1b}[31m\n\u{e9}\u{202e}"), r"\u{1b}[31m\n\u{e9}\u{202e}");
        let long = shown(&"x".repeat(1_000_000));
        assert!(long.len() < 200 && long.ends_with("x... (1000000 bytes)"), "{long}");
    }

    #[test]
    fn a_key_tells_its_pool() {
        for (key, pool) in [
            ("pool:P", Some("P")),
            ("bin:P:7", Some("P")),
            ("bin:P:?", Some("P")),
            ("pool:a b", None),
            ("pools", None),
        ] {
            assert_eq!(pool_in(key).as_ref().map(PoolId::as_str), pool, "{key}");
        }
    }

    #[test]
    fn reads_the_keys_it_writes_and_no_others() {
        for key in ["pool:BTC-USDC-25", "bin:BTC-USDC-25:500", "bin:P:0", "bin:P:1000"] {
            assert_eq!(StateKey::parse(key).map(|key| key.to_string()).as_deref(), Some(key));
        }
        for key in [
            "",
            "pool:",
            "pool:a:b",
            "pools",
            "bin:P",
            "bin:P:",
            "bin:P:1001",
            "bin:P:07",
            "bin:P:+7",
            "bin::7",
            "tokens:BTC",
        ] {
            assert_eq!(StateKey::parse(key), None, "{key}");
        }
    }
}
