//! Where quotes come from: Redis, or a snapshot.

use dlmm_core::api::Answer;
use dlmm_core::market::Market as SnapshotMarket;
use dlmm_core::network::graph::Graph;
use dlmm_core::quote::QuoteRequest;

use crate::clock::{now_ms, span};
use crate::market::{RedisMarket, Refusal};
use crate::progress;

/// Pools to quote from.
pub(super) enum Market {
    Redis(RedisMarket),
    Snapshot(SnapshotFile),
}

/// A snapshot that was read from a file.
pub(super) struct SnapshotFile {
    market: SnapshotMarket,
    /// Whether it was said that state is older than a limit by now: one word is enough for a file of requests.
    has_told: bool,
}

impl Market {
    /// Answers a request.
    pub(super) async fn answer(&mut self, request: &QuoteRequest) -> Result<Answer, Refusal> {
        match self {
            Self::Redis(market) => market.answer(request).await,
            Self::Snapshot(file) => file.answer(request),
        }
    }

    /// The pools that the last answer was chosen from.
    pub(super) fn graph(&self) -> Option<&Graph> {
        match self {
            Self::Redis(market) => market.graph(),
            Self::Snapshot(file) => Some(file.market.graph()),
        }
    }
}

impl SnapshotFile {
    pub(super) const fn new(market: SnapshotMarket) -> Self {
        Self { market, has_told: false }
    }

    /// Ages count to the moment at which the snapshot was read, so that everybody has the same answer from one file and it can
    /// be checked later. Whoever sets a limit may mean his own clock.
    fn answer(&mut self, request: &QuoteRequest) -> Result<Answer, Refusal> {
        let answer = self.market.answered(request)?;
        let since_ms = now_ms().saturating_sub(answer.read_at.ms);
        let ages = answer.quote.pools.iter().filter_map(|pool| pool.age_ms);
        if !self.has_told
            && let Some(note) = too_old_by_now(request.max_age_ms, ages.max(), since_ms)
        {
            self.has_told = true;
            progress::note(&note);
        }
        Ok(answer)
    }
}

/// What is said where state passed a limit on its age and would not if ages counted to now.
fn too_old_by_now(max_age_ms: Option<u64>, oldest_ms: Option<u64>, since_ms: u64) -> Option<String> {
    let by_now_ms = oldest_ms?.saturating_add(since_ms);
    let is_older = by_now_ms > max_age_ms?;
    is_older.then(|| {
        format!(
            "max_age_ms counts to when the snapshot was read, {} ago: by now its state is older than that",
            span(since_ms)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_state_would_pass_no_more_is_told() {
        let told = |limit, oldest, since| too_old_by_now(limit, oldest, since).is_some();
        assert!(told(Some(60_000), Some(0), 60_001) && told(Some(60_000), Some(30_000), 30_001));
        assert!(!told(Some(60_000), Some(30_000), 30_000));
        assert!(!told(None, Some(0), u64::MAX) && !told(Some(5), None, u64::MAX));
        assert_eq!(
            too_old_by_now(Some(5), Some(0), 7_200_000).as_deref(),
            Some(
                "max_age_ms counts to when the snapshot was read, 2 h ago: by now its state is older than that"
            )
        );
    }
}
