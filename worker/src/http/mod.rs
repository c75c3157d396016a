//! HTTP around the handlers: which path and method leads where, CORS, query and body, the shape of answers and refusals.

mod answer;
mod code;
mod cors;
mod credentials;
mod error;
mod etag;
mod paths;
mod patterns;
mod query;
mod refusals;
mod unreadable;

pub use answer::Answer;
pub use code::Code;
pub use cors::{Header, answer_headers, preflight_headers};
pub use credentials::bearer;
pub use error::ApiError;
pub use etag::EntityTag;
pub use paths::{Dispatch, Method, Path, dispatch, path_pattern};
pub use query::{QueryPairs, check_query, parameters, query_pairs, split_url};
pub use unreadable::unreadable;
