//! Looks at keys that gave no value to a quote: a key of another Redis type is nothing to `MGET`.
//!
//! Empty bins are usual, so a usual request never waits for this: its answer is sent first. A strict one waits.

use dlmm_core::error::QuoteError;
use dlmm_core::market::Step;
use dlmm_core::network::route::{CandidatePool, Candidates};
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::pool::Pool;
use dlmm_core::sorted::SortedSet;
use dlmm_core::stored::WrittenBins;
use dlmm_core::stored::keys::StateKey;
use dlmm_core::units::{BinId, Direction, PoolId};

use super::held_read::HeldRead;
use super::look_at_broken::look_at_broken;
use super::unreadable::{Hold, Unreadable, UnreadableKeys, pool_of};
use crate::market::known::Known;
use crate::market::live::{LiveMarket, Task};
use crate::market::refusal::Refusal;
use crate::market::values::{KEYS_PER_LOOK, MAX_VALUE_BYTES, lengths, reason, wrong_types};
use crate::redis::{Exchange, RedisError, Session};

/// What core makes of a request.
pub(crate) type Outcomes = Result<Step<WrittenBins>, QuoteError>;

/// Keys of one outcome at most: those of a whole pool. Strict requests that share a read wait for no more than these,
/// in ten requests.
const MAX_KEYS: usize = 1_000;

/// Keys without a value that decided on an outcome: of pools, of active bins, of bins that were passed and of the
/// one behind them. Of pools whose keys `wanted` does not ask for, none.
fn without_value(
    known: &UnreadableKeys,
    outcome: &Outcomes,
    candidates: &Candidates,
    state: &State,
    wanted: impl Fn(&CandidatePool) -> bool,
) -> Vec<StateKey> {
    let (mut first, mut passed) = (Vec::new(), Vec::new());
    if matches!(outcome, Ok(Step::ReadMore(_))) {
        return first;
    }
    for candidate in candidates.pools.iter().filter(|candidate| wanted(candidate)) {
        let id = &candidate.pool.id;
        match state.pools.get(id) {
            None | Some(PoolState::Absent) => first.push(StateKey::Pool(id.clone())),
            // It may have been mended.
            Some(PoolState::Skipped { .. }) => {
                let fault = known.fault(id).filter(|fault| !matches!(fault.hold, Hold::Until(_)));
                first.extend(fault.map(|fault| fault.key));
            }
            Some(PoolState::Ready { pool, .. }) => {
                let bin = |bin: BinId| StateKey::Bin(id.clone(), bin);
                let active = pool.active_bin();
                first.extend(is_without(pool, active).then(|| bin(active)));
                for (direction, bins) in reach(outcome, candidate) {
                    let walk = std::iter::successors(active.next(direction), |id| id.next(direction));
                    let walk = walk.take(bins).take_while(|id| pool.knows(*id));
                    let room = MAX_KEYS.saturating_sub(passed.len());
                    passed.extend(walk.filter(|id| is_without(pool, *id)).map(bin).take(room));
                }
            }
            Some(PoolState::Inactive | PoolState::Rerouted) => {}
        }
    }
    first.extend(passed);
    first.truncate(MAX_KEYS);
    first
}

fn is_without(pool: &Pool, id: BinId) -> bool {
    pool.knows(id) && pool.bin(id).is_none()
}

/// How many bins beyond the active one mattered, by direction. A refusal looked at all there was.
fn reach(outcome: &Outcomes, candidate: &CandidatePool) -> Vec<(Direction, usize)> {
    match outcome {
        Ok(Step::Answer(answer)) => {
            let used = answer.looked_at.iter().filter(|seen| seen.pool_id == candidate.pool.id);
            used.map(|seen| (seen.direction, usize::from(seen.bins))).collect()
        }
        Ok(Step::ReadMore(_)) => Vec::new(),
        Err(_) => {
            let sides = [(candidate.x_for_y, Direction::XForY), (candidate.y_for_x, Direction::YForX)];
            let needed = sides.into_iter().filter(|(needed, _)| *needed);
            needed.map(|(_, direction)| (direction, usize::from(BinId::MAX.get()))).collect()
        }
    }
}

/// What a client is told to wait where too much is held already.
const RETRY_AFTER_SECONDS: u32 = 1;

/// The looks at what the answers of one read rest on.
#[derive(Debug)]
pub(crate) struct Looks {
    later: LookLater,
    /// Keys that strict requests of this read may still be looked at for.
    room: usize,
    /// The read itself, which is kept while a strict request waits.
    pub(crate) held: HeldRead,
}

impl Looks {
    pub(crate) fn over(held: HeldRead) -> Self {
        Self { later: LookLater::default(), room: MAX_KEYS, held }
    }

    /// Has what an outcome rests on looked at once the answers are sent.
    pub(crate) fn add_later<X: Exchange>(
        &mut self,
        market: &LiveMarket<'_, X>,
        outcome: &Outcomes,
        candidates: &Candidates,
        state: &State,
    ) {
        self.later.add(market, outcome, candidates, state);
    }

