//! `/routes`: the pre-computed routes of a pair, with the status of each pool at this moment.

use dlmm_core::api::RoutesAnswer;
use dlmm_core::network::route::{MAX_HOPS, RouteFilter};
use dlmm_core::quote::DEFAULT_MAX_HOPS;
use dlmm_core::stored::{Status, keys, pool_status};
use dlmm_core::units::Symbol;

use super::answer_size::{MAX_ANSWER_BYTES, too_large};
use super::listing::fresh_topology;
use super::pools::texts;
use crate::http::{Answer, ApiError, QueryPairs, parameters};
use crate::request::RequestContext;

/// A pair of tokens and how far a route between them may lead.
#[derive(Debug)]
pub struct Asked {
    token_in: Symbol,
    token_out: Symbol,
    max_hops: u8,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let Asked { token_in, token_out, max_hops } = read_pair(context.query())?;
    let (topology, listed_in) = fresh_topology(context).await?;
    let cache = &context.isolate().market().listing;
    let candidates = cache.candidates(&topology, &token_in, &token_out, max_hops, &RouteFilter::default());
    let candidates = candidates.map_err(|refused| ApiError::from(refused).looked_up_in(listed_in))?;
    let wanted: Vec<String> =
        candidates.pools.iter().map(|candidate| keys::pool(&candidate.pool.id)).collect();
    let ((values, _), source) = texts(context, &wanted).await?;
    let statuses: Vec<Option<Status>> = values.iter().map(|json| pool_status(json.as_deref()?)).collect();
    let asked = (&token_in, &token_out, max_hops);
    let answer = RoutesAnswer::new(asked, &candidates, &statuses, source, Some(context.request_id()));
    let json = answer.to_json();
    if json.len() > MAX_ANSWER_BYTES { Err(too_large()) } else { Ok(Answer::json_text(json)) }
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
