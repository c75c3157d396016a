//! Everything a quote was computed from, as the document `dlmm-input/1`.

use super::request::RequestFields;
use crate::error::QuoteError;
use crate::json::field;
use crate::json::{Object, Plain, ToJson, list, object, to_json};
use crate::network::age::AgeRule;
use crate::network::decimals::DecimalTable;
use crate::network::graph::PoolRef;
use crate::network::route::Candidates;
use crate::network::state::{PoolState, State};
use crate::pool::fee::Fees;
use crate::quote::{Effort, Outcome, Quote, QuoteInput, QuoteRequest, Warning, quote};
use crate::sorted::SortedSet;
use crate::stored::PoolReader;
use crate::stored::PoolText;
use crate::stored::SkippedPool;
use crate::stored::{PoolValue, named_fees};
use crate::stored::{SnapshotPool, bin_id_of, nameless_bin_key};
use crate::units::{BinId, Symbol};
use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The value of `format`.
pub const INPUT_FORMAT: &str = "dlmm-input/1";

/// The stored texts of one candidate pool, all of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPool<'a> {
    /// The pool value; `None` where the key does not exist.
    pub value: Option<Cow<'a, str>>,
    /// First and last bin id that was read.
    pub known: (BinId, BinId),
    /// The bins that are there, in the order they were read; the id is that of the key. A bin of a snapshot that
    /// carries no id has none.
    pub bins: Vec<(Option<BinId>, Cow<'a, str>)>,
    /// The key and the reason for which the pool was left out, if it was: a value of it cannot be read at all, such as
    /// a key of another type, or a snapshot does not hold it.
    pub left_out: Option<SkippedPool>,
}

impl<'a> From<&PoolText<'a>> for InputPool<'a> {
    fn from(text: &PoolText<'a>) -> Self {
        let bins = text.bins.iter().filter_map(|&(id, text)| Some((Some(id), Cow::Borrowed(text?))));
        Self { value: text.value.map(Cow::Borrowed), known: text.known, bins: bins.collect(), left_out: None }
    }
}

impl<'a> From<&SnapshotPool<'a>> for InputPool<'a> {
    /// The pool value is taken without the bins inside it.
    fn from(pool: &SnapshotPool<'a>) -> Self {
        let bins = pool.bins.iter().map(|&text| (bin_id_of(text).ok(), Cow::Borrowed(text)));
        Self {
            value: Some(without_bins(pool.value)),
            known: (BinId::MIN, BinId::MAX),
            bins: bins.collect(),
            left_out: None,
        }
    }
}

fn without_bins(value: &str) -> Cow<'_, str> {
    let Ok(entries) = field::entries(value) else { return Cow::Borrowed(value) };
    Cow::Owned(to_json(&object(|f| {
        // In this order, even where a name is there twice.
        for (name, value) in entries.iter().filter(|(name, _)| name != "bins") {
            f.foreign(name, value);
        }
    })))
}

impl InputPool<'_> {
    /// A pool of which nothing is stored.
    #[must_use]
    pub const fn absent() -> Self {
        Self { value: None, known: (BinId::MIN, BinId::MAX), bins: Vec::new(), left_out: None }
    }

    /// The same pool, without a copy of its texts.
    #[must_use]
    pub fn borrowed(&self) -> InputPool<'_> {
        InputPool {
            value: self.value.as_deref().map(Cow::Borrowed),
            known: self.known,
            bins: self.bins.iter().map(|(id, text)| (*id, Cow::Borrowed(&**text))).collect(),
            left_out: self.left_out.clone(),
        }
    }

    /// The same pool with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> InputPool<'static> {
        InputPool {
            value: self.value.map(|value| Cow::Owned(value.into_owned())),
            known: self.known,
            bins: self.bins.into_iter().map(|(id, text)| (id, Cow::Owned(text.into_owned()))).collect(),
            left_out: self.left_out,
        }
    }

    pub(crate) fn state(&self, pool: &PoolRef, decimals: &DecimalTable, default_fee_bps: u16) -> PoolState {
        if let Some(SkippedPool { key, reason }) = self.left_out.clone() {
            return PoolState::Skipped { key, reason };
        }
        let mut bins = Vec::with_capacity(self.bins.len());
        for (id, text) in &self.bins {
            match id.map_or_else(|| bin_id_of(text), Ok) {
                Ok(id) => bins.push((id, &**text)),
                Err(reason) => return PoolState::Skipped { key: nameless_bin_key(&pool.id), reason },
            }
        }
        let mut reader = PoolReader::new(pool, self.known);
        reader.value(self.value.as_deref(), decimals, default_fee_bps);
        for (id, text) in bins {
            reader.bin(id, Some(text));
        }
        reader.finish()
    }
}