    /// Looks before a strict request is answered, and uses up the room for it; gives the state without the pools that
    /// turned out to be unreadable, if there are any.
    ///
    /// # Errors
    /// What became of Redis: what cannot be known is not vouched for. RATE_LIMITED where too many reads are held.
    pub(crate) async fn before<X: Exchange>(
        &mut self,
        market: &LiveMarket<'_, X>,
        outcome: &Outcomes,
        candidates: &Candidates,
        state: &State,
    ) -> Result<Option<State>, Refusal> {
        let (known, now_ms) = (&market.known.unreadable, market.redis.now_ms());
        let mut keys = without_value(known, outcome, candidates, state, |_| true);
        keys.retain(|key| !known.is_sound(key, now_ms));
        keys.truncate(self.room);
        self.room = self.room.saturating_sub(keys.len());
        if keys.is_empty() {
            return Ok(None);
        }
        if !self.held.count() {
            return Err(Refusal::Busy { retry_after_seconds: RETRY_AFTER_SECONDS });
        }
        known.begin(&keys, now_ms);
        look(market.known, market.redis, &keys).await?;
        if keys.iter().all(|key| known.fault(pool_of(key)).is_none()) {
            return Ok(None);
        }
        let mut truer = state.clone();
        let left_out = known.apply(&mut truer);
        Ok((!left_out.is_empty()).then_some(truer))
    }

    /// Begins those that were put off, in the background.
    pub(crate) fn begin_later<X: Exchange>(&mut self, market: &LiveMarket<'_, X>) {
        std::mem::take(&mut self.later).begin(market);
    }
}

/// Looks again at the keys that keep pools out, each once in 2 s: what is mended is no longer named, whether it is quoted
/// or not.
///
/// # Errors
/// What became of Redis.
pub(crate) async fn look_at_faults<X: Exchange>(market: &LiveMarket<'_, X>) -> Result<(), RedisError> {
    look_at_broken(market).await?;
    let (known, now_ms) = (&market.known.unreadable, market.redis.now_ms());
    let mut keys = known.faults_due(now_ms);
    keys.truncate(KEYS_PER_LOOK);
    if keys.is_empty() {
        return Ok(());
    }
    known.begin(&keys, now_ms);
    look(market.known, market.redis, &keys).await
}

/// Keys to look at once the answers of a read are sent.
#[derive(Debug, Default)]
struct LookLater {
    keys: Vec<StateKey>,
    /// Pools whose keys are among them: one request of a batch speaks for all.
    pools: SortedSet<PoolId>,
}

impl LookLater {
    /// Adds what an outcome rests on, of pools that were not looked at a moment ago.
    fn add<X: Exchange>(
        &mut self,
        market: &LiveMarket<'_, X>,
        outcome: &Outcomes,
        candidates: &Candidates,
        state: &State,
    ) {
        let (known, now_ms) = (&market.known.unreadable, market.redis.now_ms());
        let is_due = |candidate: &CandidatePool| {
            let id = &candidate.pool.id;
            !self.pools.contains(id) && known.is_due(id, now_ms)
        };
        let keys = without_value(known, outcome, candidates, state, is_due);
        self.pools.extend(keys.iter().map(|key| pool_of(key).clone()));
        self.keys.extend(keys);
    }

    /// Looks in the background.
    fn begin<X: Exchange>(mut self, market: &LiveMarket<'_, X>) {
        // Those that the last look had no room for come first.
        let known = &market.known.unreadable;
        self.keys.sort_by_cached_key(|key| known.was_sound(key));
        self.keys.truncate(KEYS_PER_LOOK);
        let keys = self.keys;
        if keys.is_empty() {
            return;
        }
        known.begin(&keys, market.redis.now_ms());
        market.background.begin(Task::Look(keys));
    }
}

/// Asks what the keys are, and of those that were too large how large they are now.
///
/// # Errors
/// What became of Redis.
pub(crate) async fn look<X: Exchange>(
    known: &Known,
    redis: Session<'_, X>,
    keys: &[StateKey],
) -> Result<(), RedisError> {
    let known = &known.unreadable;
    let was_too_large = |key: &&StateKey| {
        known.fault(pool_of(key)).is_some_and(|fault| fault.key == **key && fault.hold == Hold::Length)
    };
    let (long, others): (Vec<&StateKey>, Vec<&StateKey>) = keys.iter().partition(was_too_large);
    let texts = |keys: &[&StateKey]| keys.iter().map(ToString::to_string).collect::<Vec<String>>();
    let mut faults = Vec::new();
    for (at, reason) in wrong_types(redis, &texts(&others)).await? {
        faults.extend(others.get(at).map(|key| Unreadable { key: (*key).clone(), reason, hold: Hold::Type }));
    }
    let lengths = lengths(redis, long.iter().map(ToString::to_string)).await?;
    for (key, bytes) in long.into_iter().zip(lengths).filter(|(_, bytes)| *bytes > MAX_VALUE_BYTES) {
        faults.push(Unreadable { key: key.clone(), reason: reason(bytes), hold: Hold::Length });
    }
    known.settle(keys, faults);
    Ok(())
}
