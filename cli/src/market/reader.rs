//! What quotes are computed from, read from Redis: which pools there are, and those of one request with all their bins.

use std::fmt;

use dlmm_core::error::QuoteError;
use dlmm_core::network::graph::Graph;
use dlmm_core::network::route::{Candidates, find_candidates};
use dlmm_core::quote::QuoteRequest;
use dlmm_core::stored::{StoredPool, keys};
use dlmm_core::units::PoolId;

use crate::left_out::LeftOutKeys;
use crate::redis::fault::RedisFault;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::store::PoolStore;

/// Why nothing was read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// Redis failed.
    Redis(RedisFault),
    /// Core refuses the request.
    Refused(QuoteError),
    /// Pools are there or not, and this user has no way to tell.
    PoolsHidden,
}

/// The same in words everywhere.
pub(crate) const POOLS_HIDDEN: &str = "the pools cannot be listed: the pools set is absent, empty or forbidden, and this Redis user may not SCAN";

/// Pool values of every status.
pub(crate) struct PoolTexts {
    pub(crate) ids: Vec<PoolId>,
    pub(crate) keys: Vec<String>,
    /// As they are stored; `None` where there is none or another type.
    pub(crate) texts: Vec<Option<String>>,
    pub(crate) left_out: LeftOutKeys,
}

/// Lists the pools.
pub(crate) async fn list_pools(store: &mut PoolStore, depth: Depth) -> Result<PoolTexts, Unread> {
    let found = PoolIds::find(store, depth).await?;
    if found.are_hidden() {
        return Err(Unread::PoolsHidden);
    }
    let ids: Vec<PoolId> = found.all().into_iter().collect();
    let keys: Vec<String> = ids.iter().map(keys::pool).collect();
    let texts = store.many_texts(&keys).await?;
    Ok(PoolTexts { ids, keys, texts, left_out: found.left_out })
}

/// Finds the candidate pools of a request, at most `max_pools`.
pub(crate) fn candidates_of(
    graph: &Graph,
    request: &QuoteRequest,
    max_pools: usize,
) -> Result<Candidates, QuoteError> {
    let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
    find_candidates(graph, token_in, token_out, *max_hops, max_pools, filter)
}

/// Reads them with all their bins, in one `MGET`: one moment.
pub(crate) async fn read_pools(
    store: &mut PoolStore,
    candidates: &Candidates,
) -> Result<Vec<(PoolId, StoredPool<'static>)>, RedisFault> {
    let ids = || candidates.pools.iter().map(|candidate| &candidate.pool.id);
    let pools = store.sound_pools(ids()).await?;
    Ok(ids().cloned().zip(pools).collect())
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redis(fault) => fault.fmt(f),
            Self::Refused(error) => error.fmt(f),
            Self::PoolsHidden => f.write_str(POOLS_HIDDEN),
        }
    }
}

impl std::error::Error for Unread {}

impl From<RedisFault> for Unread {
    fn from(fault: RedisFault) -> Self {
        Self::Redis(fault)
    }
}

impl From<QuoteError> for Unread {
    fn from(error: QuoteError) -> Self {
        Self::Refused(error)
    }
}
