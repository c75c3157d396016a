//! Requests that share their reads, and the rounds of reading and quoting until each has its answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use dlmm_core::error::QuoteError;
use dlmm_core::quote::{BinsLookedAt, Effort, MoreBins, Outcome, QuoteInput, Warning, quote};
use dlmm_core::route::CandidatePool;
use dlmm_core::state::{PoolState, State};
use dlmm_core::units::{PoolId, Symbol};

use super::freshness::{look_again, relist_in_background};
use super::read::read;
use super::{Answers, Loaded, Pending, QuotedFrom, find};
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::topology::Topology;
use crate::upstash::RedisClient;
use crate::window::Windows;

/// Reads for one quote at most: the first, four wider ones (an answer may uncover the next gap), one more where
/// the listing was out of date, and one more before state is refused as strict requests ask.
const MAX_READS: u32 = 7;

/// Requests that one MGET serves.
pub(super) struct Group<'r> {
    pending: Vec<Pending<'r>>,
    /// The candidate pools of all of them.
    pools: Rc<[CandidatePool]>,
    windows: Windows,
    reads: u32,
    listing_is_fresh: bool,
}

impl<'r> Group<'r> {
    /// Plans the first read of these requests.
    pub(super) fn plan(context: &RequestContext, topology: &Topology, pending: Vec<Pending<'r>>) -> Self {
        let pools = joint_pools(&pending);
        let max_keys = context.config().max_keys_per_quote;
        let windows = Windows::plan(context.isolate().hints(), topology, &pools, max_keys);
        Self { pending, pools, windows, reads: 0, listing_is_fresh: false }
    }

    /// Two groups of whole requests, for a read that would exceed the key budget.
    fn split(self) -> [Self; 2] {
        let Self { mut pending, pools, windows, reads, listing_is_fresh } = self;
        let second = pending.split_off(pending.len() / 2);
        [pending, second].map(|pending| {
            let of_half = joint_pools(&pending);
            let windows = windows.restricted(&pools, &of_half);
            Self { pending, pools: of_half, windows, reads, listing_is_fresh }
        })
    }
}

