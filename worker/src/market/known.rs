//! What one isolate knows of the market, from all requests before.

use super::listing::{Topology, TopologyCache};
use super::reach::Hints;
use super::read::{BrokenValues, Decoded, SharedReads, UnreadableKeys};
use super::watched::Left;
use crate::config::Config;
use crate::observe::{InFlight, Turns};

/// Bytes that streams of one isolate hold together: what their clients know, and what they heard and did not look at yet.
const MAX_STREAM_BYTES: usize = 32_000_000;

/// Bytes that batches and copies of one isolate hold together; one alone may hold what its own bound says.
const MAX_GATHERED_BYTES: usize = 16_000_000;
/// The same for reads that are kept while something is waited for.
const MAX_READ_BYTES: usize = 10_000_000;

/// Plain data only. No borrow of it is held across an await.
#[derive(Debug)]
pub struct Known {
    /// The pools and tokens, and the routes found over them.
    pub listing: TopologyCache,
    /// How many bins earlier quotes needed.
    pub hints: Hints,
    /// Keys of pools that cannot be read although something is there.
    pub unreadable: UnreadableKeys,
    /// Values of pools and bins whose text cannot be used.
    pub broken: BrokenValues,
    /// What the last replies were decoded to.
    pub(crate) decoded: Decoded,
    /// What streams read a moment ago.
    pub(crate) shared_reads: SharedReads,
    /// What batches and copies under way hold.
    pub memory: InFlight,
    /// What is kept of reads while something is waited for. Who waits for room here may hold some of the other, never the other
    /// way round: so nobody waits for ever.
    pub reads: InFlight,
    /// What streams hold for as long as they last.
    pub(crate) streams: InFlight,
    /// Whose turn it is to look at the market for a stream.
    pub(crate) turns: Turns,
    /// What clients knew whose streams ended.
    pub(crate) left: Left,
}

impl Known {
    /// Nothing yet.
    pub fn new(config: &Config) -> Self {
        Self {
            listing: TopologyCache::new(
                config.topology_ttl_ms,
                config.max_graph_cache_size,
                config.limits.candidate_pools,
            ),
            hints: Hints::default(),
            unreadable: UnreadableKeys::default(),
            broken: BrokenValues::default(),
            decoded: Decoded::default(),
            shared_reads: SharedReads::default(),
            memory: InFlight::of(MAX_GATHERED_BYTES),
            reads: InFlight::of(MAX_READ_BYTES),
            streams: InFlight::of(MAX_STREAM_BYTES),
            turns: Turns::default(),
            left: Left::default(),
        }
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.listing.clear();
        self.hints.clear();
        self.unreadable.clear();
        self.broken.clear();
        self.decoded.clear();
        self.shared_reads.clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.hints.keep_only(topology);
        self.unreadable.keep_only(topology);
        self.broken.keep_only(topology);
    }
}
