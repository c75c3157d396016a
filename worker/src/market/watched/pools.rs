//! Which pools a client asks for: by name, or all through which a pair can be traded.

use dlmm_core::sorted::SortedSet;
use std::rc::Rc;

use dlmm_core::network::route::{MAX_HOPS, RouteFilter};
use dlmm_core::units::{PoolId, Symbol};

use crate::market::listing::{Topology, TopologyCache};
use crate::market::refusal::Refusal;

/// Pools by name, or by pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watched {
    Pools(SortedSet<PoolId>),
    Pair { token_in: Symbol, token_out: Symbol },
}

impl Watched {
    /// The pools, as they are known now.
    ///
    /// # Errors
    /// Where nothing leads from one token to the other.
    pub(crate) fn ids(
        &self,
        listing: &TopologyCache,
        topology: &Rc<Topology>,
    ) -> Result<SortedSet<PoolId>, Refusal> {
        match self {
            Self::Pools(ids) => Ok(ids.clone()),
            Self::Pair { token_in, token_out } => {
                let filter = RouteFilter::default();
                let found = listing.candidates(topology, token_in, token_out, MAX_HOPS, &filter)?;
                Ok(found.pools.iter().map(|one| one.pool.id.clone()).collect())
            }
        }
    }

    /// Where walks over the pools begin.
    pub(crate) fn seeds(&self) -> Vec<Symbol> {
        match self {
            Self::Pools(_) => Vec::new(),
            Self::Pair { token_in, token_out } => Vec::from([token_in.clone(), token_out.clone()]),
        }
    }
}
