//! The shapes of requests, answers, listings and errors, as HTTP, the command line and the package have them.

mod amounts;
mod answer;
mod error;
mod explain;
mod fields;
mod listing;
mod number;
#[cfg(test)]
mod openapi;
mod plan;
pub(crate) mod record;
mod request;
mod routes;
mod state_summary;

pub use answer::{AnswerContext, QuoteAnswer};
pub use error::{ErrorDetails, error_details};
pub use fields::{About, MAX_NAMES, Place, PlanPart, RequestField, request_fields};
pub use listing::{BinListing, PoolAnswer, PoolListing, PoolsAnswer};
pub use number::NumberStyle;
pub use record::{
    Answer, AnswerRoom, Basis, DigestPlace, INPUT_FORMAT, MAX_ANSWER_BYTES, ReadAt, SharedState, Undigested,
    Written,
};
pub use request::{FieldValue, request_from_fields, request_from_json, request_of_place};
pub use routes::RoutesAnswer;

pub use crate::stored::{SkippedPool, Source};

pub(crate) use number::Units;
