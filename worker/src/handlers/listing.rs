//! `/tokens` and `/pairs`: what the topology knows.

use litemap::LiteMap;
use std::rc::Rc;

use dlmm_core::api::Source;
use dlmm_core::network::decimals::Origin;
use serde::Serialize;

use super::source::redis_or_sample;
use crate::http::{Answer, ApiError};
use crate::market::listing::{Topology, checked};
use crate::market::sample::{sample, sample_text};
use crate::market::{LiveMarket, Refusal};
use crate::request::RequestContext;

/// The topology as fresh as it is trusted: an old one is compared with Redis first.
pub(super) async fn fresh_topology(context: &RequestContext) -> Result<(Rc<Topology>, Source), ApiError> {
    let read = async |market: &LiveMarket<'_>| Ok(checked(market).await?);
    redis_or_sample(context, read, sample_topology).await
}

/// The pools of the sample.
///
/// # Errors
/// None: it is bundled.
pub(super) fn sample_topology(now_ms: u64) -> Result<Rc<Topology>, Refusal> {
    let text = sample_text(now_ms);
    let pools = sample(&text)?.pools.into_iter().map(|(routing, _)| routing).collect();
    Ok(Rc::new(Topology::new(pools, true)))
}

#[derive(Serialize)]
struct Token<'a> {
    symbol: &'a str,
    name: &'a str,
    decimals: u8,
    /// `stated` by a pool, `well_known`, or `assumed`.
    decimals_from: &'static str,
}

pub(crate) async fn tokens(context: &RequestContext) -> Result<Answer, ApiError> {
    let (topology, source) = fresh_topology(context).await?;
    let tokens = topology.graph.tokens().iter().map(|token| {
        let (decimals, origin) = topology.decimals.of(token);
        let decimals_from = match origin {
            Origin::Stated => "stated",
            Origin::WellKnown => "well_known",
            Origin::Assumed => "assumed",
        };
        Token { symbol: token.as_str(), name: token.as_str(), decimals, decimals_from }
    });
    #[derive(Serialize)]
    struct Tokens<'a> {
        tokens: Vec<Token<'a>>,
        source: &'static str,
        request_id: &'a str,
    }
    Answer::json(&Tokens {
        tokens: tokens.collect(),
        source: source.as_str(),
        request_id: context.request_id(),
    })
}

#[derive(Serialize)]
struct Pair<'a> {
    token_x: &'a str,
    token_y: &'a str,
    pools: Vec<&'a str>,
}

pub(crate) async fn pairs(context: &RequestContext) -> Result<Answer, ApiError> {
    let (topology, source) = fresh_topology(context).await?;
    let mut pools: LiteMap<(&str, &str), Vec<&str>> = LiteMap::new();
    for pool in topology.graph.pools() {
        pools.entry((pool.token_x.as_str(), pool.token_y.as_str())).or_default().push(pool.id.as_str());
    }
    let pairs = pools.into_iter().map(|((token_x, token_y), pools)| Pair { token_x, token_y, pools });
    #[derive(Serialize)]
    struct Pairs<'a> {
        pairs: Vec<Pair<'a>>,
        source: &'static str,
        request_id: &'a str,
    }
    Answer::json(&Pairs { pairs: pairs.collect(), source: source.as_str(), request_id: context.request_id() })
}
