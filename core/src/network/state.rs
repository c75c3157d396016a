//! The state a quote is computed from.

use super::age::AgeRule;
pub use super::age::Stamp;
use super::decimals::DecimalTable;
use crate::pool::Pool;
use crate::units::PoolId;
use alloc::string::String;
use alloc::sync::Arc;
use litemap::LiteMap;

/// What was read of one pool.
#[derive(Clone, Debug)]
pub enum PoolState {
    /// It can be quoted.
    Ready {
        /// The pool.
        pool: Pool,
        /// Its `last_updated`.
        last_updated: Option<Stamp>,
        /// Its `block_height`.
        block_height: Option<u64>,
    },
    /// Its status is not `active`.
    Inactive,
    /// There is no such value.
    Absent,
    /// Its value names other tokens or decimals than the listing: the listing is out of date.
    Rerouted,
    /// A value does not parse or cannot be, so the pool is left out.
    Skipped {
        /// The offending Redis key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
}

/// All that a quote may look at: pools of one moment and the decimals of their tokens.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Decimals by token; shared, since every quote over one listing of pools uses the same table.
    pub decimals: Arc<DecimalTable>,
    /// Pools by id; a candidate without an entry counts as absent.
    pub pools: LiteMap<PoolId, PoolState>,
    /// What the ages of the pools are judged by.
    pub age_rule: AgeRule,
}

impl State {
    /// Puts the state together. Pools in id order cost nothing to put in, each goes to the end; taking them in as one
    /// list would compile one more sort.
    #[must_use]
    pub fn new(decimals: Arc<DecimalTable>, pools: impl IntoIterator<Item = (PoolId, PoolState)>) -> Self {
        let mut by_id = LiteMap::new();
        for (id, pool) in pools {
            by_id.insert(id, pool);
        }
        Self { decimals, pools: by_id, age_rule: AgeRule::default() }
    }

    /// The pool, if it can be quoted.
    #[must_use]
    pub fn ready(&self, id: &PoolId) -> Option<(&Pool, Option<&Stamp>)> {
        match self.pools.get(id) {
            Some(PoolState::Ready { pool, last_updated, .. }) => Some((pool, last_updated.as_ref())),
            _ => None,
        }
    }
}
