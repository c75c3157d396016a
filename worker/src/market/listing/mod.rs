//! Which pools and tokens there are, as this isolate knows them: ids, pairs, decimals. No reserves, no prices, no status.

mod cache;
mod find;
mod freshness;
mod in_turn;
mod left_out;
mod signature;
mod topology;
mod turns;

pub use cache::{CacheReport, Counters, TopologyCache};
pub use freshness::checked;
pub(crate) use freshness::{check_in_background, current_or_load, look_again, may_be_outdated};
pub use left_out::LeftOutKeys;
pub use signature::Signature;
pub use topology::Topology;
