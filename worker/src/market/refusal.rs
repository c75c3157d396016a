//! Why the market gives no answer.

use dlmm_core::error::QuoteError;

use crate::redis::RedisError;

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Core refuses.
    Quote(QuoteError),
    /// Redis gives no usable reply.
    Redis(RedisError),
    /// Other large answers are under way.
    Busy { retry_after_seconds: u32 },
    /// A copy would hold more than this; `unit` is what `limit` counts.
    CopyTooLarge { limit: usize, unit: &'static str },
    /// A copy of all pools could lack some, because they cannot be listed.
    Unlisted,
    /// A fault of ours.
    Internal,
}

impl Refusal {
    /// Whether Redis is to blame, so that the sample state may stand in where that is switched on.
    pub const fn is_redis_fault(&self) -> bool {
        matches!(self, Self::Redis(fault) if !matches!(fault, RedisError::Abandoned))
    }
}

impl From<QuoteError> for Refusal {
    fn from(error: QuoteError) -> Self {
        Self::Quote(error)
    }
}

impl From<RedisError> for Refusal {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}
