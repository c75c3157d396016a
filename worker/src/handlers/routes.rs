//! `/routes`: the pre-computed routes of a pair, with the status of each pool at this moment.

use dlmm_core::quote::DEFAULT_MAX_HOPS;
use dlmm_core::route::{Candidates, MAX_HOPS, PathHop, RouteFilter};
use dlmm_core::units::{Direction, PoolId, Symbol};
use dlmm_core::wire::{Status, pool_status};
use serde::Serialize;

use super::listing::fresh_topology;
use super::pools::values;
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::http::Answer;

#[derive(Serialize)]
struct Routes<'a> {
    token_in: &'a str,
    token_out: &'a str,
    max_hops: u8,
    /// Whether a bound left pools or routes out.
    limited: bool,
    routes: Vec<Route<'a>>,
    source: &'static str,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Route<'a> {
    tokens: Vec<&'a str>,
    hops: Vec<Hop<'a>>,
}

#[derive(Serialize)]
struct Hop<'a> {
    token_in: &'a str,
    token_out: &'a str,
    pools: Vec<Pool<'a>>,
}

#[derive(Serialize)]
struct Pool<'a> {
    pool_id: &'a str,
    x_for_y: bool,
    /// `null` where the pool has no value any more, or one that cannot be read.
    status: Option<&'static str>,
}

struct Asked {
    token_in: Symbol,
    token_out: Symbol,
    max_hops: u8,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let Asked { token_in, token_out, max_hops } = read_query(context)?;
    let topology = fresh_topology(context).await?;
    let cache = context.isolate().topology();
    let candidates = cache.candidates(&topology, &token_in, &token_out, max_hops, &RouteFilter::default())?;
    let ids: Vec<PoolId> = candidates.pools.iter().map(|candidate| candidate.pool.id.clone()).collect();
    let (values, source) = values(context, &ids).await?;
    let statuses: Vec<Option<Status>> = values.iter().map(|json| pool_status(json.as_deref()?)).collect();
    Answer::json(&Routes {
        token_in: token_in.as_str(),
        token_out: token_out.as_str(),
        max_hops,
        limited: candidates.limited,
        routes: routes(&candidates, &statuses),
        source,
        request_id: context.request_id(),
    })
}

fn routes<'a>(candidates: &'a Candidates, statuses: &[Option<Status>]) -> Vec<Route<'a>> {
    let hop = |hop: &'a PathHop| Hop {
        token_in: hop.token_in.as_str(),
        token_out: hop.token_out.as_str(),
        pools: hop
            .pools
            .iter()
            .filter_map(|&(at, direction)| {
                let status = statuses.get(at).copied().flatten();
                Some(Pool {
                    pool_id: candidates.pools.get(at)?.pool.id.as_str(),
                    x_for_y: direction == Direction::XForY,
                    status: status.map(Status::as_str),
                })
            })
            .collect(),
    };
    let route = |hops: &'a [PathHop]| {
        let first = hops.first().map(|hop| hop.token_in.as_str());
        Route {
            tokens: first.into_iter().chain(hops.iter().map(|hop| hop.token_out.as_str())).collect(),
            hops: hops.iter().map(hop).collect(),
        }
    };
    candidates.paths.iter().map(|path| route(&path.hops)).collect()
}

fn read_query(context: &RequestContext) -> Result<Asked, ApiError> {
    let (mut token_in, mut token_out, mut max_hops) = (None, None, None);
    for (name, text) in context.query() {
        let slot = match &*name {
            "token_in" => &mut token_in,
            "token_out" => &mut token_out,
            "max_hops" => &mut max_hops,
            _ => {
                let message = "Only token_in, token_out and max_hops can be given.";
                return Err(ApiError::invalid_request("query", message));
            }
        };
        if slot.replace(text).is_some() {
            return Err(ApiError::invalid_request("query", "A parameter is given twice."));
        }
    }
    let symbol = |field: &str, text: Option<std::borrow::Cow<'_, str>>| {
        let text = text.ok_or_else(|| ApiError::invalid_request(field, format!("{field} is missing")))?;
        Symbol::new(&text).map_err(|reason| ApiError::invalid_request(field, format!("{field} {reason}")))
    };
    let max_hops = match max_hops {
        None => DEFAULT_MAX_HOPS,
        Some(text) => text.parse().ok().filter(|hops| (1..=MAX_HOPS).contains(hops)).ok_or_else(|| {
            ApiError::invalid_request("max_hops", "max_hops must be a whole number from 1 to 4")
        })?,
    };
    Ok(Asked {
        token_in: symbol("token_in", token_in)?,
        token_out: symbol("token_out", token_out)?,
        max_hops,
    })
}
