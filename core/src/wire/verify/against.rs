//! An answer against what the caller knows by himself: his own request, a state that he read, the service's settings.
//!
//! Whoever forges an answer can leave a pool or a bin out of its input, or change what its texts mean. The numbers then
//! still follow from the input. Only a state from elsewhere shows that.

use super::super::bin::BinValue;
use super::super::market::Market;
use super::super::pool::{PoolValue, Status};
use super::super::snapshot::bin_id_of;
use super::super::stamp::parse_stamp;
use super::super::{field, keys};
use super::compare::{Difference, differences_at, shown_text};
use super::input::{InputPool, StoredInput};
use super::request::RequestFields;
use super::tree::Tree;
use super::{ShortestDouble, Verification};
use crate::decimals::DecimalTable;
use crate::fee::Fees;
use crate::graph::PoolRef;
use crate::json::{ToJson, to_json};
use crate::quote::QuoteRequest;
use crate::units::{BinId, PoolId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use litemap::LiteMap;

/// A pool that is younger than a reading by less than this may be missing in it: services keep their list of pools for
/// a while.
const LISTING_LAG_MS: u64 = 5_000;

/// What the caller of a check knows by himself.
#[derive(Debug, Default)]
pub struct Own<'a> {
    /// What he asked.
    pub request: Option<&'a QuoteRequest>,
    /// The state as he read it, with every bin of the candidate pools.
    pub market: Option<&'a mut Market>,
    /// The fee that the service takes of pools that name none, bps.
    pub default_fee_bps: Option<u16>,
}

/// The answer that is checked.
pub(super) struct Given<'a> {
    pub(super) answer: &'a Tree,
    pub(super) input: &'a StoredInput<'a>,
    pub(super) read_at_ms: u64,
}

