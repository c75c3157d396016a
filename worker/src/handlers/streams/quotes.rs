//! `/quote/stream`: a quote that is given anew whenever it changes.

use dlmm_core::quote::{QuoteRequest, Warning};
use dlmm_core::sorted::SortedSet;
use dlmm_core::units::{PoolId, Symbol};

use super::Looked;
use super::new_pools::look_for_new_pools;
use super::seen::Seen;
use crate::handlers::quote::{apply_settings, given, read_quote_query};
use crate::http::{ApiError, QueryPairs};
use crate::market::rounds::refuse_for_itself;
use crate::request::RequestContext;
use crate::stream::{Inbox, WHOLE_SEARCH_MS, fingerprint};

/// One request, and what was answered last.
#[derive(Debug)]
pub(crate) struct QuoteStream {
    request: QuoteRequest,
    told: Option<[u8; 32]>,
    /// Pools that have a say in the answer; none where it is not known.
    pools: Option<SortedSet<PoolId>>,
    seen: Seen,
}

impl QuoteStream {
    /// # Errors
    /// What a quote is refused for whatever the market does.
    pub(super) async fn read(query: &QueryPairs<'_>, context: &RequestContext) -> Result<Self, ApiError> {
        let mut request = read_quote_query(query)?;
        apply_settings(&mut request, context.config());
        if let Some(market) = context.market() {
            refuse_for_itself(&market, &request).await?;
        }
        Ok(Self { request, told: None, pools: None, seen: Seen::default() })
    }

    /// A new block is told by every answer; else a pool of the candidates has to have moved, or one that nobody knows.
    pub(super) fn is_concerned(&self, context: &RequestContext, news: &Inbox) -> bool {
        let Some(pools) = &self.pools else { return true };
        let topology = context.isolate().market().listing.current();
        let is_new = |id: &PoolId| topology.as_ref().is_none_or(|known| known.routing(id).is_none());
        let is_known = self.seen.covers(news);
        let concerns = |id: &PoolId| is_new(id) || !is_known && pools.contains(id);
        news.is_lost || !is_known && news.block_height.is_some() || news.moved.iter().any(concerns)
    }

    pub(super) async fn look(&mut self, moment: &RequestContext, news: Option<&Inbox>) -> Looked {
        if let Some(news) = news {
            let seeds: [&Symbol; 2] = [&self.request.token_in, &self.request.token_out];
            look_for_new_pools(moment, news, &seeds.map(Clone::clone)).await;
        }
        if let Some(counting) = moment.budget().counting() {
            counting.share_from(news.and_then(|news| self.seen.needs(news)));
        }
        let quoted = given(moment, &self.request).await;
        let seq = moment.budget().counting().and_then(crate::redis::Counting::seq);
        if let Some(ms) = self.seen.is_behind(seq, news) {
            let written = quoted.map_or(0, |(json, _)| json.len());
            return Looked { written, again_ms: Some(ms), ..Looked::default() };
        }
        let mut work_ms = 0.0;
        let (kind, json, said) = match quoted {
            Ok((json, loaded)) => {
                let is_limited = |warning: &Warning| matches!(warning, Warning::SearchLimited { .. });
                if loaded.answer.quote.warnings.iter().any(is_limited) {
                    work_ms = WHOLE_SEARCH_MS;
                }
                let candidates = &loaded.answer.basis.candidates.pools;
                self.pools = Some(candidates.iter().map(|one| one.pool.id.clone()).collect());
                let said = fingerprint(&json);
                ("quote", json, said)
            }
            Err(error) => {
                self.pools = None;
                let json = error.to_json(moment.request_id());
                // What is said in words may hold an age.
                let said = fingerprint(&ApiError { message: "".into(), ..error }.to_json(""));
                ("refused", json, said)
            }
        };
        let written = json.len();
        if self.told.replace(said) == Some(said) {
            return Looked { written, work_ms, seq, is_read: true, ..Looked::default() };
        }
        Looked { event: Some((kind, json)), written, work_ms, seq, is_read: true, ..Looked::default() }
    }

    /// The last answer was not sent.
    pub(super) fn forget(&mut self) {
        self.told = None;
    }
}
