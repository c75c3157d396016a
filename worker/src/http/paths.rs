//! The path table.

use percent_encoding::percent_decode_str;

use crate::http::ApiError;

/// A method this API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    /// Answered as GET, without the body.
    Head,
    Post,
    Options,
    /// Anything else; no path answers it.
    Other,
}

impl Method {
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Options => "OPTIONS",
            Self::Other => "other",
        }
    }
}

/// A path that has a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    Quote,
    /// A batch of quotes.
    Quotes,
    Routes,
    Pools,
    /// `/pools/{id}`; the id as given, percent-decoded, not yet checked.
    Pool(String),
    Pairs,
    Tokens,
    Snapshot,
    /// A quote that is given anew whenever it changes.
    QuoteStream,
    /// Pools, and what changes in them.
    Changes,
    /// Leave to open a stream without a header.
    StreamTicket,
    Health,
    Metrics,
    /// Forgets what the isolate knows; for the operator alone.
    ClearCache,
}

const READ: &str = "GET, HEAD, OPTIONS";
const POST: &str = "POST, OPTIONS";
const READ_AND_POST: &str = "GET, HEAD, POST, OPTIONS";

impl Path {
    fn find(path: &str) -> Option<Self> {
        match path {
            "/quote" => Some(Self::Quote),
            "/quotes" => Some(Self::Quotes),
            "/routes" => Some(Self::Routes),
            "/pools" => Some(Self::Pools),
            "/pairs" => Some(Self::Pairs),
            "/tokens" => Some(Self::Tokens),
            "/snapshot" => Some(Self::Snapshot),
            "/quote/stream" => Some(Self::QuoteStream),
            "/changes" => Some(Self::Changes),
            "/stream/ticket" => Some(Self::StreamTicket),
            "/health" => Some(Self::Health),
            "/metrics" => Some(Self::Metrics),
            "/admin/cache/clear" => Some(Self::ClearCache),
            _ => path
                .strip_prefix("/pools/")
                .filter(|id| !id.is_empty() && !id.contains('/'))
                .map(|id| Self::Pool(percent_decode_str(id).decode_utf8_lossy().into_owned())),
        }
    }

    /// The path's pattern: one text for all requests of this path.
    pub const fn pattern(&self) -> &'static str {
        match self {
            Self::Quote => "/quote",
            Self::Quotes => "/quotes",
            Self::Routes => "/routes",
            Self::Pools => "/pools",
            Self::Pool(_) => "/pools/{id}",
            Self::Pairs => "/pairs",
            Self::Tokens => "/tokens",
            Self::Snapshot => "/snapshot",
            Self::QuoteStream => "/quote/stream",
            Self::Changes => "/changes",
            Self::StreamTicket => "/stream/ticket",
            Self::Health => "/health",
            Self::Metrics => "/metrics",
            Self::ClearCache => "/admin/cache/clear",
        }
    }

    /// Whether requests count against the client's limit: those that ask Redis on behalf of a client, and all by which
    /// keys could be tried out.
    pub const fn is_limited(&self) -> bool {
        !matches!(self, Self::Health | Self::ClearCache)
    }

    /// Whether a key is needed where `API_KEYS` is set. Health checks come from machines that have none, and the
    /// operator's calls have a token of their own.
    pub const fn needs_key(&self) -> bool {
        !matches!(self, Self::Health | Self::ClearCache)
    }

    /// Whether a ticket opens it too.
    pub const fn takes_ticket(&self) -> bool {
        matches!(self, Self::QuoteStream | Self::Changes)
    }

    /// The methods of the path, as the `Allow` header lists them.
    const fn allow(&self) -> &'static str {
        match self {
            Self::Quote => READ_AND_POST,
            Self::Quotes | Self::ClearCache | Self::StreamTicket => POST,
            Self::Routes
            | Self::Pools
            | Self::Pool(_)
            | Self::Pairs
            | Self::Tokens
            | Self::Snapshot
            | Self::QuoteStream
            | Self::Changes
            | Self::Health
            | Self::Metrics => READ,
        }
    }
}

/// What to do with a request.
#[derive(Debug, PartialEq)]
pub enum Dispatch {
    Run(Path),
    /// OPTIONS on a known path: say what it allows.
    Options {
        allow: &'static str,
    },
    Refuse(ApiError),
}

/// The pattern of a path, for counting; `other` where nothing is at it.
pub fn path_pattern(path: &str) -> &'static str {
    Path::find(path).map_or("other", |known| known.pattern())
}