impl Own<'_> {
    /// Compares what an answer was computed from, and what it gives, with what the caller knows.
    pub(super) fn compare(self, given: &Given<'_>, shortest: ShortestDouble<'_>, found: &mut Verification) {
        let served = given.input.request;
        let asked = self.request.map(|asked| as_served(asked, served));
        if let Some(asked) = &asked {
            let tree = |request| Tree::parse(&to_json(&RequestFields(request)));
            if let (Ok(served), Ok(asked)) = (tree(served), tree(asked)) {
                found.differences.extend(differences_at("input.request", &served, &asked, shortest));
            }
        }
        if let Some(fee_bps) = self.default_fee_bps {
            found.demand("input.default_fee_bps", &given.input.default_fee_bps, &fee_bps);
        }
        if let Some(market) = self.market {
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
        self.differences.push(Difference { path, given, computed });
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

fn compare_state(market: &mut Market, request: &QuoteRequest, given: &Given<'_>, found: &mut Verification) {
    let own_read_at_ms = market.read_at_ms();
    let times = Times { given: given.read_at_ms, own: own_read_at_ms };
    let candidates = market.candidates(request);
    let expected: &[_] = candidates.as_ref().map_or(&[], |candidates| &candidates.pools);
    let mut left: LiteMap<&PoolId, &InputPool<'_>> = LiteMap::new();
    for (candidate, stored) in given.input.candidates.pools.iter().zip(given.input.pools) {
        left.insert(&candidate.pool.id, stored);
    }
    for candidate in expected {
        let pool = &candidate.pool;
        let own = market.stored_texts(&pool.id);
        match left.remove(&pool.id) {
            Some(stored) => {
                Pair { pool, given: stored, own: &own, times }.compare(market, given.input, found);
            }
            None => found.only_one(&pool.id, None, own.value.as_deref(), times),
        }
        for token in [&pool.token_x, &pool.token_y] {
            let decimals = |table: &DecimalTable| table.of(token).0;
            let path = format!("input.decimals.{token}.decimals");
            // A token of several pools is told once.
            if found.differences.iter().all(|told| told.path != path) {
                found.demand(&path, &decimals(given.input.decimals), &decimals(market.decimals()));
            }
        }
    }
    for (id, stored) in &left {
        found.only_one(id, stored.value.as_deref(), None, times);
    }
    if !found.differences.is_empty() || !found.moved.is_empty() {
        return;
    }
    // The same state must give the same, however much of it the service says it has read. Ages count from one moment.
    market.set_read_at_ms(given.read_at_ms);
    let computed = market.quote(request);
    market.set_read_at_ms(own_read_at_ms);
    let told = |name| given.answer.field(name).and_then(Tree::text).unwrap_or_default();
    match computed {
        Ok(quote) => {
            for (name, computed) in
                [("amount_in_atomic", quote.amount_in), ("amount_out_atomic", quote.amount_out)]
            {
                found.demand(name, &told(name), &computed.to_string());
            }
        }
        Err(refusal) => found.demand("success", &true, &format!("{refusal} ({})", refusal.code())),
    }
}

/// When the two states were read.
#[derive(Clone, Copy)]
struct Times {
    given: u64,
    own: u64,
}

impl Times {
    /// Tells whether the pool was written between the two readings, by the times in both of its values. Where neither says
    /// when, nothing speaks against it.
    fn has_moved(self, given: Option<u64>, own: Option<u64>) -> bool {
        match (given, own) {
            (Some(given), Some(own)) => given != own && (given < own) == (self.given <= self.own),
            (given, own) => given.is_none() && own.is_none(),
        }
    }
}

impl Verification {
    /// Notes a pool that only one side has; it may have been created after the other was read.
    fn only_one(&mut self, id: &PoolId, given: Option<&str>, own: Option<&str>, times: Times) {
        let key = keys::pool(id);
        let other_read_at_ms = if given.is_some() { times.own } else { times.given };
        let created = given.or(own).and_then(|value| field::pick(value, &["created_at"]).ok());
        let created = created.and_then(|[raw]| parse_stamp(raw?).at_ms);
        if created.is_some_and(|at_ms| at_ms.saturating_add(LISTING_LAG_MS) >= other_read_at_ms) {
            self.moved.push(key);
        } else {
            self.differ(key, given.map(shown_text), own.map(shown_text));
        }
    }
}

/// What a quote takes from a pool value, and when it was written.
#[derive(PartialEq)]
struct Facts {
    status: Status,
    active_bin: BinId,
    fees: Fees,
    last_updated: Option<u64>,
}

impl From<PoolValue> for Facts {
    fn from(value: PoolValue) -> Self {
        let PoolValue { status, active_bin, fees, last_updated, .. } = value;
        Self { status, active_bin, fees, last_updated: last_updated.and_then(|stamp| stamp.at_ms) }
    }
}

/// The stored texts of one pool on both sides.
struct Pair<'a> {
    pool: &'a PoolRef,
    given: &'a InputPool<'a>,
    own: &'a InputPool<'a>,
    times: Times,
}

impl Pair<'_> {
    fn compare(&self, market: &Market, input: &StoredInput<'_>, found: &mut Verification) {
        let read = |stored: &InputPool<'_>, fee_bps| {
            let value = stored.value.as_deref()?;
            Some(PoolValue::parse(value, fee_bps).map(Facts::from))
        };
        let given = read(self.given, input.default_fee_bps);
        let own = read(self.own, market.default_fee_bps());
        let mut apart = Vec::new();
        if given != own {
            apart.push((keys::pool(&self.pool.id), self.given.value.as_deref(), self.own.value.as_deref()));
        }
        let (mine, theirs) = (by_id(self.own), by_id(self.given));
        let decimals = [&self.pool.token_x, &self.pool.token_y].map(|token| market.decimals().of(token).0);
        let known = self.given.known.0..=self.given.known.1;
        for (id, own) in mine.iter().filter(|(id, _)| known.contains(*id)) {
            let given = theirs.get(id).copied();
            if !given.is_some_and(|given| same_bin(given, own, decimals)) {
                apart.push((keys::bin(&self.pool.id, *id), given, Some(*own)));
            }
        }
        for (id, given) in theirs.iter().filter(|(id, _)| !mine.contains_key(*id)) {
            apart.push((keys::bin(&self.pool.id, *id), Some(*given), None));
        }
        let stamp = |read: &Option<Result<Facts, _>>| read.as_ref()?.as_ref().ok()?.last_updated;
        if !apart.is_empty() && self.times.has_moved(stamp(&given), stamp(&own)) {
            found.moved.push(keys::pool(&self.pool.id));
            return;
        }
        for (key, given, own) in apart {
            found.differ(key, given.map(shown_text), own.map(shown_text));
        }
    }
}

/// The bins by the ids of their keys; a bin of a snapshot says its id itself.
fn by_id<'a>(pool: &'a InputPool<'_>) -> LiteMap<BinId, &'a str> {
    let mut bins = LiteMap::new();
    for (id, text) in &pool.bins {
        if let Some(id) = id.or_else(|| bin_id_of(text).ok()) {
            bins.insert(id, &**text);
        }
    }
    bins
}

/// Whether two texts mean the same bin: a snapshot writes numbers as text.
fn same_bin(given: &str, own: &str, [x, y]: [u8; 2]) -> bool {
    if given == own {
        return true;
    }
    match (BinValue::parse(given, x, y), BinValue::parse(own, x, y)) {
        (Ok(given), Ok(own)) => (given.bin, given.claims) == (own.bin, own.claims),
        (given, own) => given.is_err() && own.is_err(),
    }
}
