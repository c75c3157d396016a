//! What of the store cannot be used.

use crate::json::{ToJson, object};
use alloc::string::String;

/// A pool that cannot be listed, or is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedPool {
    /// The offending Redis key.
    pub key: String,
    /// What is wrong with its value.
    pub reason: String,
}

impl ToJson for SkippedPool {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("key", &self.key);
            f.member("reason", &self.reason);
        })
        .write(out);
    }
}
