//! The rounds of reading and quoting until each request has its answer.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::api::{Answer, Basis, ReadAt, Source};
use dlmm_core::error::QuoteError;
use dlmm_core::market::{Step, answer, step};
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::quote::{Effort, MoreBins};
use dlmm_core::stored::WrittenBins;
use dlmm_core::units::{BinId, Symbol};

use super::answers::{Answers, Loaded};
use super::fairness::OthersFirst;
use super::group::{APART, Allowance, Group};
use super::pending::{Pending, Short};
use super::unknown::as_it_is;
use crate::market::listing::{Topology, look_again};
use crate::market::live::{LiveMarket, Task};
use crate::market::reach::{Needed, reach_of};
use crate::market::read::{HeldRead, Looks, Outcomes, ReadTexts, SharedRead, Wanted, WholeRead, read};
use crate::market::refusal::Refusal;
use crate::market::room::room;
use crate::market::values::Young;
use crate::redis::{Counting, Exchange};

/// Reads for one quote at most: the first, four wider ones (an answer may uncover the next gap), one more where
/// the listing was out of date, and one more before state is refused as strict requests ask.
const MAX_READS: u32 = 7;

/// Answers groups, read by read.
pub(super) struct Rounds<'a, 's, X> {
    market: &'a LiveMarket<'a, X>,
    seeds: &'a [Symbol],
    topology: Rc<Topology>,
    answers: &'a mut Answers<'s>,
    allowance: Allowance,
    /// Reads so far, of all groups.
    reads: u32,
    /// How many more reads may be made of one.
    apart: usize,
    /// How much work each quote may cost.
    effort: Effort,
}

/// What one read brought.
struct Moment<'m> {
    state: Rc<State>,
    stored: Arc<ReadTexts>,
    /// The clock after the reply arrived.
    read_at_ms: u64,
    read: Rc<WholeRead>,
    /// What was read of each pool.
    ranges: &'m [(BinId, BinId)],
}

impl Moment<'_> {
    /// Bins that were read of a pool in a direction, from the active one on.
    fn reach(&self, MoreBins { pool_id, direction }: &MoreBins) -> Option<Needed> {
        let at = self.read.pools.binary_search_by(|candidate| candidate.pool.id.cmp(pool_id)).ok()?;
        let active = self.state.ready(pool_id)?.0.active_bin();
        let bins = reach_of(*self.ranges.get(at)?, active, *direction);
        Some(Needed { pool_id: pool_id.clone(), direction: *direction, bins })
    }
}

impl<'a, 's, X: Exchange> Rounds<'a, 's, X> {
    pub(super) fn new(
        market: &'a LiveMarket<'a, X>,
        seeds: &'a [Symbol],
        topology: Rc<Topology>,
        answers: &'a mut Answers<'s>,
    ) -> Self {
        let requests = answers.requests();
        let quote = market.limits.keys_per_quote;
        let allowance = Allowance::new(quote, quote, requests);
        let effort = Effort::of_batch(requests);
        Self { market, seeds, topology, answers, allowance, reads: 0, apart: APART, effort }
    }

