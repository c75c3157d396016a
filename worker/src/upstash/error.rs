//! What can go wrong at Redis, as facts. No variant holds a URL, a token, a key or a value.

use std::fmt;

use crate::error::{ApiError, Code};

/// A call to Redis that gave no usable reply.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstashError {
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

impl UpstashError {
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

    pub const fn code(&self) -> Code {
        match self {
            Self::Auth(_) => Code::RedisAuth,
            Self::Unavailable { .. } => Code::RedisUnavailable,
            Self::Timeout { .. } => Code::RedisTimeout,
            Self::Invalid(_) => Code::UpstreamInvalid,
            Self::Refused(_) => Code::UpstreamRefused,
            Self::Cluster(_) => Code::ClusterUnsupported,
            Self::Abandoned => Code::Internal,
        }
    }
}

impl fmt::Display for UpstashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(AuthFault::TokenRefused) => {
                f.write_str("Redis refused the token: check UPSTASH_REDIS_REST_TOKEN.")
            }
            Self::Auth(AuthFault::NoPermission) => f.write_str(
                "Redis refused a command: the token lacks the right to it. It needs read commands on all keys of the engine.",
            ),
            Self::Unavailable { outage: Outage::Quota, .. } => {
                f.write_str("Redis refused the request: a limit of the database's plan is used up.")
            }
            Self::Unavailable { outage: Outage::Unreachable, .. } => {
                f.write_str("Redis could not be reached.")
            }
            Self::Unavailable { outage: Outage::Busy, .. } => f.write_str("Redis is up but cannot serve yet."),
            Self::Unavailable { outage: Outage::Status(status), .. } => {
                write!(f, "Redis could not serve: status {status}.")
            }
            Self::Unavailable { outage: Outage::BreakerOpen { .. }, .. } => {
                f.write_str("Redis did not answer earlier calls, so it was not asked again yet.")
            }
            Self::Timeout { .. } => f.write_str("Redis did not answer in time."),
            Self::Abandoned => f.write_str("The client has gone."),
            Self::Refused(said) => write!(f, "Redis refused a command: {said}."),
            Self::Cluster(_) => f.write_str(
                "Redis is a cluster, and a quote reads keys that it keeps on several nodes in one command. Point UPSTASH_REDIS_REST_URL at a Redis without cluster mode (cluster-enabled no).",
            ),
            Self::Invalid(oddity) => write!(f, "Redis answered with something unexpected: {oddity}."),
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

impl From<UpstashError> for ApiError {
    fn from(error: UpstashError) -> Self {
        let api = Self::new(error.code(), error.to_string());
        match error {
            UpstashError::Auth(_) | UpstashError::Abandoned => api,
            UpstashError::Unavailable { attempts, outage: Outage::BreakerOpen { retry_after_ms } } => api
                .with("attempts", attempts)
                .with("retry_after_ms", retry_after_ms)
                .with_header("retry-after", retry_after_ms.div_ceil(1_000).to_string()),
            UpstashError::Unavailable { attempts, .. } => api.with("attempts", attempts),
            UpstashError::Timeout { deadline_ms } => api.with("deadline_ms", deadline_ms),
            UpstashError::Invalid(oddity) => api.with("reason", oddity.to_string()),
            UpstashError::Refused(said) => api.with("reason", said),
            UpstashError::Cluster(word) => api.with("reason", word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(error: UpstashError) -> String {
        ApiError::from(error).to_json("id")
    }

    #[test]
    fn each_fault_has_its_code_and_details() {
        let unavailable = json(UpstashError::Unavailable { attempts: 4, outage: Outage::Status(503) });
        assert!(unavailable.contains(r#""code":"REDIS_UNAVAILABLE""#), "{unavailable}");
        assert!(unavailable.contains(r#""details":{"attempts":4}"#), "{unavailable}");
        let outage = Outage::BreakerOpen { retry_after_ms: 1_001 };
        let kept_back = ApiError::from(UpstashError::Unavailable { attempts: 0, outage });
        assert_eq!(kept_back.headers, [("retry-after", "2".into())]);
        let kept_back = kept_back.to_json("id");
        assert!(kept_back.contains(r#""code":"REDIS_UNAVAILABLE""#), "{kept_back}");
        assert!(kept_back.contains(r#""details":{"attempts":0,"retry_after_ms":1001}"#), "{kept_back}");
        let timeout = json(UpstashError::Timeout { deadline_ms: 5000 });
        assert!(timeout.contains(r#""code":"REDIS_TIMEOUT""#), "{timeout}");
        assert!(timeout.contains(r#""details":{"deadline_ms":5000}"#), "{timeout}");
        let short = json(UpstashError::Invalid(Oddity::Length { expected: 3, received: 2 }));
        assert!(short.contains(r#""code":"UPSTREAM_INVALID""#), "{short}");
        assert!(short.contains(r#""details":{"reason":"an array of 2 values instead of 3"}"#), "{short}");
        let refused = json(UpstashError::Refused("ERR unknown command".to_owned()));
        assert!(refused.contains(r#""code":"UPSTREAM_REFUSED""#), "{refused}");
        assert!(refused.contains(r#""details":{"reason":"ERR unknown command"}"#), "{refused}");
        let cluster = json(UpstashError::Cluster("CROSSSLOT"));
        assert!(cluster.contains(r#""code":"CLUSTER_UNSUPPORTED""#), "{cluster}");
        assert!(cluster.contains(r#""details":{"reason":"CROSSSLOT"}"#), "{cluster}");
        let auth = json(UpstashError::Auth(AuthFault::TokenRefused));
        assert!(auth.contains(r#""code":"REDIS_AUTH""#), "{auth}");
    }

    #[test]
    fn only_a_missing_permission_is_one() {
        assert!(UpstashError::Auth(AuthFault::NoPermission).is_no_permission());
        assert!(!UpstashError::Auth(AuthFault::TokenRefused).is_no_permission());
    }
}
