//! `/health`: is this Worker able to quote?

use serde::Serialize;

use crate::context::RequestContext;
use crate::error::{ApiError, Code};
use crate::http::Answer;
use crate::topology::CacheReport;
use crate::upstash::{Budget, Command, RedisClient, UpstashError, Value};

/// What Redis said to PING and DBSIZE.
#[derive(Debug, Serialize)]
struct RedisHealth {
    reachable: bool,
    /// Time of the round trip, for PING and DBSIZE together.
    ping_ms: Option<u64>,
    /// Number of keys; `null` where the token may not ask.
    keys: Option<i64>,
    /// Code of the fault, as a quote would give it.
    error: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Health<'a> {
    status: &'static str,
    /// `null` where no Redis is set and the sample state stands in.
    redis: Option<RedisHealth>,
    fallback: bool,
    /// The topology and the route cache of the isolate that answers.
    topology: CacheReport,
    version: &'static str,
    environment: &'static str,
    request_id: &'a str,
}

/// `ok`: Redis answers. `degraded`: it does not, but the sample state may stand in. `down` (503): it does not.
pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let redis = match context.redis() {
        Some(redis) => Some(ask(redis, context.budget(), || context.now_ms()).await),
        None => None,
    };
    let fallback = context.config().fallback_to_sample;
    let reachable = redis.as_ref().is_some_and(|redis| redis.reachable);
    let (status, http_status) = match (reachable, fallback) {
        (true, _) => ("ok", 200),
        (false, true) => ("degraded", 200),
        (false, false) => ("down", Code::RedisUnavailable.status()),
    };
    let health = Health {
        status,
        redis,
        fallback,
        topology: context.isolate().topology().report(context.now_ms()),
        version: env!("CARGO_PKG_VERSION"),
        environment: context.config().environment.as_str(),
        request_id: context.request_id(),
    };
    Ok(Answer::json(&health)?.with_status(http_status))
}

async fn ask(redis: &RedisClient, budget: &Budget, now_ms: impl Fn() -> f64) -> RedisHealth {
    let started_ms = now_ms();
    let commands = [Command::new("PING"), Command::new("DBSIZE")];
    let outcome = redis.pipeline(budget, &commands).await;
    let ping_ms = (now_ms() - started_ms) as u64;
    let keys = outcome.and_then(|reply| {
        let mut items = reply.items(commands.len())?.into_iter();
        let (pong, keys) = (items.next().transpose(), items.next().transpose());
        // A token limited to reads may lack the right to either; to be told so is an answer too.
        unless_forbidden(pong)?;
        unless_forbidden(keys)?.map(Value::into_integer).transpose()
    });
    match keys {
        Ok(keys) => RedisHealth { reachable: true, ping_ms: Some(ping_ms), keys, error: None },
        Err(fault) => {
            RedisHealth { reachable: false, ping_ms: None, keys: None, error: Some(fault.code().as_str()) }
        }
    }
}

fn unless_forbidden(
    answer: Result<Option<Value<'_>>, UpstashError>,
) -> Result<Option<Value<'_>>, UpstashError> {
    answer.or_else(|fault| if fault.is_no_permission() { Ok(None) } else { Err(fault) })
}
