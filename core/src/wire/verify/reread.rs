//! Reads the document `dlmm-input/1` back. It may come from anyone, so nothing in it is taken on trust.

use super::super::request::request_from_json;
use super::input::{INPUT_FORMAT, InputPool, StoredInput};
use crate::decimals::{DecimalTable, Disagreement, MAX_DECIMALS, Origin};
use crate::error::QuoteError;
use crate::graph::PoolRef;
use crate::quote::QuoteRequest;
use crate::route::Candidates;
use crate::units::{BinId, PoolId, Symbol};
use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Most candidate pools; the largest `MAX_CANDIDATE_POOLS` there is.
const MAX_POOLS: usize = 1_000;
/// Most candidate paths; the search ends there too.
const MAX_PATHS: usize = 1_000;

#[derive(Deserialize)]
struct Document<'a> {
    format: String,
    #[serde(borrow)]
    request: &'a RawValue,
    default_fee_bps: u16,
    decimals: BTreeMap<String, DecimalsEntry>,
    paths: Vec<Vec<String>>,
    limited: bool,
    keys_limited: Option<usize>,
    pools: Vec<PoolEntry>,
}

#[derive(Deserialize)]
struct DecimalsEntry {
    decimals: u8,
    decimals_from: String,
    disagreement: Option<DisagreementEntry>,
}

#[derive(Deserialize)]
struct DisagreementEntry {
    key: String,
    reason: String,
}

#[derive(Deserialize)]
struct PoolEntry {
    pool_id: String,
    token_x: String,
    token_y: String,
    known: (u16, u16),
    value: Option<String>,
    bins: Vec<(Option<u16>, String)>,
}

/// An input that was read back.
pub(super) struct OwnedInput {
    request: QuoteRequest,
    candidates: Candidates,
    decimals: DecimalTable,
    default_fee_bps: u16,
    pools: Vec<InputPool<'static>>,
    keys_limited: Option<usize>,
}

impl OwnedInput {
    /// Reads an input and puts its candidates together again.
    ///
    /// # Errors
    /// `INVALID_REQUEST` that names the field, if a part is missing, malformed, or does not fit the others.
    pub(super) fn read(json: &str) -> Result<Self, QuoteError> {
        let document: Document<'_> =
            serde_json::from_str(json).map_err(|e| unfit("", &format!("cannot be read: {e}")))?;
        if document.format != INPUT_FORMAT {
            return Err(unfit(".format", &format!("is not {INPUT_FORMAT}")));
        }
        let request = request_from_json(document.request.get()).map_err(of_request)?;
        let mut references = Vec::with_capacity(document.pools.len());
        let mut pools = Vec::with_capacity(document.pools.len());
        for (index, entry) in document.pools.into_iter().enumerate() {
            let at = format!(".pools[{index}]");
            references.push(PoolRef {
                id: name(&format!("{at}.pool_id"), &entry.pool_id, PoolId::new)?,
                token_x: name(&format!("{at}.token_x"), &entry.token_x, Symbol::new)?,
                token_y: name(&format!("{at}.token_y"), &entry.token_y, Symbol::new)?,
            });
            pools.push(entry.stored(&at)?);
        }
        Ok(Self {
            decimals: read_decimals(document.decimals)?,
            candidates: read_candidates(&request, references, document.paths, document.limited)?,
            request,
            default_fee_bps: document.default_fee_bps,
            pools,
            keys_limited: document.keys_limited,
        })
    }

    pub(super) fn as_input(&self) -> StoredInput<'_> {
        StoredInput {
            request: &self.request,
            candidates: &self.candidates,
            decimals: &self.decimals,
            default_fee_bps: self.default_fee_bps,
            pools: &self.pools,
            keys_limited: self.keys_limited,
        }
    }
}

impl PoolEntry {
    fn stored(self, at: &str) -> Result<InputPool<'static>, QuoteError> {
        let id = |field: &str, id: u16| {
            BinId::new(id).ok_or_else(|| unfit(&format!("{at}.{field}"), "is no bin id"))
        };
        let bins = self.bins.into_iter().enumerate().map(|(index, (bin_id, text))| {
            let bin_id = bin_id.map(|bin_id| id(&format!("bins[{index}]"), bin_id)).transpose()?;
            Ok((bin_id, Cow::Owned(text)))
        });
        Ok(InputPool {
            bins: bins.collect::<Result<_, QuoteError>>()?,
            known: (id("known", self.known.0)?, id("known", self.known.1)?),
            value: self.value.map(Cow::Owned),
        })
    }
}

