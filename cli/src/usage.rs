//! Mistakes in how a command was called.

use std::fmt;

/// What the process ends with where a command failed.
pub(crate) const FAILED: u8 = 1;
/// What it ends with where it was called wrongly; the argument parser does too.
pub(crate) const USAGE: u8 = 2;

/// A wrong option or setting; the process ends with [`USAGE`].
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}
