//! What is to be written for one pool.

use std::borrow::Cow;

use anyhow::Context;
use dlmm_core::network::decimals::{DecimalTable, Origin};
use dlmm_core::network::route::{CandidatePool, Candidates};
use dlmm_core::network::state::PoolState;
use dlmm_core::stored::{PoolRouting, SkippedPool, Snapshot, StoredPool};
use dlmm_core::units::BinId;
use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::ladder::Ladder;

/// A pool with the exact texts of its keys.
#[derive(Debug)]
pub(super) struct PoolSeed {
    pub(super) routing: PoolRouting,
    pub(super) value: String,
    pub(super) bins: Bins,
}

/// The texts of a pool's bins.
#[derive(Debug)]
pub(super) enum Bins {
    Given(Vec<(BinId, String)>),
    /// Written only when they are needed: those of thousands of pools together are hundreds of megabytes.
    Made(Box<Ladder>),
}

/// Takes the pools out of a snapshot; their values stay as they are, to the letter.
///
/// # Errors
/// The key and what is wrong with it, where a pool of it could not be quoted: it is not spread any further.
pub(super) fn pools_of(text: &str, default_fee_bps: u16) -> anyhow::Result<Vec<PoolSeed>> {
    let snapshot = Snapshot::parse(text)?;
    let all = snapshot.pools.iter().map(|(routing, _)| CandidatePool {
        pool: routing.pool.clone(),
        x_for_y: true,
        y_for_x: true,
    });
    let all = Candidates { pools: all.collect(), ..Candidates::default() };
    for state in snapshot.state(&all, default_fee_bps).pools.into_iter().map(|(_, state)| state) {
        if let PoolState::Skipped { key, reason } = state {
            anyhow::bail!("{key} cannot be used: {reason}");
        }
    }
    let decimals = snapshot.decimals();
    snapshot.pools.iter().map(|(routing, pool)| PoolSeed::new(routing, pool, &decimals)).collect()
}

impl PoolSeed {
    fn new(routing: &PoolRouting, pool: &StoredPool<'_>, decimals: &DecimalTable) -> anyhow::Result<Self> {
        let id = &routing.pool.id;
        let value = pool.value.as_deref().unwrap_or_default();
        let mut fields: IndexMap<String, Box<RawValue>> =
            serde_json::from_str(value).with_context(|| id.to_string())?;
        // Redis has no list of tokens: what the snapshot says about decimals apart from its pools goes into them.
        for (name, token, stated) in [
            ("token_x_decimals", &routing.pool.token_x, routing.decimals_x),
            ("token_y_decimals", &routing.pool.token_y, routing.decimals_y),
        ] {
            let (known, origin) = decimals.of(token);
            let is_implied = DecimalTable::default().of(token) == (known, Origin::WellKnown);
            if stated.is_none() && origin == Origin::Stated && !is_implied {
                fields.insert(name.to_owned(), RawValue::from_string(known.to_string())?);
            }
        }
        let bins =
            pool.bins_by_id(id).map_err(|SkippedPool { key, reason }| anyhow::anyhow!("{key}: {reason}"))?;
        Ok(Self {
            value: serde_json::to_string(&fields)?,
            bins: Bins::Given(bins.into_iter().map(|(id, text)| (id, text.to_owned())).collect()),
            routing: routing.clone(),
        })
    }

    pub(super) fn bins(&self) -> Cow<'_, [(BinId, String)]> {
        match &self.bins {
            Bins::Given(bins) => bins.into(),
            Bins::Made(ladder) => ladder.values().into(),
        }
    }

    pub(super) fn bin_count(&self) -> usize {
        match &self.bins {
            Bins::Given(bins) => bins.len(),
            Bins::Made(ladder) => ladder.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use dlmm_core::stored::sample_snapshot;

    use super::*;

    #[test]
    fn the_sample_goes_in_as_its_producer_writes_it() {
        let pools = pools_of(&sample_snapshot(0), 10).unwrap();
        let [btc, ..] = pools.as_slice() else { panic!("{pools:?}") };
        assert_eq!(
            btc.value,
            r#"{"pool_id":"BTC-USDC-25","token_x":"BTC","token_y":"USDC","bin_step":25,"initial_active_bin_id":500,"active_bin_id":500,"active_bin_price":100000.0,"status":"active","total_tvl":1000000.0,"created_at":"1970-01-01T00:00:00.000Z","last_updated":"1970-01-01T00:00:00.000Z"}"#
        );
        let (id, bin) = &btc.bins()[50];
        assert_eq!((id.get(), btc.bin_count()), (500, 101));
        assert!(
            bin.contains(r#""x_amount":1000.0,"y_amount":100000000.0,"price":100000.00000000,"#),
            "{bin}"
        );
        assert!(!bin.contains("price_e8"));
    }

    fn snapshot(tokens: &str, bin: &str) -> String {
        format!(
            r#"{{"format":"dlmm-snapshot/1","taken_at":"","tokens":{{{tokens}}},"pools":[{{"pool_id":"P","token_x":"ODD",
            "token_y":"USDC","active_bin_id":5,"status":"active","bins":[{bin}]}}]}}"#
        )
    }

    const BIN: &str = r#"{"bin_id":5,"reserve_x":"1","reserve_y":"1","price_e8":"1"}"#;

    #[test]
    fn decimals_that_only_the_token_list_states_are_not_lost() {
        let tokens = r#""ODD":{"decimals":3},"USDC":{"decimals":6}"#;
        let pools = pools_of(&snapshot(tokens, BIN), 10).unwrap();
        assert!(pools[0].value.ends_with(r#""status":"active","token_x_decimals":3}"#), "{}", pools[0].value);
    }

    #[test]
    fn a_pool_that_cannot_be_quoted_is_refused_by_its_key() {
        let refused = |bin: &str| pools_of(&snapshot("", bin), 10).unwrap_err().to_string();
        let free = BIN.replace(r#""price_e8":"1""#, r#""price_e8":"0""#);
        assert_eq!(refused(&free), "bin:P:5 cannot be used: price_e8 is zero");
        assert_eq!(refused("{}"), "bin:P:? cannot be used: bin_id is missing");
        assert!(pools_of("{}", 10).unwrap_err().to_string().contains("dlmm-snapshot/1"));
    }
}
