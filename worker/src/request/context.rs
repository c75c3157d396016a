//! What a handler gets to work with.

use std::rc::Rc;

use crate::config::{Config, Origins};
use crate::http::{ApiError, Method, QueryPairs, bearer, query_pairs, split_url};
use crate::isolate::Isolate;
use crate::market::{Background, LiveMarket, Task, Turn, run};
use crate::observe::{Log, new_request_id};
use crate::redis::{Budget, Caller, Session};
use crate::seam::{self, Call, Ended, Room, now_ms};

/// Largest body of a quote request, in bytes. The largest sensible one, with lists of pools, is a few KB.
pub const MAX_QUOTE_BODY: usize = 64 * 1024;

/// One request: its parts, the settings, Redis, and what may be spent on it.
#[derive(Debug)]
pub struct RequestContext {
    call: Call,
    /// Both still percent-encoded.
    path: Rc<str>,
    query: Rc<str>,
    method: Method,
    arrived_ms: f64,
    isolate: Rc<Isolate>,
    budget: Budget,
}

impl RequestContext {
    /// Takes a request in: gives it an id and starts its clock.
    pub(crate) fn new(call: Call, method: Method, url: &str, isolate: Rc<Isolate>) -> Self {
        let (path, query) = split_url(url);
        let config = isolate.config();
        let arrived_ms = now_ms();
        let log = Log::new(config.log_level, new_request_id());
        let caller = Caller::of(call.clone());
        let budget = Budget::new(arrived_ms, config.redis_timeout_ms, log).for_caller(caller);
        Self { call, path: path.into(), query: query.into(), method, arrived_ms, budget, isolate }
    }

    /// The same request once more, with a budget of its own: for what goes on behind its first answer. Its reads are
    /// counted.
    pub(crate) fn again(&self) -> Self {
        let (arrived_ms, timeout_ms) = (now_ms(), self.config().redis_timeout_ms);
        let budget = Budget::new(arrived_ms, timeout_ms, self.log().clone())
            .for_caller(Caller::of(self.call.clone()))
            .counted();
        Self {
            call: self.call.clone(),
            path: Rc::clone(&self.path),
            query: Rc::clone(&self.query),
            method: self.method,
            arrived_ms,
            isolate: Rc::clone(&self.isolate),
            budget,
        }
    }

    /// The request as the platform holds it.
    pub(crate) const fn call(&self) -> &Call {
        &self.call
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
        &self.path
    }

    /// The web page's origin, if a browser sent one; not looked for where it makes no difference.
    pub fn origin(&self) -> Option<String> {
        match &self.config().allowed_origins {
            Origins::Any => None,
            Origins::List(_) => self.header("origin"),
        }
    }

    /// A header of the request; `None` where it is absent.
    pub fn header(&self, name: &str) -> Option<String> {
        self.call.header(name)
    }

    /// The key of the API that the request carries, if it is one of ours.
    pub(crate) fn api_key(&self) -> Option<String> {
        let keys = self.config().api_keys.as_ref()?;
        let own = self.header("x-api-key").unwrap_or_default();
        let authorization = self.header("authorization").unwrap_or_default();
        let given = [Some(own.trim()), bearer(&authorization)];
        given.into_iter().flatten().find(|key| keys.admit(key)).map(str::to_owned)
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
        now_ms()
    }

    /// The query, still percent-encoded.
    pub fn query_text(&self) -> &str {
        &self.query
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
        match self.call.body(limit).await {
            Ended::Well { bytes, .. } => Ok(bytes),
            Ended::TooLarge => Err(ApiError::body_too_large(limit)),
            Ended::Timeout | Ended::Broken | Ended::Abandoned => {
                Err(ApiError::invalid_request("body", "the request body broke off"))
            }
        }
    }

    /// The same as text.
    ///
    /// # Errors
    /// As [`Self::body`]; INVALID_REQUEST if it is not UTF-8.
    pub async fn text(&self, limit: usize) -> Result<String, ApiError> {
        String::from_utf8(self.body(limit).await?)
            .map_err(|_| ApiError::invalid_request("body", "the request body is not UTF-8"))
    }

    /// The SHA-256 of a long text by the platform, which takes a quarter of what wasm takes; `None` where it has none. It is asked
    /// for at once, and may be waited for later; `room` is free again.
    pub fn sha256(&self, pieces: &[&str], room: &mut Room) -> impl Future<Output = Option<[u8; 32]>> + use<> {
        let pieces = pieces.iter().map(|piece| piece.as_bytes()).collect::<Vec<&[u8]>>();
        let digest = self.call.sha256(&room.copy(&pieces));
        async {
            match digest.await {
                Ended::Well { bytes, .. } => bytes.try_into().ok(),
                _ => None,
            }
        }
    }
}

impl Background for RequestContext {
    fn others_first(&self, ms: u32) -> Turn<'_> {
        Box::pin(async move {
            // The clock stands still while code runs, so the way of it over this wait holds all that went before.
            let before_ms = self.now_ms();
            self.call.sleep(ms).await;
            self.budget.excuse(self.now_ms() - before_ms);
        })
    }

    fn begin(&self, task: Task) {
        let (isolate, call) = (Rc::clone(&self.isolate), self.call.behind());
        let budget = Budget::new(self.now_ms(), self.config().redis_timeout_ms, self.log().clone())
            .for_caller(Caller::of(call.clone()));
        seam::run(async move {
            if let Some(redis) = isolate.redis() {
                let outcome = run(task, isolate.market(), Session::new(redis, &budget)).await;
                isolate.metrics().spent(budget.spent());
                if let Err(fault) = outcome {
                    budget.log().topology_fault(fault.code());
                }
            }
            call.end();
        });
    }
}
