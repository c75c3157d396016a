//! What JavaScript calls of the engine; the package's `js/` wraps it, types it and turns failures into errors.
//!
//! JSON text goes in and comes out: JavaScript reads and writes it faster than calls back and forth would hand the
//! values over, and knows plain data best. A failure is thrown as the JSON text of `{code, message, details}`.
#![forbid(unsafe_code)]

mod failure;
mod verdict;

use dlmm_core::api::{NumberStyle, Source, request_from_json};
use dlmm_core::clarity::Principal;
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::network::age::AgeLimit;
use dlmm_core::network::route::MAX_HOPS;
use dlmm_core::quote::DEFAULT_MAX_HOPS;
use dlmm_core::units::{PoolId, Symbol};
use dlmm_core::verify::{Own, verify_quote_with};
use js_sys::Number;
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
    /// Reads a snapshot.
    #[wasm_bindgen(constructor)]
    pub fn new(
        snapshot: &str,
        default_fee_bps: u16,
        max_pools: u16,
        clock_ms: f64,
        warn_age_ms: Option<f64>,
        router: Option<String>,
    ) -> Result<Engine, JsValue> {
        let clock_ms = clock_ms as u64;
        let max_pools = max_pools.into();
        let settings = MarketSettings { default_fee_bps, max_pools, source: Source::Snapshot, clock_ms };
        let mut market = Market::from_snapshot(snapshot, settings).map_err(Failure::snapshot)?;
        if let Some(ms) = warn_age_ms {
            market.set_warn_age((ms > 0.0).then_some(AgeLimit::named(ms as u64)));
        }
        market.set_router(contract(router.as_deref())?.filter(|router| !router.is_empty()));
        Ok(Self { market })
    }

    /// Quotes a request.
    pub fn quote(&mut self, request: &str) -> Result<String, JsValue> {
        let request = request_from_json(request).map_err(Failure::from)?;
        Ok(self.market.answer(&request, NumberStyle::Text).map_err(Failure::from)?)
    }

    /// Lists the candidate routes of a pair.
    pub fn routes(&self, token_in: &str, token_out: &str, max_hops: Option<f64>) -> Result<String, JsValue> {
        let (token_in, token_out) = (symbol("token_in", token_in)?, symbol("token_out", token_out)?);
        let max_hops = max_hops.map_or(Ok(DEFAULT_MAX_HOPS), hops)?;
        Ok(self.market.routes((&token_in, &token_out, max_hops)).map_err(Failure::from)?)
    }

    /// Lists all pools without their bins.
    #[must_use]
    pub fn pools(&self) -> String {
        self.market.pools(NumberStyle::Text).to_json()
    }

    /// Lists one pool with its bins.
    pub fn pool(&self, pool_id: &str) -> Result<String, JsValue> {
        let id = PoolId::new(pool_id).map_err(|e| invalid("pool_id", &e.to_string()))?;
        let pool = self.market.pool(&id, NumberStyle::Text).map_err(Failure::from)?;
        Ok(pool.to_json())
    }

    /// Puts values under Redis keys of pools and bins: an object of stored texts, objects to be stored, and null.
    #[wasm_bindgen(js_name = applyUpdate)]
    pub fn apply_update(&mut self, values: &str) -> Result<(), JsValue> {
        Ok(self.market.apply_json(values).map_err(Failure::from)?)
    }

    /// Says what the producer's heartbeat was then, as it is stored; `None` where there is none.
    #[wasm_bindgen(js_name = setHeartbeat)]
    pub fn set_heartbeat(&mut self, heartbeat: Option<String>) {
        self.market.set_heartbeat(heartbeat.as_deref());
    }

    /// The same of the producer's block.
    #[wasm_bindgen(js_name = setBlockHeight)]
    pub fn set_block_height(&mut self, block_height: Option<String>) {
        self.market.set_block_height(block_height.as_deref());
    }

    /// As the function `verify`, and compares the quote with this market.
    pub fn verify(
        &mut self,
        quote: &str,
        request: Option<String>,
        default_fee_bps: Option<u16>,
        batch: Option<u16>,
    ) -> Result<JsValue, JsValue> {
        verified(quote, request, Some(&mut self.market), default_fee_bps, None, batch)
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

/// Computes a quote anew from the state it carries, and compares it with the caller's own request and fee default.
#[wasm_bindgen]
pub fn verify(
    quote: &str,
    request: Option<String>,
    default_fee_bps: Option<u16>,
    router: Option<String>,
    batch: Option<u16>,
) -> Result<JsValue, JsValue> {
    verified(quote, request, None, default_fee_bps, router, batch)
}

fn verified(
    quote: &str,
    request: Option<String>,
    market: Option<&mut Market>,
    default_fee_bps: Option<u16>,
    router: Option<String>,
    batch: Option<u16>,
) -> Result<JsValue, JsValue> {
    let request = request.as_deref().map(request_from_json).transpose().map_err(Failure::own_request)?;
    let (router, batch) = (contract(router.as_deref())?, batch.map(usize::from));
    let own = Own { request: request.as_ref(), market, default_fee_bps, router, batch };
    let verification = verify_quote_with(quote, own, &shortest_double).map_err(Failure::from)?;
    Ok(verdict::as_object(&verification)?)
}

/// The shortest text of the double nearest to a number.
fn shortest_double(number: &str) -> Option<String> {
    Number::from(js_sys::parse_float(number)).to_string_with_radix(10).map(String::from).ok()
}

fn symbol(field: &str, text: &str) -> Result<Symbol, Failure> {
    Symbol::new(text).map_err(|error| invalid(field, &error.to_string()))
}

/// A contract's principal; empty where there is no router. Which ones are known is said by the quotes that ask for a plan.
fn contract(router: Option<&str>) -> Result<Option<&str>, Failure> {
    let is_contract = |text| Principal::parse(text).is_ok_and(|principal| principal.contract().is_some());
    match router.filter(|text| !text.is_empty() && !is_contract(text)) {
        Some(_) => Err(invalid("router", "must be the principal of a contract")),
        None => Ok(router),
    }
}

fn hops(max_hops: f64) -> Result<u8, Failure> {
    let reason = format!("must be a whole number from 1 to {MAX_HOPS}");
    (1..=MAX_HOPS).find(|hops| f64::from(*hops) == max_hops).ok_or_else(|| invalid("max_hops", &reason))
}

fn invalid(field: &str, reason: &str) -> Failure {
    Failure::Refused(QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() })
}

/// Panics, so that a test can show what a caller then sees.
#[cfg(feature = "panic-on-purpose")]
#[wasm_bindgen(js_name = panicOnPurpose)]
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn panic_on_purpose() {
    panic!("on purpose");
}
