//! From stored values to the state of one pool.

use super::keys;
use super::pool::{BinValue, PoolValue, Status};
use crate::decimals::DecimalTable;
use crate::graph::PoolRef;
use crate::pool::{Pool, PoolParts};
use crate::state::PoolState;
use crate::units::BinId;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The stored text of one bin key; `None` where the key does not exist.
pub type BinText<'a> = (BinId, Option<&'a str>);

/// The stored texts of one pool, all read at one moment.
#[derive(Clone, Debug)]
pub struct PoolText<'a> {
    /// The pool that was asked for.
    pub pool: &'a PoolRef,
    /// Its value; `None` where the key does not exist.
    pub value: Option<&'a str>,
    /// First and last bin id that was read.
    pub known: (BinId, BinId),
    /// The bins of that range; ids left out count as empty.
    pub bins: Vec<BinText<'a>>,
}

/// Reads a pool and its bins and checks them against each other.
///
/// A value that does not parse or cannot be leaves the whole pool out, with its key and the reason.
#[must_use]
pub fn read_pool(text: &PoolText<'_>, decimals: &DecimalTable, default_fee_bps: u16) -> PoolState {
    let Some(json) = text.value else { return PoolState::Absent };
    match build(text, json, decimals, default_fee_bps) {
        Ok(state) => state,
        Err((key, reason)) => PoolState::Skipped { key, reason },
    }
}

type Fault = (String, String);

fn build(
    text: &PoolText<'_>,
    json: &str,
    decimals: &DecimalTable,
    default_fee_bps: u16,
) -> Result<PoolState, Fault> {
    let of_pool = |reason: String| (keys::pool(&text.pool.id), reason);
    let value = PoolValue::parse(json, default_fee_bps).map_err(of_pool)?;
    let stored = &value.routing.pool;
    if stored.id != text.pool.id {
        return Err(of_pool(format!("pool_id is {}", stored.id)));
    }
    if (&stored.token_x, &stored.token_y) != (&text.pool.token_x, &text.pool.token_y) {
        return Ok(PoolState::Rerouted);
    }
    for (token, stated) in
        [(&stored.token_x, value.routing.decimals_x), (&stored.token_y, value.routing.decimals_y)]
    {
        if let Some(disagreement) = decimals.disagreement(token) {
            return Err(of_pool(disagreement.reason.clone()));
        }
        if stated.is_some_and(|stated| stated != decimals.of(token).0) {
            return Ok(PoolState::Rerouted);
        }
    }
    if value.status != Status::Active {
        return Ok(PoolState::Inactive);
    }
    let (decimals_x, decimals_y) = (decimals.of(&stored.token_x).0, decimals.of(&stored.token_y).0);
    let mut bins = Vec::with_capacity(text.bins.len());
    for &(id, json) in &text.bins {
        let Some(json) = json else { continue };
        let of_bin = |reason: String| (keys::bin(&text.pool.id, id), reason);
        let bin = BinValue::parse(json, decimals_x, decimals_y).map_err(of_bin)?;
        if bin.id != id {
            return Err(of_bin(format!("bin_id is {}", bin.id)));
        }
        if let Some(owner) = bin.pool_id.filter(|owner| *owner != text.pool.id) {
            return Err(of_bin(format!("pool_id is {owner}")));
        }
        bins.push((id, bin.bin, bin.claims));
    }
    let pool = Pool::new(PoolParts {
        id: text.pool.id.clone(),
        token_x: text.pool.token_x.clone(),
        token_y: text.pool.token_y.clone(),
        active_bin: value.active_bin,
        fees: value.fees,
        known: text.known,
        bins,
    });
    let pool = pool.map_err(|e| of_pool(e.to_string()))?;
    Ok(PoolState::Ready { pool, last_updated: value.last_updated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::pool;

    const POOL: &str = r#"{"pool_id":"P","token_x":"A","token_y":"B","active_bin_id":500,"status":"active"}"#;
    const BIN: &str = r#"{"pool_id":"P","bin_id":500,"reserve_x":"1","reserve_y":"1","price_e8":"1"}"#;

    fn state(value: Option<&str>, bin: Option<&str>, table: &DecimalTable) -> PoolState {
        let id = BinId::new(500).expect("an id");
        let reference = pool("P", "A", "B");
        let text = PoolText { pool: &reference, value, known: (id, id), bins: Vec::from([(id, bin)]) };
        read_pool(&text, table, 10)
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
