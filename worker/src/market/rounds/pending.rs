//! A request between its reads.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::error::QuoteError;
use dlmm_core::network::route::Candidates;
use dlmm_core::quote::{MoreBins, QuoteRequest};

use crate::market::listing::{Topology, TopologyCache};
use crate::market::reach::TradeSize;

/// A request that has no answer yet.
#[derive(Debug, Clone)]
pub(super) struct Pending<'r> {
    /// Its place among the requests.
    pub(super) index: usize,
    pub(super) request: &'r QuoteRequest,
    pub(super) candidates: Arc<Candidates>,
    /// How large it is, for how far to read.
    pub(super) size: TradeSize,
    /// Keys that were read for it so far.
    pub(super) keys_read: usize,
    /// Bins that ran out in an earlier read.
    pub(super) ran_out: Vec<MoreBins>,
    /// Whether its state contradicted itself once, so that it was read again.
    pub(super) read_again: bool,
}

/// A request and its place among the requests.
pub(super) type Asked<'r> = (usize, &'r QuoteRequest);

impl<'r> Pending<'r> {
    /// What the list of pools says of a request: its candidates and its amount in smallest units.
    pub(super) fn find(
        cache: &TopologyCache,
        topology: &Rc<Topology>,
        (index, request): Asked<'r>,
    ) -> Result<Self, QuoteError> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let candidates = cache.candidates(topology, token_in, token_out, *max_hops, filter)?;
        let size = TradeSize::of(request, request.amount_units(&topology.decimals)?);
        let ran_out = Vec::new();
        Ok(Self { index, request, candidates, size, keys_read: 0, ran_out, read_again: false })
    }

    /// Whether a refusal is about a pool that the list of pools cannot place.
    pub(super) fn is_of_the_list(&self, refusal: &QuoteError) -> bool {
        let QuoteError::StateInvalid { key, .. } = refusal else { return false };
        self.candidates.unplaced.iter().any(|pool| pool.key == *key)
    }
}
