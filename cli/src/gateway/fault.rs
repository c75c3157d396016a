//! What can go wrong with a whole request, and the one table from fault to status.

use std::borrow::Cow;

use axum::http::StatusCode;

/// Why a request as a whole has no result. Failed items of a pipeline are not faults.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The body, path or a header cannot be understood.
    Syntax(&'static str),
    /// The gateway does not pass this command on.
    Refused(String),
    /// Redis answered with an error; its text.
    Redis(String),
    /// No token, or not one of ours.
    Unauthorized,
    MethodNotAllowed,
    BodyTooLarge {
        limit: usize,
        actual: usize,
    },
    /// The caller's connection broke while it sent the body.
    BodyBroken,
    /// The body did not come in time.
    BodySlow,
    /// A pipeline or transaction of too many commands.
    TooManyCommands {
        limit: usize,
        actual: usize,
    },
    /// The request, or its answer, needs more than all requests together may hold.
    TooLarge {
        limit: usize,
    },
    /// Other requests hold too much at this moment.
    Busy {
        limit: usize,
    },
    /// The host that was asked for is not one the gateway listens on.
    HostRefused,
    /// A web page asks that was not allowed to.
    OriginRefused,
    /// No connection to Redis, or it broke before the reply.
    Unreachable,
    /// Redis took the command and stayed silent.
    NoAnswer,
}

/// First words of Redis errors that mean "not now" or "not for this gateway", whatever the command was.
const REDIS_NOT_READY: [&str; 4] = ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH"];

impl Fault {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Syntax(_) | Self::Refused(_) | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::Redis(text) => match text.split(' ').next() {
                Some(code) if REDIS_NOT_READY.contains(&code) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::HostRefused | Self::OriginRefused => StatusCode::FORBIDDEN,
            Self::BodySlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } | Self::TooManyCommands { .. } | Self::TooLarge { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Busy { .. } | Self::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoAnswer => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The text of the `error` field. Its first word is what clients may branch on.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Syntax(text) => Cow::Borrowed(text),
            Self::Refused(text) | Self::Redis(text) => Cow::Borrowed(text),
            Self::Unauthorized => Cow::Borrowed("WRONGPASS invalid or missing auth token"),
            Self::MethodNotAllowed => Cow::Borrowed("ERR method not allowed, use GET, HEAD, POST or PUT"),
            Self::BodyTooLarge { limit, actual } => Cow::Owned(format!(
                "ERR max request size exceeded. Limit: {limit} bytes, Actual: {actual} bytes."
            )),
            Self::BodyBroken => Cow::Borrowed("ERR the request body ended early"),
            Self::BodySlow => Cow::Borrowed("ERR the request body did not arrive in time"),
            Self::TooManyCommands { limit, actual } => Cow::Owned(format!(
                "ERR max commands per request exceeded. Limit: {limit} commands, Actual: {actual} commands."
            )),
            Self::TooLarge { limit } => Cow::Owned(format!(
                "ERR max request size exceeded. The request and its answer need more than {limit} bytes."
            )),
            Self::Busy { limit } => Cow::Owned(format!(
                "ERR max bytes in flight exceeded. Limit: {limit} bytes over all requests. Try again."
            )),
            Self::HostRefused => Cow::Borrowed(
                "ERR this gateway does not listen on the host that was asked for; --allow-host allows it",
            ),
            Self::OriginRefused => {
                Cow::Borrowed("ERR web pages of this origin may not call; --allow-origin allows it")
            }
            Self::Unreachable => Cow::Borrowed("ERR the gateway has no connection to Redis"),
            Self::NoAnswer => Cow::Borrowed("ERR Redis did not answer in time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_every_fault_its_status() {
        let rows = [
            (Fault::Syntax("ERR empty command"), 400),
            (Fault::Refused("NOPERM no".into()), 400),
            (Fault::Redis("WRONGTYPE Operation against a key".into()), 400),
            (Fault::Redis("EXECABORT Transaction discarded".into()), 400),
            (Fault::Redis("LOADING Redis is loading the dataset in memory".into()), 503),
            (Fault::Redis("NOAUTH Authentication required.".into()), 503),
            (Fault::Redis("ERR LOADING is only a word here".into()), 400),
            (Fault::Unauthorized, 401),
            (Fault::MethodNotAllowed, 405),
            (Fault::BodyTooLarge { limit: 10, actual: 11 }, 413),
            (Fault::BodyBroken, 400),
            (Fault::BodySlow, 408),
            (Fault::TooManyCommands { limit: 10, actual: 11 }, 413),
            (Fault::TooLarge { limit: 10 }, 413),
            (Fault::Busy { limit: 10 }, 503),
            (Fault::HostRefused, 403),
            (Fault::OriginRefused, 403),
            (Fault::Unreachable, 503),
            (Fault::NoAnswer, 504),
        ];
        for (fault, status) in rows {
            assert_eq!(fault.status().as_u16(), status, "{fault:?}");
        }
    }

    #[test]
    fn passes_the_words_of_redis_on_unchanged() {
        assert_eq!(
            Fault::Redis("NOSCRIPT No matching script.".into()).text(),
            "NOSCRIPT No matching script."
        );
        assert_eq!(
            Fault::BodyTooLarge { limit: 10, actual: 11 }.text(),
            "ERR max request size exceeded. Limit: 10 bytes, Actual: 11 bytes."
        );
    }
}
