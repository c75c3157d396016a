//! An answer against what the caller knows by himself: his own request, a state that he read, the service's settings.
//!
//! Whoever forges an answer can leave a pool or a bin out of its input, or change what its texts mean. The numbers then
//! still follow from the input. Only a state from elsewhere shows that.

use super::compare::{Difference, MAX_DIFFERENCES, ShortestDouble, differences_at, shown_text};
use super::verification::Verification;
use crate::api::Units;
use crate::api::record::{Basis, RequestFields, Tree};
use crate::error::QuoteError;
use crate::json::{ToJson, field, to_json};
use crate::market::Market;
use crate::network::age::{AgeRule, Stamp};
use crate::network::route::CandidatePool;
use crate::network::state::PoolState;
use crate::plan::{have_same_contracts, is_exempt};
use crate::pool::Pool;
use crate::quote::{Effort, PoolUse, QuoteRequest};
use crate::stored::{StoredPool, keys, parse_stamp};
use crate::units::{BinId, PoolId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::discriminant;

/// A pool that is younger than a reading by less than this may be missing in it: services keep their list of pools for
/// a while.
const LISTING_LAG_MS: u64 = 5_000;
/// How far the clocks of two readings may be apart.
const CLOCKS_APART_MS: u64 = 1_000;

/// What the caller of a check knows by himself.
#[derive(Debug, Default)]
pub struct Own<'a> {
    /// What he asked.
    pub request: Option<&'a QuoteRequest>,
    /// The state as he read it, with every bin of the candidate pools.
    pub market: Option<&'a mut Market>,
    /// The fee that the service takes of pools that name none, bps.
    pub default_fee_bps: Option<u16>,
    /// The router whose calls the service's plans are, empty where it has none; if it is not said here, that of `market`.
    pub router: Option<&'a str>,
    /// How many quotes the batch had that the answer comes from; alone it has the whole work of a quote.
    pub batch: Option<usize>,
}

/// The answer that is checked.
pub(super) struct Given<'a> {
    pub(super) answer: &'a Tree,
    pub(super) basis: &'a Basis,
    pub(super) read_at_ms: u64,
    /// What its ages were judged by.
    pub(super) age_rule: AgeRule,
}

impl Own<'_> {
    /// Compares what an answer was computed from, and what it gives, with what the caller knows.
    pub(super) fn compare(self, given: &Given<'_>, shortest: ShortestDouble<'_>, found: &mut Verification) {
        let served = &given.basis.request;
        let asked = self.request.map(|asked| as_served(asked, served));
        if let Some(asked) = &asked {
            let tree = |request| Tree::parse(&to_json(&RequestFields(request)));
            if let (Ok(served), Ok(asked)) = (tree(served), tree(asked)) {
                found.differences.extend(differences_at("input.request", &served, &asked, shortest));
            }
        }
        if let Some(fee_bps) = self.default_fee_bps {
            found.demand("input.default_fee_bps", &given.basis.default_fee_bps, &fee_bps);
        }
        // A batch may give each quote less work than one alone, but no answer may say how little.
        let (said, most) = (given.basis.effort, Effort::of_batch(self.batch.unwrap_or(1)));
        let is_shared = said.share() <= most.share();
        if self.batch.is_some() && !is_shared {
            found.demand("input.work_share", &said.share(), &most.share());
        } else if self.market.is_none() && !is_shared {
            found.unproven("input.work_share", Some(said.share().to_string()));
        }
        if served.plan.is_some() {
            let own = self.router.or_else(|| self.market.as_ref()?.router());
            match own {
                Some(own) => {
                    let own = Some(own).filter(|own| !own.is_empty());
                    found.demand("input.router", &given.basis.router.as_deref(), &own);
                }
                None => found.unproven("input.router", given.basis.router.as_deref().map(shown_text)),
            }
        }
        if let Some(market) = self.market {
            market.effort = if is_shared { said } else { most };
            compare_state(market, asked.as_ref().unwrap_or(served), given, found);
        }
    }
}

impl Verification {
    /// Notes a difference, unless both are the same.
    fn demand(&mut self, path: &str, given: &dyn ToJson, computed: &dyn ToJson) {
        let text = |value: &dyn ToJson| {
            let mut text = String::new();
            value.write(&mut text);
            text
        };
        let (given, computed) = (text(given), text(computed));
        if given != computed {
            self.differ(path.to_string(), Some(given), Some(computed));
        }
    }

    fn differ(&mut self, path: String, given: Option<String>, computed: Option<String>) {
        if self.differences.len() < MAX_DIFFERENCES {
            self.differences.push(Difference { path, given, computed });
        }
    }

    /// Notes what only grows, as numbers and as it is shown: with one reading it is the same, and a later reading has no
    /// less of it. That an answer read later than the caller has more of it, it says alone.
    fn grows(
        &mut self,
        path: &str,
        (given, own): (Option<u64>, Option<u64>),
        (given_shown, own_shown): (&dyn ToJson, &dyn ToJson),
        times: Times,
    ) {
        if times.given < times.own && given < own {
            return;
        }
        let before = self.differences.len();
        self.demand(path, given_shown, own_shown);
        if self.differences.len() == before {
            return;
        }
        if times.given > times.own && given > own {
            self.unproven.extend(self.differences.pop());
        } else if times.given != times.own && times.given.abs_diff(times.own) <= CLOCKS_APART_MS {
            // So close together nobody knows which reading was the later one.
            self.moved.extend(self.differences.pop());
        }
    }

