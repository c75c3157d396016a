//! One MGET of pool values and bins, decoded as it is read.

use std::borrow::Cow;
use std::sync::Arc;

use dlmm_core::route::CandidatePool;
use dlmm_core::state::State;
use dlmm_core::units::BinId;
use dlmm_core::wire::{InputPool, PoolReader, keys};

use super::Texts;
use crate::context::RequestContext;
use crate::topology::Topology;
use crate::upstash::{Command, RedisClient, UpstashError};

/// Reads every pool and the bins of its range in one MGET: one moment for all of them. Keeps the texts beside
/// what is read from them only where `keep_texts` asks for it.
pub(super) async fn read(
    context: &RequestContext,
    redis: &RedisClient,
    topology: &Topology,
    pools: &[CandidatePool],
    ranges: &[(BinId, BinId)],
    keep_texts: bool,
) -> Result<(State, Texts), UpstashError> {
    let bins_in = |(low, high): (BinId, BinId)| usize::from(high.get().saturating_sub(low.get())) + 1;
    let keys_in_all = ranges.iter().map(|range| bins_in(*range) + 1).sum();
    let mut command = Command::with_capacity("MGET", keys_in_all);
    for (candidate, (low, high)) in pools.iter().zip(ranges) {
        command.push_key(&keys::pool(&candidate.pool.id));
        for id in (low.get()..=high.get()).filter_map(BinId::new) {
            command.push_key(&keys::bin(&candidate.pool.id, id));
        }
    }
    let reply = redis.command(context.budget(), command).await?;
    context.isolate().hints().weigh(keys_in_all, reply.bytes());

    let default_fee_bps = context.config().default_fee_bps;
    let mut state = State { decimals: Arc::clone(&topology.decimals), ..State::default() };
    let mut plan = pools.iter().zip(ranges);
    // The pool being read, and the id of its next bin.
    let mut reading: Option<(PoolReader<'_>, BinId, BinId)> = None;
    let mut finished = Vec::with_capacity(pools.len());
    let mut kept: Vec<InputPool<'static>> = Vec::new();
    let owned = |text: &str| Cow::Owned(text.to_owned());
    reply.each_text(keys_in_all, |_, text| match reading.take() {
        Some((mut reader, id, last)) => {
            reader.bin(id, text);
            if let (Some(pool), Some(text)) = (kept.last_mut(), text) {
                pool.bins.push((Some(id), owned(text)));
            }
            if id < last {
                reading = Some((reader, id.saturating_offset(1), last));
            } else {
                finished.push(reader.finish());
            }
        }
        None => {
            if let Some((candidate, &(low, high))) = plan.next() {
                let mut reader = PoolReader::new(&candidate.pool, (low, high));
                reader.value(text, &topology.decimals, default_fee_bps);
                if keep_texts {
                    kept.push(InputPool { value: text.map(owned), known: (low, high), bins: Vec::new() });
                }
                reading = Some((reader, low, high));
            }
        }
    })?;
    let ids = || pools.iter().map(|candidate| candidate.pool.id.clone());
    state.pools = ids().zip(finished).collect();
    Ok((state, ids().zip(kept).collect()))
}
