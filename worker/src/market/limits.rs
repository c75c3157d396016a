//! What the operator's settings say of reading and quoting.

use crate::config::{Config, StateAge};

/// Bounds and defaults, the same for every request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Pools that one quote may look at.
    pub candidate_pools: usize,
    /// Keys that one quote may read.
    pub keys_per_quote: usize,
    /// Bytes that one copy of pools may hold.
    pub snapshot_bytes: usize,
    /// The fee of pools that state none.
    pub default_fee_bps: u16,
    /// From which age on state is called old, and is refused.
    pub state_age: StateAge,
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        Self {
            candidate_pools: config.max_candidate_pools,
            keys_per_quote: config.max_keys_per_quote,
            snapshot_bytes: config.max_snapshot_bytes,
            default_fee_bps: config.default_fee_bps,
            state_age: config.state_age,
        }
    }
}