/// Everything a quote was computed from; the same input gives the same answer again.
#[derive(Clone, Copy, Debug)]
pub struct StoredInput<'a> {
    /// What was asked, with the operator's limits applied.
    pub request: &'a QuoteRequest,
    /// The pools and paths that the answer was chosen from.
    pub candidates: &'a Candidates,
    /// Decimals of their tokens.
    pub decimals: &'a DecimalTable,
    /// Fee of pools whose value names none.
    pub default_fee_bps: u16,
    /// What was read of each candidate pool, in the order of the candidates.
    pub pools: &'a [InputPool<'a>],
    /// The limit on keys, if it cut the read short.
    pub keys_limited: Option<usize>,
    /// How much work the quote could cost.
    pub effort: Effort,
}

impl StoredInput<'_> {
    /// Quotes anew from the stored texts.
    ///
    /// # Errors
    /// What core refuses; no answer was ever given on such an input.
    pub(super) fn quote(&self, now_ms: u64, age_rule: AgeRule) -> Result<Quote, QuoteError> {
        let pools = self.candidates.pools.iter().zip(self.pools).map(|(candidate, stored)| {
            let state = stored.state(&candidate.pool, self.decimals, self.default_fee_bps);
            (candidate.pool.id.clone(), state)
        });
        let state = State { age_rule, ..State::new(Arc::new(self.decimals.clone()), pools) };
        // Where more could have been read, an answer needed no more: it comes out the same without.
        let input = QuoteInput {
            request: self.request,
            candidates: self.candidates,
            state: &state,
            now_ms,
            can_read_more: false,
            effort: self.effort,
        };
        match quote(&input)? {
            Outcome::Quote(mut quote) => {
                quote.warnings.extend(self.keys_limited.map(|keys| Warning::KeysLimited { keys }));
                Ok(*quote)
            }
            Outcome::ReadMore(_) => Err(QuoteError::InvalidRequest {
                field: "input".to_owned(),
                reason: "holds too few bins".to_owned(),
            }),
        }
    }

    pub(super) fn tokens(&self) -> SortedSet<&Symbol> {
        self.candidates.pools.iter().flat_map(|one| [&one.pool.token_x, &one.pool.token_y]).collect()
    }
}

struct DecimalsEntry<'a> {
    token: &'a Symbol,
    table: &'a DecimalTable,
}

impl ToJson for DecimalsEntry<'_> {
    fn write(&self, out: &mut String) {
        let (decimals, origin) = self.table.of(self.token);
        object(|f| {
            f.member("decimals", decimals);
            f.member("decimals_from", origin.as_str());
            if let Some(told) = self.table.disagreement(self.token) {
                let told = object(|f| {
                    f.member("key", &told.key);
                    f.member("reason", &told.reason);
                });
                f.member("disagreement", told);
            }
        })
        .write(out);
    }
}

pub(super) struct PoolEntry<'a> {
    pub(super) pool: &'a PoolRef,
    pub(super) stored: &'a InputPool<'a>,
    pub(super) default_fee_bps: u16,
}

impl ToJson for PoolEntry<'_> {
    fn write(&self, out: &mut String) {
        let Self { pool, stored, default_fee_bps } = *self;
        let value = stored.value.as_deref();
        let parsed = value.and_then(|value| PoolValue::parse(value, default_fee_bps).ok());
        object(|f| {
            let bins = list(|f| {
                for (id, text) in &stored.bins {
                    f.item(list(|f| {
                        f.item(id.map(BinId::get));
                        f.item(&**text);
                    }));
                }
            });
            f.member("bins", bins);
            // Those that a quote would charge; null where the value cannot be quoted.
            f.member("fees", parsed.as_ref().map(|value| FeesEntry(value.fees)));
            f.member("known", list(|f| f.items([stored.known.0.get(), stored.known.1.get()])));
            if let Some(left_out) = &stored.left_out {
                f.member("left_out", left_out);
            }
            f.member("pool_id", Plain(pool.id.as_str()));
            f.member("token_x", Plain(pool.token_x.as_str()));
            f.member("token_y", Plain(pool.token_y.as_str()));
            f.member("value", value);
        })
        .write(out);
    }
}

struct FeesEntry(Fees);

impl ToJson for FeesEntry {
    fn write(&self, out: &mut String) {
        object(|f| named_fees(&self.0).into_iter().for_each(|(name, fee)| f.member(name, fee))).write(out);
    }
}

impl ToJson for StoredInput<'_> {
    fn write(&self, out: &mut String) {
        let pools = list(|f| {
            for (candidate, stored) in self.candidates.pools.iter().zip(self.pools) {
                let (pool, default_fee_bps) = (&candidate.pool, self.default_fee_bps);
                f.item(PoolEntry { pool, stored, default_fee_bps });
            }
        });
        object(|f| self.members(f, &pools)).write(out);
    }
}

impl StoredInput<'_> {
    /// Writes every field, with `pools` for the pools.
    ///
    /// In the order of their names, without space: what is written is its own canonical text, so the digest is taken
    /// of it as it stands.
    pub(super) fn members(&self, f: &mut Object<'_>, pools: &impl ToJson) {
        let tokens = self.tokens();
        let decimals = object(|f| {
            for token in &tokens {
                f.member(token.as_str(), DecimalsEntry { token, table: self.decimals });
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
        f.member("request", RequestFields(self.request));
        if self.effort != Effort::WHOLE {
            f.member("work_share", self.effort.share());
        }
    }
}
