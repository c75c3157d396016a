//! Everything a quote was computed from, as the document `dlmm-input/1`.

use super::super::pool::PoolValue;
use super::super::read::PoolReader;
use super::super::snapshot::{SnapshotPool, bin_id_of, nameless_bin_key};
use super::super::{field, read::PoolText};
use super::request::RequestFields;
use crate::decimals::DecimalTable;
use crate::error::QuoteError;
use crate::fee::Fees;
use crate::graph::PoolRef;
use crate::quote::{Outcome, Quote, QuoteInput, QuoteRequest, Warning, quote};
use crate::route::{CandidatePool, Candidates, Path};
use crate::sorted::SortedSet;
use crate::state::{PoolState, State};
use crate::units::{BinId, Symbol};
use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

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
}

impl<'a> From<&PoolText<'a>> for InputPool<'a> {
    fn from(text: &PoolText<'a>) -> Self {
        let bins = text.bins.iter().filter_map(|&(id, text)| Some((Some(id), Cow::Borrowed(text?))));
        Self { value: text.value.map(Cow::Borrowed), known: text.known, bins: bins.collect() }
    }
}

impl<'a> From<&SnapshotPool<'a>> for InputPool<'a> {
    /// The pool value is taken without the bins inside it.
    fn from(pool: &SnapshotPool<'a>) -> Self {
        let bins = pool.bins.iter().map(|&text| (bin_id_of(text).ok(), Cow::Borrowed(text)));
        Self { value: Some(without_bins(pool.value)), known: (BinId::MIN, BinId::MAX), bins: bins.collect() }
    }
}

fn without_bins(value: &str) -> Cow<'_, str> {
    let Ok(entries) = field::entries(value) else { return Cow::Borrowed(value) };
    let kept = entries.into_iter().filter(|(name, _)| name != "bins");
    serde_json::to_string(&Entries(kept.collect())).map_or(Cow::Borrowed(value), Cow::Owned)
}

/// An object with these entries in this order, even where a name is there twice.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, raw)| (name, raw)))
    }
}

impl InputPool<'_> {
    /// The same pool, without a copy of its texts.
    #[must_use]
    pub fn borrowed(&self) -> InputPool<'_> {
        InputPool {
            value: self.value.as_deref().map(Cow::Borrowed),
            known: self.known,
            bins: self.bins.iter().map(|(id, text)| (*id, Cow::Borrowed(&**text))).collect(),
        }
    }

    /// The same pool with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> InputPool<'static> {
        InputPool {
            value: self.value.map(|value| Cow::Owned(value.into_owned())),
            known: self.known,
            bins: self.bins.into_iter().map(|(id, text)| (id, Cow::Owned(text.into_owned()))).collect(),
        }
    }

    pub(in crate::wire) fn state(
        &self,
        pool: &PoolRef,
        decimals: &DecimalTable,
        default_fee_bps: u16,
    ) -> PoolState {
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
}

impl StoredInput<'_> {
    /// Quotes anew from the stored texts.
    ///
    /// # Errors
    /// What core refuses; no answer was ever given on such an input.
    pub(super) fn quote(&self, now_ms: u64) -> Result<Quote, QuoteError> {
        let pools = self.candidates.pools.iter().zip(self.pools).map(|(candidate, stored)| {
            let state = stored.state(&candidate.pool, self.decimals, self.default_fee_bps);
            (candidate.pool.id.clone(), state)
        });
        let state = State::new(Arc::new(self.decimals.clone()), pools);
        // Where more could have been read, an answer needed no more: it comes out the same without.
        let input = QuoteInput {
            request: self.request,
            candidates: self.candidates,
            state: &state,
            now_ms,
            can_read_more: false,
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

    fn tokens(&self) -> SortedSet<&Symbol> {
        self.candidates.pools.iter().flat_map(|one| [&one.pool.token_x, &one.pool.token_y]).collect()
    }
}

#[derive(Serialize)]
struct DecimalsEntry<'a> {
    decimals: u8,
    decimals_from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disagreement: Option<DisagreementEntry<'a>>,
}

#[derive(Serialize)]
struct DisagreementEntry<'a> {
    key: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct PoolEntry<'a> {
    pool_id: &'a str,
    token_x: &'a str,
    token_y: &'a str,
    known: (u16, u16),
    value: Option<&'a str>,
    /// Fees that a quote would charge; `None` where the value cannot be quoted.
    fees: Option<FeesEntry>,
    bins: Vec<(Option<u16>, &'a str)>,
}

#[derive(Serialize)]
struct FeesEntry {
    x_protocol_fee: u16,
    x_provider_fee: u16,
    x_variable_fee: u16,
    y_protocol_fee: u16,
    y_provider_fee: u16,
    y_variable_fee: u16,
}

impl From<Fees> for FeesEntry {
    fn from(Fees { x, y }: Fees) -> Self {
        Self {
            x_protocol_fee: x.protocol(),
            x_provider_fee: x.provider(),
            x_variable_fee: x.variable(),
            y_protocol_fee: y.protocol(),
            y_provider_fee: y.provider(),
            y_variable_fee: y.variable(),
        }
    }
}

impl<'a> PoolEntry<'a> {
    fn of(pool: &'a PoolRef, stored: &'a InputPool<'_>, default_fee_bps: u16) -> Self {
        let value = stored.value.as_deref();
        let parsed = value.and_then(|value| PoolValue::parse(value, default_fee_bps).ok());
        Self {
            pool_id: pool.id.as_str(),
            token_x: pool.token_x.as_str(),
            token_y: pool.token_y.as_str(),
            known: (stored.known.0.get(), stored.known.1.get()),
            value,
            fees: parsed.map(|value| FeesEntry::from(value.fees)),
            bins: stored.bins.iter().map(|(id, text)| (id.map(BinId::get), &**text)).collect(),
        }
    }
}

/// An object of these entries.
struct EntriesOf<'a>(Vec<(&'a str, DecimalsEntry<'a>)>);

impl Serialize for EntriesOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(token, entry)| (token, entry)))
    }
}

impl Serialize for StoredInput<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let decimals = self.tokens().into_iter().map(|token| {
            let (decimals, origin) = self.decimals.of(token);
            let disagreement = self
                .decimals
                .disagreement(token)
                .map(|told| DisagreementEntry { key: &told.key, reason: &told.reason });
            (token.as_str(), DecimalsEntry { decimals, decimals_from: origin.as_str(), disagreement })
        });
        let path = |path: &'_ Path| -> Vec<String> { path.tokens().map(|t| t.as_str().to_owned()).collect() };
        let pools =
            self.candidates.pools.iter().zip(self.pools).map(|(CandidatePool { pool, .. }, stored)| {
                PoolEntry::of(pool, stored, self.default_fee_bps)
            });
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", INPUT_FORMAT)?;
        map.serialize_entry("request", &RequestFields(self.request))?;
        map.serialize_entry("default_fee_bps", &self.default_fee_bps)?;
        map.serialize_entry("decimals", &EntriesOf(decimals.collect()))?;
        map.serialize_entry("paths", &self.candidates.paths.iter().map(path).collect::<Vec<_>>())?;
        map.serialize_entry("limited", &self.candidates.limited)?;
        map.serialize_entry("keys_limited", &self.keys_limited)?;
        map.serialize_entry("pools", &pools.collect::<Vec<_>>())?;
        map.end()
    }
}
