//! Cross-origin rules: which web pages may read answers.

use std::borrow::Cow;

use crate::config::Origins;

pub type Header = (&'static str, Cow<'static, str>);

/// What a page may send beside the headers that need no leave.
const ALLOWED_REQUEST_HEADERS: &str = "authorization, content-type, if-none-match, last-event-id, x-api-key";

/// Headers of ours that a page may read.
const EXPOSED_HEADERS: &str = "etag, x-dlmm-block-height, x-dlmm-heartbeat, x-dlmm-source, x-request-id";

const RESOURCE_POLICY: &str = "cross-origin-resource-policy";

const VARY: Header = ("vary", Cow::Borrowed("origin"));

/// How long a browser may remember a preflight, in seconds. A day; browsers cut it to their own limit.
const PREFLIGHT_SECONDS: &str = "86400";

/// The headers that every answer carries for the origin that asked.
///
/// Credentials are never allowed, so `*` is safe. With a list the answer depends on the origin, which `vary` tells
/// caches whether or not this origin is on it. The resource policy says the same of requests that CORS does not judge,
/// such as those of an `<img>`: with a list, pages of other origins cannot load an answer that way either.
pub fn answer_headers(allowed: &Origins, origin: Option<&str>) -> Vec<Header> {
    let expose = ("access-control-expose-headers", EXPOSED_HEADERS.into());
    let resource = |policy: &'static str| (RESOURCE_POLICY, policy.into());
    match (allowed, origin) {
        (Origins::Any, _) => {
            vec![("access-control-allow-origin", "*".into()), expose, resource("cross-origin")]
        }
        (Origins::List(_), Some(origin)) if allowed.allow(origin) => {
            let origin = ("access-control-allow-origin", origin.to_owned().into());
            vec![VARY, origin, expose, resource("same-origin")]
        }
        (Origins::List(_), _) => vec![VARY, resource("same-origin")],
    }
}

/// What an answer to OPTIONS adds on a path that allows `allow`.
pub fn preflight_headers(allowed: &Origins, origin: Option<&str>, allow: &'static str) -> Vec<Header> {
    let mut headers = vec![("allow", allow.into())];
    if *allowed == Origins::Any || origin.is_some_and(|origin| allowed.allow(origin)) {
        headers.push(("access-control-allow-methods", allow.into()));
        headers.push(("access-control-allow-headers", ALLOWED_REQUEST_HEADERS.into()));
        headers.push(("access-control-max-age", PREFLIGHT_SECONDS.into()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Origins {
        Origins::List(vec!["https://app.example".to_owned(), "http://localhost:3000".to_owned()])
    }

    fn get<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
        headers.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_ref())
    }

    #[test]
    fn any_origin_gets_a_star_and_needs_no_vary() {
        for origin in [None, Some("https://app.example"), Some("null")] {
            let headers = answer_headers(&Origins::Any, origin);
            assert_eq!(get(&headers, "access-control-allow-origin"), Some("*"));
            assert_eq!(get(&headers, "vary"), None);
            assert_eq!(get(&headers, RESOURCE_POLICY), Some("cross-origin"));
        }
    }

    #[test]
    fn a_listed_origin_gets_itself() {
        let headers = answer_headers(&list(), Some("http://localhost:3000"));
        assert_eq!(get(&headers, "access-control-allow-origin"), Some("http://localhost:3000"));
        assert_eq!(
            get(&headers, "access-control-expose-headers"),
            Some("etag, x-dlmm-block-height, x-dlmm-heartbeat, x-dlmm-source, x-request-id")
        );
        assert_eq!(get(&headers, "vary"), Some("origin"));
        assert_eq!(get(&headers, RESOURCE_POLICY), Some("same-origin"));
    }

    #[test]
    fn other_origins_get_nothing_but_vary() {
        for origin in [
            None,
            Some("null"),
            Some("https://app.example.evil"),
            Some("https://APP.example"),
            Some("*"),
            Some(""),
        ] {
            let headers = [VARY, (RESOURCE_POLICY, "same-origin".into())];
            assert_eq!(answer_headers(&list(), origin), headers, "{origin:?}");
        }
    }

    #[test]
    fn a_preflight_tells_methods_and_headers_to_allowed_origins_only() {
        let headers = preflight_headers(&list(), Some("https://app.example"), "GET, OPTIONS");
        assert_eq!(get(&headers, "access-control-allow-methods"), Some("GET, OPTIONS"));
        assert_eq!(
            get(&headers, "access-control-allow-headers"),
            Some("authorization, content-type, if-none-match, last-event-id, x-api-key")
        );
        assert_eq!(get(&headers, "access-control-max-age"), Some("86400"));
        let refused = preflight_headers(&list(), Some("https://evil.example"), "GET, OPTIONS");
        assert_eq!(refused, [("allow", "GET, OPTIONS".into())]);
        assert_eq!(preflight_headers(&Origins::Any, None, "GET, OPTIONS").len(), 4);
    }

    #[test]
    fn credentials_are_never_allowed() {
        for allowed in [Origins::Any, list()] {
            let mut headers = preflight_headers(&allowed, Some("https://app.example"), "GET, OPTIONS");
            headers.extend(answer_headers(&allowed, Some("https://app.example")));
            assert_eq!(get(&headers, "access-control-allow-credentials"), None);
        }
    }
}
