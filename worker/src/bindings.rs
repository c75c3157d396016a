//! What Cloudflare binds to the Worker beside variables: the rate limiter and the data set of quotes. Both are
//! optional, and a fault of either never costs a quote.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use crate::observe::QuoteEvent;
use crate::seam::{Call, Ended};

/// Name of the rate limiter in `wrangler.toml`; `worker/js/seam.js` calls it.
const RATE_LIMITER: &str = "RATE_LIMITER";
/// Name of the data set of quotes in `wrangler.toml`.
const QUOTES: &str = "QUOTES";

/// Which bindings there are. Like variables they stay the same while an isolate lives.
#[derive(Debug, Clone, Copy)]
pub struct Bindings {
    limiter: bool,
    quotes: bool,
}

impl Bindings {
    /// Looks what is bound.
    pub(crate) fn of(env: &JsValue) -> Self {
        let bound = |name: &str| Reflect::get(env, &name.into()).is_ok_and(|bound| bound.is_object());
        Self { limiter: bound(RATE_LIMITER), quotes: bound(QUOTES) }
    }

    /// Whether this client may ask once more. `None` if there is no limiter, or it failed.
    pub(crate) async fn admits(self, call: &Call, client: impl FnOnce() -> String) -> Option<bool> {
        if !self.limiter {
            return None;
        }
        match call.limit(&client()).await {
            Ended::Well { status, .. } => Some(status == 200),
            Ended::Timeout | Ended::Broken | Ended::TooLarge | Ended::Abandoned => None,
        }
    }

    /// Whether quotes are written down at all. Ask before gathering facts.
    pub(crate) const fn writes_quotes(self) -> bool {
        self.quotes
    }

    /// Writes a quote down; tells whether that worked.
    pub(crate) fn write_quote(self, call: &Call, event: &QuoteEvent<'_>) -> bool {
        let env: Env = call.environment().unchecked_into();
        env.analytics_engine(QUOTES)
            .is_ok_and(|quotes| quotes.write_data_point(&event.to_data_point()).is_ok())
    }
}
