//! Who may call: the bearer token, compared in constant time.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use subtle::{Choice, ConstantTimeEq};

/// What a valid token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Full,
    ReadOnly,
}

/// The tokens that open this gateway. Never printed.
pub(crate) struct Tokens {
    pub(crate) full: String,
    pub(crate) read_only: Option<String>,
}

impl Tokens {
    /// The access of the request's token, or `None` where it has none that is known.
    ///
    /// The header goes before the `_token` query parameter.
    pub(crate) fn access(&self, headers: &HeaderMap, query: Option<&str>) -> Option<Access> {
        let offered = match headers.get(AUTHORIZATION) {
            Some(header) => bearer(header.as_bytes())?.to_vec(),
            None => form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .find(|(name, _)| name == "_token")?
                .1
                .into_owned()
                .into_bytes(),
        };
        let full = self.full.as_bytes().ct_eq(&offered);
        let read_only = match &self.read_only {
            Some(token) => token.as_bytes().ct_eq(&offered),
            None => Choice::from(0),
        };
        // Both comparisons are finished before either is looked at.
        match (bool::from(full), bool::from(read_only)) {
            (true, _) => Some(Access::Full),
            (false, true) => Some(Access::ReadOnly),
            (false, false) => None,
        }
    }
}

/// The token of a `Bearer` header; the scheme may be written in any case.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(authorization: Option<&str>, query: Option<&str>) -> Option<Access> {
        let tokens = Tokens { full: "full-secret".into(), read_only: Some("read-secret".into()) };
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        tokens.access(&headers, query)
    }

    #[test]
    fn tells_the_two_tokens_apart() {
        assert_eq!(access(Some("Bearer full-secret"), None), Some(Access::Full));
        assert_eq!(access(Some("bearer read-secret"), None), Some(Access::ReadOnly));
    }

    #[test]
    fn refuses_what_only_resembles_a_token() {
        for header in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer full-secre",
            "Bearer full-secretx",
            "Bearer FULL-SECRET",
            "full-secret",
        ] {
            assert_eq!(access(Some(header), None), None, "{header:?}");
        }
        assert_eq!(access(Some("Basic full-secret"), None), None);
        assert_eq!(access(None, None), None);
    }

    #[test]
    fn takes_the_token_from_the_query_when_there_is_no_header() {
        assert_eq!(access(None, Some("EX=1&_token=full-secret")), Some(Access::Full));
        assert_eq!(access(None, Some("_token=full%2Dsecret")), Some(Access::Full));
        assert_eq!(access(None, Some("_token=")), None);
        assert_eq!(access(None, Some("token=full-secret")), None);
    }

    #[test]
    fn does_not_let_the_query_mend_a_wrong_header() {
        assert_eq!(access(Some("Bearer wrong"), Some("_token=full-secret")), None);
    }

    #[test]
    fn has_no_read_only_access_without_a_read_only_token() {
        let tokens = Tokens { full: "full-secret".into(), read_only: None };
        assert_eq!(tokens.access(&HeaderMap::new(), Some("_token=")), None);
    }
}
