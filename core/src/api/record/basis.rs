//! What a quote was computed from, as the document `dlmm-input/1`.

use super::entry::{DecimalsEntry, PoolEntry};
use super::request::RequestFields;
use crate::json::{Object, Plain, ToJson, list, object};
use crate::network::age::AgeRule;
use crate::network::decimals::DecimalTable;
use crate::network::route::{CandidatePool, Candidates};
use crate::network::state::State;
use crate::quote::{Effort, QuoteRequest};
use crate::sorted::SortedSet;
use crate::stored::{BinTexts, StoredPool, StoredPools, WrittenBins};
use crate::units::{PoolId, Symbol};
use alloc::string::String;
use alloc::sync::Arc;

/// The value of `format`.
pub const INPUT_FORMAT: &str = "dlmm-input/1";

/// Everything a quote was computed from; the same basis gives the same answer again.
#[derive(Clone, Debug)]
pub struct Basis<B = BinTexts<'static>> {
    /// What was asked, with the operator's limits applied.
    pub request: QuoteRequest,
    /// The pools and paths that the answer was chosen from.
    pub candidates: Arc<Candidates>,
    /// Decimals of their tokens.
    pub decimals: Arc<DecimalTable>,
    /// Fee of pools whose value names none, bps.
    pub default_fee_bps: u16,
    /// What was read of the candidate pools, where the answer is to carry it; of others as well.
    pub stored: Arc<StoredPools<B>>,
    /// The limit on keys, if it cut the read short.
    pub keys_limited: Option<usize>,
    /// How much work the quote could cost.
    pub effort: Effort,
    /// The router whose calls plans are, as it is set.
    pub router: Option<Arc<str>>,
}

/// A pool of which nothing was read.
static NOTHING: StoredPool<'_> = StoredPool::absent();

impl Basis {
    /// What was read of a pool.
    #[must_use]
    pub fn stored(&self, id: &PoolId) -> &StoredPool<'_> {
        self.stored.get(id).unwrap_or(&NOTHING)
    }

    /// Reads the candidate pools, to be judged by that rule of age.
    #[must_use]
    pub fn state(&self, age_rule: AgeRule) -> State {
        let pools = self.candidates.pools.iter().map(|CandidatePool { pool, .. }| {
            let state = self.stored(&pool.id).state(pool, &self.decimals, self.default_fee_bps);
            (pool.id.clone(), state)
        });
        State { age_rule, ..State::new(Arc::clone(&self.decimals), pools) }
    }
}

impl Basis {
    /// The same, its bins as an input has them.
    pub(super) fn written(self) -> Basis<WrittenBins> {
        let Self { request, candidates, decimals, default_fee_bps, stored, keys_limited, effort, router } =
            self;
        let stored = Arc::unwrap_or_clone(stored).into_iter();
        let stored = Arc::new(stored.map(|(id, pool)| (id, pool.written())).collect());
        Basis { request, candidates, decimals, default_fee_bps, stored, keys_limited, effort, router }
    }
}

impl<B> Basis<B> {
    /// The stored value of a pool.
    pub(crate) fn value(&self, id: &PoolId) -> Option<&str> {
        self.stored.get(id)?.value.as_deref()
    }

    pub(crate) fn tokens(&self) -> SortedSet<&Symbol> {
        self.candidates.pools.iter().flat_map(|one| [&one.pool.token_x, &one.pool.token_y]).collect()
    }

    /// Writes every field, with `pools` for the pools.
    ///
    /// In the order of their names, without space: what is written is its own canonical text, so the digest is taken
    /// of it as it stands.
    pub(super) fn members(&self, f: &mut Object<'_>, pools: &impl ToJson) {
        let tokens = self.tokens();
        let decimals = object(|f| {
            for token in &tokens {
                f.member(token.as_str(), DecimalsEntry { token, table: &self.decimals });
            }
        });
        f.member("decimals", decimals);
        f.member("default_fee_bps", self.default_fee_bps);
        f.member("format", INPUT_FORMAT);
        f.member("keys_limited", self.keys_limited);
        f.member("limited", self.candidates.limited);
        let paths = list(|f| {
            for path in &self.candidates.paths {
                f.item(list(|f| f.items(path.tokens().map(|token| Plain(token.as_str())))));
            }
        });
        f.member("paths", paths);
        f.member("pools", pools);
        f.member("request", RequestFields(&self.request));
        if self.request.plan.is_some() {
            f.member("router", self.router.as_deref());
        }
        let Candidates { unknown, unplaced, .. } = &*self.candidates;
        if !unknown.is_empty() {
            f.member("unknown_names", unknown);
        }
        if !unplaced.is_empty() {
            f.member("unplaced", unplaced);
        }
        if self.effort != Effort::WHOLE {
            f.member("work_share", self.effort.share());
        }
    }
}

impl<B: ToJson + Default> ToJson for Basis<B> {
    fn write(&self, out: &mut String) {
        let nothing = StoredPool::default();
        let pools = list(|f| {
            for candidate in &self.candidates.pools {
                let (pool, default_fee_bps) = (&candidate.pool, self.default_fee_bps);
                let stored = self.stored.get(&pool.id).unwrap_or(&nothing);
                f.item(PoolEntry { pool, stored, default_fee_bps });
            }
        });
        object(|f| self.members(f, &pools)).write(out);
    }
}
