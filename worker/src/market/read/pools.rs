//! One MGET of pool values and bins, decoded as it is read.

use std::borrow::Cow;
use std::sync::Arc;

use dlmm_core::network::age::{AgeRule, Pulse};
use dlmm_core::network::route::CandidatePool;
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::stored::{PoolReader, StoredPool, WrittenBins, keys};
use dlmm_core::units::BinId;

use super::decoded::{Asked, PoolRead, is_small};
use super::texts::{ReadPool, ReadTexts};
use super::too_large::{Plan, leave_out};
use crate::config::StateAge;
use crate::market::listing::Topology;
use crate::market::live::LiveMarket;
use crate::market::values::{Beating, Young, read_beating};
use crate::redis::{Command, Exchange, RedisError};

/// What a bin that is not there takes in a reply.
const ABSENT_BYTES: usize = 5;
/// What a bin takes in an answer beside its text: brackets and its id; quotes and commas are those of the reply.
const BESIDE_A_BIN: usize = 7;

/// Reads every pool and the bins of its range in one MGET: one moment for all of them. Keeps the texts beside
/// what is read from them only where `keep_texts` asks for it. A known heartbeat that is not `young` is read again.
///
/// Where the reply is too large, what made it so is left out, and the rest is read once more.
pub(crate) async fn read<X: Exchange>(
    market: &LiveMarket<'_, X>,
    topology: &Topology,
    pools: &[CandidatePool],
    ranges: &[(BinId, BinId)],
    keep_texts: bool,
    young: Young,
) -> Result<(State, ReadTexts), RedisError> {
    let known = &market.known.unreadable;
    let plan = || -> Plan<'_> {
        let fits =
            |candidate: &CandidatePool| known.held_back(&candidate.pool.id, market.redis.now_ms()).is_none();
        pools.iter().zip(ranges.iter().copied()).filter(|(candidate, _)| fits(candidate)).collect()
    };
    let first = plan();
    let read = match read_plan(market, topology, &first, keep_texts, young).await {
        Err(fault) if fault.is_too_large() => {
            if !leave_out(market, &first).await? {
                return Err(fault);
            }
            read_plan(market, topology, &plan(), keep_texts, young).await
        }
        read => read,
    };
    let (mut state, mut texts) = read?;
    for (candidate, known_bins) in pools.iter().zip(ranges) {
        let id = &candidate.pool.id;
        if state.pools.contains_key(id) {
            continue;
        }
        let Some(left_out) = known.held_back(id, market.redis.now_ms()) else { continue };
        let (key, reason) = (left_out.key.clone(), left_out.reason.clone());
        state.pools.insert(id.clone(), PoolState::Skipped { key, reason });
        if keep_texts {
            let nothing =
                StoredPool { known: *known_bins, left_out: Some(left_out), ..StoredPool::default() };
            texts.insert(id.clone(), nothing);
        }
    }
    Ok((state, texts))
}

fn bins_in((low, high): (BinId, BinId)) -> usize {
    usize::from(high.get().saturating_sub(low.get())) + 1
}

