//! `/pools` and `/pools/{id}`: parameters, and the bins of one pool.

use dlmm_core::api::{PoolAnswer, PoolListing, PoolsAnswer, SkippedPool, Source};
use dlmm_core::error::QuoteError;
use dlmm_core::stored::{PoolRouting, StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};

use super::listing::fresh_topology;
use super::source::redis_or_sample;
use crate::http::{Answer, ApiError, QueryPairs, parameters};
use crate::market::copy::ASSUMED_POOL_BYTES;
use crate::market::read::{keys_of_pool, pool_of, read_whole};
use crate::market::sample::sample_texts;
use crate::market::values::{Young, reason, texts_within, wrong_types};
use crate::market::{LiveMarket, Refusal, room};
use crate::redis::RedisError;
use crate::request::RequestContext;

/// Pools in one answer unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 100;
/// Pools in one answer at most.
const MAX_LIMIT: usize = 1_000;

pub(crate) async fn all(context: &RequestContext) -> Result<Answer, ApiError> {
    let (limit, after) = read_page(context.query())?;
    let (topology, _) = fresh_topology(context).await?;
    let pools: Vec<PoolId> = topology.ids().into_iter().collect();
    let start = after.map_or(0, |after| pools.partition_point(|id| *id <= after));
    let ids: Vec<PoolId> = pools.iter().skip(start).take(limit).cloned().collect();
    let next = ids.last().filter(|_| start + ids.len() < pools.len()).map(PoolId::as_str);
    let wanted: Vec<String> = ids.iter().map(keys::pool).collect();
    let ((values, mut skipped), source) = texts(context, &wanted).await?;
    let mut listed = Vec::new();
    let absent = ids.iter().zip(&values).filter(|(_, value)| value.is_none());
    let mut absent: Vec<String> = absent.map(|(id, _)| keys::pool(id)).collect();
    for (id, value) in ids.iter().zip(values) {
        let Some(json) = value else { continue };
        let fee_bps = context.config().limits.default_fee_bps;
        match own(id, &json).and_then(|()| PoolListing::parse(&json, &topology.decimals, fee_bps)) {
            Ok(pool) => listed.push((id, pool)),
            Err(reason) => skipped.push(SkippedPool { key: keys::pool(id), reason }),
        }
    }
    // The active bins, and what quotes could not use of the others.
    let broken = &context.isolate().market().broken;
    if source == Source::Redis {
        skipped.iter().for_each(|one| broken.note(&one.key, &one.reason, context.now_ms()));
    }
    let active = listed.iter().enumerate().map(|(at, (_, pool))| (at, pool.active_bin_id()));
    let others = listed
        .iter()
        .enumerate()
        .filter_map(|(at, (id, pool))| Some((at, broken.of(id).filter(|bin| *bin != pool.active_bin_id())?)));
    let wanted: Vec<(usize, BinId)> = active.chain(others).collect();
    let key =
        |(at, bin): &(usize, BinId)| listed.get(*at).map(|(id, _)| keys::bin(id, *bin)).unwrap_or_default();
    let wanted_keys: Vec<String> = wanted.iter().map(key).collect();
    let (bins, too_large) = bins(context, &wanted_keys, source).await?;
    skipped.extend(too_large);
    for (((at, bin), key), text) in wanted.into_iter().zip(wanted_keys).zip(bins) {
        let Some((_, pool)) = listed.get_mut(at) else { continue };
        let is_active = bin == pool.active_bin_id();
        match text.map(|json| pool.check_bin(bin, &json).map(|()| json)) {
            Some(Ok(json)) if is_active => pool.active_bin(&json),
            Some(Ok(_)) => {}
            Some(Err(reason)) => skipped.push(SkippedPool { key, reason }),
            None if is_active => absent.push(key),
            None => {}
        }
    }
    // What quotes and copies have met elsewhere in these pools was of another type at least once.
    let met = ids.iter().filter_map(|id| context.isolate().market().unreadable.suspect(id));
    let met: Vec<String> = met.filter(|key| !absent.contains(key)).collect();
    absent.extend(met);
    let is_first_page = start == 0;
    skipped.extend(of_another_type(context, source, absent).await?);
    let names_left_out = is_first_page && source == Source::Redis;
    let skipped_more = if names_left_out { name_left_out(context, &pools, &mut skipped) } else { 0 };
    let pools_listed = listed.into_iter().map(|(_, pool)| pool).collect();
    let total = pools.len();
    let request_id = Some(context.request_id());
    let answer = PoolsAnswer { pools: pools_listed, skipped, skipped_more, total, next, source, request_id };
    Ok(Answer::json_text(answer.to_json()))
}

/// Those of the keys without a text that hold another type.
async fn of_another_type(
    context: &RequestContext,
    source: Source,
    absent: Vec<String>,
) -> Result<Vec<SkippedPool>, ApiError> {
    let Some(market) = context.market().filter(|_| source == Source::Redis) else { return Ok(Vec::new()) };
    let found = wrong_types(market.redis, &absent).await?;
    let named = found.into_iter().filter_map(|(at, reason)| Some((absent.get(at)?.clone(), reason)));
    Ok(named.map(|(key, reason)| SkippedPool { key, reason }).collect())
}

