//! One isolate's market over a Redis in memory, and the pools that tests trade on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dlmm_core::api::request_from_json;
use dlmm_core::quote::{Quote, QuoteRequest, Warning};
use serde_json::json;

use super::memory::{MemoryRedis, NOW, Stored};
use crate::config::{Config, Limits};
use crate::market::rounds::{Loaded, quotes_from_redis};
use crate::market::{Background, Known, LiveMarket, Refusal, Task, Turn, run};
use crate::observe::{Level, Log};
use crate::redis::{BreakerPolicy, Budget, Client, RetryPolicy, Session};

/// Nothing in memory really waits, so one poll finishes every future.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a Redis in memory never waits"),
    }
}

/// Tasks that were put off, for the test to do.
#[derive(Default)]
struct PutOff {
    tasks: RefCell<Vec<Task>>,
    /// How often others had a turn.
    turns: Cell<usize>,
    /// Has the clock.
    redis: MemoryRedis,
}

impl Background for PutOff {
    fn begin(&self, task: Task) {
        self.tasks.borrow_mut().push(task);
    }

    fn others_first(&self, ms: u32) -> Turn<'_> {
        self.redis.wait_ms(f64::from(ms));
        self.turns.set(self.turns.get() + 1);
        Box::pin(std::future::ready(()))
    }
}

/// What one isolate has, and its Redis.
pub(crate) struct Desk {
    pub(crate) redis: MemoryRedis,
    pub(crate) known: Known,
    client: Client<MemoryRedis>,
    limits: Limits,
    put_off: PutOff,
}

impl Desk {
    /// Over an empty Redis, with these settings beside the usual ones.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        let redis = MemoryRedis::default();
        let config = Config::read(&|name| match name {
            "UPSTASH_REDIS_REST_URL" => Some("https://name.upstash.io".to_owned()),
            "UPSTASH_REDIS_REST_TOKEN" => Some("a-token".to_owned()),
            name => settings.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()),
        })
        .unwrap();
        let retries = RetryPolicy { max_retries: 0, factor: 1.0 };
        let client = Client::new(redis.clone(), retries, BreakerPolicy { faults: 0, cool_down_ms: 1 });
        let (known, limits) = (Known::new(&config), config.limits);
        let put_off = PutOff { redis: redis.clone(), ..PutOff::default() };
        Self { redis, known, client, limits, put_off }
    }

    /// With a pool `P` of A and B: the active bin 500, and `depth` bins on each side that hold 100 units each, all of the
    /// price 1.
    pub(crate) fn with_pool(settings: &[(&str, &str)], depth: u16) -> Self {
        let desk = Self::new(settings);
        desk.add_pool("P", 500, depth);
        desk
    }

    pub(crate) fn add_pool(&self, id: &str, active: u16, depth: u16) {
        self.redis.set(&format!("pool:{id}"), pool_value(id, active));
        for bin in active - depth..=active + depth {
            self.redis.set(&format!("bin:{id}:{bin}"), bin_value(bin, active));
        }
    }

    /// Lists these pools in the set `pools`.
    pub(crate) fn list(&self, ids: &[&str]) {
        self.redis.put("pools", Stored::Set(ids.iter().map(|id| (*id).to_owned()).collect()));
    }

    /// Does something on the market within a budget of its own.
    pub(crate) fn on_market<T>(&self, act: impl AsyncFnOnce(&LiveMarket<'_, MemoryRedis>) -> T) -> T {
        self.within(Budget::new(NOW, 3_600_000, Log::new(Level::Error, String::new())), act)
    }

    /// The same with the producer's count of what is read, as streams want it.
    pub(crate) fn on_counted_market<T>(&self, act: impl AsyncFnOnce(&LiveMarket<'_, MemoryRedis>) -> T) -> T {
        self.within(Budget::new(NOW, 3_600_000, Log::new(Level::Error, String::new())).counted(), act)
    }

    fn within<T>(&self, budget: Budget, act: impl AsyncFnOnce(&LiveMarket<'_, MemoryRedis>) -> T) -> T {
        let redis = Session::new(&self.client, &budget);
        let (known, limits) = (&self.known, &self.limits);
        finish(act(&LiveMarket { redis, known, limits, background: &self.put_off }))
    }

    /// The answers to these requests, in their order.
    pub(crate) fn batch(&self, requests: &[&str]) -> Vec<Result<Loaded, Refusal>> {
        let requests: Vec<QuoteRequest> =
            requests.iter().map(|request| request_from_json(request).unwrap()).collect();
        let requests: Vec<&QuoteRequest> = requests.iter().collect();
        let mut answers = BTreeMap::new();
        let mut sink = |index, answer| assert!(answers.insert(index, answer).is_none(), "answered twice");
        self.on_market(async |market| quotes_from_redis(market, &requests, &mut sink).await);
        assert_eq!(answers.len(), requests.len());
        answers.into_values().collect()
    }

    /// Sells so many A for B, with further fields of the request.
    pub(crate) fn sell(&self, amount: u32, fields: &str) -> Result<Quote, Refusal> {
        self.batch(&[&sell(amount, fields)]).remove(0).map(|loaded| *loaded.answer.quote)
    }

    /// How often others had a turn so far.
    pub(crate) fn turns(&self) -> usize {
        self.put_off.turns.get()
    }

    /// Does what was put off, and gives what it was.
    pub(crate) fn do_tasks(&self) -> Vec<Task> {
        let tasks = self.put_off.tasks.take();
        for task in &tasks {
            self.on_market(async |market| run(task.clone(), market.known, market.redis).await).unwrap();
        }
        tasks
    }
}

/// A request that sells so many A for B.
pub(crate) fn sell(amount: u32, fields: &str) -> String {
    format!(r#"{{"token_in":"A","token_out":"B","amount_in_atomic":"{amount}"{fields}}}"#)
}

pub(crate) fn pool_value(id: &str, active: u16) -> serde_json::Value {
    json!({"pool_id": id, "token_x": "A", "token_y": "B", "token_x_decimals": 0, "token_y_decimals": 0,
        "active_bin_id": active, "status": "active", "x_protocol_fee": 0, "y_protocol_fee": 0,
        "last_updated": "2027-01-15T08:00:00Z"})
}

/// X above the active bin, Y below it, both in it.
pub(crate) fn bin_value(bin: u16, active: u16) -> serde_json::Value {
    let (x, y) = (if bin < active { "0" } else { "100" }, if bin > active { "0" } else { "100" });
    json!({"bin_id": bin, "reserve_x": x, "reserve_y": y, "price_e8": "100000000"})
}

/// The code of a refusal of core or of Redis.
pub(crate) fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Quote(error) => error.code(),
        Refusal::Redis(error) => error.code(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn codes(quote: &Quote) -> Vec<&'static str> {
    quote.warnings.iter().map(Warning::code).collect()
}
