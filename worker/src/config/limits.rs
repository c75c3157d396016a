//! How much is read and told, and how old it may be.

use super::environment::Environment;
use super::read::{ConfigError, Reader};
use super::settings;
use super::state_age::{self, StateAge};

/// Bounds and defaults of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The fee of pools that state none.
    pub default_fee_bps: u16,
    /// Pools that one quote may look at.
    pub candidate_pools: usize,
    /// Keys that one quote may read.
    pub keys_per_quote: usize,
    /// Bytes that one copy of pools may hold.
    pub snapshot_bytes: usize,
    /// From which age on state is called old, and is refused, beside the limit that is set by name.
    pub state_age: StateAge,
}

pub(super) fn read(reader: &Reader<'_>, environment: Environment) -> Result<Limits, ConfigError> {
    Ok(Limits {
        default_fee_bps: reader.number(&settings::DEFAULT_FEE_BPS, 0..=9999)?,
        candidate_pools: reader.number(&settings::MAX_CANDIDATE_POOLS, 1..=1000)?,
        keys_per_quote: reader.number(&settings::MAX_KEYS_PER_QUOTE, 2..=100_000)?,
        snapshot_bytes: reader.number(&settings::MAX_SNAPSHOT_BYTES, 1_000..=20_000_000)?,
        state_age: state_age::read(reader, environment)?,
    })
}
