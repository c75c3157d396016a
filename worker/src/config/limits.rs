//! How much is read and told, and how old it may be.

use std::sync::Arc;

use dlmm_core::clarity::Principal;

use super::environment::Environment;
use super::read::{ConfigError, Reader};
use super::settings;
use super::state_age::{self, StateAge};

/// Bounds and defaults of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The fee of pools that state none.
    pub default_fee_bps: u16,
    /// Pools that one quote may look at.
    pub candidate_pools: usize,
    /// Keys that one quote may read.
    pub keys_per_quote: usize,
    /// Bytes that one copy of pools may hold.
    pub snapshot_bytes: usize,
    /// The router contract whose calls plans are.
    pub router: Option<Arc<str>>,
    /// From which age on state is called old, and is refused, beside the limit that is set by name.
    pub state_age: StateAge,
}

pub(super) fn read(reader: &Reader<'_>, environment: Environment) -> Result<Limits, ConfigError> {
    Ok(Limits {
        default_fee_bps: reader.number(&settings::DEFAULT_FEE_BPS, 0..=9999)?,
        candidate_pools: reader.number(&settings::MAX_CANDIDATE_POOLS, 1..=1000)?,
        keys_per_quote: reader.number(&settings::MAX_KEYS_PER_QUOTE, 2..=100_000)?,
        snapshot_bytes: reader.number(&settings::MAX_SNAPSHOT_BYTES, 1_000..=20_000_000)?,
        router: router(reader)?,
        state_age: state_age::read(reader, environment)?,
    })
}

/// A contract's principal. Which routers are known is said by the quotes that ask for a plan.
fn router(reader: &Reader<'_>) -> Result<Option<Arc<str>>, ConfigError> {
    let Some(text) = reader.text(&settings::STACKS_ROUTER) else { return Ok(None) };
    match Principal::parse(&text) {
        Ok(principal) if principal.contract().is_some() => Ok(Some(text.into())),
        _ => {
            let advice = "must be the principal of a contract, such as SP….dlmm-swap-router-v-1-1";
            Err(ConfigError::new(&settings::STACKS_ROUTER, advice))
        }
    }
}
