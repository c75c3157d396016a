//! `/routes`: the pre-computed routes of a pair, with the status of each pool at this moment.

use std::rc::Rc;
use std::sync::Arc;

use dlmm_core::api::{RoutesAnswer, Source};
use dlmm_core::network::route::{Candidates, MAX_HOPS, RouteFilter};
use dlmm_core::quote::DEFAULT_MAX_HOPS;
use dlmm_core::stored::{Status, keys, pool_status};
use dlmm_core::units::Symbol;

use super::answer_size::{MAX_ANSWER_BYTES, too_large};
use super::listing::{fresh_topology, sample_topology};
use super::pools::texts;
use crate::http::{Answer, ApiError, QueryPairs, parameters};
use crate::market::listing::Topology;
use crate::market::sample::sample_texts;
use crate::request::RequestContext;

/// A pair of tokens and how far a route between them may lead.
#[derive(Debug)]
pub struct Asked {
    token_in: Symbol,
    token_out: Symbol,
    max_hops: u8,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let asked = read_pair(context.query())?;
    let (topology, listed_in) = fresh_topology(context).await?;
    let mut candidates = find(context, &asked, (&topology, listed_in))?;
    let ((mut values, _), mut source) = texts(context, &keys_of(&candidates)).await?;
    if source != listed_in {
        // Redis went away or came back in between. The sample has pools of its own, and none of theirs.
        let now_ms = context.now_ms() as u64;
        source = Source::Sample;
        candidates = find(context, &asked, (&sample_topology(now_ms)?, source))?;
        values = sample_texts(&keys_of(&candidates), now_ms)?;
    }
    let statuses: Vec<Option<Status>> = values.iter().map(|json| pool_status(json.as_deref()?)).collect();
    let asked = (&asked.token_in, &asked.token_out, asked.max_hops);
    let answer = RoutesAnswer::new(asked, &candidates, &statuses, source, Some(context.request_id()));
    let json = answer.to_json();
    if json.len() > MAX_ANSWER_BYTES { Err(too_large()) } else { Ok(Answer::json_text(json)) }
}

/// # Errors
/// As `find_candidates`, with the place that was looked in.
fn find(
    context: &RequestContext,
    Asked { token_in, token_out, max_hops }: &Asked,
    (topology, listed_in): (&Rc<Topology>, Source),
) -> Result<Arc<Candidates>, ApiError> {
    let cache = &context.isolate().market().listing;
    let found = cache.candidates(topology, token_in, token_out, *max_hops, &RouteFilter::default());
    found.map_err(|refused| ApiError::from(refused).looked_up_in(listed_in))
}

fn keys_of(candidates: &Candidates) -> Vec<String> {
    candidates.pools.iter().map(|candidate| keys::pool(&candidate.pool.id)).collect()
}

/// Reads the tokens and the hop limit of the query.
///
/// # Errors
/// `INVALID_REQUEST` naming the parameter.
pub fn read_pair(query: QueryPairs<'_>) -> Result<Asked, ApiError> {
    let [token_in, token_out, max_hops] = parameters(query, ["token_in", "token_out", "max_hops"])?;
    let symbol = |field: &str, text: Option<std::borrow::Cow<'_, str>>| {
        let text = text.ok_or_else(|| ApiError::invalid_request(field, format!("{field} is missing")))?;
        Symbol::new(&text).map_err(|reason| ApiError::invalid_request(field, format!("{field} {reason}")))
    };
    let max_hops = match max_hops {
        None => DEFAULT_MAX_HOPS,
        Some(text) => text.parse().ok().filter(|hops| (1..=MAX_HOPS).contains(hops)).ok_or_else(|| {
            let message = format!("max_hops must be a whole number from 1 to {MAX_HOPS}");
            ApiError::invalid_request("max_hops", message)
        })?,
    };
    Ok(Asked {
        token_in: symbol("token_in", token_in)?,
        token_out: symbol("token_out", token_out)?,
        max_hops,
    })
}
