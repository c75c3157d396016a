//! Where a state comes from.

use crate::json::{Plain, ToJson};
use alloc::string::String;

/// Where the state of a quote comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Read from Redis for this quote.
    Redis,
    /// From a snapshot file.
    Snapshot,
    /// The bundled sample: development only, not a market.
    Sample,
}

impl Source {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Snapshot => "snapshot",
            Self::Sample => "sample",
        }
    }
}

impl ToJson for Source {
    fn write(&self, out: &mut String) {
        Plain(self.as_str()).write(out);
    }
}
