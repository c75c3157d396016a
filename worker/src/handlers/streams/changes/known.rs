//! What a stream of changes knows of its client.

use dlmm_core::network::age::Pulse;

use super::super::seen::Seen;
use crate::market::watched::{Held, Watched};
use crate::observe::Holding;

/// Polls that look at the known keys only, before one looks for new ones too.
pub(super) const NARROW_POLLS: u32 = 10;

/// Pools, and what the client knows of them.
#[derive(Debug)]
pub(crate) struct ChangeStream {
    pub(super) watched: Watched,
    /// None before the first snapshot, and where the client has to have one anew.
    pub(super) held: Option<Held>,
    pub(super) block_height: Option<u64>,
    /// The producer's heartbeat that the client was told last.
    pub(super) heartbeat: Option<String>,
    pub(super) refused: Option<[u8; 32]>,
    /// Whether the client was given the sample last, in which nothing changes; of Redis it knows nothing then.
    pub(super) has_sample: bool,
    /// Whether anything was told: whoever comes back is answered, even where nothing was missed.
    pub(super) is_answered: bool,
    pub(super) polls: u32,
    pub(super) seen: Seen,
    /// What it takes to know what the client knows.
    pub(super) memory: Holding,
    /// What it would have taken where there was no room for it.
    pub(super) wanted: usize,
    /// The count of the last event that the client took.
    pub(super) taken: Option<u64>,
    /// The state that the client says it has, where this isolate does not know what that is.
    pub(super) claimed: Option<u64>,
    /// What of a snapshot comes from settings: part of the state, since a Worker with others would tell another one.
    pub(super) default_fee_bps: u16,
}

/// The heartbeat as it is stored.
pub(super) fn text_of(pulse: &Pulse) -> Option<String> {
    pulse.heartbeat.as_ref().map(|stamp| stamp.text.clone())
}