fn read_decimals(entries: BTreeMap<String, DecimalsEntry>) -> Result<DecimalTable, QuoteError> {
    let mut table = DecimalTable::default();
    for (symbol, entry) in entries {
        let field = format!(".decimals.{symbol}");
        let token = name(&field, &symbol, Symbol::new)?;
        if entry.decimals > MAX_DECIMALS {
            return Err(unfit(&field, &format!("are more than {MAX_DECIMALS}")));
        }
        if entry.decimals_from == Origin::Stated.as_str() {
            table.state(&token, entry.decimals, "");
        }
        // Well-known and assumed decimals are not taken over: this build must know them too.
        let (decimals, origin) = table.of(&token);
        if (decimals, origin.as_str()) != (entry.decimals, &entry.decimals_from) {
            return Err(unfit(&field, &format!("are {decimals} ({}) to this version", origin.as_str())));
        }
        if let Some(DisagreementEntry { key, reason }) = entry.disagreement {
            table.contest(&token, Disagreement { key, reason });
        }
    }
    Ok(table)
}

fn read_candidates(
    request: &QuoteRequest,
    pools: Vec<PoolRef>,
    paths: Vec<Vec<String>>,
    limited: bool,
) -> Result<Candidates, QuoteError> {
    if pools.len() > MAX_POOLS {
        return Err(unfit(".pools", &format!("are more than {MAX_POOLS}")));
    }
    if !pools.is_sorted_by(|a, b| a.id < b.id) {
        return Err(unfit(".pools", "are not in order of their ids"));
    }
    if let Some(pool) = pools.iter().find(|pool| !request.filter.allows(pool)) {
        return Err(unfit(".pools", &format!("hold {}, which the request does not allow", pool.id)));
    }
    if paths.len() > MAX_PATHS {
        return Err(unfit(".paths", &format!("are more than {MAX_PATHS}")));
    }
    let mut read = Vec::with_capacity(paths.len());
    for (index, symbols) in paths.iter().enumerate() {
        let field = format!(".paths[{index}]");
        if symbols.len().saturating_sub(1) > usize::from(request.max_hops) {
            return Err(unfit(&field, "has more hops than the request allows"));
        }
        let tokens = symbols.iter().map(|symbol| name(&field, symbol, Symbol::new));
        let tokens: Vec<Symbol> = tokens.collect::<Result<_, _>>()?;
        check_path(request, &tokens).map_err(|reason| unfit(&field, reason))?;
        read.push(tokens);
    }
    let candidates = Candidates::over(pools, read, limited);
    for (index, path) in candidates.paths.iter().enumerate() {
        if let Some(hop) = path.hops.iter().find(|hop| hop.pools.is_empty()) {
            let reason = format!("has no pool from {} to {}", hop.token_in, hop.token_out);
            return Err(unfit(&format!(".paths[{index}]"), &reason));
        }
    }
    Ok(candidates)
}

fn check_path(request: &QuoteRequest, tokens: &[Symbol]) -> Result<(), &'static str> {
    let [first, between @ .., last] = tokens else { return Err("is no path") };
    if (first, last) != (&request.token_in, &request.token_out) {
        return Err("does not lead from token_in to token_out");
    }
    if tokens.iter().collect::<BTreeSet<_>>().len() < tokens.len() {
        return Err("passes a token twice");
    }
    match &request.filter.via {
        Some(via) if !between.iter().all(|token| via.contains(token)) => {
            Err("passes a token that the request does not allow")
        }
        _ => Ok(()),
    }
}

fn name<T, E: fmt::Display>(
    field: &str,
    text: &str,
    new: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, QuoteError> {
    new(text).map_err(|e| unfit(field, &e.to_string()))
}

/// Names a field of the request as part of the input.
fn of_request(error: QuoteError) -> QuoteError {
    match error {
        QuoteError::InvalidRequest { field, reason } => unfit(&format!(".request.{field}"), &reason),
        other => unfit(".request", &format!("cannot be read: {other}")),
    }
}

fn unfit(field: &str, reason: &str) -> QuoteError {
    QuoteError::InvalidRequest { field: format!("input{field}"), reason: String::from(reason) }
}
