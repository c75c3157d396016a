//! Why a block was not taken. Codes are part of the interface, messages are not.

use std::fmt;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::redis::fault::RedisFault;

/// Why a block was not taken; Redis is then as it was before.
#[derive(Debug)]
pub(crate) enum Fault {
    /// What came is no block.
    Block { reason: String },
    /// An event of a followed pool says something that cannot be.
    Event { place: String, pool: Option<String>, reason: String },
    /// The block stands on one that is not known here.
    Gap { height: u64, parent: String, tip: Option<String> },
    /// Another follower of this core holds the lease.
    Lease,
    /// What the follower wrote down earlier cannot be read again.
    Record { place: String, reason: String },
    /// The node gave no usable answer.
    Node { reason: String },
    /// The body is longer than allowed.
    TooLarge { limit: usize },
    /// Redis.
    Redis(RedisFault),
}

impl Fault {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Block { .. } => "BLOCK_INVALID",
            Self::Event { .. } => "EVENT_INVALID",
            Self::Gap { .. } => "PARENT_UNKNOWN",
            Self::Lease => "LEASE_HELD",
            Self::Record { .. } => "RECORD_INVALID",
            Self::Node { .. } => "NODE_UNAVAILABLE",
            Self::TooLarge { .. } => "BODY_TOO_LARGE",
            Self::Redis(fault) => fault.code(),
        }
    }

    /// A node sends a block again until it gets 200, whatever else it gets.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Block { .. } => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer's body.
    pub(crate) fn to_json(&self) -> Value {
        let details = match self {
            Self::Event { place, pool, reason } => json!({ "event": place, "pool": pool, "reason": reason }),
            Self::Gap { height, parent, tip } => json!({ "height": height, "parent": parent, "tip": tip }),
            Self::Record { place, reason } => json!({ "key": place, "reason": reason }),
            Self::Block { reason } | Self::Node { reason } => json!({ "reason": reason }),
            Self::TooLarge { limit } => json!({ "limit": limit }),
            Self::Lease | Self::Redis(_) => json!({}),
        };
        json!({ "success": false, "error": { "code": self.code(), "message": self.to_string(), "details": details } })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block { reason } => write!(f, "not a block: {reason}"),
            Self::Event { place, pool: Some(pool), reason } => write!(f, "{place} of pool {pool}: {reason}"),
            Self::Event { place, pool: None, reason } => write!(f, "{place}: {reason}"),
            Self::Gap { height, parent, tip: Some(tip) } => {
                write!(f, "block {height} stands on {parent}, which is not known here; the tip is {tip}")
            }
            Self::Gap { height, parent, tip: None } => {
                write!(f, "block {height} stands on {parent}, and nothing is known here yet")
            }
            Self::Lease => f.write_str("another follower of this core is at work"),
            Self::Record { place, reason } => write!(f, "{place} in Redis cannot be read: {reason}"),
            Self::Node { reason } => write!(f, "the node gave no usable answer: {reason}"),
            Self::TooLarge { limit } => write!(f, "the body has more than {limit} bytes"),
            Self::Redis(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Fault {}

impl From<RedisFault> for Fault {
    fn from(fault: RedisFault) -> Self {
        Self::Redis(fault)
    }
}
