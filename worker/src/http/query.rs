//! The query string of a request.

use std::borrow::Cow;

use worker::url::form_urlencoded;

use crate::error::ApiError;

/// Longest query that is read, in bytes: that of an address at Cloudflare. Longer lists go into a body.
const MAX_QUERY: usize = 16 * 1024;

/// Names and values, decoded, in the order given.
pub type QueryPairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Splits the URL of a request into path and query; both stay encoded.
///
/// The platform hands out absolute URLs in the one spelling of the URL standard, so the first `/` after the host
/// begins the path. Parsing the URL once more would give nothing else.
pub fn split_url(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..)).unwrap_or("/");
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    path.split_once('?').unwrap_or((path, ""))
}

/// Refuses a query that is too long to be meant.
///
/// # Errors
/// INVALID_REQUEST naming the query and the limit.
pub fn check_query(query: &str) -> Result<(), ApiError> {
    if query.len() <= MAX_QUERY {
        return Ok(());
    }
    let message = format!("The query is longer than {MAX_QUERY} bytes; send a POST with a JSON body.");
    Err(ApiError::invalid_request("query", message).with("limit", MAX_QUERY))
}

/// Decodes a query. Duplicates are kept, so that the caller can refuse them instead of picking one.
pub fn query_pairs(query: &str) -> QueryPairs<'_> {
    form_urlencoded::parse(query.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_path_and_query() {
        for (url, expected) in [
            ("https://quote.example/quote?a=1&b=2", ("/quote", "a=1&b=2")),
            ("http://127.0.0.1:8787/", ("/", "")),
            ("https://quote.example/a?b?c#d?e", ("/a", "b?c")),
            ("https://quote.example/a%3Fb#?c", ("/a%3Fb", "")),
            ("https://quote.example", ("/", "")),
        ] {
            assert_eq!(split_url(url), expected, "{url}");
        }
    }

    #[test]
    fn a_query_has_a_longest_length() {
        assert!(check_query("").is_ok() && check_query(&"a".repeat(16_384)).is_ok());
        let error = check_query(&"a".repeat(16_385)).unwrap_err();
        assert_eq!(error.code, crate::error::Code::InvalidRequest);
        assert_eq!((&error.details["field"], &error.details["limit"]), (&"query".into(), &16_384.into()));
    }

    #[test]
    fn pairs_are_decoded_and_duplicates_stay() {
        let pairs = query_pairs("amount_in=1.5&token_in=BTC&token_in=E%54H&note=a+b%26&empty=&bare");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        assert_eq!(
            pairs,
            [
                ("amount_in", "1.5"),
                ("token_in", "BTC"),
                ("token_in", "ETH"),
                ("note", "a b&"),
                ("empty", ""),
                ("bare", "")
            ]
        );
        assert!(query_pairs("").is_empty());
    }
}
