//! What is stored: the values of pools and bins, their keys, and whole snapshots of them. Reading and writing only.

mod bin;
mod heartbeat;
mod height;
mod left_out;
mod left_out_keys;
mod pool;
mod pool_list;
mod read;
mod sample;
mod snapshot;
mod snapshot_contents;
mod source;
mod stamp;
mod stored_pool;
mod written_bins;

pub use crate::network::keys;
pub use crate::network::skipped::SkippedPool;
pub use bin::BinValue;
pub use heartbeat::{HEARTBEAT_FIELD, parse_heartbeat};
pub use height::{HEIGHT_FIELD, MAX_HEIGHT, parse_height};
pub use left_out::{LeftOut, MAX_REPLY_BYTES};
pub use left_out_keys::LeftOutKeys;
pub use pool::{PoolRouting, PoolValue, Status, pool_status};
pub use pool_list::{ListEntry, UnfitId, read_pool_list};
pub use read::PoolReader;
pub(crate) use read::read_bin;
pub use sample::sample_snapshot;
pub use snapshot::{FORMAT, Snapshot, SnapshotError, normalise_pool, stated_decimals, with_fees};
pub use snapshot_contents::SnapshotContents;
pub use source::Source;
pub use stamp::{parse_stamp, write_stamp};
pub use stored_pool::{BinTexts, StoredPool, StoredPools};
pub use written_bins::WrittenBins;

pub(crate) use left_out::GONE;
pub(crate) use pool::named_fees;
pub(crate) use stamp::stamp_ms;
