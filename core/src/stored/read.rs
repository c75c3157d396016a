//! From stored values to the state of one pool.

use super::bin::BinValue;
use super::pool::{PoolValue, Status};
use crate::network::decimals::DecimalTable;
use crate::network::graph::PoolRef;
use crate::network::keys;
use crate::network::state::PoolState;
use crate::pool::bin::Bin;
use crate::pool::{Claims, Pool, PoolParts};
use crate::units::BinId;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Takes in the stored texts of one pool as they come: first the pool value, then its bins.
///
/// A value that does not parse or cannot be leaves the whole pool out, with its key and the reason; later bins
/// are then not looked at any more.
#[derive(Debug)]
pub struct PoolReader<'p> {
    pool: &'p PoolRef,
    known: (BinId, BinId),
    progress: Progress,
}

#[derive(Debug)]
enum Progress {
    /// The pool value can be quoted; bins are being collected.
    Bins(Box<Collected>),
    /// The outcome is certain.
    Done(PoolState),
}

#[derive(Debug)]
struct Collected {
    value: PoolValue,
    decimals_x: u8,
    decimals_y: u8,
    bins: Vec<(BinId, Bin, Claims)>,
}

impl<'p> PoolReader<'p> {
    /// Begins to read a pool of which the bins of the range `known` are read.
    #[must_use]
    pub const fn new(pool: &'p PoolRef, known: (BinId, BinId)) -> Self {
        Self { pool, known, progress: Progress::Done(PoolState::Absent) }
    }

    /// Takes in the pool value; `None` where the key does not exist.
    pub fn value(&mut self, json: Option<&str>, decimals: &DecimalTable, default_fee_bps: u16) {
        self.progress = match json.map(|json| self.judge(json, decimals, default_fee_bps)) {
            None => Progress::Done(PoolState::Absent),
            Some(Ok(progress)) => progress,
            Some(Err(reason)) => {
                Progress::Done(PoolState::Skipped { key: keys::pool(&self.pool.id), reason })
            }
        };
    }

    fn judge(&self, json: &str, decimals: &DecimalTable, default_fee_bps: u16) -> Result<Progress, String> {
        let value = PoolValue::parse(json, default_fee_bps)?;
        let stored = &value.routing.pool;
        if stored.id != self.pool.id {
            return Err(format!("pool_id is {}", stored.id));
        }
        if (&stored.token_x, &stored.token_y) != (&self.pool.token_x, &self.pool.token_y) {
            return Ok(Progress::Done(PoolState::Rerouted));
        }
        for (token, stated) in
            [(&stored.token_x, value.routing.decimals_x), (&stored.token_y, value.routing.decimals_y)]
        {
            if let Some(disagreement) = decimals.disagreement(token) {
                return Err(disagreement.reason.clone());
            }
            if stated.is_some_and(|stated| stated != decimals.of(token).0) {
                return Ok(Progress::Done(PoolState::Rerouted));
            }
        }
        if value.status != Status::Active {
            return Ok(Progress::Done(PoolState::Inactive));
        }
        let (decimals_x, decimals_y) = (decimals.of(&stored.token_x).0, decimals.of(&stored.token_y).0);
        Ok(Progress::Bins(Box::new(Collected { value, decimals_x, decimals_y, bins: Vec::new() })))
    }

    /// Takes in the value of the bin key `id`; `None` where the key does not exist.
    pub fn bin(&mut self, id: BinId, json: Option<&str>) {
        let (Progress::Bins(collected), Some(json)) = (&mut self.progress, json) else { return };
        match read_bin(self.pool.id.as_str(), id, json, collected.decimals_x, collected.decimals_y) {
            Ok(bin) => collected.bins.push((id, bin.bin, bin.claims)),
            Err(reason) => {
                let key = keys::bin(&self.pool.id, id);
                self.progress = Progress::Done(PoolState::Skipped { key, reason });
            }
        }
    }

