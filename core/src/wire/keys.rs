//! Names of the Redis keys, as the reference system has them.

use crate::units::{BinId, PoolId, Symbol};
use alloc::format;
use alloc::string::String;

/// Set of all pool ids; optional.
pub const POOLS: &str = "pools";
/// Hash of counters and times.
pub const METADATA: &str = "metadata";
/// Pattern of all pool values, for SCAN.
pub const POOL_PATTERN: &str = "pool:*";
/// What every pool key begins with.
pub const POOL_PREFIX: &str = "pool:";

/// Key of a pool's value.
#[must_use]
pub fn pool(id: &PoolId) -> String {
    format!("{POOL_PREFIX}{id}")
}

/// Key of a bin's value.
#[must_use]
pub fn bin(pool: &PoolId, bin: BinId) -> String {
    format!("bin:{pool}:{bin}")
}

/// Key of the pools of a pair.
#[must_use]
pub fn pair(token_x: &Symbol, token_y: &Symbol) -> String {
    format!("pairs:{token_x}:{token_y}")
}

/// Key of the pools of a token.
#[must_use]
pub fn token(token: &Symbol) -> String {
    format!("tokens:{token}")
}
