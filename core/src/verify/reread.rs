//! Reads the document `dlmm-input/1` back. It may come from anyone, so nothing in it is taken on trust.

use crate::api::record::{Basis, INPUT_FORMAT, Tree};
use crate::api::request_from_json;
use crate::error::QuoteError;
use crate::network::decimals::{DecimalTable, Disagreement, MAX_DECIMALS, Origin};
use crate::network::graph::PoolRef;
use crate::network::route::{Candidates, UnknownName};
use crate::quote::{Effort, QuoteRequest};
use crate::sorted::SortedSet;
use crate::stored::{SkippedPool, StoredPool, StoredPools};
use crate::units::{BinId, PoolId, Symbol};
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// Most candidate pools; the largest `MAX_CANDIDATE_POOLS` there is.
const MAX_POOLS: usize = 1_000;
/// Most candidate paths; the search ends there too.
const MAX_PATHS: usize = 1_000;

/// Reads an input and puts its candidates together again. `request` is the text of the input's request.
///
/// # Errors
/// `INVALID_REQUEST` that names the field, if a part is missing, malformed, or does not fit the others.
pub(super) fn basis_in(input: &Tree, request: &str) -> Result<Basis, QuoteError> {
    let request = request_from_json(request).map_err(|refusal| match refusal {
        QuoteError::InvalidRequest { field, reason } => Unfit::new(&format!(".request.{field}"), &reason),
        other => Unfit::new(".request", &format!("cannot be read: {other}")),
    });
    request.and_then(|request| basis_around(request, input)).map_err(|unfit| QuoteError::InvalidRequest {
        field: format!("input{}", unfit.at),
        reason: unfit.reason,
    })
}

fn basis_around(request: QuoteRequest, input: &Tree) -> Reading<Basis> {
    if text(input, "format")? != INPUT_FORMAT {
        return Err(Unfit::new(".format", &format!("is not {INPUT_FORMAT}")));
    }
    let (mut references, mut pools) = (Vec::new(), Vec::new());
    each(input, "pools", &mut |entry| {
        references.push(PoolRef {
            id: name(entry, "pool_id", PoolId::new)?,
            token_x: name(entry, "token_x", Symbol::new)?,
            token_y: name(entry, "token_y", Symbol::new)?,
        });
        pools.push(stored(entry)?);
        Ok(())
    })?;
    let decimals = read_decimals(field(input, "decimals")?)?;
    let candidates = read_candidates(&request, references, input)?;
    // Only now are there few of them, each once and in order.
    let ids = candidates.pools.iter().map(|candidate| candidate.pool.id.clone());
    let stored: StoredPools = ids.zip(pools).collect();
    let router = optional(input, "router").map(|_| text(input, "router")).transpose()?;
    Ok(Basis {
        router: router.map(Arc::from),
        decimals: decimals.into(),
        candidates: candidates.into(),
        default_fee_bps: whole(input, "default_fee_bps")?,
        request,
        stored: stored.into(),
        keys_limited: optional(input, "keys_limited").map(|_| whole(input, "keys_limited")).transpose()?,
        effort: optional(input, "work_share")
            .map(|_| {
                typed(input, "work_share", |share| Effort::shared(share.whole()?), "is that of no batch")
            })
            .transpose()?
            .unwrap_or(Effort::WHOLE),
    })
}

/// What is wrong with a part of the input, and where that stands in what is being read.
struct Unfit {
    at: String,
    reason: String,
}

type Reading<T> = Result<T, Box<Unfit>>;

impl Unfit {
    fn new(at: &str, reason: &str) -> Box<Self> {
        Box::new(Self { at: at.to_owned(), reason: reason.to_owned() })
    }

    /// Adds the way to what was being read.
    fn inside(mut self: Box<Self>, step: &str) -> Box<Self> {
        self.at.insert_str(0, step);
        self
    }
}

/// A field that is there and not null.
fn optional<'t>(tree: &'t Tree, name: &str) -> Option<&'t Tree> {
    tree.field(name).filter(|tree| **tree != Tree::Null)
}

fn field<'t>(tree: &'t Tree, name: &str) -> Reading<&'t Tree> {
    optional(tree, name).ok_or_else(|| Unfit::new(&format!(".{name}"), "is missing"))
}

