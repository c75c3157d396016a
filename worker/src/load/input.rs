//! What a quote was computed from, kept only where its answer is to carry it.

use std::collections::BTreeMap;
use std::rc::Rc;

use dlmm_core::quote::QuoteRequest;
use dlmm_core::route::Candidates;
use dlmm_core::units::PoolId;
use dlmm_core::wire::{InputPool, QuoteAnswer, StoredInput};

/// The stored texts of one read.
pub(crate) type Texts = BTreeMap<PoolId, InputPool<'static>>;

/// Everything that core was given for one quote.
#[derive(Debug, Clone)]
pub struct QuotedFrom {
    pub(crate) request: QuoteRequest,
    pub(crate) candidates: Rc<Candidates>,
    /// Shared by the quotes of a batch that were answered from one read.
    pub(crate) texts: Rc<Texts>,
    pub(crate) default_fee_bps: u16,
    /// The limit on keys, if it cut the read short.
    pub(crate) keys_limited: Option<usize>,
}

impl QuotedFrom {
    /// Writes an answer together with what it was computed from.
    pub(crate) fn write(&self, answer: &QuoteAnswer<'_>) -> Result<String, String> {
        let Self { request, candidates, texts, default_fee_bps, keys_limited } = self;
        let pools = candidates.pools.iter().filter_map(|one| Some(texts.get(&one.pool.id)?.borrowed()));
        let pools: Vec<_> = pools.collect();
        answer.to_json_with_input(&StoredInput {
            request,
            candidates,
            decimals: answer.context.decimals,
            default_fee_bps: *default_fee_bps,
            pools: &pools,
            keys_limited: *keys_limited,
        })
    }
}
