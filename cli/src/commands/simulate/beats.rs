//! The heartbeats of a simulation, and whether they are its alone.

use dlmm_core::stored::{HEARTBEAT_FIELD, keys};
use redis::Pipeline;

use crate::redis::fault::RedisFault;
use crate::redis::heartbeat::{beat, is_one_of};
use crate::redis::store::PoolStore;

/// The heartbeat that one was written over; `None` instead where a `WATCH` kept it from being written.
type Before = Option<(Option<Vec<u8>>,)>;

/// What this run wrote as heartbeats.
#[derive(Debug, Default)]
pub(super) struct Beats {
    /// The last one, and those after it of which no reply says whether they were written.
    pub(super) own: Vec<u64>,
    /// Whether one of somebody else was ever there: before the first, or since.
    pub(super) met_another: bool,
}

impl Beats {
    /// Beats alone: a round in which nothing is swapped says all the same that somebody watches.
    pub(super) async fn alone(&mut self, store: &mut PoolStore, now_ms: u64) -> Result<(), RedisFault> {
        let outcome = self.with(store, redis::pipe().atomic(), "HSET", now_ms).await;
        if outcome.as_ref().is_err_and(|fault| !fault.breaks_connection()) {
            // Refused, and nothing else was asked for: it is not there.
            self.own.pop();
        }
        outcome.map(drop)
    }

    /// Beats in a `MULTI` whose other replies are ignored; tells whether it was executed.
    pub(super) async fn with(
        &mut self,
        store: &mut PoolStore,
        pipeline: &mut Pipeline,
        name: &str,
        now_ms: u64,
    ) -> Result<bool, RedisFault> {
        // In the same step, so that none can come between the look and the writing.
        pipeline.hget(keys::METADATA, HEARTBEAT_FIELD).add_command(beat(now_ms)).ignore();
        self.own.push(now_ms);
        let Some((found,)) = store.run_all::<Before>(pipeline, name).await? else {
            self.own.pop();
            return Ok(false);
        };
        let before = self.own.split_last().map_or(&[][..], |(_, before)| before);
        self.met_another |= found.is_some_and(|text| !is_one_of(before, &text));
        self.own = vec![now_ms];
        Ok(true)
    }
}
