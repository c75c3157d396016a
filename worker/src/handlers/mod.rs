//! One handler a path. A handler turns a request into an [`Answer`] or an [`ApiError`]; HTTP is done around it.

pub(crate) mod admin;
mod answer_size;
mod columns;
mod entries;
mod health;
mod listing;
mod metrics;
mod pools;
mod quote;
mod quotes;
mod routes;
mod snapshot;
mod source;
mod states;
pub(crate) mod streams;
mod watched;

pub use pools::read_page;
pub use quote::read_quote_query;
pub use quotes::{ReadBatch, read_batch};
pub use routes::{Asked, read_pair};
pub use snapshot::{Wanted, read_wanted};

use crate::http::{Answer, ApiError, Path, parameters};
use crate::request::RequestContext;

/// Runs the handler of a path.
pub(crate) async fn run(path: Path, context: &RequestContext) -> Result<Answer, ApiError> {
    if matches!(path, Path::Health | Path::ClearCache | Path::Metrics | Path::Pairs | Path::Tokens) {
        let [] = parameters(context.query(), [])?;
    }
    match path {
        Path::Health => health::answer(context).await,
        Path::ClearCache => admin::clear_cache(context),
        Path::Metrics => Ok(metrics::answer(context)),
        Path::Quote => quote::answer(context).await,
        Path::Quotes => quotes::answer(context).await,
        Path::Routes => routes::answer(context).await,
        Path::Pools => pools::all(context).await,
        Path::Pool(id) => pools::one(context, &id).await,
        Path::Pairs => listing::pairs(context).await,
        Path::Tokens => listing::tokens(context).await,
        Path::Snapshot => snapshot::answer(context).await,
        Path::StreamTicket => streams::ticket(context).await,
        // They are opened before they answer.
        Path::QuoteStream | Path::Changes => Err(ApiError::internal()),
    }
}