    /// Ends with the state of the pool.
    #[must_use]
    pub fn finish(self) -> PoolState {
        let collected = match self.progress {
            Progress::Done(state) => return state,
            Progress::Bins(collected) => collected,
        };
        let pool = Pool::new(PoolParts {
            id: self.pool.id.clone(),
            token_x: self.pool.token_x.clone(),
            token_y: self.pool.token_y.clone(),
            active_bin: collected.value.active_bin,
            fees: collected.value.fees,
            known: self.known,
            bins: collected.bins,
        });
        match pool {
            Ok(pool) => PoolState::Ready {
                pool,
                last_updated: collected.value.last_updated,
                block_height: collected.value.block_height,
            },
            Err(e) => PoolState::Skipped { key: keys::pool(&self.pool.id), reason: e.to_string() },
        }
    }
}

/// Reads the value under the key of a bin.
///
/// # Errors
/// What is wrong with it, or that it is another bin's or pool's.
pub(crate) fn read_bin<'a>(
    pool: &str,
    id: BinId,
    json: &'a str,
    decimals_x: u8,
    decimals_y: u8,
) -> Result<BinValue<'a>, String> {
    let bin = BinValue::parse(json, decimals_x, decimals_y)?;
    if bin.id != id {
        return Err(format!("bin_id is {}", bin.id));
    }
    match &bin.pool_id {
        Some(owner) if owner != pool => Err(format!("pool_id is {owner}")),
        _ => Ok(bin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::tests::pool;
    use crate::stored::StoredPool;

    const POOL: &str = r#"{"pool_id":"P","token_x":"A","token_y":"B","active_bin_id":500,"status":"active"}"#;
    const BIN: &str = r#"{"pool_id":"P","bin_id":500,"reserve_x":"1","reserve_y":"1","price_e8":"1"}"#;

    fn state(value: Option<&str>, bin: Option<&str>, table: &DecimalTable) -> PoolState {
        let id = BinId::new(500).expect("an id");
        let reference = pool("P", "A", "B");
        StoredPool::new(value, (id, id), bin.map(|bin| (id, bin))).state(&reference, table, 10)
    }

    fn fault(value: &str, bin: &str) -> (String, String) {
        match state(Some(value), Some(bin), &DecimalTable::default()) {
            PoolState::Skipped { key, reason } => (key, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tells_what_became_of_a_pool() {
        let table = DecimalTable::default();
        assert!(matches!(state(Some(POOL), Some(BIN), &table), PoolState::Ready { .. }));
        assert!(matches!(state(Some(POOL), None, &table), PoolState::Ready { .. }));
        assert!(matches!(state(None, Some(BIN), &table), PoolState::Absent));
        let paused = POOL.replace("\"active\"", "\"paused\"");
        assert!(matches!(state(Some(&paused), Some("{"), &table), PoolState::Inactive));
        let moved = POOL.replace("\"token_y\":\"B\"", "\"token_y\":\"C\"");
        assert!(matches!(state(Some(&moved), None, &table), PoolState::Rerouted));
        let other_decimals = POOL.replacen('{', "{\"token_x_decimals\":3,", 1);
        assert!(matches!(state(Some(&other_decimals), None, &table), PoolState::Rerouted));
    }

    #[test]
    fn names_the_offending_key() {
        assert_eq!(fault(&POOL.replace("\"P\"", "\"Q\""), BIN), ("pool:P".into(), "pool_id is Q".into()));
        assert_eq!(fault(POOL, &BIN.replace("\"P\"", "\"Q\"")), ("bin:P:500".into(), "pool_id is Q".into()));
        assert_eq!(fault(POOL, &BIN.replace("500", "501")), ("bin:P:500".into(), "bin_id is 501".into()));
        assert_eq!(fault(POOL, "{").0, "bin:P:500");
    }

    #[test]
    fn leaves_out_pools_of_a_contested_token() {
        let reference = pool("P", "A", "B");
        let mut table = DecimalTable::default();
        table.state(&reference.token_x, 6, "pool:P");
        table.state(&reference.token_x, 8, "pool:Q");
        match state(Some(POOL), Some(BIN), &table) {
            PoolState::Skipped { reason, .. } => {
                assert!(reason.contains("pool:P") && reason.contains("pool:Q"))
            }
            other => panic!("{other:?}"),
        }
    }
}
