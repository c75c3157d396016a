//! What one isolate keeps between requests.
//!
//! Plain data only, and nothing that belongs to one request: requests interleave at every await, and a JavaScript
//! object of one request must not be touched by another. No borrow is held across an await.

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::bindings::Bindings;
use crate::config::{Config, ConfigError};
use crate::market::Known;
use crate::observe::Metrics;
use crate::redis::{FetchExchange, RedisClient};
use crate::seam::{Call, now_ms};

/// Settings, the client made from them, and what was learnt of the pools.
#[derive(Debug)]
pub struct Isolate {
    config: Config,
    redis: Option<RedisClient>,
    market: Known,
    metrics: Metrics,
    started_ms: f64,
    bindings: Bindings,
}

thread_local! {
    /// The outcome of reading the settings: they cannot change while an isolate lives.
    static ISOLATE: OnceCell<Result<Rc<Isolate>, ConfigError>> = const { OnceCell::new() };
}

impl Isolate {
    /// The isolate's state, made by its first request.
    ///
    /// # Errors
    /// The setting that cannot be used; the same for every request until the settings are put right.
    pub fn of(call: &Call) -> Result<Rc<Self>, ConfigError> {
        ISOLATE.with(|isolate| isolate.get_or_init(|| Self::read(&call.environment()).map(Rc::new)).clone())
    }

    fn read(env: &JsValue) -> Result<Self, ConfigError> {
        let config = Config::read(&|name| text_of(env, name))?;
        let redis = config.redis.as_ref().map(|settings| {
            let exchange = FetchExchange::new(&settings.url, &settings.token);
            RedisClient::new(exchange, config.redis_retries, config.breaker)
        });
        let market = Known::new(&config);
        Ok(Self {
            config,
            redis,
            market,
            metrics: Metrics::default(),
            started_ms: now_ms(),
            bindings: Bindings::of(env),
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn redis(&self) -> Option<&RedisClient> {
        self.redis.as_ref()
    }

    /// What is known of the market.
    pub fn market(&self) -> &Known {
        &self.market
    }

    /// What this isolate has done.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What is bound beside variables.
    pub const fn bindings(&self) -> Bindings {
        self.bindings
    }

    /// When its first request came, in Unix milliseconds.
    pub fn started_ms(&self) -> f64 {
        self.started_ms
    }
}

/// What the isolate's wasm has taken for its data; it never gives any back.
#[cfg(target_arch = "wasm32")]
pub fn wasm_memory_bytes() -> usize {
    const PAGE: usize = 65_536;
    core::arch::wasm32::memory_size::<0>().saturating_mul(PAGE)
}

/// On the host there is no such memory; only tests get here.
#[cfg(not(target_arch = "wasm32"))]
pub const fn wasm_memory_bytes() -> usize {
    0
}

/// The text behind a name. Variables in wrangler.toml may be numbers or booleans; they count as their text.
fn text_of(env: &JsValue, name: &str) -> Option<String> {
    let value: JsValue = Reflect::get(env, &name.into()).ok()?;
    value
        .as_string()
        .or_else(|| value.as_f64().map(|number| number.to_string()))
        .or_else(|| value.as_bool().map(|switch| switch.to_string()))
}