    /// Notes what the answer alone says.
    fn unproven(&mut self, path: &str, given: Option<String>) {
        self.unproven.push(Difference { path: path.to_string(), given, computed: None });
    }

    /// Notes a pool that only one side has. The later one may lack it because it was removed in between, of which nothing
    /// stays; the earlier one because it was created after that, which its value tells.
    fn only_one(&mut self, id: &PoolId, given: Option<&str>, own: Option<&str>, times: Times) {
        // Listed and not there: neither side has it.
        let Some(value) = given.or(own) else { return };
        let (has_at_ms, lacks_at_ms) =
            if given.is_some() { (times.given, times.own) } else { (times.own, times.given) };
        let is_newer = may_be_newer(value, lacks_at_ms);
        let (path, given, computed) = (keys::pool(id), given.map(shown_text), own.map(shown_text));
        if lacks_at_ms > has_at_ms || is_newer {
            self.moved.push(Difference { path, given, computed });
        } else {
            self.differ(path, given, computed);
        }
    }
}

/// The caller's request as a service hands it to core: with state, and no laxer than its operator allows. Such limits
/// refuse a quote and make no other one.
fn as_served(asked: &QuoteRequest, served: &QuoteRequest) -> QuoteRequest {
    let mut asked = asked.clone();
    asked.include_state = true;
    asked.strict |= served.strict;
    asked.max_age_ms = match (asked.max_age_ms, served.max_age_ms) {
        (Some(asked), Some(served)) => Some(asked.min(served)),
        (asked, served) => asked.or(served),
    };
    asked
}

/// Compares what the answer says that its ages were judged by. A heartbeat is another one only where the state was read at
/// another time; and a service may warn sooner than the caller's limit, not later.
fn compare_age(own: &AgeRule, given: &Given<'_>, times: Times, found: &mut Verification) {
    let Given { read_at_ms, ref age_rule, .. } = *given;
    let (beat, own_beat) = (&age_rule.pulse.heartbeat, &own.pulse.heartbeat);
    let at_ms = |beat: &Option<Stamp>| beat.as_ref().and_then(|beat| beat.at_ms);
    let [given, own_text] = [beat, own_beat].map(|beat| beat.as_ref().map(|beat| beat.text.as_str()));
    let both = (at_ms(beat), at_ms(own_beat));
    found.grows("state.heartbeat_ms", both, (&given, &own_text), times);
    let (warned, warns) = (age_rule.warn_ms(read_at_ms), age_rule.in_force(own.warn, read_at_ms));
    if warns.is_some_and(|limit| warned.is_none_or(|given| given > limit)) {
        found.demand("state.warn_age_ms", &warned, &warns);
    }
}

