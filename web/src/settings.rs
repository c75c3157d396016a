//! Options of an engine.

use dlmm_core::wire::{MarketSettings, Source};
use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::failure::Failure;

/// Fees at or above this leave nothing to trade.
const FEE_SCALE_BPS: u16 = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    default_fee_bps: u16,
    max_candidate_pools: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { default_fee_bps: 10, max_candidate_pools: 64 }
    }
}

/// Reads the options given with a snapshot; the defaults are those of the Worker and the command line.
pub(crate) fn read(options: &JsValue) -> Result<MarketSettings, Failure> {
    let Options { default_fee_bps, max_candidate_pools } = match options.is_undefined() {
        true => Options::default(),
        false => serde_wasm_bindgen::from_value(options.clone())
            .map_err(|error| Failure::invalid("options", &format!("cannot be used: {error}")))?,
    };
    if default_fee_bps >= FEE_SCALE_BPS {
        return Err(Failure::invalid("defaultFeeBps", "must be below 10000"));
    }
    if max_candidate_pools == 0 {
        return Err(Failure::invalid("maxCandidatePools", "must be at least 1"));
    }
    Ok(MarketSettings {
        default_fee_bps,
        max_pools: max_candidate_pools,
        source: Source::Snapshot,
        clock_ms: js_sys::Date::now() as u64,
    })
}