/// A field of one kind; `otherwise` says what it is if it is none.
fn typed<'t, T>(
    tree: &'t Tree,
    name: &str,
    read: impl FnOnce(&'t Tree) -> Option<T>,
    otherwise: &str,
) -> Reading<T> {
    read(field(tree, name)?).ok_or_else(|| Unfit::new(&format!(".{name}"), otherwise))
}

fn text<'t>(tree: &'t Tree, name: &str) -> Reading<&'t str> {
    typed(tree, name, Tree::text, "is not text")
}

fn whole<T: FromStr>(tree: &Tree, name: &str) -> Reading<T> {
    typed(tree, name, Tree::whole, "is not a whole number, or is too large")
}

fn name<T, E: fmt::Display>(tree: &Tree, name: &str, new: impl FnOnce(&str) -> Result<T, E>) -> Reading<T> {
    new(text(tree, name)?).map_err(|e| Unfit::new(&format!(".{name}"), &e.to_string()))
}

/// Reads each item of a list.
fn each<'t>(tree: &'t Tree, name: &str, read: &mut dyn FnMut(&'t Tree) -> Reading<()>) -> Reading<()> {
    each_of(field(tree, name)?, read).map_err(|unfit| unfit.inside(&format!(".{name}")))
}

fn each_of<'t>(list: &'t Tree, read: &mut dyn FnMut(&'t Tree) -> Reading<()>) -> Reading<()> {
    let items = list.items().ok_or_else(|| Unfit::new("", "is not a list"))?;
    for (index, item) in items.iter().enumerate() {
        read(item).map_err(|unfit| unfit.inside(&format!("[{index}]")))?;
    }
    Ok(())
}

fn bin_id(tree: &Tree) -> Reading<BinId> {
    tree.whole().and_then(BinId::new).ok_or_else(|| Unfit::new("", "is not a bin id"))
}

/// Reads the key and the reason that a field names, if it is there.
fn told(tree: &Tree, name: &str) -> Reading<Option<SkippedPool>> {
    let Some(told) = optional(tree, name) else { return Ok(None) };
    skipped(told).map(Some).map_err(|unfit| unfit.inside(&format!(".{name}")))
}

fn skipped(told: &Tree) -> Reading<SkippedPool> {
    Ok(SkippedPool { key: text(told, "key")?.to_owned(), reason: text(told, "reason")?.to_owned() })
}

/// Reads the stored texts of a pool.
fn stored(entry: &Tree) -> Reading<StoredPool<'static>> {
    let mut known = Vec::new();
    each(entry, "known", &mut |id| {
        known.push(bin_id(id)?);
        Ok(())
    })?;
    let [low, high] = known[..] else { return Err(Unfit::new(".known", "is not a first and a last bin id")) };
    let mut bins = Vec::new();
    each(entry, "bins", &mut |bin| {
        let Some([id, Tree::Text(text)]) = bin.items() else {
            return Err(Unfit::new("", "is not a bin id with a text"));
        };
        let id = match id {
            Tree::Null => None,
            id => Some(bin_id(id).map_err(|unfit| unfit.inside("[0]"))?),
        };
        bins.push((id, Cow::Owned(text.clone())));
        Ok(())
    })?;
    let value = optional(entry, "value").map(|_| text(entry, "value")).transpose()?;
    Ok(StoredPool {
        bins,
        known: (low, high),
        value: value.map(|text| Cow::Owned(text.to_owned())),
        left_out: told(entry, "left_out")?,
    })
}

fn read_decimals(stated: &Tree) -> Reading<DecimalTable> {
    let mut table = DecimalTable::default();
    let Tree::Object(entries) = stated else { return Err(Unfit::new(".decimals", "is not an object")) };
    for (symbol, entry) in entries {
        read_token(symbol, entry, &mut table)
            .map_err(|unfit| unfit.inside(&format!(".decimals.{symbol}")))?;
    }
    Ok(table)
}

fn read_token(symbol: &str, entry: &Tree, table: &mut DecimalTable) -> Reading<()> {
    let token = Symbol::new(symbol).map_err(|e| Unfit::new("", &e.to_string()))?;
    let given: u8 = whole(entry, "decimals")?;
    let given_from = text(entry, "decimals_from")?;
    if given > MAX_DECIMALS {
        return Err(Unfit::new("", &format!("are more than {MAX_DECIMALS}")));
    }
    if given_from == Origin::Stated.as_str() {
        table.state(&token, given, "");
    }
    // Well-known and assumed decimals are not taken over: this build must know them too.
    let (decimals, origin) = table.of(&token);
    if (decimals, origin.as_str()) != (given, given_from) {
        return Err(Unfit::new("", &format!("are {decimals} ({}) to this version", origin.as_str())));
    }
    if let Some(SkippedPool { key, reason }) = told(entry, "disagreement")? {
        table.contest(&token, Disagreement { key, reason });
    }
    Ok(())
}

