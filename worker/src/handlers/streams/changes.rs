//! `/changes`: pools as they are, and then every text of theirs that changes.

mod find;
mod known;

use dlmm_core::api::Source;
use dlmm_core::json::to_json;
use dlmm_core::stored::keys::StateKey;
use dlmm_core::stored::{with_fees, write_stamp};
use dlmm_core::units::PoolId;

use super::diff::Diff;
use super::new_pools::look_for_new_pools;
use super::pump::last_event_id;
use super::seen::Seen;
use super::{AGAIN_MS, Looked, quoted};
use crate::handlers::snapshot::part_of_sample;
use crate::handlers::source::sample_stands_in;
use crate::handlers::watched::read_watched;
use crate::http::{ApiError, QueryPairs};
use crate::market::Refusal;
use crate::market::values::{READ_AGAIN_MS, Young, beating_texts_within};
use crate::market::watched::{bytes_of, state_of};
use crate::observe::Holding;
use crate::redis::Counting;
use crate::request::RequestContext;
use crate::seam::now_ms;
use crate::stream::{Inbox, fingerprint};
use find::{Changes, Found};
pub(crate) use known::ChangeStream;
use known::{NARROW_POLLS, text_of};

impl ChangeStream {
    /// # Errors
    /// INVALID_REQUEST naming the parameter.
    pub(super) fn read(query: QueryPairs<'_>, context: &RequestContext) -> Result<Self, ApiError> {
        let Some(watched) = read_watched(query)? else {
            let message = "name the pools, as in pools=A,B, or the pair, with token_in and token_out";
            return Err(ApiError::invalid_request("pools", message));
        };
        let id = last_event_id(context);
        let default_fee_bps = context.config().limits.default_fee_bps;
        let claimed = id.state.map(|state| state ^ u64::from(default_fee_bps));
        let held = claimed.and_then(|state| context.isolate().market().left.find(&watched, id.seq, state));
        let seen = match &held {
            Some(held) => Seen::at(held.values().map(|pool| pool.seq).max()),
            // Of another isolate: what is read must not be older than what the client has.
            None => Seen::at(claimed.map(|_| id.seq)),
        };
        let mut memory = context.isolate().market().streams.begin();
        memory.hold(held.as_ref().map_or(0, bytes_of));
        let taken = held.as_ref().map(|_| id.seq);
        Ok(Self {
            watched,
            held,
            block_height: None,
            heartbeat: None,
            refused: None,
            has_sample: false,
            is_answered: false,
            polls: 0,
            seen,
            memory,
            wanted: 1,
            taken,
            claimed,
            default_fee_bps,
        })
    }

    /// Tells which texts are worth keeping.
    pub(super) fn watch(&self, inbox: &mut Inbox) {
        if let Some(held) = &self.held {
            inbox.watch(held.keys());
        }
    }

    pub(super) fn is_concerned(&self, context: &RequestContext, news: &Inbox) -> bool {
        let Some(held) = &self.held else { return true };
        // Whatever moves may be what ends a refusal.
        if self.refused.is_some() {
            return true;
        }
        let topology = context.isolate().market().listing.current();
        let is_new = |id: &PoolId| topology.as_ref().is_none_or(|known| known.routing(id).is_none());
        let height_moved = news.block_height.is_some() && news.block_height != self.block_height;
        news.is_lost || height_moved || news.moved.iter().any(|id| held.contains_key(id) || is_new(id))
    }

    pub(super) async fn look(&mut self, moment: &RequestContext, news: Option<&Inbox>) -> Looked {
        if let Some(news) = news {
            look_for_new_pools(moment, news, &self.watched.seeds()).await;
        }
        let found = match moment.market() {
            Some(market) => Some(self.find(&market, news).await),
            None => None,
        };
        let config = moment.config();
        let found = match found {
            Some(Ok(found)) => Ok(found),
            Some(Err(refusal)) if !sample_stands_in(config.fallback_to_sample, Some(&refusal)) => {
                Err((refusal, Source::Redis))
            }
            fault => match self.stand_in(now_ms() as u64, config.limits.default_fee_bps) {
                Ok(event) => {
                    // Redis, where there is one, is asked again soon, and counts on from where it is.
                    let (seq, again_ms) = fault.map(|_| (0, AGAIN_MS)).unzip();
                    let written = event.as_ref().map_or(0, |(_, json)| json.len());
                    let is_read = again_ms.is_none();
                    return Looked { event, seq, is_read, written, again_ms, ..Looked::default() };
                }
                Err(refusal) => Err((refusal, Source::Sample)),
            },
        };
        match found {
            Ok(Found::Behind(ms)) => Looked { again_ms: Some(ms), ..Looked::default() },
            Ok(found) => {
                let (seq, is_read) = (found.seq(), found.is_read());
                // Whoever was told of a refusal is told that it is over, even where nothing else changed.
                let was_refused = self.refused.take().is_some();
                self.has_sample = false;
                let (event, holding) = self.event(found, was_refused);
                let written = event.as_ref().map_or(0, |(_, json)| json.len());
                Looked { event, seq, holding, is_read, written, ..Looked::default() }
            }
            Err((Refusal::Busy { .. }, _)) => Looked { again_ms: Some(AGAIN_MS), ..Looked::default() },
            Err((refusal, source)) => {
                // What was heard is spent; the next look begins with everything, and comes soon where Redis failed.
                self.polls = NARROW_POLLS;
                self.has_sample = false;
                let again_ms = refusal.is_redis_fault().then_some(AGAIN_MS);
                let seq = moment.budget().counting().and_then(Counting::seq);
                let error = ApiError::from(refusal).looked_up_in(source);
                let said = fingerprint(&ApiError { message: "".into(), ..error.clone() }.to_json(""));
                let is_known = self.refused.replace(said) == Some(said);
                let event = (!is_known).then(|| ("refused", error.to_json(moment.request_id())));
                Looked { event, seq, is_read: again_ms.is_none(), again_ms, ..Looked::default() }
            }
        }
    }