/// The candidate pools of several requests, each once and with every direction that is needed, in id order.
fn joint_pools(pending: &[Pending<'_>]) -> Rc<[CandidatePool]> {
    let mut joint: BTreeMap<&PoolId, CandidatePool> = BTreeMap::new();
    for candidate in pending.iter().flat_map(|one| &one.candidates.pools) {
        let entry = joint.entry(&candidate.pool.id).or_insert_with(|| candidate.clone());
        entry.x_for_y |= candidate.x_for_y;
        entry.y_for_x |= candidate.y_for_x;
    }
    joint.into_values().collect()
}

/// Answers groups, read by read.
pub(super) struct Rounds<'a> {
    context: &'a RequestContext,
    redis: &'a RedisClient,
    seeds: &'a [Symbol],
    topology: Rc<Topology>,
    answers: &'a mut Answers,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        context: &'a RequestContext,
        redis: &'a RedisClient,
        seeds: &'a [Symbol],
        topology: Rc<Topology>,
        answers: &'a mut Answers,
    ) -> Self {
        Self { context, redis, seeds, topology, answers }
    }

    /// Answers every request of a group. Groups too large for one read are split, in order.
    pub(super) async fn answer<'r>(&mut self, first: Group<'r>) {
        let mut groups = Vec::from([first]);
        while let Some(group) = groups.pop() {
            if group.pending.len() > 1 && group.windows.ranges(&group.pools).1 {
                let [first, second] = group.split();
                groups.extend([second, first]);
                continue;
            }
            let indices: Vec<usize> = group.pending.iter().map(|one| one.index).collect();
            match self.round(group).await {
                Ok(None) => {}
                Ok(Some(rest)) => groups.push(rest),
                Err(fault) => indices.into_iter().for_each(|index| self.answers.put_missing(index, &fault)),
            }
        }
    }

    /// Reads once and quotes; gives what is left to answer, with a wider read planned.
    async fn round<'r>(&mut self, mut group: Group<'r>) -> Result<Option<Group<'r>>, ApiError> {
        group.reads += 1;
        let (ranges, cut_short) = group.windows.ranges(&group.pools);
        let keep_texts = group.pending.iter().any(|one| one.request.include_state);
        let (state, texts) =
            read(self.context, self.redis, &self.topology, &group.pools, &ranges, keep_texts).await?;
        let (state, texts) = (Rc::new(state), Rc::new(texts));
        let read_at_ms = self.context.now_ms() as u64;
        let may_look = !group.listing_is_fresh && group.reads < MAX_READS;
        let any = |wanted: fn(&PoolState) -> bool| state.pools.values().any(wanted);
        if may_look && any(|pool| matches!(pool, PoolState::Rerouted)) {
            let (context, cache) = (self.context, self.context.isolate().topology());
            let newer = cache.reload(self.redis, context.budget(), self.seeds, context.now_ms()).await?;
            return Ok(self.plan_anew(newer, group.pending, group.reads));
        }
        if any(|pool| matches!(pool, PoolState::Absent)) {
            relist_in_background(self.context, self.seeds);
        }
        let can_read_more = group.reads < MAX_READS && !cut_short;
        let mut judged = Judged::default();
        for one in std::mem::take(&mut group.pending) {
            let Pending { request, candidates, .. } = &one;
            let input = QuoteInput {
                request,
                candidates,
                state: &state,
                now_ms: read_at_ms,
                can_read_more,
                effort: Effort::WHOLE,
            };
            match quote(&input) {
                Ok(Outcome::ReadMore(more)) => {
                    judged.more.extend(more);
                    judged.short.push(one);
                }
                Ok(Outcome::Quote(mut quote)) => {
                    judged.looked_at.extend(quote.looked_at.iter().cloned());
                    let keys_limited = cut_short.then_some(self.context.config().max_keys_per_quote);
                    quote.warnings.extend(keys_limited.map(|keys| Warning::KeysLimited { keys }));
                    let input = one.request.include_state.then(|| QuotedFrom {
                        request: one.request.clone(),
                        candidates: Rc::clone(&one.candidates),
                        texts: Rc::clone(&texts),
                        default_fee_bps: self.context.config().default_fee_bps,
                        keys_limited,
                    });
                    let loaded = Loaded { quote: *quote, state: Rc::clone(&state), read_at_ms, input };
                    self.answers.put(one.index, Ok(loaded));
                }
                // A producer that writes a pool in several steps is met in between now and then, so the state of
                // one moment is not refused before it was seen to last.
                Err(QuoteError::StateInvalid { .. })
                    if one.request.strict && !one.read_again && group.reads < MAX_READS =>
                {
                    judged.short.push(Pending { read_again: true, ..one });
                }
                // All pools of the listing are gone or inactive; there may be new ones.
                Err(refusal @ QuoteError::NoRoute { .. }) if may_look => judged.unrouted.push((one, refusal)),
                Err(refusal) => self.answers.put(one.index, Err(refusal.into())),
            }
        }
        self.go_on(group, judged, &state).await
    }

    /// Plans what is read next for the requests without an answer.
    async fn go_on<'r>(
        &mut self,
        mut group: Group<'r>,
        judged: Judged<'r>,
        state: &State,
    ) -> Result<Option<Group<'r>>, ApiError> {
        let Judged { short, more, unrouted, looked_at } = judged;
        if !looked_at.is_empty() {
            self.context.isolate().hints().learn(&group.windows, &group.pools, state, &looked_at);
        }
        if let Some((_, refusal)) = unrouted.first() {
            let newer = look_again(self.context, self.redis, &self.topology, self.seeds, refusal).await?;
            if let Some(newer) = newer {
                let pending = short.into_iter().chain(unrouted.into_iter().map(|(one, _)| one)).collect();
                return Ok(self.plan_anew(newer, pending, group.reads));
            }
            for (one, refusal) in unrouted {
                self.answers.put(one.index, Err(refusal.into()));
            }
        }
        if short.is_empty() {
            return Ok(None);
        }
        if !more.is_empty() {
            group.windows.widen(&group.pools, state, &more);
        }
        let pools = joint_pools(&short);
        let windows = group.windows.restricted(&group.pools, &pools);
        Ok(Some(Group { pending: short, pools, windows, ..group }))
    }

    /// Finds the candidates once more, in a listing that was just made; those that have none are answered.
    fn plan_anew<'r>(
        &mut self,
        topology: Rc<Topology>,
        pending: Vec<Pending<'r>>,
        reads: u32,
    ) -> Option<Group<'r>> {
        self.topology = topology;
        let mut found = Vec::with_capacity(pending.len());
        for one in pending {
            match find(self.context, &self.topology, one.request) {
                Ok(candidates) => found.push(Pending { candidates, ..one }),
                Err(refusal) => self.answers.put(one.index, Err(refusal.into())),
            }
        }
        if found.is_empty() {
            return None;
        }
        let group = Group::plan(self.context, &self.topology, found);
        Some(Group { reads, listing_is_fresh: true, ..group })
    }
}

/// What became of the requests of one read that have no answer yet.
#[derive(Default)]
struct Judged<'r> {
    /// Known bins ran out, or the state is to be seen once more.
    short: Vec<Pending<'r>>,
    more: Vec<MoreBins>,
    /// No usable pools.
    unrouted: Vec<(Pending<'r>, QuoteError)>,
    looked_at: Vec<BinsLookedAt>,
}