    /// Answers requests: from one read if that leaves each enough bins, else from several, in order.
    pub(super) async fn answer<'r>(&mut self, pending: Vec<Pending<'r>>) {
        let hints = &self.market.known.hints;
        let mut groups = Group::plan_all(hints, &self.topology, pending, self.allowance.of_one_read());
        groups.reverse();
        while let Some(group) = groups.pop() {
            let indices: Vec<usize> = group.pending.iter().map(|one| one.index).collect();
            let share = self.allowance.share(groups.len() + 1);
            let others = groups.iter().map(Group::planned_keys).sum();
            let share = share.with_planned(group.planned_keys(), others, &self.allowance);
            match self.round(group, share).await {
                Ok(rest) => groups.extend(rest),
                Err(fault) => {
                    indices.into_iter().for_each(|index| self.answers.put(index, Err(fault.clone())))
                }
            }
        }
    }

    /// Reads once and quotes; gives what is left to answer, with a further read planned.
    async fn round<'r>(
        &mut self,
        mut group: Group<'r>,
        mut share: Allowance,
    ) -> Result<Vec<Group<'r>>, Refusal> {
        if self.reads > 0 {
            // What was computed since the last read is no wait for Redis.
            self.market.background.others_first(0).await;
        }
        let keep_texts =
            group.pending.iter().any(|one| one.request.include_state || one.request.plan.is_some());
        // What a strict request rests on is looked at while its read is kept.
        let holding = match group.pending.iter().any(|one| one.request.strict) {
            true => room(&self.market.known.reads, self.market, group.bytes(&share, keep_texts)).await?,
            false => self.market.known.reads.begin(),
        };
        let ranges = group.ranges(&share);
        let keys = group.count(&ranges);
        self.market.redis.count_keys(keys);
        self.allowance.spend(keys);
        share.spend(keys);
        self.reads += 1;
        self.market.known.hints.count(group.pending.len(), group.reads == 1);
        let (market, young) = (self.market, group.young());
        let wanted = Wanted { topology: &self.topology, pools: &group.pools, ranges: &ranges };
        let shares = !keep_texts && group.pending.iter().all(|one| !one.request.strict);
        let (state, stored, read_at_ms) = match shares.then(|| shared(market, wanted, young)).flatten() {
            Some(SharedRead { state, read_at_ms, .. }) => (state, Arc::default(), read_at_ms),
            None => {
                let (state, texts) =
                    read(market, &self.topology, &group.pools, &ranges, keep_texts, young).await?;
                let (state, read_at_ms) = (Rc::new(state), market.redis.now_ms() as u64);
                if shares && let Some(seq) = market.redis.counting().and_then(Counting::seq) {
                    let read = SharedRead { state: Rc::clone(&state), read_at_ms, seq };
                    market.known.shared_reads.keep(wanted, keys, read);
                }
                (state, Arc::new(texts), read_at_ms)
            }
        };
        group.weigh_anew(&market.known.hints);
        let whole = Rc::new(WholeRead { pools: Rc::clone(&group.pools), number: self.reads });
        let moment = Moment { state, stored, read_at_ms, read: whole, ranges: &ranges };
        let may_look = !group.listing_is_fresh && group.reads < MAX_READS;
        let any = |wanted: fn(&PoolState) -> bool| moment.state.pools.values().any(wanted);
        if may_look && any(|pool| matches!(pool, PoolState::Rerouted)) {
            let newer = market.known.listing.reload(market.redis, self.seeds).await?;
            self.allowance.refund(keys);
            return Ok(self.plan_anew(newer, group.pending, group.reads).into_iter().collect());
        }
        if any(|pool| matches!(pool, PoolState::Absent)) {
            market.background.begin(Task::Relist(self.seeds.to_vec()));
        }
        self.market.known.hints.saw(&self.topology, &moment.state, self.market.redis.now_ms());
        let mut judged = Judged::default();
        let mut looks = Looks::over(HeldRead::new(holding, keys, &moment.stored));
        let mut others = OthersFirst::new();
        for one in std::mem::take(&mut group.pending) {
            others.before_next(market, &mut looks.held).await;
            match self.quote_one(&one, &moment, Reach::Further, &mut looks).await {
                Ok(outcome) => {
                    self.judge(one, outcome, &moment, may_look, group.reads < MAX_READS, &mut judged)
                }
                Err(fault) => self.answers.put(one.index, Err(fault)),
            }
        }
        let again = self.again(&group, &mut judged, &moment, &share, (&mut looks, &mut others)).await;
        looks.begin_later(market);
        let Judged { unrouted, .. } = judged;
        // Before the next wait: nothing of this read is needed any more.
        drop((moment, looks));
        self.go_on(group.reads, keys, unrouted, again).await
    }

    /// Quotes one request on what was read: the one place where core is asked. What it rests on is looked at: before the
    /// answer of a strict request, else after it.
    async fn quote_one(
        &self,
        one: &Pending<'_>,
        moment: &Moment<'_>,
        reach: Reach,
        looks: &mut Looks,
    ) -> Result<Outcomes, Refusal> {
        let Pending { request, candidates, .. } = one;
        let read_at = ReadAt { ms: moment.read_at_ms, source: Source::Redis };
        let quote = |state: &State| {
            let basis = Basis {
                request: (*request).clone(),
                candidates: Arc::clone(candidates),
                decimals: Arc::clone(&state.decimals),
                default_fee_bps: self.market.limits.default_fee_bps,
                stored: Arc::clone(&moment.stored),
                keys_limited: reach.keys_limited(),
                effort: self.effort,
                router: self.market.limits.router.clone(),
            };
            match reach {
                Reach::Further => step(basis, state, read_at),
                Reach::NoFurther { .. } => answer(basis, state, read_at).map(Box::new).map(Step::Answer),
            }
        };
        let outcome = quote(&moment.state);
        if !request.strict {
            looks.add_later(self.market, &outcome, candidates, &moment.state);
            return Ok(outcome);
        }
        let truer = looks.before(self.market, &outcome, candidates, &moment.state).await?;
        Ok(truer.map_or(outcome, |truer| quote(&truer)))
    }

    /// Answers one request, or says what it is still waiting for.
    fn judge<'r>(
        &mut self,
        mut one: Pending<'r>,
        outcome: Outcomes,
        moment: &Moment<'_>,
        may_look: bool,
        may_read_again: bool,
        judged: &mut Judged<'r>,
    ) {
        match outcome {
            Ok(Step::ReadMore(more)) => {
                one.ran_out.extend(more.iter().cloned());
                judged.short.push((one, more));
            }
            Ok(Step::Answer(answer)) => self.give(&one, *answer, moment),
            // The list says so. It may have been mended; reading the state again tells no more.
            Err(refusal) if one.is_of_the_list(&refusal) => match may_look {
                true => judged.unrouted.push((one, refusal)),
                false => self.answers.put(one.index, Err(refusal.into())),
            },
            // A producer that writes a pool in several steps is met in between now and then, so the state of
            // one moment is not refused before it was seen to last.
            Err(QuoteError::StateInvalid { .. })
                if one.request.strict && !one.read_again && may_read_again =>
            {
                judged.short.push((Pending { read_again: true, ..one }, Vec::new()));
            }
            // All pools of the listing are gone or inactive; there may be new ones.
            Err(refusal @ QuoteError::NoRoute { .. }) if may_look => judged.unrouted.push((one, refusal)),
            Err(refusal) => self.answers.put(one.index, Err(refusal.into())),
        }
    }

    /// Plans further reads for those that fell short. Those for which the bounds leave none are answered from what is known,
    /// and their answers say so.
    async fn again<'r>(
        &mut self,
        group: &Group<'r>,
        judged: &mut Judged<'r>,
        moment: &Moment<'_>,
        share: &Allowance,
        (looks, others): (&mut Looks, &mut OthersFirst),
    ) -> Vec<Group<'r>> {
        let short = std::mem::take(&mut judged.short);
        let (groups, ended) = match group.reads < MAX_READS {
            true => group.again(short, (&moment.state, moment.ranges), share, self.apart),
            false => (Vec::new(), short),
        };
        self.apart -= groups.len().saturating_sub(1).min(self.apart);
        for one in ended {
            others.before_next(self.market, &mut looks.held).await;
            self.give_up(&one, moment, looks).await;
        }
        groups
    }

    /// Answers a request from what is known.
    async fn give_up(&mut self, (one, more): &Short<'_>, moment: &Moment<'_>, looks: &mut Looks) {
        // One that was only to be seen once more lacks no bins.
        let keys_limited = (!more.is_empty()).then_some(self.market.limits.keys_per_quote);
        let outcome = match self.quote_one(one, moment, Reach::NoFurther { keys_limited }, looks).await {
            Ok(outcome) => outcome,
            Err(fault) => return self.answers.put(one.index, Err(fault)),
        };
        match outcome {
            Ok(Step::Answer(answer)) => self.give(one, *answer, moment),
            Ok(Step::ReadMore(_)) => self.answers.put(one.index, Err(Refusal::Internal)),
            Err(refusal) => self.answers.put(one.index, Err(refusal.into())),
        }
    }

    /// Hands an answer on, and learns from it how far to read the next time.
    fn give(&mut self, one: &Pending<'_>, answer: Answer<WrittenBins>, moment: &Moment<'_>) {
        if answer.basis.keys_limited.is_none() {
            let used = answer.looked_at.iter().map(|seen| Needed {
                pool_id: seen.pool_id.clone(),
                direction: seen.direction,
                bins: seen.bins,
            });
            // Where bins ran out, only the wider read made the answer certain, whether it used them or not.
            let needed = used.chain(one.ran_out.iter().filter_map(|more| moment.reach(more)));
            self.market.known.hints.learn(&one.size, &needed.collect::<Vec<_>>());
        }
        self.answers.put(one.index, Ok(Loaded { answer, read: Rc::clone(&moment.read) }));
    }

    /// Looks at the list of pools once more for requests that no usable pool served.
    async fn go_on<'r>(
        &mut self,
        reads: u32,
        keys: usize,
        unrouted: Vec<(Pending<'r>, QuoteError)>,
        again: Vec<Group<'r>>,
    ) -> Result<Vec<Group<'r>>, Refusal> {
        let Some((_, refusal)) = unrouted.first() else { return Ok(again) };
        let newer = look_again(self.market, &self.topology, self.seeds, refusal).await?;
        if let Some(newer) = newer {
            let short = again.into_iter().flat_map(|again| again.pending);
            let pending = short.chain(unrouted.into_iter().map(|(one, _)| one)).collect();
            self.allowance.refund(keys);
            return Ok(self.plan_anew(newer, pending, reads).into_iter().collect());
        }
        for (one, refusal) in unrouted {
            self.answers.put(one.index, Err(refusal.into()));
        }
        Ok(again)
    }

    /// Finds the candidates once more, in a listing that was just made; those that have none are answered.
    ///
    /// What was read by the old listing does not count: a change of pools is no client's doing, and happens once a quote.
    fn plan_anew<'r>(
        &mut self,
        topology: Rc<Topology>,
        pending: Vec<Pending<'r>>,
        reads: u32,
    ) -> Option<Group<'r>> {
        self.topology = topology;
        let mut found = Vec::with_capacity(pending.len());
        for one in pending {
            match Pending::find(&self.market.known.listing, &self.topology, (one.index, one.request)) {
                Ok(anew) => found.push(Pending { read_again: one.read_again, ..anew }),
                Err(refusal) => {
                    let refusal = as_it_is(&self.market.known.listing, &self.topology, refusal);
                    self.answers.put(one.index, Err(refusal.into()));
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        let mut group = Group::plan(&self.market.known.hints, &self.topology, found);
        (group.reads, group.listing_is_fresh) = (reads, true);
        Some(group)
    }
}

/// What another stream has read of the same, where that does as well.
fn shared<X: Exchange>(market: &LiveMarket<'_, X>, wanted: Wanted<'_>, young: Young) -> Option<SharedRead> {
    let Young::UpTo(young_ms) = young else { return None };
    let counting = market.redis.counting()?;
    let least_seq = counting.shares_from()?;
    let now_ms = market.redis.now_ms() as u64;
    let found = market.known.shared_reads.find(wanted, least_seq, young_ms, now_ms)?;
    counting.note(Some(found.seq));
    Some(found)
}

/// How far an answer may reach.
#[derive(Clone, Copy)]
enum Reach {
    /// More bins can be read.
    Further,
    /// Not beyond what was read; `keys_limited` is the limit that is to blame, if one is.
    NoFurther { keys_limited: Option<usize> },
}

impl Reach {
    const fn keys_limited(self) -> Option<usize> {
        match self {
            Self::Further => None,
            Self::NoFurther { keys_limited } => keys_limited,
        }
    }
}

/// What became of the requests of one read that have no answer yet.
#[derive(Default)]
struct Judged<'r> {
    /// Known bins ran out, or the state is to be seen once more.
    short: Vec<Short<'r>>,
    /// No usable pools, or one that the list cannot place.
    unrouted: Vec<(Pending<'r>, QuoteError)>,
}
