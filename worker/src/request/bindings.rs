//! What Cloudflare binds to the Worker beside variables: the rate limiter and the data set of quotes. Both are
//! optional, and a fault of either never costs a quote.

use js_sys::futures::JsFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use worker::{AnalyticsEngineDataset, Env};

use crate::observe::QuoteEvent;

/// Name of the rate limiter in `wrangler.toml`.
const RATE_LIMITER: &str = "RATE_LIMITER";
/// Name of the data set of quotes in `wrangler.toml`.
const QUOTES: &str = "QUOTES";

/// The bindings of one request.
#[derive(Debug)]
pub struct Bindings {
    limiter: Option<JsValue>,
    quotes: Option<AnalyticsEngineDataset>,
}

impl Bindings {
    /// Takes what is bound.
    pub(crate) fn of(env: &Env) -> Self {
        let bound = |name: &str| Reflect::get(env, &name.into()).ok().filter(JsValue::is_object);
        Self {
            limiter: bound(RATE_LIMITER),
            quotes: bound(QUOTES).and_then(|_| env.analytics_engine(QUOTES).ok()),
        }
    }

    /// Whether clients are limited at all.
    pub const fn limits(&self) -> bool {
        self.limiter.is_some()
    }

    /// Whether this client may ask once more. `None` if there is no limiter, or it failed.
    ///
    /// Called by hand, because the wrapper brings a whole deserializer for one boolean.
    pub async fn admits(&self, client: &str) -> Option<bool> {
        let limiter = self.limiter.as_ref()?;
        let options = Object::new();
        Reflect::set(&options, &"key".into(), &client.into()).ok()?;
        let limit: Function = Reflect::get(limiter, &"limit".into()).ok()?.dyn_into().ok()?;
        let promise: Promise = limit.call1(limiter, &options).ok()?.dyn_into().ok()?;
        let outcome: JsValue = JsFuture::from(promise).await.ok()?;
        Reflect::get(&outcome, &"success".into()).ok()?.as_bool()
    }

    /// Whether quotes are written down at all. Ask before gathering facts.
    pub fn writes_quotes(&self) -> bool {
        self.quotes.is_some()
    }

    /// Writes a quote down; tells whether that worked.
    pub fn write_quote(&self, event: &QuoteEvent<'_>) -> bool {
        self.quotes.as_ref().is_none_or(|quotes| quotes.write_data_point(&event.to_data_point()).is_ok())
    }
}
