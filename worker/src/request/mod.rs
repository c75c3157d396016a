//! One request: its parts, what is bound to the Worker for it, what it may spend, and how it is run to its end.

mod bindings;
mod context;
mod held;
mod limiter;
mod line;

pub use bindings::Bindings;
pub use context::{MAX_QUOTE_BODY, RequestContext};
pub(crate) use limiter::{count_batch, count_request};
pub use line::RequestLine;
