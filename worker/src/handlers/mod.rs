//! One handler a path. A handler turns a request into an [`Answer`] or an [`ApiError`]; HTTP is done around it.

mod health;

use crate::context::RequestContext;
use crate::error::ApiError;
use crate::http::{Answer, Route};

/// Runs the handler of a route.
pub(crate) async fn run(route: Route, context: &RequestContext) -> Result<Answer, ApiError> {
    match route {
        Route::Health => health::answer(context).await,
        Route::Quote | Route::Pools | Route::Pool(_) | Route::Pairs | Route::Tokens => {
            Err(ApiError::not_found())
        }
    }
}