/// Looks a request up in the path table.
pub fn dispatch(method: Method, path: &str) -> Dispatch {
    let Some(found) = Path::find(path) else { return Dispatch::Refuse(ApiError::not_found(path)) };
    let allow = found.allow();
    if method == Method::Options {
        Dispatch::Options { allow }
    } else if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        Dispatch::Run(found)
    } else {
        Dispatch::Refuse(ApiError::method_not_allowed(allow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;
    use crate::http::patterns::PATHS;

    #[test]
    fn every_path_leads_to_its_handler() {
        for (path, expected) in [
            ("/quote", Path::Quote),
            ("/routes", Path::Routes),
            ("/pools", Path::Pools),
            ("/pools/BTC-USDC-25", Path::Pool("BTC-USDC-25".to_owned())),
            ("/pools/BTC%2DUSDC%2d25", Path::Pool("BTC-USDC-25".to_owned())),
            ("/pairs", Path::Pairs),
            ("/tokens", Path::Tokens),
            ("/snapshot", Path::Snapshot),
            ("/quote/stream", Path::QuoteStream),
            ("/changes", Path::Changes),
            ("/health", Path::Health),
            ("/metrics", Path::Metrics),
        ] {
            assert_eq!(dispatch(Method::Get, path), Dispatch::Run(expected.clone()), "{path}");
            assert_eq!(dispatch(Method::Head, path), Dispatch::Run(expected), "{path}");
        }
    }

    #[test]
    fn a_pool_id_keeps_what_was_encoded_into_it() {
        let id = |path| match dispatch(Method::Get, path) {
            Dispatch::Run(Path::Pool(id)) => id,
            other => panic!("{other:?}"),
        };
        assert_eq!(id("/pools/a%2Fb%3A%2a"), "a/b:*");
        assert_eq!(id("/pools/a+b"), "a+b");
        assert_eq!(id("/pools/%ff%"), "\u{fffd}%");
    }

    #[test]
    fn unknown_paths_are_not_found_with_any_method() {
        for path in ["/", "", "/quote/", "/Quote", "//quote", "/pools/", "/pools/a/b", "/quotes/"] {
            for method in [Method::Get, Method::Post, Method::Options, Method::Other] {
                assert_eq!(dispatch(method, path), Dispatch::Refuse(ApiError::not_found(path)), "{path}");
            }
        }
    }

    #[test]
    fn what_is_not_found_is_told_with_all_there_is_but_the_operators_paths() {
        let error = ApiError::not_found(&format!("/{}", "a".repeat(500)));
        assert_eq!(error.details["path"].as_str().map(str::len), Some(200));
        assert!(!error.message.contains("aaa"), "messages are logged");
        for pattern in PATHS {
            assert_eq!(Path::find(pattern).expect("a path").pattern(), pattern);
            assert!(!pattern.starts_with("/admin/"));
        }
        // None is left out: the description is held to what is answered.
        let described: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
        let described = described["paths"].as_object().unwrap().keys().map(String::as_str);
        let mut described: Vec<&str> = described.filter(|path| !path.starts_with("/admin/")).collect();
        let mut told = PATHS.to_vec();
        described.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, described);
    }

    #[test]
    fn wrong_methods_are_refused_with_the_right_ones() {
        for (method, path, allow) in [
            (Method::Other, "/quote", READ_AND_POST),
            (Method::Get, "/quotes", POST),
            (Method::Post, "/routes", READ),
            (Method::Post, "/pools", READ),
            (Method::Post, "/pools/a", READ),
            (Method::Post, "/health", READ),
        ] {
            let Dispatch::Refuse(error) = dispatch(method, path) else { panic!("{path}") };
            assert_eq!(error.code, Code::MethodNotAllowed);
            assert_eq!(error.headers, [("allow", allow.into())]);
        }
        assert_eq!(dispatch(Method::Post, "/quote"), Dispatch::Run(Path::Quote));
        assert_eq!(dispatch(Method::Post, "/quotes"), Dispatch::Run(Path::Quotes));
    }

    /// Paths of GET that take a key.
    const WITH_KEY: [&str; 10] = [
        "/quote",
        "/quote/stream",
        "/changes",
        "/routes",
        "/pools",
        "/pools/A",
        "/pairs",
        "/tokens",
        "/snapshot",
        "/metrics",
    ];

    #[test]
    fn health_and_the_operators_calls_need_no_key() {
        let needs = |method, path| match dispatch(method, path) {
            Dispatch::Run(found) => found.needs_key(),
            other => panic!("{other:?}"),
        };
        assert!(!needs(Method::Get, "/health") && !needs(Method::Post, "/admin/cache/clear"));
        for path in WITH_KEY {
            assert!(needs(Method::Get, path), "{path}");
        }
        assert!(needs(Method::Post, "/quotes") && needs(Method::Post, "/stream/ticket"));
    }

    #[test]
    fn whatever_takes_a_key_is_limited() {
        let gets = WITH_KEY.into_iter().chain(["/health"]).map(|path| (Method::Get, path));
        for (method, path) in gets.chain([(Method::Post, "/quotes"), (Method::Post, "/stream/ticket")]) {
            let Dispatch::Run(found) = dispatch(method, path) else { panic!("{path}") };
            assert_eq!(found.is_limited(), found.needs_key(), "{path}");
        }
    }

    #[test]
    fn options_lists_the_methods_of_the_path() {
        assert_eq!(dispatch(Method::Options, "/quote"), Dispatch::Options { allow: READ_AND_POST });
        assert_eq!(dispatch(Method::Options, "/health"), Dispatch::Options { allow: READ });
    }

    #[test]
    fn method_names_are_exact() {
        assert_eq!(Method::parse("get"), Method::Other);
        assert_eq!(Method::parse("DELETE"), Method::Other);
        assert_eq!(Method::parse("HEAD"), Method::Head);
    }
}