async fn read_plan<X: Exchange>(
    market: &LiveMarket<'_, X>,
    topology: &Topology,
    plan: &Plan<'_>,
    keep_texts: bool,
    young: Young,
) -> Result<(State, ReadTexts), RedisError> {
    let StateAge { warn, refuse } = market.limits.state_age;
    let age_rule = AgeRule { pulse: market.known.listing.heartbeat().pulse(), warn, refuse };
    let mut state = State { decimals: Arc::clone(&topology.decimals), age_rule, ..State::default() };
    if plan.is_empty() {
        return Ok((state, ReadTexts::new()));
    }
    let keys_in_all = plan.iter().map(|(_, range)| bins_in(*range) + 1).sum();
    let reply = {
        let heartbeat = market.known.listing.heartbeat();
        read_beating(market.redis, heartbeat, command_for(plan, keys_in_all), young).await?
    };
    let default_fee_bps = market.limits.default_fee_bps;
    let asked = Asked { plan, decimals: &topology.decimals, default_fee_bps, keys: keys_in_all };
    let decoded = &market.known.decoded;
    let known = reply.alone().filter(|_| !keep_texts).and_then(|body| decoded.find(&asked, body));
    let (read, kept, pulse) = match known {
        Some(read) => (read, Vec::new(), reply.said_before()),
        None => {
            let body = reply.alone().filter(|body| !keep_texts && is_small(&asked, body)).map(<[u8]>::to_vec);
            let decoding = decode(reply, &asked, keep_texts)?;
            if let Some(body) = body {
                decoded.keep(&asked, body, &decoding.0);
            }
            decoding
        }
    };
    for ((candidate, range), pool) in plan.iter().zip(&read) {
        market.known.hints.weigh(&candidate.pool.id, bins_in(*range), pool.bin_bytes);
    }
    let ids = || plan.iter().map(|(candidate, _)| candidate.pool.id.clone());
    state.pools = ids().zip(read.into_iter().map(|pool| pool.state)).collect();
    market.known.broken.see(&state, market.redis.now_ms());
    let mut texts: ReadTexts = ids().zip(kept).collect();
    for (id, left_out) in market.known.unreadable.apply(&mut state) {
        if let Some(pool) = texts.get_mut(&id) {
            pool.left_out = Some(left_out);
        }
    }
    state.age_rule.pulse = pulse;
    Ok((state, texts))
}

/// The command that asks for pools and bins.
fn command_for(plan: &Plan<'_>, keys_in_all: usize) -> Command {
    let mut command = Command::with_capacity("MGET", keys_in_all);
    for (candidate, (low, high)) in plan {
        command.push_key(&keys::pool(&candidate.pool.id));
        // One text for all keys of a pool: what they begin with is written once.
        let mut key = keys::bin(&candidate.pool.id, *low);
        let prefix = key.rfind(':').map_or(0, |at| at + 1);
        for id in low.get()..=high.get() {
            key.truncate(prefix);
            key.push_str(&id.to_string());
            command.push_key(&key);
        }
    }
    command
}

/// What a reply says of each pool, its texts where they are to be kept, and of the producer.
fn decode(
    reply: Beating<'_>,
    asked: &Asked<'_>,
    keep_texts: bool,
) -> Result<(Vec<PoolRead>, Vec<ReadPool>, Pulse), RedisError> {
    let mut pools = asked.plan.iter();
    // The pool being read, and the id of its next bin.
    let mut reading: Option<(PoolReader<'_>, BinId, BinId)> = None;
    let mut finished = Vec::with_capacity(asked.plan.len());
    let mut kept: Vec<ReadPool> = Vec::new();
    // What a key takes of the reply, on average: pools of one read are much alike.
    let bytes_per_key = reply.bytes().div_ceil(asked.keys.max(1));
    // Of the pool being read.
    let mut bin_bytes = 0;
    let pulse = reply.each_text(asked.keys, |_, text| match reading.take() {
        Some((mut reader, id, last)) => {
            reader.bin(id, text.as_deref());
            bin_bytes += text.map_or(ABSENT_BYTES, |text| text.len());
            if let (Some(pool), Some(text)) = (kept.last_mut(), text) {
                match text.as_sent() {
                    Some(text) => pool.bins.push_escaped(Some(id), text),
                    None => pool.bins.push(Some(id), &text),
                }
            }
            if id < last {
                reading = Some((reader, id.saturating_offset(1), last));
            } else {
                // What is kept is counted by its length.
                if let Some(pool) = kept.last_mut() {
                    pool.bins.shrink_to_fit();
                }
                finished.push(PoolRead { state: reader.finish(), bin_bytes });
            }
        }
        None => {
            if let Some(&(candidate, (low, high))) = pools.next() {
                bin_bytes = 0;
                let mut reader = PoolReader::new(&candidate.pool, (low, high));
                reader.value(text.as_deref(), asked.decimals, asked.default_fee_bps);
                if keep_texts {
                    let value = text.map(|text| Cow::Owned(str::to_owned(&text)));
                    let bins = bins_in((low, high)).saturating_mul(bytes_per_key + BESIDE_A_BIN);
                    let bins = WrittenBins::with_capacity(bins);
                    kept.push(StoredPool { value, known: (low, high), bins, left_out: None });
                }
                reading = Some((reader, low, high));
            }
        }
    })?;
    Ok((finished, kept, pulse))
}
