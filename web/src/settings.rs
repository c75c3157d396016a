//! Options of an engine.

use dlmm_core::wire::{MarketSettings, Source};
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::fields::entries;

/// Fees at or above this leave nothing to trade.
const FEE_SCALE_BPS: u16 = 10_000;

/// Reads the options given with a snapshot; the defaults are those of the Worker and the command line.
pub(crate) fn read(options: &JsValue) -> Result<MarketSettings, Failure> {
    let mut settings = MarketSettings {
        default_fee_bps: 10,
        max_pools: 64,
        source: Source::Snapshot,
        clock_ms: js_sys::Date::now() as u64,
    };
    if options.is_undefined() {
        return Ok(settings);
    }
    for (name, value) in entries("options", options)? {
        if value.is_undefined() {
            continue;
        }
        match name.as_str() {
            "defaultFeeBps" => settings.default_fee_bps = whole(&name, &value, 0, FEE_SCALE_BPS - 1)?,
            "maxCandidatePools" => settings.max_pools = whole(&name, &value, 1, u16::MAX)?.into(),
            _ => return Err(Failure::invalid(&name, "is not an option of an engine")),
        }
    }
    Ok(settings)
}

fn whole(name: &str, value: &JsValue, min: u16, max: u16) -> Result<u16, Failure> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0);
    let fits = number.filter(|number| (f64::from(min)..=f64::from(max)).contains(number));
    let refuse = || Failure::invalid(name, &format!("must be a whole number from {min} to {max}"));
    fits.map(|number| number as u16).ok_or_else(refuse)
}
