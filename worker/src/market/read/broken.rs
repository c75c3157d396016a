//! Values of pools and bins whose text cannot be used: what quotes, lists and copies met of them, so that it can be named
//! where they are not read.

use litemap::LiteMap;
use std::cell::RefCell;

use dlmm_core::api::SkippedPool;
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::stored::keys;
use dlmm_core::stored::keys::StateKey;
use dlmm_core::units::{BinId, PoolId};

use crate::market::listing::Topology;

/// How long what was seen is taken as it was.
const LOOK_MS: f64 = 2_000.0;
/// Values that one look reads again.
const MOST: usize = 100;

/// What one isolate knows of such values: one of each pool.
#[derive(Debug, Default)]
pub struct BrokenValues {
    pools: RefCell<LiteMap<PoolId, Broken>>,
}

#[derive(Debug)]
struct Broken {
    /// `None`: the value of the pool itself.
    bin: Option<BinId>,
    reason: String,
    at_ms: f64,
}

impl BrokenValues {
    /// Takes in what was read of pools.
    pub(super) fn see(&self, state: &State, now_ms: f64) {
        for (id, read) in &state.pools {
            match read {
                PoolState::Skipped { key, reason } => self.note(key, reason, now_ms),
                PoolState::Ready { pool, .. } => {
                    self.forget_if(id, |broken| broken.bin.is_none_or(|bin| pool.knows(bin)))
                }
                // It is not quoted, whatever its bins hold.
                PoolState::Absent | PoolState::Inactive | PoolState::Rerouted => self.forget_if(id, |_| true),
            }
        }
    }

    /// Notes the key of a pool or bin whose text cannot be used; other keys are known elsewhere.
    pub fn note(&self, key: &str, reason: &str, now_ms: f64) {
        let (id, bin) = match StateKey::parse(key) {
            Some(StateKey::Bin(id, bin)) => (id, Some(bin)),
            Some(StateKey::Pool(id)) => (id, None),
            None => return,
        };
        self.pools.borrow_mut().insert(id, Broken { bin, reason: reason.to_owned(), at_ms: now_ms });
    }

    fn forget_if(&self, id: &PoolId, is_mended: impl FnOnce(&Broken) -> bool) {
        let mut pools = self.pools.borrow_mut();
        if pools.get(id).is_some_and(is_mended) {
            pools.remove(id);
        }
    }

    /// The bin of this pool, if one is known.
    pub fn of(&self, id: &PoolId) -> Option<BinId> {
        self.pools.borrow().get(id).and_then(|broken| broken.bin)
    }

    /// All of them.
    pub fn named(&self) -> Vec<SkippedPool> {
        let pools = self.pools.borrow();
        let named = pools.iter().map(|(id, broken)| SkippedPool {
            key: broken.bin.map_or_else(|| keys::pool(id), |bin| keys::bin(id, bin)),
            reason: broken.reason.clone(),
        });
        named.collect()
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.pools.borrow_mut().clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.pools.borrow_mut().retain(|id, _| topology.routing(id).is_some());
    }

    /// Those that were not looked at for a while.
    pub(super) fn due(&self, now_ms: f64) -> Vec<(PoolId, Option<BinId>)> {
        let pools = self.pools.borrow();
        let due = pools.iter().filter(|(_, broken)| (now_ms - broken.at_ms).abs() >= LOOK_MS);
        due.map(|(id, broken)| (id.clone(), broken.bin)).take(MOST).collect()
    }
}