    /// Gives the sample to a client that has something else.
    ///
    /// # Errors
    /// For what is asked of it.
    fn stand_in(
        &mut self,
        now_ms: u64,
        default_fee_bps: u16,
    ) -> Result<Option<(&'static str, String)>, Refusal> {
        if self.has_sample {
            return Ok(None);
        }
        let document = part_of_sample(&self.watched, now_ms, default_fee_bps)?;
        self.forget();
        self.refused = None;
        (self.has_sample, self.is_answered) = (true, true);
        Ok(Some(("snapshot", document)))
    }

    /// What the client knows is not known any more.
    pub(super) fn forget(&mut self) {
        self.held = None;
        self.claimed = None;
        self.memory.hold(0);
        self.is_answered = false;
        self.has_sample = false;
    }

    fn event(
        &mut self,
        found: Found,
        was_refused: bool,
    ) -> (Option<(&'static str, String)>, Option<Holding>) {
        let was_answered = std::mem::replace(&mut self.is_answered, true);
        let Changes { diff, taken_at, pulse, holding, .. } = match found {
            Found::Snapshot { document, holding, .. } => {
                return (Some(("snapshot", document)), Some(holding));
            }
            Found::Changes(changes) => changes,
            Found::Behind(_) => return (None, None),
        };
        let height = pulse.block_height.or(self.block_height);
        if diff.0.is_empty() && height == self.block_height && !was_refused && was_answered {
            return (None, None);
        }
        self.block_height = height;
        (Some(("changes", self.changes(&diff, &taken_at, text_of(&pulse)))), holding)
    }

    /// What is told where nothing changes, now and then: that the producer lives, if it does. A client that knows pools by
    /// what was told of them would otherwise take quiet ones for old.
    pub(super) async fn beat(&mut self, context: &RequestContext) -> Option<(&'static str, String)> {
        let keys = [self.beats_by()?];
        let moment = context.again();
        let market = moment.market()?;
        let heartbeat = market.known.listing.heartbeat();
        let young = Young::UpTo(READ_AGAIN_MS);
        let read = beating_texts_within(market.redis, heartbeat, &keys, young, |_, _| ()).await;
        moment.isolate().metrics().spent(moment.budget().spent());
        let (_, pulse) = read.ok()?;
        let text = text_of(&pulse).filter(|text| self.heartbeat.as_ref() != Some(text))?;
        let taken_at = write_stamp(now_ms() as u64);
        Some(("changes", self.changes(&Diff::default(), &taken_at, Some(text))))
    }

    /// A key to be read where the producer's life is told: one that the client knows. None while it is told of a refusal, which
    /// any event of changes would end, and before anything was looked at.
    fn beats_by(&self) -> Option<String> {
        let held = self.held.as_ref().filter(|_| self.is_answered && self.refused.is_none())?;
        held.iter().next().and_then(|(id, pool)| pool.keys(id).next())
    }

    fn changes(&mut self, diff: &Diff, taken_at: &String, heartbeat: Option<String>) -> String {
        let number = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
        let height = number(self.block_height.map(|height| height.to_string()));
        let told = heartbeat
            .as_ref()
            .map(|text| format!(r#""heartbeat_ms":{},"#, to_json(text)))
            .unwrap_or_default();
        self.heartbeat = heartbeat.or(self.heartbeat.take());
        let keys = diff.0.iter().map(|(key, text)| {
            let text = text.as_deref().map(|text| match StateKey::parse(key) {
                // As in the snapshot that it follows.
                Some(StateKey::Pool(_)) => quoted(&with_fees(text, self.default_fee_bps)),
                _ => quoted(text),
            });
            format!("{}:{}", quoted(key), number(text))
        });
        let keys: Vec<String> = keys.collect();
        format!(
            r#"{{"taken_at":{},"block_height":{height},{told}"keys":{{{}}}}}"#,
            to_json(taken_at),
            keys.join(",")
        )
    }

    pub(super) fn sent(&mut self, seq: u64) {
        self.taken = Some(seq);
    }

    /// The state that the client has once it takes what is told now.
    pub(super) fn state(&self) -> Option<u64> {
        self.held.as_ref().map(|held| state_of(held) ^ u64::from(self.default_fee_bps))
    }

    /// Keeps what the client knows.
    pub(super) fn leave(self, context: &RequestContext) {
        if let (Some(seq), Some(held)) = (self.taken, self.held) {
            context.isolate().market().left.keep(self.watched, seq, held);
        }
    }
}

#[cfg(test)]
mod tests;
