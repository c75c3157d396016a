//! How long streams live, how often they look, and how many there may be.

use super::read::{ConfigError, Reader};
use super::settings;

/// Bounds of streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    pub poll_ms: u32,
    pub max_seconds: u32,
    /// Streams of one isolate at a time.
    pub max_streams: u64,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<StreamLimits, ConfigError> {
    Ok(StreamLimits {
        poll_ms: reader.number(&settings::STREAM_POLL_MS, 50..=60_000)?,
        max_seconds: reader.number(&settings::STREAM_MAX_SECONDS, 1..=3_600)?,
        max_streams: reader.number(&settings::MAX_STREAMS, 0..=10_000)?,
    })
}