fn read_candidates(request: &QuoteRequest, pools: Vec<PoolRef>, input: &Tree) -> Reading<Candidates> {
    let limited = match field(input, "limited")? {
        Tree::Boolean(limited) => *limited,
        _ => return Err(Unfit::new(".limited", "is neither true nor false")),
    };
    if pools.len() > MAX_POOLS {
        return Err(Unfit::new(".pools", &format!("are more than {MAX_POOLS}")));
    }
    if !pools.is_sorted_by(|a, b| a.id < b.id) {
        return Err(Unfit::new(".pools", "are not in order of their ids"));
    }
    if let Some(pool) = pools.iter().find(|pool| !request.filter.allows(&pool.id)) {
        return Err(Unfit::new(".pools", &format!("hold {}, which the request does not allow", pool.id)));
    }
    let mut paths = Vec::new();
    each(input, "paths", &mut |path| {
        let mut tokens = Vec::new();
        each_of(path, &mut |symbol| {
            let text = symbol.text().ok_or_else(|| Unfit::new("", "is not text"))?;
            tokens.push(Symbol::new(text).map_err(|e| Unfit::new("", &e.to_string()))?);
            Ok(())
        })?;
        check_path(request, &tokens).map_err(|reason| Unfit::new("", reason))?;
        paths.push(tokens);
        Ok(())
    })?;
    if paths.len() > MAX_PATHS {
        return Err(Unfit::new(".paths", &format!("are more than {MAX_PATHS}")));
    }
    let (unplaced, unknown) = (all(input, "unplaced", &skipped)?, all(input, "unknown_names", &unknown)?);
    check_unknown(request, &unknown).map_err(|reason| Unfit::new(".unknown_names", reason))?;
    let candidates = Candidates { unplaced, unknown, ..Candidates::over(pools, paths, limited) };
    for (index, path) in candidates.paths.iter().enumerate() {
        if let Some(hop) = path.hops.iter().find(|hop| hop.pools.is_empty()) {
            let reason = format!("has no pool from {} to {}", hop.token_in, hop.token_out);
            return Err(Unfit::new(&format!(".paths[{index}]"), &reason));
        }
    }
    Ok(candidates)
}

fn unknown(told: &Tree) -> Reading<UnknownName> {
    Ok(UnknownName { field: text(told, "field")?.to_owned(), name: text(told, "name")?.to_owned() })
}

/// Reads a list, if it is there.
fn all<T>(input: &Tree, name: &str, read: &dyn Fn(&Tree) -> Reading<T>) -> Reading<Vec<T>> {
    let mut all = Vec::new();
    if optional(input, name).is_some() {
        each(input, name, &mut |one| {
            all.push(read(one)?);
            Ok(())
        })?;
    }
    Ok(all)
}

/// Of the names nothing shows that they are not there, but only what the request names can be missing, and each once.
fn check_unknown(request: &QuoteRequest, unknown: &[UnknownName]) -> Result<(), &'static str> {
    let filter = &request.filter;
    let is_asked = |UnknownName { field, name }: &UnknownName| match &**field {
        "exclude_pools" => filter.exclude_pools.iter().any(|id| id.as_str() == name),
        "via" => filter.via.iter().flatten().any(|token| token.as_str() == name),
        _ => false,
    };
    let is_in_order = |a: &UnknownName, b: &UnknownName| (&a.field, &a.name) < (&b.field, &b.name);
    match unknown.iter().all(is_asked) && unknown.is_sorted_by(is_in_order) {
        true => Ok(()),
        false => Err("are not names in filters of the request, each once and in order"),
    }
}

fn check_path(request: &QuoteRequest, tokens: &[Symbol]) -> Result<(), &'static str> {
    let [first, between @ .., last] = tokens else { return Err("is not a path") };
    if tokens.len() - 1 > usize::from(request.max_hops) {
        return Err("has more hops than the request allows");
    }
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