fn compare_state(market: &mut Market, request: &QuoteRequest, given: &Given<'_>, found: &mut Verification) {
    let Given { answer, basis, read_at_ms, ref age_rule } = *given;
    let times = Times { given: read_at_ms, own: market.read_at_ms() };
    let candidates = market.candidates(request);
    let own = candidates.as_ref().map_or(&[][..], |candidates| &candidates.pools);
    compare_age(market.age_rule(), given, times, found);
    let before = found.differences.len();
    for token in basis.tokens() {
        let (given, own) = (basis.decimals.of(token).0, market.decimals().of(token).0);
        found.demand(&format!("input.decimals.{token}.decimals"), &given, &own);
    }
    // With other decimals every bin in whole tokens is another one.
    if found.differences.len() > before {
        return;
    }
    let theirs = &basis.candidates.pools;
    for candidate in own {
        let pool = &candidate.pool;
        let own = market.stored(&pool.id);
        if theirs.iter().all(|other| other.pool.id != pool.id) {
            found.only_one(&pool.id, None, own.and_then(|own| own.value.as_deref()), times);
            continue;
        }
        let stored = basis.stored(&pool.id);
        let read = stored.state(pool, &basis.decimals, basis.default_fee_bps);
        let mut differing = match market.read(&pool.id) {
            Some(state) => differing_keys(&pool.id, &read, state),
            None => Vec::new(),
        };
        if let (Some(ask), Some(given), Some(own)) =
            (&request.plan, stored.value.as_deref(), own.and_then(|own| own.value.as_deref()))
            && differing.iter().all(|(bin, _)| bin.is_some())
            && !(is_exempt(given, &ask.sender) == is_exempt(own, &ask.sender)
                && have_same_contracts(given, own))
        {
            differing.push((None, keys::pool(&pool.id)));
        }
        let stamp = |pool: &StoredPool<'_>| stamp_in(pool.value.as_deref()?, "last_updated");
        let have_moved = match (&read, own.and_then(|own| own.value.as_deref())) {
            // It was listed and not there: on its way out, or in.
            (PoolState::Absent, Some(own)) => may_be_newer(own, times.given),
            _ => times.have_moved(stamp(stored), own.and_then(stamp)),
        };
        if !differing.is_empty() && have_moved {
            found.moved.push(Difference {
                path: keys::pool(&pool.id),
                given: text_of(stored, None),
                computed: own.and_then(|own| text_of(own, None)),
            });
            continue;
        }
        for (bin, path) in differing {
            found.differ(path, text_of(stored, bin), own.and_then(|own| text_of(own, bin)));
        }
    }
    for CandidatePool { pool, .. } in theirs {
        if own.iter().all(|other| other.pool.id != pool.id) {
            found.only_one(&pool.id, basis.stored(&pool.id).value.as_deref(), None, times);
        }
    }
    if found.differences.len() > before || !found.moved.is_empty() {
        return;
    }
    if let Ok(own) = &candidates {
        found.demand("input.limited", &basis.candidates.limited, &own.limited);
    }
    // The same state must give the same, however much of it the service says it has read. Ages count from one moment,
    // and by one heartbeat: it moves on by itself.
    match market.quote_aged(request, read_at_ms, age_rule.clone(), basis.router.as_ref()) {
        Ok(quote) => {
            let own_height = |pool: &PoolUse| match market.read(&pool.pool_id) {
                Some(PoolState::Ready { block_height, .. }) => market.age_rule().block_height(*block_height),
                _ => None,
            };
            let own_height = quote.pools.iter().map(own_height).min().flatten();
            let heights = (age_rule.pulse.block_height, own_height);
            found.grows("state.block_height", heights, (&heights.0, &heights.1), times);
            for (name, computed) in
                [("amount_in_atomic", quote.amount_in), ("amount_out_atomic", quote.amount_out)]
            {
                found.demand(name, &answer.field(name).and_then(Tree::text), &Units(computed));
            }
        }
        // A service may have known the tokens of a pool from before it broke.
        Err(QuoteError::StateInvalid { key, .. })
            if candidates.is_ok_and(|known| known.unplaced.iter().any(|pool| pool.key == key)) =>
        {
            found.moved.push(Difference { path: key, given: None, computed: None });
        }
        Err(refusal) => found.demand("success", &true, &refusal.code()),
    }
}

/// Which keys of a pool mean something else on either side: its value, or bins of the range that the answer has read.
fn differing_keys(id: &PoolId, given: &PoolState, own: &PoolState) -> Vec<(Option<BinId>, String)> {
    let mut differing = Vec::new();
    match (given, own) {
        (
            PoolState::Ready { pool: given, last_updated: given_stamp, block_height: given_height },
            PoolState::Ready { pool: own, last_updated: own_stamp, block_height: own_height },
        ) => {
            let marks = (given_stamp, given_height) == (own_stamp, own_height);
            if !marks || (given.active_bin(), given.fees()) != (own.active_bin(), own.fees()) {
                differing.push((None, keys::pool(id)));
            }
            let (low, high) = given.known();
            for bin in (low..=high).filter_map(BinId::new) {
                let facts = |pool: &Pool| pool.slot(bin).map(|slot| (slot.bin, slot.claims));
                if facts(given) != facts(own) {
                    differing.push((Some(bin), keys::bin(id, bin)));
                }
            }
        }
        // Left out of the quote on both sides, for the same reason.
        (given, own) if discriminant(given) == discriminant(own) => {}
        _ => differing.push((None, keys::pool(id))),
    }
    differing
}

/// The stored text of a bin, or the pool's value, as it is shown.
fn text_of(pool: &StoredPool<'_>, bin: Option<BinId>) -> Option<String> {
    let text = match bin {
        None => pool.value.as_deref(),
        Some(bin) => pool.bin(bin),
    };
    text.map(shown_text)
}

/// A time in a pool value.
fn stamp_in(value: &str, name: &'static str) -> Option<u64> {
    let [raw] = field::pick(value, &[name]).ok()?;
    parse_stamp(raw?).at_ms
}

/// Whether a pool may be too new for a list that was read then. Where its value does not tell when it was created, it
/// was there when it was last written, and maybe not before.
fn may_be_newer(value: &str, listed_at_ms: u64) -> bool {
    match stamp_in(value, "created_at") {
        Some(at_ms) => at_ms.saturating_add(LISTING_LAG_MS) >= listed_at_ms,
        None => stamp_in(value, "last_updated").is_some_and(|at_ms| at_ms > listed_at_ms),
    }
}

/// When the two states were read.
#[derive(Clone, Copy)]
struct Times {
    given: u64,
    own: u64,
}

impl Times {
    /// Tells whether a pool was written between the two readings, by the times in both of its values. Where neither says
    /// when, nothing speaks against it.
    fn have_moved(self, given: Option<u64>, own: Option<u64>) -> bool {
        match (given, own) {
            (Some(given), Some(own)) => given != own && (given < own) == (self.given <= self.own),
            (given, own) => given.is_none() && own.is_none(),
        }
    }
}
