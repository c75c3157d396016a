//! What can go wrong at Redis, as facts. No variant holds a URL, a token, a key or a value.

use std::fmt;

/// A call to Redis that gave no usable reply.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisError {
    /// Redis does not let us in, or not to this command. Never tried again.
    Auth(AuthFault),
    /// Redis could not be reached or could not serve, after `attempts` tries.
    Unavailable { attempts: u32, outage: Outage },
    /// The budget of `deadline_ms` ran out while a reply was awaited.
    Timeout { deadline_ms: u32 },
    /// Something answered, but not with what the command gives. Holds what was odd.
    Invalid(Oddity),
    /// Redis refused the command; what it said, made safe to show.
    Refused(String),
    /// Redis is a cluster, which cannot serve keys of several slots together; the first word of what it said.
    Cluster(&'static str),
    /// The client has gone, so the call was given up. Nobody is left to be told.
    Abandoned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFault {
    /// Status 401, WRONGPASS or NOAUTH.
    TokenRefused,
    /// NOPERM: the token is good, but not for this command or key.
    NoPermission,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// No connection, or it broke.
    Unreachable,
    /// A status such as 503 that says "not now".
    Status(u16),
    /// Redis is up but cannot serve now: LOADING, BUSY, too many clients and the like.
    Busy,
    /// A limit of the database's plan is used up. Never tried again.
    Quota,
    /// Not asked: the calls before found nobody, and the next look is so many milliseconds away.
    BreakerOpen { retry_after_ms: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// The body is not JSON of the REST API.
    NotJson,
    /// A status that neither serves nor asks to come back, without words of Redis.
    Status(u16),
    /// A value of another type than the command gives; names the expected one.
    NotA(&'static str),
    /// An array of another length than was asked for.
    Length { expected: usize, received: usize },
    /// A body beyond what this client reads, or beyond what the database sends.
    TooLarge,
    /// The key holds another type than the command is for.
    WrongType,
}

impl RedisError {
    /// Whether the token lacks the right to this one command, so that another way may be open.
    pub fn is_no_permission(&self) -> bool {
        matches!(self, Self::Auth(AuthFault::NoPermission))
    }

    /// Whether the key holds another type than the command is for.
    pub fn is_wrong_type(&self) -> bool {
        matches!(self, Self::Invalid(Oddity::WrongType))
    }

    /// Whether the reply was larger than this client reads, or than the database sends.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::Invalid(Oddity::TooLarge))
    }

    /// Whether this one command is not to be had from this Redis, for whatever reason, while others may be.
    pub fn is_about_the_command(&self) -> bool {
        self.is_no_permission() || matches!(self, Self::Refused(_))
    }

    /// The stable code, as the API names it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Auth(_) => "REDIS_AUTH",
            Self::Unavailable { .. } => "REDIS_UNAVAILABLE",
            Self::Timeout { .. } => "REDIS_TIMEOUT",
            Self::Invalid(_) => "UPSTREAM_INVALID",
            Self::Refused(_) => "UPSTREAM_REFUSED",
            Self::Cluster(_) => "CLUSTER_UNSUPPORTED",
            Self::Abandoned => "INTERNAL",
        }
    }
}

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(AuthFault::TokenRefused) => {
                f.write_str("Redis refused the token: check UPSTASH_REDIS_REST_TOKEN")
            }
            Self::Auth(AuthFault::NoPermission) => f.write_str(
                "Redis refused a command: the token lacks the right to it, and needs read commands on all keys of the engine",
            ),
            Self::Unavailable { outage: Outage::Quota, .. } => {
                f.write_str("Redis refused the request: a limit of the database's plan is used up")
            }
            Self::Unavailable { outage: Outage::Unreachable, .. } => {
                f.write_str("Redis could not be reached")
            }
            Self::Unavailable { outage: Outage::Busy, .. } => f.write_str("Redis is up but cannot serve yet"),
            Self::Unavailable { outage: Outage::Status(status), .. } => {
                write!(f, "Redis could not serve: status {status}")
            }
            Self::Unavailable { outage: Outage::BreakerOpen { .. }, .. } => {
                f.write_str("Redis did not answer earlier calls, so it was not asked again yet")
            }
            Self::Timeout { .. } => f.write_str("Redis did not answer in time"),
            Self::Abandoned => f.write_str("the client has gone"),
            Self::Refused(said) => write!(f, "Redis refused a command: {said}"),
            Self::Cluster(_) => f.write_str(
                "Redis is a cluster, and a quote reads keys that it keeps on several nodes in one command: point UPSTASH_REDIS_REST_URL at a Redis without cluster mode (cluster-enabled no)",
            ),
            Self::Invalid(oddity) => write!(f, "Redis answered with something unexpected: {oddity}"),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("not JSON"),
            Self::Status(status) => write!(f, "status {status} without a Redis reply"),
            Self::NotA(expected) => write!(f, "not {expected}"),
            Self::Length { expected, received } => {
                write!(f, "an array of {received} values instead of {expected}")
            }
            Self::TooLarge => f.write_str("too large"),
            Self::WrongType => f.write_str("command refused with WRONGTYPE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_permission_is_one() {
        assert!(RedisError::Auth(AuthFault::NoPermission).is_no_permission());
        assert!(!RedisError::Auth(AuthFault::TokenRefused).is_no_permission());
    }
}
