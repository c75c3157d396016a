//! What a handler gets to work with.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::held::Held;
use crate::body::{BodyFault, read_request};
use crate::config::Config;
use crate::http::{ApiError, Method, QueryPairs, query_pairs, split_url};
use crate::isolate::Isolate;
use crate::market::{Background, LiveMarket, Task, run};
use crate::observe::{Log, new_request_id};
use crate::redis::{Budget, Caller, Session};
use crate::request::Bindings;

/// Largest body of a quote request, in bytes. The largest sensible one, with lists of pools, is a few KB.
pub const MAX_QUOTE_BODY: usize = 64 * 1024;

/// One request: its parts, the settings, Redis, and what may be spent on it.
#[derive(Debug)]
pub struct RequestContext {
    request: web_sys::Request,
    url: String,
    method: Method,
    origin: Option<String>,
    arrived_ms: f64,
    isolate: Rc<Isolate>,
    budget: Budget,
    worker: worker::Context,
    bindings: Bindings,
}

impl RequestContext {
    /// Takes a request in: gives it an id and starts its clock.
    pub(crate) fn new(
        request: web_sys::Request,
        isolate: Rc<Isolate>,
        worker: worker::Context,
        bindings: Bindings,
    ) -> Self {
        let config = isolate.config();
        let arrived_ms = js_sys::Date::now();
        let log = Log::new(config.log_level, new_request_id());
        Self {
            url: request.url(),
            method: Method::parse(&request.method()),
            origin: request.headers().get("origin").ok().flatten(),
            arrived_ms,
            budget: Budget::new(arrived_ms, config.redis_timeout_ms, log).for_caller(Caller::of(&request)),
            request,
            isolate,
            worker,
            bindings,
        }
    }

    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether the answer goes out without its body.
    pub fn is_head(&self) -> bool {
        self.method == Method::Head
    }

    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        split_url(&self.url).0
    }

    /// The web page's origin, if a browser sent one.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// A header of the request; `None` where it is absent.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// What is bound to the Worker.
    pub fn bindings(&self) -> &Bindings {
        &self.bindings
    }

    /// When the request came in, in Unix milliseconds.
    pub fn arrived_ms(&self) -> f64 {
        self.arrived_ms
    }

    pub fn config(&self) -> &Config {
        self.isolate.config()
    }

    /// What this isolate keeps between requests. The `Rc` may move into a background task.
    pub fn isolate(&self) -> &Rc<Isolate> {
        &self.isolate
    }

    /// The market as it is at this moment; `None` only where the sample state stands in for Redis.
    pub fn market(&self) -> Option<LiveMarket<'_>> {
        let redis = Session::new(self.isolate.redis()?, &self.budget);
        Some(LiveMarket {
            redis,
            known: self.isolate.market(),
            limits: &self.config().limits,
            background: self,
        })
    }

    /// The deadline and counters that every Redis call of this request shares.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether the client has closed its connection, so that nobody gets the answer.
    pub fn client_is_gone(&self) -> bool {
        self.budget.caller().is_gone()
    }

    pub fn log(&self) -> &Log {
        self.budget.log()
    }

    pub fn request_id(&self) -> &str {
        self.log().request_id()
    }

    /// The clock, in Unix milliseconds. It moves on only when the request waits for I/O.
    pub fn now_ms(&self) -> f64 {
        js_sys::Date::now()
    }

    /// The query, still percent-encoded.
    pub fn query_text(&self) -> &str {
        split_url(&self.url).1
    }

    /// Names and values of the query, decoded; duplicates are kept for the handler to refuse.
    pub fn query(&self) -> QueryPairs<'_> {
        query_pairs(self.query_text())
    }

    /// The body of the request, at most `limit` bytes.
    ///
    /// # Errors
    /// BODY_TOO_LARGE above the limit; INVALID_REQUEST if the client broke off.
    pub async fn body(&self, limit: usize) -> Result<Vec<u8>, ApiError> {
        read_request(&self.request, limit).await.map_err(|fault| match fault {
            BodyFault::TooLarge => ApiError::body_too_large(limit),
            BodyFault::Broken => ApiError::invalid_request("body", "the request body broke off"),
        })
    }

    /// Has the platform run this request to its end, even if the client goes: broken off at an await, it would never
    /// free what it holds. Dropping what this gives tells that the end is reached.
    pub(crate) fn hold(&self) -> Held {
        let (held, to_its_end) = Held::new(Rc::clone(self.budget.caller()));
        self.worker.wait_until(to_its_end);
        held
    }
}

impl Background for RequestContext {
    fn others_first(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async {
            // The clock stands still while code runs, so the way of it over this wait holds all that went before.
            let before_ms = self.now_ms();
            worker::Delay::from(Duration::ZERO).await;
            self.budget.excuse(self.now_ms() - before_ms);
        })
    }

    fn begin(&self, task: Task) {
        let isolate = Rc::clone(&self.isolate);
        let budget = Budget::new(self.now_ms(), self.config().redis_timeout_ms, self.log().clone());
        self.worker.wait_until(async move {
            let Some(redis) = isolate.redis() else { return };
            let outcome = run(task, isolate.market(), Session::new(redis, &budget)).await;
            isolate.metrics().spent(budget.spent());
            if let Err(fault) = outcome {
                budget.log().topology_fault(fault.code());
            }
        });
    }
}
