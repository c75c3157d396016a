//! What a look of a stream of changes finds, and what it takes in of it.

use dlmm_core::api::Source;
use dlmm_core::network::age::Pulse;
use dlmm_core::sorted::SortedSet;
use dlmm_core::stored::{SnapshotContents, write_stamp};
use dlmm_core::units::PoolId;

use super::super::RETRY_AFTER_SECONDS;
use super::super::diff::Diff;
use super::super::keys_read::read_held;
use super::known::{ChangeStream, NARROW_POLLS, text_of};
use crate::market::copy::{Copied, Ids, copy};
use crate::market::listing::checked;
use crate::market::watched::{Held, HeldPool, bytes_of, state_of};
use crate::market::{LiveMarket, Refusal};
use crate::observe::Holding;
use crate::redis::Exchange;
use crate::seam::now_ms;
use crate::stream::Inbox;

/// What a look found.
pub(super) enum Found {
    Snapshot {
        document: String,
        seq: Option<u64>,
        holding: Holding,
    },
    Changes(Changes),
    /// What was read is older than what the client knows: to be read again after so many milliseconds.
    Behind(f64),
}

/// What is to be told, and of which moment it is.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) diff: Diff,
    pub(super) taken_at: String,
    pub(super) pulse: Pulse,
    /// The producer's count that all pools are at least as new as now.
    pub(super) seq: Option<u64>,
    /// Whether all of it was read from Redis.
    pub(super) is_read: bool,
    pub(super) holding: Option<Holding>,
}

impl Found {
    pub(super) const fn seq(&self) -> Option<u64> {
        match self {
            Self::Snapshot { seq, .. } | Self::Changes(Changes { seq, .. }) => *seq,
            Self::Behind(_) => None,
        }
    }

    /// Whether Redis was asked for all of it.
    pub(super) const fn is_read(&self) -> bool {
        match self {
            Self::Snapshot { .. } => true,
            Self::Changes(changes) => changes.is_read,
            Self::Behind(_) => false,
        }
    }
}

