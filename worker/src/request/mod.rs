//! One request: its parts, what it may spend, and its line in the log.

mod context;
mod limiter;
mod line;

pub use context::{MAX_QUOTE_BODY, RequestContext};
pub(crate) use limiter::{client, count_batch, count_request};
pub use line::RequestLine;
