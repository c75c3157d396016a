//! JSON shapes: Redis values, snapshot, HTTP request and response. Encoding and decoding only.

mod bin;
mod document;
mod error;
mod explain;
mod field;
mod heartbeat;

pub mod keys;
mod left_out;
mod left_out_keys;
mod listing;
mod market;
mod number;
#[cfg(test)]
mod openapi;
mod pool;
mod read;
mod request;
mod response;
mod routes;
mod sample;
mod snapshot;
mod snapshot_contents;
mod stamp;
mod state_summary;
mod verify;

pub use crate::json::JsonText;
pub use bin::BinValue;
pub use document::without_mark;
pub use error::{ErrorDetails, error_details};
pub use heartbeat::{HEARTBEAT_FIELD, parse_heartbeat};
pub use left_out::LeftOut;
pub use left_out_keys::LeftOutKeys;
pub use listing::{BinListing, PoolAnswer, PoolListing, PoolsAnswer, SkippedPool};
pub use market::{Market, MarketSettings};
pub use number::NumberStyle;
pub use pool::{PoolRouting, PoolValue, Status, pool_status};
pub use read::{BinText, PoolReader, PoolText, read_pool};
pub use request::{FieldValue, request_from_fields, request_from_json};
pub use response::{AnswerContext, QuoteAnswer, Source};
pub use routes::RoutesAnswer;
pub use sample::sample_snapshot;
pub use snapshot::{FORMAT, Snapshot, SnapshotError, SnapshotPool, normalise_pool, stated_decimals};
pub use snapshot_contents::{CopiedPool, SnapshotContents};
pub use stamp::{parse_stamp, write_stamp};
pub use verify::{
    Difference, INPUT_FORMAT, InputPool, Own, SharedState, ShortestDouble, StoredInput, Verification,
    verify_quote, verify_quote_against, verify_quote_with,
};
