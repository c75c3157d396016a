//! The state that an answer is compared with: a snapshot, or what Redis holds now.

use std::path::Path;

use anyhow::Context;
use dlmm_core::api::{Source, request_from_json};
use dlmm_core::json::JsonText;
use dlmm_core::market::{Market, MarketSettings};
use dlmm_core::quote::QuoteRequest;
use dlmm_core::stored::{FORMAT, keys, parse_stamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::now_ms;
use crate::input;
use crate::market::{PoolTexts, candidates_of, list_pools, read_pools};
use crate::redis::heartbeat::read_pulse;
use crate::redis::pool_ids::Depth;
use crate::redis::store::{PoolStore, all_bins};
use crate::redis::target::RedisTarget;

/// The caller's own state.
pub(super) struct OwnState {
    pub(super) market: Market,
    max_pools: usize,
    /// Read anew for each answer.
    store: Option<PoolStore>,
}

impl OwnState {
    /// Reads a snapshot, once for all answers.
    pub(super) fn of_snapshot(path: &Path, fee_bps: u16, max_pools: usize) -> anyhow::Result<Self> {
        let named = || input::name(path);
        let text = input::read(path).with_context(|| format!("cannot read {}", named()))?;
        let market = Market::from_snapshot(&text, settings(fee_bps, max_pools)).with_context(named)?;
        Ok(Self { market, max_pools, store: None })
    }

    /// Lists the pools of a Redis; their bins are read for each answer.
    pub(super) async fn of_redis(
        target: &RedisTarget,
        fee_bps: u16,
        max_pools: usize,
    ) -> anyhow::Result<Self> {
        let mut store = PoolStore::open(target).await?;
        let PoolTexts { keys, texts, .. } = list_pools(&mut store, Depth::Thorough).await?;
        let empty = format!(r#"{{"format":"{FORMAT}","taken_at":"0","tokens":{{}},"pools":[]}}"#);
        let mut market = Market::from_snapshot(&empty, settings(fee_bps, max_pools))?;
        market.apply(keys.iter().zip(&texts).map(|(key, text)| (&**key, text.as_deref())))?;
        Ok(Self { market, max_pools, store: Some(store) })
    }

    /// Reads what an answer to this request is computed from, in one MGET. A snapshot is there already.
    ///
    /// The answer was there before, whatever its clock said: what is read now was read later.
    pub(super) async fn read(&mut self, request: &QuoteRequest, answered_ms: u64) -> anyhow::Result<()> {
        let Some(store) = &mut self.store else { return Ok(()) };
        // Where there is none, the answer has pools that nobody else sees, and that is told of it.
        let Ok(candidates) = candidates_of(self.market.graph(), request, self.max_pools) else {
            return Ok(());
        };
        let pools = read_pools(store, &candidates).await?;
        // Behind the state, so that it is no older than what any answer before has seen.
        self.market.set_pulse(read_pulse(store).await?);
        for (id, pool) in &pools {
            let mut bins = pool.bins.iter().peekable();
            let bins = all_bins().map(|bin| {
                let text = bins.next_if(|(id, _)| *id == Some(bin)).map(|(_, text)| &**text);
                (keys::bin(id, bin), text)
            });
            let values: Vec<(String, Option<&str>)> =
                std::iter::once((keys::pool(id), pool.value.as_deref())).chain(bins).collect();
            self.market.apply(values.iter().map(|(key, text)| (&**key, *text)))?;
            self.market.set_left_out(id, pool.left_out.clone());
        }
        self.market.set_read_at_ms(now_ms().max(answered_ms.saturating_add(1)));
        Ok(())
    }
}

fn settings(default_fee_bps: u16, max_pools: usize) -> MarketSettings {
    MarketSettings { default_fee_bps, max_pools, source: Source::Snapshot, clock_ms: now_ms() }
}

/// When an answer says that its state was read, milliseconds since 1970; 0 where it says no time.
pub(super) fn read_at_ms(answer: &str) -> u64 {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        state: State<'a>,
    }
    #[derive(Deserialize)]
    struct State<'a> {
        #[serde(borrow)]
        read_at: &'a RawValue,
    }
    let answer: Option<Answer<'_>> = serde_json::from_str(answer).ok();
    let read_at = answer.and_then(|answer| {
        JsonText::parse(answer.state.read_at.get()).ok().and_then(|raw| parse_stamp(raw).at_ms)
    });
    read_at.unwrap_or_default()
}

/// The request that an answer says it answers; `None` where it says none that can be read.
pub(super) fn request_in(answer: &str) -> Option<QuoteRequest> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        input: Input<'a>,
    }
    #[derive(Deserialize)]
    struct Input<'a> {
        #[serde(borrow)]
        request: &'a RawValue,
    }
    let answer: Answer<'_> = serde_json::from_str(answer).ok()?;
    request_from_json(answer.input.request.get()).ok()
}
