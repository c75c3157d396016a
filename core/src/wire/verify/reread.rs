//! Reads the document `dlmm-input/1` back. It may come from anyone, so nothing in it is taken on trust.

use super::super::request::request_from_json;
use super::input::{INPUT_FORMAT, InputPool, StoredInput};
use super::tree::Tree;
use crate::decimals::{DecimalTable, Disagreement, MAX_DECIMALS, Origin};
use crate::error::QuoteError;
use crate::graph::PoolRef;
use crate::quote::QuoteRequest;
use crate::route::Candidates;
use crate::sorted::SortedSet;
use crate::units::{BinId, PoolId, Symbol};
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// Most candidate pools; the largest `MAX_CANDIDATE_POOLS` there is.
const MAX_POOLS: usize = 1_000;
/// Most candidate paths; the search ends there too.
const MAX_PATHS: usize = 1_000;

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
    /// Reads an input and puts its candidates together again. `request` is the text of the input's request.
    ///
    /// # Errors
    /// `INVALID_REQUEST` that names the field, if a part is missing, malformed, or does not fit the others.
    pub(super) fn read(input: &Tree, request: &str) -> Result<Self, Box<QuoteError>> {
        let input = Part { tree: input, at: String::new() };
        let format = input.field("format")?;
        if format.text()? != INPUT_FORMAT {
            return Err(format.unfit(&format!("is not {INPUT_FORMAT}")));
        }
        let request = request_from_json(request).map_err(of_request)?;
        let listed = input.field("pools")?.items()?;
        let mut references = Vec::with_capacity(listed.len());
        let mut pools = Vec::with_capacity(listed.len());
        for entry in &listed {
            references.push(PoolRef {
                id: entry.field("pool_id")?.name(PoolId::new)?,
                token_x: entry.field("token_x")?.name(Symbol::new)?,
                token_y: entry.field("token_y")?.name(Symbol::new)?,
            });
            pools.push(stored(entry)?);
        }
        let keys_limited = input.optional("keys_limited").map(|part| part.whole()).transpose()?;
        Ok(Self {
            decimals: read_decimals(&input.field("decimals")?)?,
            candidates: read_candidates(&request, references, &input)?,
            default_fee_bps: input.field("default_fee_bps")?.whole()?,
            request,
            pools,
            keys_limited,
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

/// A part of the input and where it stands.
struct Part<'t> {
    tree: &'t Tree,
    at: String,
}

impl<'t> Part<'t> {
    fn unfit(&self, reason: &str) -> Box<QuoteError> {
        unfit(&self.at, reason)
    }

    /// A field that is there and not null.
    fn optional(&self, name: &str) -> Option<Self> {
        let tree = self.tree.field(name).filter(|tree| **tree != Tree::Null)?;
        Some(Self { tree, at: format!("{}.{name}", self.at) })
    }

    fn field(&self, name: &str) -> Result<Self, Box<QuoteError>> {
        self.optional(name).ok_or_else(|| unfit(&format!("{}.{name}", self.at), "is missing"))
    }

    fn items(&self) -> Result<Vec<Self>, Box<QuoteError>> {
        let items = self.tree.items().ok_or_else(|| self.unfit("is no list"))?;
        let item = |(index, tree): (usize, &'t Tree)| Self { tree, at: format!("{}[{index}]", self.at) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    fn text(&self) -> Result<&'t str, Box<QuoteError>> {
        self.tree.text().ok_or_else(|| self.unfit("is no text"))
    }

    fn whole<T: FromStr>(&self) -> Result<T, Box<QuoteError>> {
        self.tree.whole().ok_or_else(|| self.unfit("is no whole number, or too large"))
    }

    fn bin_id(&self) -> Result<BinId, Box<QuoteError>> {
        self.tree.whole().and_then(BinId::new).ok_or_else(|| self.unfit("is no bin id"))
    }

    fn name<T, E: fmt::Display>(&self, new: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Box<QuoteError>> {
        new(self.text()?).map_err(|e| self.unfit(&e.to_string()))
    }
}

/// Reads the stored texts of a pool.
fn stored(entry: &Part<'_>) -> Result<InputPool<'static>, Box<QuoteError>> {
    let known = entry.field("known")?;
    let [low, high] = &known.items()?[..] else { return Err(known.unfit("is no first and last bin id")) };
    let bins = entry.field("bins")?.items()?.into_iter().map(|bin| match &bin.items()?[..] {
        [id, text] => {
            let id = (*id.tree != Tree::Null).then(|| id.bin_id()).transpose()?;
            Ok((id, Cow::Owned(text.text()?.to_owned())))
        }
        _ => Err(bin.unfit("is no bin id with a value")),
    });
    let value = entry.optional("value").map(|value| value.text()).transpose()?;
    Ok(InputPool {
        bins: bins.collect::<Result<_, Box<QuoteError>>>()?,
        known: (low.bin_id()?, high.bin_id()?),
        value: value.map(|text| Cow::Owned(text.to_owned())),
    })
}

fn read_decimals(stated: &Part<'_>) -> Result<DecimalTable, Box<QuoteError>> {
    let mut table = DecimalTable::default();
    let Tree::Object(entries) = stated.tree else { return Err(stated.unfit("are no object")) };
    for (symbol, entry) in entries {
        let entry = Part { tree: entry, at: format!("{}.{symbol}", stated.at) };
        let token = Symbol::new(symbol).map_err(|e| entry.unfit(&e.to_string()))?;
        let given: u8 = entry.field("decimals")?.whole()?;
        let given_from = entry.field("decimals_from")?.text()?;
        if given > MAX_DECIMALS {
            return Err(entry.unfit(&format!("are more than {MAX_DECIMALS}")));
        }
        if given_from == Origin::Stated.as_str() {
            table.state(&token, given, "");
        }
        // Well-known and assumed decimals are not taken over: this build must know them too.
        let (decimals, origin) = table.of(&token);
        if (decimals, origin.as_str()) != (given, given_from) {
            return Err(entry.unfit(&format!("are {decimals} ({}) to this version", origin.as_str())));
        }
        if let Some(disagreement) = entry.optional("disagreement") {
            let text = |name| disagreement.field(name)?.text().map(ToOwned::to_owned);
            table.contest(&token, Disagreement { key: text("key")?, reason: text("reason")? });
        }
    }
    Ok(table)
}

fn read_candidates(
    request: &QuoteRequest,
    pools: Vec<PoolRef>,
    input: &Part<'_>,
) -> Result<Candidates, Box<QuoteError>> {
    let paths = input.field("paths")?.items()?;
    let limited = match input.field("limited")? {
        Part { tree: Tree::Boolean(limited), .. } => *limited,
        other => return Err(other.unfit("is neither true nor false")),
    };
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
    for path in &paths {
        let symbols = path.items()?;
        if symbols.len().saturating_sub(1) > usize::from(request.max_hops) {
            return Err(path.unfit("has more hops than the request allows"));
        }
        let tokens: Vec<Symbol> =
            symbols.iter().map(|symbol| symbol.name(Symbol::new)).collect::<Result<_, _>>()?;
        check_path(request, &tokens).map_err(|reason| path.unfit(reason))?;
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
    if tokens.iter().collect::<SortedSet<_>>().len() < tokens.len() {
        return Err("passes a token twice");
    }
    match &request.filter.via {
        Some(via) if !between.iter().all(|token| via.contains(token)) => {
            Err("passes a token that the request does not allow")
        }
        _ => Ok(()),
    }
}

/// Names a field of the request as part of the input.
fn of_request(error: QuoteError) -> Box<QuoteError> {
    match error {
        QuoteError::InvalidRequest { field, reason } => unfit(&format!(".request.{field}"), &reason),
        other => unfit(".request", &format!("cannot be read: {other}")),
    }
}

fn unfit(field: &str, reason: &str) -> Box<QuoteError> {
    Box::new(QuoteError::InvalidRequest { field: format!("input{field}"), reason: String::from(reason) })
}
