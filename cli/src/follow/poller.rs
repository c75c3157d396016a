//! What polls an API, and why a pass of it came to no end.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::api::{Api, Place};
use super::fault::Fault;
use super::logs::Walk;
use super::service::Service;

/// Polls an API.
pub(crate) struct Poll {
    pub(crate) api: Api,
    pub(crate) core: String,
    /// Between two passes.
    pub(crate) every: Duration,
    /// Begin with the first block in which the core printed.
    pub(crate) from_genesis: bool,
}

/// Why a pass came to no end.
pub(super) enum Halt {
    /// The chain is another one than at its beginning.
    Moved,
    Fault(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// An API that is polled, and what is kept from pass to pass.
pub(super) struct Poller {
    pub(super) poll: Poll,
    pub(super) service: Service,
    pub(super) places: HashMap<String, Place>,
    /// Some of the places were read in a look that failed.
    pub(super) is_doubtful: bool,
    /// Where walks over the logs passed a height, to go on from there.
    pub(super) marks: BTreeMap<u64, (Walk, String)>,
    /// When blocks that are not taken yet were seen first, by index hash.
    pub(super) held: HashMap<String, Instant>,
}
