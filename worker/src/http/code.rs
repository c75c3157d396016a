//! The error codes of the API, each with its HTTP status.

macro_rules! codes {
    ($($name:ident $text:literal $status:literal)*) => {
        /// An error code of the API. Codes are never renamed; messages may change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $text] $name),*
        }

        impl Code {
            /// Every code, in the order of the table in the HTTP documentation.
            pub const ALL: [Self; [$($status),*].len()] = [$(Self::$name),*];

            const fn row(self) -> (&'static str, u16) {
                match self {
                    $(Self::$name => ($text, $status)),*
                }
            }
        }
    };
}

// The one place that ties a code to its text and its HTTP status.
codes! {
    InvalidRequest "INVALID_REQUEST" 400
    SameToken "SAME_TOKEN" 400
    Unauthorized "UNAUTHORIZED" 401
    UnknownToken "UNKNOWN_TOKEN" 404
    UnknownPool "UNKNOWN_POOL" 404
    NotFound "NOT_FOUND" 404
    NoRoute "NO_ROUTE" 404
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405
    BodyTooLarge "BODY_TOO_LARGE" 413
    InsufficientLiquidity "INSUFFICIENT_LIQUIDITY" 422
    TooManyBins "TOO_MANY_BINS" 422
    AmountTooSmall "AMOUNT_TOO_SMALL" 422
    AmountOverflow "AMOUNT_OVERFLOW" 422
    AnswerTooLarge "ANSWER_TOO_LARGE" 422
    PlanUnavailable "PLAN_UNAVAILABLE" 422
    PlanTooLarge "PLAN_TOO_LARGE" 422
    RateLimited "RATE_LIMITED" 429
    ConfigInvalid "CONFIG_INVALID" 500
    Internal "INTERNAL" 500
    StateInvalid "STATE_INVALID" 502
    UpstreamInvalid "UPSTREAM_INVALID" 502
    UpstreamRefused "UPSTREAM_REFUSED" 502
    ClusterUnsupported "CLUSTER_UNSUPPORTED" 502
    RedisAuth "REDIS_AUTH" 502
    RedisUnavailable "REDIS_UNAVAILABLE" 503
    StaleState "STALE_STATE" 503
    StreamsFull "STREAMS_FULL" 503
    RedisTimeout "REDIS_TIMEOUT" 504
}

impl Code {
    /// The code as it stands in JSON, such as `NO_ROUTE`.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// Finds the code with this text; core names its errors by the same texts.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the HTTP documentation, row by row.
    const DOCUMENTED: [(&str, u16); 28] = [
        ("INVALID_REQUEST", 400),
        ("SAME_TOKEN", 400),
        ("UNAUTHORIZED", 401),
        ("UNKNOWN_TOKEN", 404),
        ("UNKNOWN_POOL", 404),
        ("NOT_FOUND", 404),
        ("NO_ROUTE", 404),
        ("METHOD_NOT_ALLOWED", 405),
        ("BODY_TOO_LARGE", 413),
        ("INSUFFICIENT_LIQUIDITY", 422),
        ("TOO_MANY_BINS", 422),
        ("AMOUNT_TOO_SMALL", 422),
        ("AMOUNT_OVERFLOW", 422),
        ("ANSWER_TOO_LARGE", 422),
        ("PLAN_UNAVAILABLE", 422),
        ("PLAN_TOO_LARGE", 422),
        ("RATE_LIMITED", 429),
        ("CONFIG_INVALID", 500),
        ("INTERNAL", 500),
        ("STATE_INVALID", 502),
        ("UPSTREAM_INVALID", 502),
        ("UPSTREAM_REFUSED", 502),
        ("CLUSTER_UNSUPPORTED", 502),
        ("REDIS_AUTH", 502),
        ("REDIS_UNAVAILABLE", 503),
        ("STALE_STATE", 503),
        ("STREAMS_FULL", 503),
        ("REDIS_TIMEOUT", 504),
    ];

    #[test]
    fn every_documented_code_has_its_status() {
        for (text, status) in DOCUMENTED {
            let code = Code::parse(text).unwrap_or_else(|| panic!("{text} is missing"));
            assert_eq!(code.status(), status, "{text}");
        }
    }

    #[test]
    fn no_code_is_left_out_of_the_documented_table() {
        let ours: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
        assert_eq!(ours, DOCUMENTED);
    }

    #[test]
    fn an_unknown_text_is_no_code() {
        assert_eq!(Code::parse("no_route"), None);
        assert_eq!(Code::parse(""), None);
    }
}
