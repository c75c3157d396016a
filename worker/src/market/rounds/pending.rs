//! A request between its reads.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::error::QuoteError;
use dlmm_core::network::route::Candidates;
use dlmm_core::quote::{MoreBins, QuoteRequest};

use crate::market::listing::{Topology, TopologyCache};
use crate::market::reach::{Ranges, TradeSize, Windows};

/// A request that has no answer yet.
#[derive(Debug, Clone)]
pub(super) struct Pending<'r> {
    /// Its place among the requests.
    pub(super) index: usize,
    pub(super) request: &'r QuoteRequest,
    pub(super) candidates: Arc<Candidates>,
    /// How large it is, for how far to read.
    pub(super) size: TradeSize,
    /// How far it would read alone.
    pub(super) windows: Windows,
    /// What it is to read next of its own pools, and after a read what it would have read alone.
    pub(super) own: Ranges,
    /// Keys that were read for it so far: what it would have read alone.
    pub(super) keys_read: usize,
    /// Bins that ran out in an earlier read.
    pub(super) ran_out: Vec<MoreBins>,
    /// Whether its state contradicted itself once, so that it was read again.
    pub(super) read_again: bool,
}

/// A request that was not answered, and the bins it asks for; none where its state is to be seen once more.
pub(super) type Short<'r> = (Pending<'r>, Vec<MoreBins>);

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
        Ok(Self::new(index, request, candidates, size))
    }

    /// Before its first read is planned.
    pub(super) fn new(
        index: usize,
        request: &'r QuoteRequest,
        candidates: Arc<Candidates>,
        size: TradeSize,
    ) -> Self {
        let (windows, own, ran_out) = (Windows::default(), Ranges::new(), Vec::new());
        Self { index, request, candidates, size, windows, own, keys_read: 0, ran_out, read_again: false }
    }

    /// Whether a refusal is about a pool that the list of pools cannot place.
    pub(super) fn is_of_the_list(&self, refusal: &QuoteError) -> bool {
        let QuoteError::StateInvalid { key, .. } = refusal else { return false };
        self.candidates.unplaced.iter().any(|pool| pool.key == *key)
    }
}
