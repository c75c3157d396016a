//! `/metrics`: counters of this isolate in Prometheus' text format.

use crate::context::RequestContext;
use crate::http::Answer;
use crate::isolate::wasm_memory_bytes;
use crate::metrics::{Ages, gauge};
use crate::upstash::RedisClient;

/// The format's own content type, with its version.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) fn answer(context: &RequestContext) -> Answer {
    let isolate = context.isolate();
    let caches = isolate.topology().report(context.now_ms());
    let ages = Ages {
        state_ms: isolate.metrics().ages().worst_ms(context.now_ms()),
        heartbeat_ms: isolate.topology().heartbeat().age_when_read_ms(),
    };
    let mut text = isolate.metrics().text(&caches, isolate.redis().map(RedisClient::breaker), ages);
    let help = "What the isolate's wasm has taken for its data; it never gives any back.";
    text.push_str(&gauge("dlmm_wasm_memory_bytes", help, wasm_memory_bytes()));
    Answer::json_text(text).with_header("content-type", TEXT_FORMAT)
}
