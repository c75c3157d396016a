//! Quotes from a snapshot that is read once.

use dlmm_core::graph::Graph;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::route::{Candidates, find_candidates};
use dlmm_core::state::State;
use dlmm_core::units::PoolId;
use dlmm_core::wire::{InputPool, Snapshot, SnapshotPool, Source};

use super::market::Reading;
use super::refusal::Refusal;

/// A snapshot as a market.
pub(super) struct SnapshotMarket<'a> {
    snapshot: &'a Snapshot<'a>,
    graph: Graph,
    /// Pools read so far. A pool never changes, so a batch reads each of them once.
    state: State,
    now_ms: u64,
    max_pools: usize,
    default_fee_bps: u16,
}

impl<'a> SnapshotMarket<'a> {
    /// Age counts from `taken_at`; where that is no time, from `clock_ms`.
    pub(super) fn new(
        snapshot: &'a Snapshot<'a>,
        clock_ms: u64,
        max_pools: usize,
        default_fee_bps: u16,
    ) -> Self {
        Self {
            graph: snapshot.graph(),
            state: State { decimals: snapshot.decimals().into(), ..State::default() },
            now_ms: snapshot.taken_at.at_ms.unwrap_or(clock_ms),
            snapshot,
            max_pools,
            default_fee_bps,
        }
    }

    pub(super) fn answer(&mut self, request: &QuoteRequest) -> Result<String, Refusal> {
        let QuoteRequest { token_in, token_out, max_hops, filter, .. } = request;
        let candidates =
            find_candidates(&self.graph, token_in, token_out, *max_hops, self.max_pools, filter)?;
        self.read_missing(&candidates);
        let reading = Reading {
            candidates: &candidates,
            state: &self.state,
            default_fee_bps: self.default_fee_bps,
            source: Source::Snapshot,
            now_ms: self.now_ms,
        };
        let pools = candidates.pools.iter().filter_map(|one| self.pool(&one.pool.id));
        reading.answer(request, || pools.map(InputPool::from).collect())
    }

    /// The pool of this id; every candidate comes from the snapshot.
    fn pool(&self, id: &PoolId) -> Option<&SnapshotPool<'a>> {
        let at = self.snapshot.pools.binary_search_by(|pool| pool.routing.pool.id.cmp(id)).ok()?;
        self.snapshot.pools.get(at)
    }

    fn read_missing(&mut self, candidates: &Candidates) {
        let unread = candidates.pools.iter().filter(|one| !self.state.pools.contains_key(&one.pool.id));
        let unread = Candidates { pools: unread.cloned().collect(), paths: Vec::new(), limited: false };
        if !unread.pools.is_empty() {
            self.state.pools.extend(self.snapshot.state(&unread, self.default_fee_bps).pools);
        }
    }
}

#[cfg(test)]
mod tests {
    use dlmm_core::wire::{request_from_json, sample_snapshot};

    use super::*;

    fn answers(text: &str, bodies: &[&str]) -> Vec<String> {
        let snapshot = Snapshot::parse(text).unwrap();
        let mut market = SnapshotMarket::new(&snapshot, 1_000, 64, 10);
        let answer = |body: &&str| match market.answer(&request_from_json(body).unwrap()) {
            Ok(json) => json,
            Err(refusal) => refusal.to_json(),
        };
        bodies.iter().map(answer).collect()
    }

    const DIRECT: &str = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.0}"#;
    const HOPS: &str = r#"{"token_in":"BTC","token_out":"SOL","amount_in":1.0}"#;

    #[test]
    fn a_batch_answers_as_single_quotes_do() {
        let text = sample_snapshot(5_000);
        let batch = answers(&text, &[DIRECT, HOPS, DIRECT]);
        assert_eq!(batch[0], batch[2]);
        assert_eq!(batch[1..2], answers(&text, &[HOPS]));
        assert!(
            batch[0].contains(r#""amount_out":99900.0,"#) && batch[1].contains("multi_pair"),
            "{batch:?}"
        );
    }

    #[test]
    fn age_counts_from_the_snapshot_or_from_the_clock() {
        let text = sample_snapshot(5_000);
        assert!(answers(&text, &[DIRECT])[0].contains(r#""read_at":"1970-01-01T00:00:05.000Z""#));
        let timeless = text.replacen(r#""taken_at":"1970-01-01T00:00:05.000Z""#, r#""taken_at":"once""#, 1);
        assert!(answers(&timeless, &[DIRECT])[0].contains(r#""read_at":"1970-01-01T00:00:01.000Z""#));
    }
}
