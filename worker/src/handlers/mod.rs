//! One handler a path. A handler turns a request into an [`Answer`] or an [`ApiError`]; HTTP is done around it.

pub(crate) mod admin;
mod entries;
mod health;
mod listing;
mod metrics;
mod pools;
mod quote;
mod quotes;
mod routes;
mod snapshot;
mod states;

pub use pools::read_page;
pub use quote::read_quote_query;
pub use quotes::{ReadBatch, read_batch};
pub use routes::{Asked, read_pair};
pub use snapshot::read_chosen;

use crate::context::RequestContext;
use crate::error::ApiError;
use crate::http::{Answer, Route};

/// Runs the handler of a route.
pub(crate) async fn run(route: Route, context: &RequestContext) -> Result<Answer, ApiError> {
    match route {
        Route::Health => health::answer(context).await,
        Route::ClearCache => admin::clear_cache(context),
        Route::Metrics => Ok(metrics::answer(context)),
        Route::Quote => quote::answer(context).await,
        Route::Quotes => quotes::answer(context).await,
        Route::Routes => routes::answer(context).await,
        Route::Pools => pools::all(context).await,
        Route::Pool(id) => pools::one(context, &id).await,
        Route::Pairs => listing::pairs(context).await,
        Route::Tokens => listing::tokens(context).await,
        Route::Snapshot => snapshot::answer(context).await,
    }
}
