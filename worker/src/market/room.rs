//! Room in the isolate's memory for work that holds much of it over its reads. Where others have it, one waits for its turn.

use std::pin::Pin;

use crate::market::live::LiveMarket;
use crate::market::refusal::Refusal;
use crate::observe::{Holding, InFlight};
use crate::redis::Exchange;

/// How long one waits for room at most. What waits holds nothing, and reads afterwards, so that no answer is older for it.
const MOST_WAIT_MS: f64 = 25_000.0;
/// When one that found none may come again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Room for so many bytes, in the order of asking.
///
/// On the heap: it is awaited in many places, and compiled once.
///
/// # Errors
/// RATE_LIMITED where there is none for long.
pub(crate) fn room<'a, X: Exchange>(
    memory: &'a InFlight,
    market: &'a LiveMarket<'_, X>,
    bytes: usize,
) -> Pin<Box<dyn Future<Output = Result<Holding, Refusal>> + 'a>> {
    Box::pin(async move {
        let waiting = memory.line_up();
        let began_ms = market.redis.now_ms();
        loop {
            let now_ms = market.redis.now_ms();
            match waiting.look(bytes, now_ms) {
                Ok(holding) => return Ok(holding),
                Err(_) if now_ms - began_ms >= MOST_WAIT_MS => {
                    return Err(Refusal::Busy { retry_after_seconds: RETRY_AFTER_SECONDS });
                }
                Err(ms) => market.background.others_first(ms).await,
            }
        }
    })
}