impl ChangeStream {
    /// Looks, and takes in what is to be told: nothing of it where it fails.
    pub(super) async fn find<X: Exchange>(
        &mut self,
        market: &LiveMarket<'_, X>,
        news: Option<&Inbox>,
    ) -> Result<Found, Refusal> {
        let topology = checked(market).await?;
        let ids = self.watched.ids(&market.known.listing, &topology)?;
        let Some(held) = self.held.as_mut().filter(|held| held.keys().eq(ids.iter())) else {
            let full = Refusal::Busy { retry_after_seconds: RETRY_AFTER_SECONDS };
            if !self.memory.has_room(self.wanted) {
                return Err(full);
            }
            let copied = copy(market, &topology, Ids::Chosen(&ids)).await?;
            if let Some(ms) = self.seen.is_behind(oldest(&copied), news) {
                return Ok(Found::Behind(ms));
            }
            let seq_of = |id: &PoolId| copied.seqs.get(id).copied().unwrap_or_default();
            let held = copied.pools.iter().map(|(id, pool)| (id.clone(), HeldPool::of(pool, seq_of(id))));
            let (held, pulse): (Held, _) = (held.collect(), copied.pulse.clone());
            let bytes = bytes_of(&held);
            self.wanted = bytes;
            if !self.memory.has_room(bytes) {
                return Err(full);
            }
            let found = match self.claimed.take() == Some(state_of(&held)) {
                // It was given all of this by another isolate.
                true => Found::Changes(Changes {
                    taken_at: write_stamp(copied.taken_at_ms),
                    seq: oldest(&copied),
                    pulse: copied.pulse,
                    is_read: true,
                    ..Changes::default()
                }),
                false => snapshot(copied, market.limits.default_fee_bps)?,
            };
            self.held = Some(held);
            self.memory.hold(bytes);
            self.block_height = pulse.block_height;
            self.heartbeat = text_of(&pulse);
            self.polls = 0;
            return Ok(found);
        };
        let mut changes = Changes { taken_at: write_stamp(now_ms() as u64), ..Changes::default() };
        // After a refusal nobody knows what was missed.
        let is_whole = news.is_none_or(|news| news.is_lost) || self.polls >= NARROW_POLLS;
        match news {
            None if self.polls < NARROW_POLLS => {
                self.polls += 1;
                let read = read_held(market, held).await?;
                if let Some(ms) = self.seen.is_behind(read.seq, news) {
                    return Ok(Found::Behind(ms));
                }
                // A bin that is gone may hold something that is no text.
                if !read.suspects.is_empty() {
                    let copied = copy(market, &topology, Ids::Chosen(&read.suspects)).await?;
                    if is_told_otherwise(held, &copied) {
                        return self.begin_anew(market, news).await;
                    }
                }
                *held = read.held;
                changes =
                    Changes { diff: read.diff, pulse: read.pulse, seq: read.seq, is_read: true, ..changes };
            }
            news => {
                let mut to_read = if is_whole { ids } else { SortedSet::new() };
                let told = news.filter(|_| !is_whole);
                if let Some(news) = told {
                    to_read.extend(news.untold.iter().filter(|id| held.contains_key(*id)).cloned());
                    changes.pulse.block_height = news.block_height;
                    changes.taken_at = news.taken_at.clone().unwrap_or(changes.taken_at);
                    changes.seq = news.seq;
                }
                if !to_read.is_empty() {
                    let copied = copy(market, &topology, Ids::Chosen(&to_read)).await?;
                    if let Some(ms) = self.seen.is_behind(oldest(&copied), news) {
                        return Ok(Found::Behind(ms));
                    }
                    if is_told_otherwise(held, &copied) {
                        return self.begin_anew(market, news).await;
                    }
                    for (id, pool) in &copied.pools {
                        if let Some(known) = held.get_mut(id) {
                            changes.diff.see(id, known, pool, copied.seqs.get(id).copied());
                        }
                    }
                    changes.taken_at = write_stamp(copied.taken_at_ms);
                    if is_whole {
                        changes.seq = oldest(&copied);
                    }
                    changes.pulse = copied.pulse;
                    changes.holding = Some(copied.holding);
                }
                // Only now that nothing can fail any more: what is taken in has to be told.
                if let Some(news) = told {
                    changes.diff.hear(held, news);
                    self.seen.told(news.seq);
                }
                if is_whole {
                    self.polls = 0;
                    changes.is_read = true;
                }
            }
        }
        self.memory.hold(bytes_of(held));
        Ok(Found::Changes(changes))
    }

    /// Gives all of it: what is left out has no texts by which it could be told.
    async fn begin_anew<X: Exchange>(
        &mut self,
        market: &LiveMarket<'_, X>,
        news: Option<&Inbox>,
    ) -> Result<Found, Refusal> {
        self.held = None;
        Box::pin(self.find(market, news)).await
    }
}

/// Whether a pool is left out now of which the client was not told, or the other way round.
fn is_told_otherwise(held: &Held, copied: &Copied) -> bool {
    let is_otherwise =
        |(id, pool): (&PoolId, _)| held.get(id).is_some_and(|known| !known.is_as_left_out_as(pool));
    copied.pools.iter().any(is_otherwise)
}

/// The count that all of it is at least as new as.
fn oldest(copied: &Copied) -> Option<u64> {
    copied.seqs.values().min().copied()
}

fn snapshot(copied: Copied, default_fee_bps: u16) -> Result<Found, Refusal> {
    let (taken_at_ms, seq) = (copied.taken_at_ms, oldest(&copied));
    let contents = SnapshotContents::of(copied.pools, copied.others, default_fee_bps)
        .with_pulse(copied.pulse)
        .of_a_part(true);
    let document = contents.into_document(taken_at_ms, Source::Redis).map_err(|_| Refusal::Internal)?;
    Ok(Found::Snapshot { document, seq, holding: copied.holding })
}
