//! Pools with contracts, quoted and planned the way every front end does it.

use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Market, MarketSettings};
use serde_json::{Value, json};

pub(crate) const DEPLOYER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
pub(crate) const SENDER: &str = "ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD5";
pub(crate) const ROUTER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.dlmm-swap-router-v-1-1";

/// A snapshot of pools whose bins are `[id, reserve x, reserve y, price_e8]`.
pub(crate) fn snapshot(pools: &[Value]) -> String {
    let pools: Vec<Value> = pools
        .iter()
        .map(|pool| {
            let mut whole = pool.clone();
            let bins = pool["bins"].as_array().expect("bins").iter().map(|bin| {
                json!({"pool_id": pool["pool_id"], "bin_id": bin[0], "reserve_x": bin[1], "reserve_y": bin[2],
                    "price_e8": bin[3]})
            });
            whole["bins"] = bins.collect();
            whole
        })
        .collect();
    json!({"format": "dlmm-snapshot/1", "taken_at": "2026-01-01T00:00:00Z", "tokens": {}, "pools": pools})
        .to_string()
}

/// The contracts of a pool, put into its value.
pub(crate) fn with_contracts(mut pool: Value) -> Value {
    let named = |name: &Value| format!("{DEPLOYER}.{}", name.as_str().expect("text").to_lowercase());
    pool["pool_contract"] = json!(named(&pool["pool_id"]));
    for side in ["x", "y"] {
        let contract = named(&pool[format!("token_{side}")]);
        pool[format!("token_{side}_asset")] = json!(format!("{contract}::token"));
        pool[format!("token_{side}_contract")] = json!(contract);
    }
    pool
}

pub(crate) fn market(pools: &[Value]) -> Market {
    let settings =
        MarketSettings { default_fee_bps: 10, max_pools: 64, source: Source::Snapshot, clock_ms: 0 };
    let mut market = Market::from_snapshot(&snapshot(pools), settings).expect("a snapshot");
    market.set_router(Some(ROUTER));
    market
}

/// The answer as JSON.
pub(crate) fn answer(market: &mut Market, request: &Value) -> Result<Value, QuoteError> {
    let text = market.answer(&request_from_json(&request.to_string())?, NumberStyle::Json)?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

pub(crate) fn refusal(pools: &[Value], request: &Value) -> (String, Value) {
    let error = answer(&mut market(pools), request).expect_err("refused");
    let details = dlmm_core::api::error_details(&error);
    (error.code().to_owned(), serde_json::from_str(&details).expect("JSON"))
}
