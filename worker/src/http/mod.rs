//! HTTP around the handlers: which path and method leads where, CORS, query and body, the shape of answers.

mod answer;
mod cors;
mod credentials;
mod etag;
mod query;
mod route;

pub use answer::Answer;
pub use cors::{Header, answer_headers, preflight_headers};
pub use credentials::bearer;
pub use etag::EntityTag;
pub use query::{QueryPairs, check_query, query_pairs, split_url};
pub use route::{Dispatch, Method, Route, dispatch, path_pattern};