/// Names what the listing left out and no page of pools shows; gives how many more there are.
fn name_left_out(context: &RequestContext, pools: &[PoolId], skipped: &mut Vec<SkippedPool>) -> usize {
    let left_out = context.isolate().market().listing.left_out();
    let has_a_place = |key: &str| {
        let id = key.strip_prefix(keys::POOL_PREFIX).and_then(|id| PoolId::new(id).ok());
        id.is_some_and(|id| pools.binary_search(&id).is_ok())
    };
    let unplaced = left_out.named().filter(|one| !has_a_place(&one.key));
    skipped.extend(unplaced);
    // A page, this one or another, names those that have a place.
    left_out.more_beside(pools.iter().map(keys::pool))
}

/// Whether the value is that of the pool whose key it stands under.
fn own(id: &PoolId, json: &str) -> Result<(), String> {
    let stored = PoolRouting::parse(json)?.pool.id;
    if stored == *id { Ok(()) } else { Err(format!("pool_id is {stored}")) }
}

/// Reads `limit` and `after` of the query.
///
/// # Errors
/// `INVALID_REQUEST` naming the parameter.
pub fn read_page(query: QueryPairs<'_>) -> Result<(usize, Option<PoolId>), ApiError> {
    let [limit, after] = parameters(query, ["limit", "after"])?;
    let limit = match limit {
        None => DEFAULT_LIMIT,
        Some(text) => text.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n)).ok_or_else(|| {
            let message = format!("limit must be a whole number from 1 to {MAX_LIMIT}");
            ApiError::invalid_request("limit", message)
        })?,
    };
    let after = after.map(|text| PoolId::new(&text)).transpose();
    let after = after.map_err(|_| ApiError::invalid_request("after", "after must be a pool id"))?;
    Ok((limit, after))
}

/// The texts under these keys, and where they come from.
pub(super) async fn texts(context: &RequestContext, wanted: &[String]) -> Result<(Read, Source), ApiError> {
    let read = async |market: &LiveMarket<'_>| Ok(texts_of_redis(market, wanted).await?);
    redis_or_sample(context, read, |now_ms| texts_of_sample(wanted, now_ms)).await
}

/// Stored bins, from where their pools came from.
async fn bins(context: &RequestContext, wanted: &[String], source: Source) -> Result<Read, ApiError> {
    match (context.market(), source) {
        (Some(market), Source::Redis) => Ok(texts_of_redis(&market, wanted).await?),
        _ => Ok(texts_of_sample(wanted, context.now_ms() as u64)?),
    }
}

/// Texts as they are stored, and the keys whose text is too large to be read.
pub(super) type Read = (Vec<Option<String>>, Vec<SkippedPool>);

fn texts_of_sample(wanted: &[String], now_ms: u64) -> Result<Read, Refusal> {
    Ok((sample_texts(wanted, now_ms)?, Vec::new()))
}

async fn texts_of_redis(market: &LiveMarket<'_>, wanted: &[String]) -> Result<Read, RedisError> {
    if wanted.is_empty() {
        return Ok(Read::default());
    }
    let mut found = vec![None; wanted.len()];
    let too_large = texts_within(market.redis, wanted, |at, text| {
        if let Some(slot) = found.get_mut(at) {
            *slot = text.map(str::to_owned);
        }
    });
    let too_large = too_large
        .await?
        .into_iter()
        .filter_map(|(at, bytes)| Some(SkippedPool { key: wanted.get(at)?.clone(), reason: reason(bytes) }));
    let too_large = too_large.collect();
    Ok((found, too_large))
}

pub(crate) async fn one(context: &RequestContext, id: &str) -> Result<Answer, ApiError> {
    let [] = parameters(context.query(), [])?;
    let id = PoolId::new(id).map_err(|_| {
        ApiError::invalid_request("pool_id", "pool_id must be 1 to 128 characters of A-Z a-z 0-9 . _ -")
    })?;
    let (topology, _) = fresh_topology(context).await?;
    let default_fee_bps = context.config().limits.default_fee_bps;
    let read = async |market: &LiveMarket<'_>| {
        let _room = room(&market.known.memory, market, ASSUMED_POOL_BYTES).await?;
        let whole = read_whole(market, std::slice::from_ref(&id), Young::UpTo(u64::MAX)).await?;
        Ok(whole.pools.into_iter().next().unwrap_or_else(StoredPool::absent))
    };
    let of_sample = |now_ms| {
        let wanted: Vec<String> = keys_of_pool(&id).collect();
        Ok(pool_of(&sample_texts(&wanted, now_ms)?))
    };
    let (stored, source) = redis_or_sample(context, read, of_sample).await?;
    if let Some(SkippedPool { key, reason }) = stored.left_out {
        return Err(invalid(key, reason).looked_up_in(source));
    }
    let Some(json) = stored.value else {
        return Err(ApiError::from(topology.graph.unknown_pool(&id)).looked_up_in(source));
    };
    let pool = PoolListing::parse(&json, &topology.decimals, default_fee_bps)
        .map_err(|reason| invalid(keys::pool(&id), reason))?;
    let bins = stored.bins.iter().filter_map(|(bin, text)| Some(((*bin)?, text.as_ref())));
    let pool = pool.with_bins(bins).map_err(|(bin, reason)| invalid(keys::bin(&id, bin), reason))?;
    let answer = PoolAnswer { pool, source, request_id: Some(context.request_id()) };
    Ok(Answer::json_text(answer.to_json()))
}

fn invalid(key: String, reason: String) -> ApiError {
    QuoteError::StateInvalid { key, reason, warnings: Vec::new() }.into()
}
