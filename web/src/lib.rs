//! What JavaScript calls of the engine; the package's `js/` wraps it, types it and turns failures into errors.
//!
//! Plain data goes in. Quotes and lists come out as JSON text, which the browser's own parser turns into objects faster
//! than calls back and forth would. A failure is thrown as the JSON text of `{code, message, details}`.
#![forbid(unsafe_code)]

mod failure;
mod fields;
mod plain_data;
mod settings;
mod verdict;

use dlmm_core::quote::DEFAULT_MAX_HOPS;
use dlmm_core::units::PoolId;
use dlmm_core::wire::{Market, NumberStyle, request_from_json, verify_quote_with};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use failure::Failure;

/// Sends what a panic says to the console; the trap alone would not tell.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// A market in memory.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    market: Market,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a snapshot: its text, the bytes of its text in UTF-8, or the object parsed from it.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: &JsValue, settings: &JsValue) -> Result<Engine, JsValue> {
        let settings = settings::read(settings)?;
        let text = plain_data::document(snapshot).map_err(Failure::snapshot)?;
        let market = Market::from_snapshot(&text, settings).map_err(Failure::snapshot)?;
        Ok(Self { market })
    }

    /// Quotes a request.
    pub fn quote(&mut self, request: &JsValue) -> Result<String, JsValue> {
        let request = fields::quote_request(request).map_err(Failure::from)?;
        Ok(self.market.answer(&request, NumberStyle::Text).map_err(Failure::from)?)
    }

    /// Quotes a request given as JSON text.
    #[wasm_bindgen(js_name = quoteText)]
    pub fn quote_text(&mut self, request: &str) -> Result<String, JsValue> {
        let request = request_from_json(request).map_err(Failure::from)?;
        Ok(self.market.answer(&request, NumberStyle::Text).map_err(Failure::from)?)
    }

    /// Lists the candidate routes of a pair.
    pub fn routes(&self, token_in: &str, token_out: &str, max_hops: Option<f64>) -> Result<String, JsValue> {
        let (token_in, token_out) = fields::pair(token_in, token_out)?;
        let max_hops = max_hops.map_or(Ok(DEFAULT_MAX_HOPS), fields::hops)?;
        Ok(self.market.routes((&token_in, &token_out, max_hops)).map_err(Failure::from)?)
    }

    /// Lists all pools without their bins.
    #[must_use]
    pub fn pools(&self) -> String {
        self.market.pools(NumberStyle::Text).to_json()
    }

    /// Lists one pool with its bins.
    pub fn pool(&self, pool_id: &str) -> Result<String, JsValue> {
        let id = PoolId::new(pool_id).map_err(|e| Failure::invalid("pool_id", &e.to_string()))?;
        let pool = self.market.pool(&id, NumberStyle::Text).map_err(Failure::from)?;
        Ok(pool.to_json())
    }

    /// Puts values under Redis keys of pools and bins: stored text, the object parsed from it, or null.
    #[wasm_bindgen(js_name = applyUpdate)]
    pub fn apply_update(&mut self, values: &JsValue) -> Result<(), JsValue> {
        let values = fields::stored_values(values).map_err(Failure::from)?;
        let values = values.iter().map(|(key, text)| (key.as_str(), text.as_deref()));
        Ok(self.market.apply(values).map_err(Failure::from)?)
    }

    /// When the state was read, milliseconds since 1970.
    #[wasm_bindgen(getter, js_name = readAtMs)]
    pub fn read_at_ms(&self) -> f64 {
        self.market.read_at_ms() as f64
    }

    /// Says when the state as it is now was read.
    #[wasm_bindgen(setter, js_name = readAtMs)]
    pub fn set_read_at_ms(&mut self, at_ms: f64) {
        self.market.set_read_at_ms(at_ms as u64);
    }
}

/// Computes a quote anew from the state it carries.
#[wasm_bindgen]
pub fn verify(quote: &str) -> Result<JsValue, JsValue> {
    let verification = verify_quote_with(quote, &plain_data::shortest_double).map_err(Failure::from)?;
    Ok(verdict::Verdict::from(&verification).serialize(&Serializer::json_compatible())?)
}

/// Panics, so that a test can show what a caller then sees.
#[cfg(feature = "panic-on-purpose")]
#[wasm_bindgen(js_name = panicOnPurpose)]
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn panic_on_purpose() {
    panic!("on purpose");
}
