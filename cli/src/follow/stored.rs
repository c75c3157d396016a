//! Reads back what a follower has written, at its start and whenever it cannot know what came of a transaction.

use std::collections::HashMap;

use dlmm_core::stored::keys;
use dlmm_core::units::PoolId;

use super::block::Header;
use super::chain::Chain;
use super::fault::Fault;
use super::journal::Texts;
use super::market::{Market, Slot};
use super::record;
use super::state::State;
use super::tokens::Tokens;
use crate::redis::store::PoolStore;

/// Fields read in one call; each may hold a table of some ten kilobytes.
const FIELDS_PER_READ: usize = 500;
/// Pools read in one call.
const POOLS_PER_READ: usize = 20;

/// Reads everything that was written down; `None` where no block was ever taken.
///
/// # Errors
/// [`Fault::Redis`], or [`Fault::Record`] for what cannot be read.
pub(crate) async fn read_state(
    store: &mut PoolStore,
    core: &str,
    tokens: &Tokens,
) -> Result<Option<State>, Fault> {
    let key = record::key(core);
    let names: Vec<String> = store.run(redis::cmd("HKEYS").arg(&key)).await?;
    let wanted: Vec<String> = names
        .into_iter()
        .filter(|name| {
            name == record::TIP_FIELD
                || name == record::FORMAT_FIELD
                || record::is_block(name)
                || Slot::parse(name).is_some()
        })
        .collect();
    let mut fields = HashMap::new();
    for names in wanted.chunks(FIELDS_PER_READ) {
        let texts: Vec<Option<String>> = store.run(redis::cmd("HMGET").arg(&key).arg(names)).await?;
        fields.extend(names.iter().cloned().zip(texts).filter_map(|(name, text)| Some((name, text?))));
    }
    let Some(tip) = fields.remove(record::TIP_FIELD) else { return Ok(None) };
    let format = fields.remove(record::FORMAT_FIELD);
    let tip = record::header(record::TIP_FIELD, &tip)?;
    let mut headers: Vec<Header> = Vec::new();
    let mut slots = Texts::new();
    for (name, text) in fields {
        if record::is_block(&name) {
            headers.push(record::header(&name, &text)?);
        } else if let Some(slot) = Slot::parse(&name) {
            slots.insert(slot, Some(text));
        }
    }
    let mut market = Market::default();
    let ids: Vec<PoolId> = slots
        .keys()
        .filter_map(|slot| if let Slot::Facts(id) = slot { Some(id.clone()) } else { None })
        .collect();
    super::journal::put(&mut market, &slots, tokens)?;
    let outdated = pools(store, &ids, &mut market, tokens).await?;
    let (chain, unusable) = chain(format.as_deref(), tip, headers)
        .ok_or_else(|| Fault::Record { place: key, reason: format!("it is not {}", record::FORMAT) })?;
    Ok(Some(State { market, chain, outdated, unusable }))
}

/// The blocks that can be undone, and those that are to be forgotten; `None` for a layout that is not known.
///
/// The layout before has the same pools, and its tip is right; but no fork goes back beyond that one.
pub(super) fn chain(format: Option<&str>, tip: Header, headers: Vec<Header>) -> Option<(Chain, Vec<String>)> {
    match format? {
        record::FORMAT => Some((Chain::of(tip, headers), Vec::new())),
        record::FORMAT_BEFORE => {
            let others = headers.into_iter().map(|header| header.hash).filter(|hash| *hash != tip.hash);
            let others = others.collect();
            Some((Chain::of(tip, []), others))
        }
        _ => None,
    }
}

async fn pools(
    store: &mut PoolStore,
    ids: &[PoolId],
    market: &mut Market,
    tokens: &Tokens,
) -> Result<Texts, Fault> {
    let mut outdated = Texts::new();
    for ids in ids.chunks(POOLS_PER_READ) {
        for (id, pool) in ids.iter().zip(store.pools(ids).await?) {
            let Some(value) = pool.value else {
                return Err(Fault::Record { place: keys::pool(id), reason: "it is missing".to_owned() });
            };
            let bins = pool.bins.iter().filter_map(|(bin, text)| {
                Some((Slot::Bin(id.clone(), (*bin)?), Some(text.clone().into_owned())))
            });
            let mut texts: Texts = bins.collect();
            texts.insert(Slot::Pool(id.clone()), Some(value.into_owned()));
            super::journal::put(market, &texts, tokens)?;
            texts.retain(|slot, text| market.text(slot) != *text);
            outdated.extend(texts);
        }
    }
    Ok(outdated)
}
