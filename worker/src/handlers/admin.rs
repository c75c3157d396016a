//! `/admin/*`: calls of the operator. Without the secret `ADMIN_TOKEN` there is nothing at these paths.

use serde::Serialize;

use crate::http::{Answer, ApiError, bearer};
use crate::request::RequestContext;

/// What all these paths begin with.
pub(crate) const PREFIX: &str = "/admin/";

/// Lets the operator in.
///
/// # Errors
/// NOT_FOUND where no token is set, UNAUTHORIZED for a wrong one or none.
pub(crate) fn admit(context: &RequestContext) -> Result<(), ApiError> {
    let Some(token) = &context.config().admin_token else { return Err(ApiError::not_found(context.path())) };
    let given = context.header("authorization").unwrap_or_default();
    if bearer(&given).is_some_and(|given| token.equals(given)) {
        return Ok(());
    }
    Err(ApiError::unauthorized("the Authorization header must carry the operator's bearer token"))
}

#[derive(Serialize)]
struct Cleared<'a> {
    /// Pairs whose routes were dropped.
    route_pairs: usize,
    /// Pools whose listing was dropped.
    pools: usize,
    request_id: &'a str,
}

/// `POST /admin/cache/clear`: forgets pools, routes and reading hints of the isolate that answers.
pub(crate) fn clear_cache(context: &RequestContext) -> Result<Answer, ApiError> {
    let isolate = context.isolate();
    let before = isolate.market().listing.report(context.now_ms());
    isolate.market().clear();
    Answer::json(&Cleared {
        route_pairs: before.route_pairs,
        pools: before.pools,
        request_id: context.request_id(),
    })
}
