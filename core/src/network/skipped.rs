//! What of the store cannot be used.

use alloc::string::String;

/// A pool that cannot be listed, or is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedPool {
    /// The offending Redis key.
    pub key: String,
    /// What is wrong with its value.
    pub reason: String,
}
